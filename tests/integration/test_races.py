"""Two parties who act at once on one real database: only one of them wins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine
from contextlib import closing
from typing import Any

import psycopg2
import pytest
import pytest_twisted
from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.task import deferLater

from flexicharge.errors import (
    AlreadyTaken,
    CodeMismatch,
    ConnectorBusy,
    ConnectorUnknown,
    NumbersExhausted,
)
from flexicharge.model.account import Account, AccountStatus, CodePurpose
from flexicharge.model.session import (
    EndFact,
    EndReason,
    Session,
    SessionState,
    StartFact,
)
from flexicharge.model.site import Connector
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.migrate import migrate
from flexicharge.storage.transactions import PostgresTransactions

NOON = 1_800_000_000.0
Work = Coroutine[Any, Any, Any]


@frozen
class Desk:
    """The stores on four connections, and where they lead."""

    dsn: str
    database: PostgresDatabase
    chargers: PostgresChargers
    transactions: PostgresTransactions
    accounts: PostgresAccounts

    async def charger(self, serial_number: str = "abc111") -> Connector:
        """Return a new charger."""
        return await self.chargers.add_charger(None, serial_number, (57.7, 14.1))

    async def reserve(self, connector: Connector, user_id: str = "u1") -> Session:
        """Return a new session that is held for five minutes."""
        session, _ = await self.add(connector, user_id)
        return session

    def add(self, connector: Connector, user_id: str) -> Work:
        """Open a session on a connector."""
        return self.transactions.add_transaction(
            user_id, connector.connector_id, at=NOON, reserved_until=NOON + 300
        )

    def start(self, connector: Connector) -> Work:
        """Let a charger say that energy flows."""
        fact = StartFact(
            station_id=connector.station_id,
            connector_id=connector.connector_id,
            meter_start_wh=100,
            started_at=NOON + 10,
            claimed="{}",
        )
        return self.transactions.start(fact)

    async def in_turn(self, connector: Connector, *work: Work) -> list[Any]:
        """Let everybody wait for one connector, in order; return what they came to."""
        with closing(psycopg2.connect(self.dsn)) as holder:
            holder.cursor().execute(
                "SELECT FROM connectors WHERE connector_id = %s FOR UPDATE",
                (connector.connector_id,),
            )
            started = []
            for one in work:
                started.append(Deferred.fromCoroutine(one))
                await deferLater(reactor, 0.05)
            assert not any(one.called for one in started)
        return await outcomes(started)


async def outcomes(started: list[Deferred[Any]]) -> list[Any]:
    """Return results as they are, and errors as exceptions."""
    ended = await DeferredList(started, consumeErrors=True)
    return [result if ok else result.value for ok, result in ended]


async def at_once(*work: Work) -> list[Any]:
    """Start everybody in the same turn; return what they came to."""
    return await outcomes([Deferred.fromCoroutine(one) for one in work])


@pytest_twisted.async_yield_fixture
async def desk(fresh_dsn: str) -> AsyncIterator[Desk]:
    """The stores of an empty, migrated database."""
    migrate(fresh_dsn)
    database = PostgresDatabase(reactor, fresh_dsn, size=4)
    await database.open()
    yield Desk(
        fresh_dsn,
        database,
        PostgresChargers(database),
        PostgresTransactions(database),
        PostgresAccounts(database),
    )
    await database.close()


def kinds(results: list[Any]) -> list[str]:
    """Return the types of what came out, in no particular order."""
    return sorted(type(result).__name__ for result in results)


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
    code = (account.account_id, CodePurpose.SIGN_UP, b"mac")
    await desk.accounts.put_code(*code, NOON + 60)
    tried = await at_once(*(desk.accounts.try_code(*code, NOON) for _ in range(4)))
    assert tried.count(None) == 1
    assert sum(isinstance(one, CodeMismatch) for one in tried) == 3


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
