"""Two parties who act at once on one real database: only one of them wins."""

from __future__ import annotations

import pytest
import pytest_twisted
from attrs import evolve

from flexicharge.errors import (
    AccountUnknown,
    AlreadyTaken,
    CodeMismatch,
    ConnectorBusy,
    ConnectorUnknown,
    NumbersExhausted,
)
from flexicharge.model.account import (
    ADMINS,
    Account,
    AccountChange,
    AccountStatus,
    CodePurpose,
)
from flexicharge.model.session import EndFact, EndReason, SessionState

from .desk import NOON, Desk, Work, at_once, kinds


@pytest_twisted.ensureDeferred
async def test_one_of_many_drivers_gets_the_connector(desk: Desk) -> None:
    """Of eight who ask for it at once one has it; the others hear that it is busy."""
    connector = await desk.charger()
    asked = await at_once(*(desk.add(connector, f"u{n}") for n in range(8)))
    assert kinds(asked) == ["ConnectorBusy"] * 7 + ["tuple"]


@pytest_twisted.ensureDeferred
async def test_impatient_driver_gets_one_session(desk: Desk) -> None:
    """The same driver asking eight times at once has opened it once."""
    connector = await desk.charger()
    asked = await at_once(*(desk.add(connector, "u1") for _ in range(8)))
    assert {session.session_id for session, _ in asked} == {1}
    assert [new for _, new in asked].count(True) == 1


@pytest_twisted.ensureDeferred
async def test_charger_in_use_is_not_retired(desk: Desk) -> None:
    """A driver who comes just before the operator keeps the charger."""
    connector = await desk.charger()
    added, removed = await desk.in_turn(
        connector,
        desk.add(connector, "u1"),
        desk.chargers.remove_charger(connector.connector_id, NOON),
    )
    assert added[1] is True
    assert isinstance(removed, ConnectorBusy)


@pytest_twisted.ensureDeferred
async def test_retired_charger_is_not_used(desk: Desk) -> None:
    """A driver who comes just after the operator finds no charger."""
    connector = await desk.charger()
    removed, added, started = await desk.in_turn(
        connector,
        desk.chargers.remove_charger(connector.connector_id, NOON),
        desk.add(connector, "u1"),
        desk.start(connector),
    )
    assert removed is True
    assert isinstance(added, ConnectorUnknown)
    assert isinstance(started, ConnectorUnknown)


@pytest_twisted.ensureDeferred
async def test_start_after_a_cancel_opens_a_session_of_its_own(desk: Desk) -> None:
    """Energy that flows after the driver gave up is nobody's, but it is counted."""
    connector = await desk.charger()
    session = await desk.reserve(connector)
    cancelled, started = await desk.in_turn(
        connector,
        desk.transactions.cancel(session.session_id, NOON + 5, EndReason.DRIVER),
        desk.start(connector),
    )
    assert cancelled.state is SessionState.CANCELLED
    assert started.session_id != session.session_id
    assert started.user_id is None


@pytest_twisted.ensureDeferred
async def test_cancel_after_a_start_is_too_late(desk: Desk) -> None:
    """A session that began to charge just before stays as it is, and is shown so."""
    connector = await desk.charger()
    session = await desk.reserve(connector)
    started, cancelled = await desk.in_turn(
        connector,
        desk.start(connector),
        desk.transactions.cancel(session.session_id, NOON + 5, EndReason.DRIVER),
    )
    assert started.state is SessionState.CHARGING
    assert cancelled == started


@pytest_twisted.ensureDeferred
async def test_stop_right_after_a_start_is_not_lost(desk: Desk) -> None:
    """A stop that was sent to an unstarted session stops it once it has started."""
    connector = await desk.charger()
    session = await desk.reserve(connector)
    _, stopped = await desk.in_turn(
        connector,
        desk.start(connector),
        desk.transactions.begin_stop(session.session_id, NOON + 11),
    )
    assert stopped.state is SessionState.STOPPING


@pytest_twisted.ensureDeferred
async def test_reservation_that_is_renewed_in_time_does_not_expire(desk: Desk) -> None:
    """A start asked for at the last moment keeps the connector held."""
    connector = await desk.charger()
    session = await desk.reserve(connector)
    starting, expired = await desk.in_turn(
        connector,
        desk.transactions.begin_start(session.session_id, NOON + 299, NOON + 600),
        desk.transactions.expire_reservations(NOON + 300),
    )
    assert starting.state is SessionState.STARTING
    assert expired == ()


@pytest_twisted.ensureDeferred
async def test_two_stops_seal_a_session_once(desk: Desk) -> None:
    """The first one's figures stay, and the ledger has one charge."""
    connector = await desk.charger()
    session = await desk.start(connector)

    def end(energy_wh: int) -> Work:
        return desk.transactions.end(
            EndFact(
                session_id=session.session_id,
                meter_stop_wh=100 + energy_wh,
                energy_wh=energy_wh,
                price_ore=energy_wh,
                ended_at=NOON + 20,
                reason=EndReason.STATION,
            )
        )

    ended = await desk.in_turn(connector, end(7), end(9))
    assert [(s.energy_wh, s.price_ore, sealed) for s, sealed in ended] == [
        (7, 7, True),
        (7, 7, False),
    ]
    assert await desk.database.query("SELECT amount_ore FROM ledger_entries") == [(7,)]


@pytest_twisted.ensureDeferred
async def test_two_starts_of_one_station_are_one_session(desk: Desk) -> None:
    """A start that is repeated before its answer came opens nothing new."""
    connector = await desk.charger()
    started = await desk.in_turn(
        connector, desk.start(connector), desk.start(connector)
    )
    assert started[0] == started[1]


