"""What every `ISelfTestStore` makes, hides, and takes away again."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import (
    AccountUnknown,
    AlreadyTaken,
    ConnectorUnknown,
    NameTaken,
    StationUnknown,
)
from flexicharge.interfaces.stores import KeptMeterValue, NewMeterValues
from flexicharge.model.account import Account, AccountStatus, CodePurpose
from flexicharge.model.session import Session, SessionState
from flexicharge.model.site import SELF_TEST_CONNECTOR, BootFact, Connector
from flexicharge.model.status import ConnectorStatus

from .stores import (
    HOUR,
    T0,
    Stores,
    at,
    charger,
    charging,
    ended,
    opened,
    sealed,
    write,
)

SERIAL = "selftest-0001"
SECRET = b"\x00secret"
TESTER = Account(
    account_id="aaaaaaaa-0000-4000-8000-000000000001",
    email="tester@self-test.invalid",
    password_hash="",
    status=AccountStatus.CONFIRMED,
    enabled=True,
    groups=(),
    created_at=T0,
    modified_at=T0,
)
OTHER = evolve(TESTER, account_id="tester-2", email="other@self-test.invalid")
LISTED = (TESTER, OTHER)


async def prepared(stores: Stores, serial_number: str = SERIAL) -> Connector:
    """Return the self tests' connector, ready for a run."""
    return await stores.self_tests.prepare(serial_number, SECRET, LISTED, T0)


async def a_run(stores: Stores) -> Session:
    """Leave something in every table, as a run that was cut off does."""
    connector = await prepared(stores)
    session = await ended(stores, connector, TESTER.account_id)
    await write(stores, session.session_id, at(120, 1500), refresh=False)
    await stores.transactions.update_transaction_payment(
        session.session_id,
        provider="free",
        client_token="c",
        provider_session_id="p",
        at=T0,
    )
    await stores.transactions.keep_fact(
        connector.station_id, None, "odd", T0, "{}", key="k"
    )
    await stores.accounts.put_code(
        TESTER.account_id, CodePurpose.SIGN_UP, b"mac", T0 + HOUR
    )
    await stores.arrange.add_ledger_entry(session.session_id)
    await write_frame(stores, connector, session)
    await stores.chargers.station_connected(connector.station_id, T0)
    await stores.chargers.station_booted(connector.station_id, BootFact(booted_at=T0))
    await charging(stores, connector, TESTER.account_id)
    return session


async def write_frame(stores: Stores, connector: Connector, session: Session) -> None:
    """Write what no charger of the self tests sends."""
    value = KeptMeterValue(
        connector_number=1,
        session_id=session.session_id,
        claimed_at=None,
        received_at=T0,
        samples="[]",
    )
    frame = NewMeterValues(station_id=connector.station_id, values=(value,))
    stores.readings.add_values(frame, lambda _: None)
    await stores.readings.drained()


async def test_a_run_has_a_connector_and_accounts(stores: Stores) -> None:
    """The connector is the one kept back; the accounts are as they were given."""
    first = await prepared(stores)
    assert first == Connector(
        connector_id=SELF_TEST_CONNECTOR,
        station_id=first.station_id,
        serial_number=SERIAL,
        number=1,
        site_id=None,
        latitude=0,
        longitude=0,
        status=ConnectorStatus.AVAILABLE,
    )
    station = await stores.chargers.get_station(SERIAL)
    assert (station.credential, station.connectors) == (SECRET, (first,))
    for account in LISTED:
        assert await stores.accounts.get_account(account.account_id) == account
    for user_id in (TESTER.account_id, OTHER.account_id):
        found = await stores.chargers.get_charger_for(SELF_TEST_CONNECTOR, user_id)
        assert found == first


async def test_no_number_is_spent_on_it(stores: Stores) -> None:
    """The chargers before and after the first run have numbers in a row."""
    before = await charger(stores, "abc111")
    await prepared(stores)
    await stores.self_tests.purge(T0)
    await prepared(stores)
    after = await charger(stores, "abc112")
    assert after.connector_id == before.connector_id + 1


async def test_the_station_keeps_its_name(stores: Stores) -> None:
    """It is the same row for ever, under the password of the present run."""
    first = await prepared(stores)
    again = await stores.self_tests.prepare("selftest-0002", b"new", (), T0)
    assert again == first
    assert (await stores.chargers.get_station(SERIAL)).credential == b"new"
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station("selftest-0002")


async def test_nobody_else_finds_any_of_it(stores: Stores) -> None:
    """Not in a list, not by number or serial, not by address; nor can it be changed."""
    mine = await charger(stores, "abc111")
    connector = await prepared(stores)
    chargers = stores.chargers
    assert await chargers.get_chargers() == (mine,)
    assert await chargers.get_available_chargers(T0) == (mine,)
    assert await chargers.get_charge_points() == ()
    number = connector.connector_id
    for asked in (
        chargers.get_charger(number),
        chargers.get_charger_for(number, "ida"),
        chargers.get_charger_for(number, None),
        chargers.get_charger_by_serial_number(SERIAL),
        chargers.update_charger_status(number, "Faulted", T0),
        stores.transactions.add_transaction("ida", number, at=T0, reserved_until=T0),
        stores.transactions.add_transaction(None, number, at=T0, reserved_until=T0),
    ):
        with pytest.raises(ConnectorUnknown):
            await asked
    assert not await chargers.remove_charger(number, T0)
    with pytest.raises(StationUnknown):
        await chargers.set_credential(SERIAL, b"x")
    with pytest.raises(AlreadyTaken):
        await charger(stores, SERIAL)
    for hidden in (
        stores.accounts.get_account_by_email(TESTER.email),
        stores.accounts.get_listed_account(TESTER.account_id),
    ):
        with pytest.raises(AccountUnknown):
            await hidden
    found = await chargers.get_charger_for(number, TESTER.account_id)
    assert found == connector


