"""What every `ITransactionStore` opens, finds and refuses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorBusy, ConnectorUnknown, SessionUnknown
from flexicharge.interfaces.money import PaymentSession
from flexicharge.model.session import EndReason, Session, SessionState

from .stores import (
    HERE,
    NOWHERE,
    T0,
    Stores,
    charger,
    charging,
    ended,
    in_state,
    is_refused,
    opened,
    sealed,
    started,
)


async def test_a_session_is_opened_for_a_user(stores: Stores) -> None:
    """It has the user, the connector, its times and the price of the site."""
    price = Decimal("3.25")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    connector = await charger(stores, site_id=site.site_id)
    session, is_new = await stores.transactions.add_transaction(
        "ida", connector.connector_id, 1234, at=T0, reserved_until=T0 + 300
    )
    assert is_new is True
    assert session == Session(
        session_id=session.session_id,
        station_id=connector.station_id,
        serial_number="abc111",
        connector_id=connector.connector_id,
        user_id="ida",
        state=SessionState.OPENED,
        opened_at=T0,
        reserved_until=T0 + 300,
        meter_start_wh=1234,
        site_sek_per_kwh=price,
    )
    assert await stores.transactions.get_transaction(session.session_id) == session


async def test_a_session_without_a_site_price_has_none(stores: Stores) -> None:
    """Then the tariff counts."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    assert session.site_sek_per_kwh is None
    assert session.meter_start_wh is None


async def test_the_same_user_gets_the_same_session(stores: Stores) -> None:
    """Asked again, the reservation lasts longer, but never shorter."""
    connector = await charger(stores)
    first = await opened(stores, connector.connector_id)
    for until, expected in ((T0 + 500, T0 + 500), (T0 + 400, T0 + 500)):
        again, is_new = await stores.transactions.add_transaction(
            "ida", connector.connector_id, at=T0 + 100, reserved_until=until
        )
        assert is_new is False
        assert again == evolve(first, reserved_until=expected)
        assert await stores.transactions.get_transaction(first.session_id) == again


async def test_a_guest_is_one_user(stores: Stores) -> None:
    """Callers without an account share their sessions, and with nobody else."""
    connector = await charger(stores)
    first = await opened(stores, connector.connector_id, None)
    assert (await opened(stores, connector.connector_id, None)) == first
    with pytest.raises(ConnectorBusy):
        await opened(stores, connector.connector_id, "ida")


async def test_a_connector_is_not_given_to_two(stores: Stores) -> None:
    """Another user is told so and changes nothing."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    for user_id in ("bo", "Ida", None):
        with pytest.raises(ConnectorBusy):
            await stores.transactions.add_transaction(
                user_id, connector.connector_id, at=T0 + 1, reserved_until=T0 + 999
            )
    assert await stores.transactions.get_transaction(session.session_id) == session


async def test_a_session_needs_a_connector(stores: Stores) -> None:
    """There is none to open where there is no connector."""
    await charger(stores)
    for connector_id in NOWHERE:
        with pytest.raises(ConnectorUnknown):
            await opened(stores, connector_id)


async def test_session_numbers_rise_and_leave_the_alias_out(stores: Stores) -> None:
    """9999 means the caller's newest session and is never a session of its own."""
    await stores.arrange.draw_sessions_from(9998)
    connectors = [await charger(stores, serial) for serial in ("a", "b", "c", "d")]
    numbers = [(await opened(stores, connectors[0].connector_id)).session_id]
    for connector in connectors[1:3]:
        numbers.append((await stores.transactions.start(started(connector))).session_id)
    numbers.append((await opened(stores, connectors[3].connector_id)).session_id)
    assert numbers == [9998, 10_000, 10_001, 10_002]


async def test_a_session_that_is_not_there_is_unknown(stores: Stores) -> None:
    """Whatever is asked of a number that no session has."""
    store = stores.transactions
    for number in NOWHERE:
        for asked in (
            store.get_transaction(number),
            store.update_transaction_meter(number, 1),
            store.update_transaction_payment(
                number, provider="x", client_token="", provider_session_id="", at=T0
            ),
            store.mark_reserved(number),
            store.begin_start(number, T0, T0),
            store.return_to_reserved(number),
            store.begin_stop(number, T0),
            store.cancel(number, T0, EndReason.REFUSED),
            store.mark_paid(number, T0),
        ):
            with pytest.raises(SessionUnknown):
                await asked
    with pytest.raises(SessionUnknown):
        await store.end(sealed(await unstored_session(stores)))