@pytest_twisted.ensureDeferred
async def test_one_serial_number_makes_one_station(desk: Desk) -> None:
    """Of two operators who add the same charger at once one is told it exists."""
    added = await at_once(desk.charger(), desk.charger())
    assert kinds(added) == ["AlreadyTaken", "Connector"]


@pytest_twisted.ensureDeferred
async def test_retired_station_comes_back_once(desk: Desk) -> None:
    """The same when they take a retired one into service again."""
    connector = await desk.charger()
    await desk.chargers.remove_charger(connector.connector_id, NOON)
    added = await at_once(*(desk.charger() for _ in range(4)))
    assert kinds(added) == ["AlreadyTaken"] * 3 + ["Connector"]


@pytest_twisted.ensureDeferred
async def test_code_is_used_up_once(desk: Desk) -> None:
    """Of four who bring the right code at once one gets in."""
    account = await added(desk)
    code = (account.account_id, CodePurpose.SIGN_UP, b"mac")
    await desk.accounts.put_code(*code, NOON + 60)
    tried = await at_once(*(desk.accounts.try_code(*code, NOON) for _ in range(4)))
    assert kinds(tried) == ["Account"] + ["CodeMismatch"] * 3


@pytest_twisted.ensureDeferred
async def test_attempt_for_nobody_is_written_too(desk: Desk) -> None:
    """It waits for the disk as one for somebody does, so its time tells nothing."""
    where = "SELECT pg_current_wal_insert_lsn()::text"
    before = await desk.database.query(where)
    with pytest.raises(CodeMismatch):
        await desk.accounts.try_code("nobody", CodePurpose.RESET, b"mac", NOON)
    assert await desk.database.query(where) != before


@pytest_twisted.ensureDeferred
async def test_password_is_changed_once(desk: Desk) -> None:
    """Of four who knew the old one and change it at once one has."""
    account = await added(desk)
    changes = [
        desk.accounts.change_account(
            account.account_id,
            AccountChange(password_hash=f"new{number}", signs_out=True),
            NOON,
            only_as=account,
        )
        for number in range(4)
    ]
    changed = await at_once(*changes)
    assert kinds(changed) == ["Account"] + ["AccountUnknown"] * 3
    assert (await desk.accounts.get_account("a1")).generation == 1


@pytest_twisted.ensureDeferred
async def test_two_administrators_do_not_disable_each_other(desk: Desk) -> None:
    """Nor delete: one of them stays, whoever is faster."""
    first = evolve(await added(desk), account_id="a0", email="b@x.org")
    await desk.accounts.add_account(first)
    disable = AccountChange(enabled=False, signs_out=True)
    for number in ("a0", "a1"):
        await desk.accounts.add_to_group(number, ADMINS, NOON)
    came_to = await at_once(
        desk.accounts.change_account("a0", disable, NOON, unless_last_of=ADMINS),
        desk.accounts.delete_account("a1", unless_last_of=ADMINS),
        desk.accounts.change_account("a1", disable, NOON, unless_last_of=ADMINS),
        desk.accounts.delete_account("a0", unless_last_of=ADMINS),
    )
    told = {"NoneType", "Account", "LastOfGroup", "AccountUnknown"}
    assert set(kinds(came_to)) <= told
    enabled = "SELECT count(*) FROM accounts WHERE enabled"
    assert await desk.database.query(enabled) == [(1,)]


@pytest_twisted.ensureDeferred
async def test_codes_and_changes_do_not_wait_in_a_circle(desk: Desk) -> None:
    """Whoever is late finds no account, and nothing worse."""
    account = await added(desk)
    number, code = account.account_id, (CodePurpose.RESET, b"mac")
    change = AccountChange(voids_codes=True, signs_out=True)
    work = []
    for _ in range(4):
        work += [
            desk.accounts.put_code(number, *code, NOON + 60),
            desk.accounts.try_code(number, *code, NOON, change),
            desk.accounts.change_account(number, change, NOON),
        ]
    came_to = await at_once(*work, desk.accounts.delete_account(number))
    told = {"NoneType", "Account", "CodeMismatch", "AccountUnknown"}
    assert set(kinds(came_to)) <= told
    with pytest.raises(AccountUnknown):
        await desk.accounts.get_account(number)


async def added(desk: Desk) -> Account:
    """Return the account of somebody who has just signed up."""
    account = Account(
        account_id="a1",
        email="a@example.com",
        password_hash="",
        status=AccountStatus.UNCONFIRMED,
        enabled=True,
        groups=(),
        created_at=NOON,
        modified_at=NOON,
    )
    await desk.accounts.add_account(account)
    return account


@pytest_twisted.ensureDeferred
async def test_session_numbers_leave_out_9999(desk: Desk) -> None:
    """The number that stands for a driver's newest session is nobody's own."""
    await desk.database.query("SELECT setval('session_numbers', 9997)")
    opened = [
        await desk.start(await desk.charger(f"first{n}"))
        if n % 2
        else await desk.reserve(await desk.charger(f"second{n}"))
        for n in range(4)
    ]
    assert [one.session_id for one in opened] == [9998, 10000, 10001, 10002]


@pytest_twisted.ensureDeferred
async def test_connector_numbers_end_at_999998(desk: Desk) -> None:
    """After it there is an error, and no number comes round again; 999999 is kept."""
    await desk.database.query("SELECT setval('connector_numbers', 999997)")
    assert (await desk.charger("last")).connector_id == 999_998
    for _ in range(2):
        with pytest.raises(NumbersExhausted):
            await desk.charger("one more")
    with pytest.raises(AlreadyTaken):
        await desk.charger("last")