async def test_the_serial_stays_theirs_between_runs(stores: Stores) -> None:
    """Whoever adds a charger of that name would be given a hidden one."""
    await prepared(stores)
    await stores.self_tests.purge(T0)
    with pytest.raises(AlreadyTaken):
        await charger(stores, SERIAL)


async def test_they_touch_no_charger_of_an_operators(stores: Stores) -> None:
    """An account of the self tests can use the one connector and no other."""
    mine = await charger(stores, "abc111")
    await prepared(stores)
    with pytest.raises(ConnectorUnknown):
        await opened(stores, mine.connector_id, TESTER.account_id)
    with pytest.raises(ConnectorUnknown):
        await stores.chargers.get_charger_for(mine.connector_id, TESTER.account_id)
    found = await stores.chargers.get_charger_for(mine.connector_id, "ida")
    assert found == mine


async def test_a_session_of_theirs_says_so_and_is_not_billed(stores: Stores) -> None:
    """It has a price and no line in the ledger; other sessions have one."""
    mine = await ended(stores, await charger(stores, "abc111"))
    theirs = await ended(stores, await prepared(stores), TESTER.account_id)
    assert (mine.for_self_tests, theirs.for_self_tests) == (False, True)
    assert (theirs.state, theirs.price_ore) == (SessionState.ENDED, 1000)
    assert await stores.arrange.charges(mine.session_id) == [1000]
    assert await stores.arrange.charges(theirs.session_id) == []
    sessions = stores.transactions
    assert await sessions.get_transactions_for_charger(SELF_TEST_CONNECTOR) == ()
    assert await sessions.get_transactions_for_user(TESTER.account_id) == (theirs,)


async def test_what_a_run_left_is_deleted(stores: Stores) -> None:
    """Every row but the station and the connector, which is retired, with no word."""
    session = await a_run(stores)
    assert await stores.arrange.self_test_rows() == {
        "sessions": 2,
        "readings": 1,
        "facts": 4,
        "payments": 1,
        "ledger": 1,
        "accounts": 2,
        "codes": 1,
    }
    for _ in range(2):  # it can be repeated
        await stores.self_tests.purge(T0 + HOUR)
        assert await stores.arrange.self_test_rows() == {}
        station = await stores.arrange.self_test_station()
        assert station == (SERIAL, None, False)
    with pytest.raises(StationUnknown):
        await stores.chargers.get_station(SERIAL)
    with pytest.raises(AccountUnknown):
        await stores.accounts.get_account(TESTER.account_id)
    assert await stores.transactions.get_silent(T0 + 2 * HOUR) == ()
    again = await prepared(stores)
    assert (again.status, again.gone_at) == (ConnectorStatus.AVAILABLE, None)
    said = await stores.transactions.said_before(again.station_id, ("odd",), "k")
    assert said is None
    sampled = await stores.transactions.get_meter_values(again.station_id, limit=1)
    assert sampled == ()
    newer = await opened(stores, again.connector_id, TESTER.account_id)
    assert newer.session_id > session.session_id


async def test_a_run_begins_without_what_the_last_one_left(stores: Stores) -> None:
    """One that was cut off and never cleared away is not in the way."""
    await a_run(stores)
    connector = await prepared(stores)
    assert await stores.arrange.self_test_rows() == {"accounts": 2}
    assert connector.session_state is None


async def test_an_operators_rows_are_left_alone(stores: Stores) -> None:
    """Sessions, readings, facts, payments, accounts and codes of everybody else."""
    mine = await charger(stores, "abc111")
    session = await ended(stores, mine)
    await write(stores, session.session_id, at(120, 1500), refresh=False)
    paid = await stores.transactions.update_transaction_payment(
        session.session_id,
        provider="klarna",
        client_token="c",
        provider_session_id="p",
        at=T0,
    )
    ida = evolve(TESTER, account_id="ida", email="ida@example.org")
    await stores.accounts.add_account(ida)
    await stores.accounts.put_code("ida", CodePurpose.SIGN_UP, b"mac", T0 + HOUR)
    facts = await stores.arrange.facts(mine.station_id)
    await write_frame(stores, mine, session)
    await a_run(stores)
    await stores.self_tests.purge(T0)
    assert await stores.transactions.get_transaction(session.session_id) == paid
    assert await stores.arrange.charges(session.session_id) == [1000]
    assert await stores.arrange.facts(mine.station_id) == facts
    assert await stores.transactions.get_meter_values(mine.station_id, limit=1)
    assert await stores.transactions.get_last_reading(session.session_id)
    assert await stores.accounts.get_account_by_email("ida@example.org") == ida
    await stores.accounts.try_code("ida", CodePurpose.SIGN_UP, b"mac", T0)
    newer = await charging(stores, mine)
    kept = await stores.transactions.update_transaction_payment(
        newer.session_id,
        provider="klarna",
        client_token="c",
        provider_session_id="p2",
        at=T0,
    )
    assert kept.payment_id is not None
    assert paid.payment_id is not None
    assert kept.payment_id > paid.payment_id
    assert (await stores.transactions.end(sealed(newer)))[1]


async def test_a_name_of_somebodys_is_not_taken(stores: Stores) -> None:
    """Neither a person's address nor a charger's serial; then nothing is made."""
    await charger(stores, SERIAL)
    with pytest.raises(AlreadyTaken):
        await prepared(stores)
    await stores.accounts.add_account(evolve(TESTER, account_id="ida"))
    with pytest.raises(NameTaken):
        await prepared(stores, "selftest-0002")
    assert await stores.arrange.self_test_rows() == {}