async def unstored_session(stores: Stores) -> Session:
    """Return a session under a number that is not there."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    return evolve(session, session_id=session.session_id + 1)


async def test_what_is_not_there_has_no_sessions(stores: Stores) -> None:
    """Lists of unknown users, connectors and stations are empty, not errors."""
    store = stores.transactions
    for user_id in ("", "nobody", "id\0a", "\ud800"):
        assert await store.get_transactions_for_user(user_id) == ()
    for number in NOWHERE:
        assert await store.get_transactions_for_charger(number) == ()
        assert await store.get_open_for_station(number) == ()
        assert await store.get_latest_for_station(number) is None
        assert await store.get_last_reading(number) is None
        assert await store.get_hourly_readings(number) == ()


async def test_a_user_sees_the_newest_session_first(stores: Stores) -> None:
    """Cancelled sessions and those of others are left out."""
    first, second = await charger(stores, "a"), await charger(stores, "b")
    oldest = await ended(stores, first)
    await in_state(stores, first, SessionState.CANCELLED)
    await opened(stores, first.connector_id, "bo")
    newest = await opened(stores, second.connector_id)
    found = await stores.transactions.get_transactions_for_user("ida")
    assert found == (newest, oldest)


async def test_a_charger_shows_its_newest_session_first(stores: Stores) -> None:
    """Cancelled sessions and those of other chargers are left out."""
    first, second = await charger(stores, "a"), await charger(stores, "b")
    oldest = await ended(stores, first)
    await in_state(stores, first, SessionState.CANCELLED)
    await opened(stores, second.connector_id)
    newest = await opened(stores, first.connector_id, "bo")
    found = await stores.transactions.get_transactions_for_charger(first.connector_id)
    assert found == (newest, oldest)


async def test_a_station_has_its_open_sessions_oldest_first(stores: Stores) -> None:
    """Of all its connectors, whatever they are waiting for."""
    first, other = await charger(stores, "a"), await charger(stores, "b")
    second_id = await stores.arrange.add_connector(first.station_id, 2)
    await ended(stores, first)
    await opened(stores, other.connector_id)
    older = await opened(stores, second_id)
    newer = await charging(stores, first)
    found = await stores.transactions.get_open_for_station(first.station_id)
    assert found == (older, newer)


async def test_the_latest_session_of_a_station_is_one_that_started(
    stores: Stores,
) -> None:
    """What was only opened, or cancelled by a stop, never started."""
    connector, other = await charger(stores, "a"), await charger(stores, "b")
    latest = stores.transactions.get_latest_for_station
    assert await latest(connector.station_id) is None
    cancelled = await opened(stores, connector.connector_id)
    await stores.transactions.begin_stop(cancelled.session_id, T0)
    assert await latest(connector.station_id) is None
    first = await ended(stores, connector)
    await charging(stores, other)
    assert await latest(connector.station_id) == first
    await opened(stores, connector.connector_id)
    assert await latest(connector.station_id) == first
    second = await stores.transactions.start(started(connector))
    assert await latest(connector.station_id) == second


async def test_a_payment_is_kept_with_its_session(stores: Stores) -> None:
    """A later one takes over; one that is kept twice is still one."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    number = session.session_id

    async def pay(provider_session_id: str, payment_id: int | None = None) -> Session:
        return await stores.transactions.update_transaction_payment(
            number,
            payment_id,
            provider="klarna",
            client_token="t" * 2000,
            provider_session_id=provider_session_id,
            at=T0,
        )

    assert await stores.transactions.get_payment(number) is None
    first = await pay("s1")
    assert first.payment_id is not None
    assert await stores.transactions.get_payment(number) == PaymentSession(
        provider="klarna", client_token="t" * 2000, provider_session_id="s1"
    )
    assert first == evolve(session, payment_id=first.payment_id)
    assert await pay("s1") == first
    second = await pay("s2")
    assert second.payment_id is not None
    assert second.payment_id > first.payment_id
    assert await pay("s3", second.payment_id) == second
    assert await stores.transactions.get_transaction(number) == second
    newest = await stores.transactions.get_payment(number)
    assert newest is not None
    assert newest.provider_session_id == "s3"


async def test_a_payment_of_another_session_is_not_replaced(stores: Stores) -> None:
    """A number that is not this session's payment changes nothing."""
    one, other = await charger(stores, "a"), await charger(stores, "b")
    theirs = await opened(stores, one.connector_id, "bo")
    theirs = await stores.transactions.update_transaction_payment(
        theirs.session_id,
        provider="p",
        client_token="t",
        provider_session_id="s",
        at=T0,
    )
    mine = await opened(stores, other.connector_id)
    for payment_id in (theirs.payment_id, 10**6):
        assert mine == await stores.transactions.update_transaction_payment(
            mine.session_id,
            payment_id,
            provider="p",
            client_token="t",
            provider_session_id="s",
            at=T0,
        )
    found = await stores.transactions.get_transaction(theirs.session_id)
    assert found == theirs


async def test_the_last_register_never_falls(stores: Stores) -> None:
    """A lower one is ignored, and after the end all are."""
    session = await charging(stores, await charger(stores))
    update = stores.transactions.update_transaction_meter
    for meter_wh, expected in ((1500, 1500), (1400, 1500), (1500, 1500), (1501, 1501)):
        found = await update(session.session_id, meter_wh)
        assert found == evolve(session, meter_last_wh=expected)
    assert found.energy_so_far_wh == 501
    over, _ = await stores.transactions.end(sealed(session))
    assert await update(session.session_id, 9999) == over


async def test_a_register_of_0_is_a_register(stores: Stores) -> None:
    """A meter may well start at nothing."""
    connector = await charger(stores)
    session, _ = await stores.transactions.add_transaction(
        "ida", connector.connector_id, 0, at=T0, reserved_until=T0 + 300
    )
    assert session.meter_start_wh == 0
    await stores.transactions.start(started(connector, meter_start_wh=0))
    found = await stores.transactions.update_transaction_meter(session.session_id, 0)
    assert (found.meter_start_wh, found.meter_last_wh) == (0, 0)


async def test_a_number_that_no_column_holds_is_refused(stores: Stores) -> None:
    """A refusal leaves the session as it was."""
    connector = await charger(stores)
    session = await opened(stores, connector.connector_id)
    store = stores.transactions
    for impossible in (2**63, -1):
        await is_refused(store.update_transaction_meter(session.session_id, impossible))
        fact = started(connector, meter_start_wh=impossible)
        await is_refused(store.start(fact))
    assert await store.get_transaction(session.session_id) == session
    running = await store.start(started(connector))
    for impossible in (2**63, -1):
        await is_refused(store.end(sealed(session, price_ore=impossible)))
        await is_refused(store.end(evolve(sealed(session), energy_wh=impossible)))
        await is_refused(store.end(evolve(sealed(session), meter_stop_wh=impossible)))
    assert await store.get_transaction(session.session_id) == running
    assert await stores.arrange.charges(session.session_id) == []
    assert await store.update_transaction_meter(session.session_id, 2**63 - 1) == (
        evolve(running, meter_last_wh=2**63 - 1)
    )


async def test_a_time_that_never_comes_is_refused(stores: Stores) -> None:
    """Whatever calculated it was wrong, and nothing is changed by it."""
    connector = await charger(stores)
    store = stores.transactions
    for never in (float("inf"), float("nan")):
        await is_refused(store.start(started(connector, at=never)))
        await is_refused(
            store.add_transaction(
                "ida", connector.connector_id, at=T0, reserved_until=never
            )
        )
    session = await opened(stores, connector.connector_id)
    await is_refused(store.cancel(session.session_id, never, EndReason.REFUSED))
    assert await store.get_open_for_station(connector.station_id) == (session,)


async def test_text_that_no_column_holds_is_refused_as_a_key(stores: Stores) -> None:
    """A user whose number holds NUL would be found under another one's."""
    connector = await charger(stores)
    for user_id in ("id\0a", "\ud800"):
        await is_refused(opened(stores, connector.connector_id, user_id))
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert found == ()


async def test_times_of_a_session_are_kept_to_the_microsecond(stores: Stores) -> None:
    """What comes back at once is what is found later."""
    connector = await charger(stores)
    session, _ = await stores.transactions.add_transaction(
        "ida",
        connector.connector_id,
        at=T0 + 0.12345678,
        reserved_until=T0 + 300.98765432,
    )
    assert session.opened_at == T0 + 0.123457
    assert session.reserved_until == T0 + 300.987654
    running = await stores.transactions.start(started(connector, at=T0 + 1 / 3))
    assert running.started_at == T0 + 0.333333
    found = await stores.transactions.get_transaction(session.session_id)
    assert found == running
