"""What every `IReservationStore` books, finds, and lets become a session."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    ReservationUnknown,
    TooManyReservations,
)
from flexicharge.model.account import GUEST
from flexicharge.model.reservation import Reservation, Window
from flexicharge.model.session import UNSTARTED, EndReason, Session, SessionState

from .cases_accounts import IDA
from .cases_self_tests import LISTED, SECRET, SERIAL, TESTER
from .stores import (
    HERE,
    HOUR,
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

NEXT_HOUR = Window(T0 + HOUR, T0 + 2 * HOUR)
FIVE = 5


async def booked(
    stores: Stores,
    connector_id: int,
    user_id: str = "ida",
    window: Window = NEXT_HOUR,
    *,
    at: float = T0,
    most: int = FIVE,
) -> Reservation:
    """Return a booking, made at T0."""
    return await stores.reservations.book(
        user_id, connector_id, window, at=at, most=most
    )


async def due(stores: Stores, connector_id: int) -> Session:
    """Return the session that a booking of the next hour became when it was due."""
    number = (await booked(stores, connector_id)).reservation_id
    await stores.reservations.open_due(connector_id, NEXT_HOUR.start_at)
    return await stores.transactions.get_transaction(number)


async def test_a_booking_is_found_as_it_was_made(stores: Stores) -> None:
    """By its number, by its user and by its connector."""
    number = (await charger(stores)).connector_id
    booking = await booked(stores, number)
    assert booking == Reservation(
        reservation_id=booking.reservation_id,
        connector_id=number,
        user_id="ida",
        start_at=T0 + HOUR,
        end_at=T0 + 2 * HOUR,
    )
    store, at = stores.reservations, T0
    assert await store.get_reservation(booking.reservation_id, at) == booking
    assert await store.get_reservations_for_user("ida", at) == (booking,)
    assert await store.get_reservations_for_charger(number, at) == (booking,)


async def test_a_booking_that_is_made_twice_is_one(stores: Stores) -> None:
    """The answer to the first may have been lost."""
    connector = await charger(stores)
    first = await booked(stores, connector.connector_id, most=1)
    assert await booked(stores, connector.connector_id, most=1) == first
    assert await stores.reservations.get_reservations_for_user("ida", T0) == (first,)


async def test_bookings_and_sessions_are_numbered_in_one_row(stores: Stores) -> None:
    """And 9999 is neither."""
    await stores.arrange.draw_sessions_from(9998)
    first, second = await charger(stores, "a"), await charger(stores, "b")
    numbers = [(await booked(stores, first.connector_id)).reservation_id]
    numbers.append((await booked(stores, second.connector_id)).reservation_id)
    numbers.append((await opened(stores, first.connector_id)).session_id)
    assert numbers == [9998, 10_000, 10_001]


async def test_what_overlaps_a_booking_is_refused(stores: Stores) -> None:
    """Whoever asks; what only touches it is not, nor another connector's."""
    first, second = await charger(stores, "a"), await charger(stores, "b")
    await booked(stores, first.connector_id)
    start_at, end_at = NEXT_HOUR.start_at, NEXT_HOUR.end_at
    for window in (
        NEXT_HOUR,
        Window(start_at - 60, start_at + 0.001),
        Window(end_at - 0.001, end_at + 60),
        Window(start_at + 60, end_at - 60),
        Window(start_at - 60, end_at + 60),
    ):
        for user_id in ("bo", "ida"):
            if (window, user_id) != (NEXT_HOUR, "ida"):
                with pytest.raises(ConnectorBusy):
                    await booked(stores, first.connector_id, user_id, window)
    for window in (Window(start_at - 60, start_at), Window(end_at, end_at + 60)):
        await booked(stores, first.connector_id, "bo", window)
    await booked(stores, second.connector_id, "bo")


async def test_a_connector_that_is_held_is_not_booked_meanwhile(
    stores: Stores,
) -> None:
    """A session that waits to be started has it until its time is up."""
    number = (await charger(stores)).connector_id
    session = await opened(stores, number)
    with pytest.raises(ConnectorBusy):
        await booked(stores, number, "bo", Window(T0 + 299, T0 + HOUR))
    later = await booked(stores, number, "bo", Window(T0 + 300, T0 + HOUR))
    await stores.transactions.cancel(session.session_id, T0, EndReason.DRIVER)
    await stores.reservations.cancel_booking(later.reservation_id, T0)
    await booked(stores, number, "bo", Window(T0 + 299, T0 + HOUR))


async def test_a_connector_that_charges_can_be_booked(stores: Stores) -> None:
    """Nobody knows when it will be free, but nobody is turned out either."""
    connector = await charger(stores)
    await charging(stores, connector)
    await booked(stores, connector.connector_id, "bo", Window(T0 + 61, T0 + HOUR))


async def test_a_user_has_only_so_many_bookings(stores: Stores) -> None:
    """Those that are over, cancelled or begun do not count, nor others' do."""
    connectors = [await charger(stores, str(no)) for no in range(4)]
    numbers = [connector.connector_id for connector in connectors]
    first = await booked(stores, numbers[0], most=2)
    await booked(stores, numbers[1], window=Window(T0 + 1, T0 + 60), most=2)
    with pytest.raises(TooManyReservations):
        await booked(stores, numbers[2], most=2)
    await booked(stores, numbers[2], "bo", most=2)
    third = await booked(stores, numbers[3], at=T0 + 60, most=2)
    assert await stores.reservations.cancel_booking(third.reservation_id, T0)
    await booked(stores, numbers[3], at=T0 + 60, most=2)
    await stores.reservations.open_due(numbers[0], first.start_at)
    later = Window(T0 + 3 * HOUR, T0 + 4 * HOUR)
    await booked(stores, numbers[0], window=later, at=first.start_at, most=2)


async def test_what_is_no_connector_is_not_booked(stores: Stores) -> None:
    """One that was never there, one that is retired, one of the self tests."""
    retired = await charger(stores)
    await stores.chargers.remove_charger(retired.connector_id, T0)
    tests = await stores.self_tests.prepare(SERIAL, SECRET, LISTED, T0)
    for number in (*NOWHERE, retired.connector_id, tests.connector_id):
        for user_id in ("ida", TESTER.account_id):
            with pytest.raises(ConnectorUnknown):
                await booked(stores, number, user_id)


async def test_self_tests_book_nothing(stores: Stores) -> None:
    """Nobody's connector is taken by them."""
    connector = await charger(stores)
    await stores.self_tests.prepare(SERIAL, SECRET, LISTED, T0)
    with pytest.raises(ConnectorUnknown):
        await booked(stores, connector.connector_id, TESTER.account_id)


async def test_what_cannot_be_stored_is_not_booked(stores: Stores) -> None:
    """A time that never comes, or a name that no column holds."""
    number = (await charger(stores)).connector_id
    for never in (float("inf"), float("nan")):
        await is_refused(booked(stores, number, window=Window(T0, never)))
    for user_id in ("id\0a", "\ud800"):
        await is_refused(booked(stores, number, user_id))
        assert await stores.reservations.get_reservations_for_user(user_id, T0) == ()
    assert await stores.reservations.get_reservations_for_charger(number, T0) == ()


async def test_what_is_not_there_is_no_reservation(stores: Stores) -> None:
    """A number without one, a user without any."""
    store = stores.reservations
    for number in NOWHERE:
        with pytest.raises(ReservationUnknown):
            await store.get_reservation(number, T0)
        assert await store.cancel_booking(number, T0) is False
        assert await store.get_reservations_for_charger(number, T0) == ()
        await store.open_due(number, T0)
    assert await store.get_reservations_for_user("ida", T0) == ()
    assert await store.get_due(T0) == ()
    assert await store.get_unheld() == ()


async def test_a_booking_that_is_cancelled_is_gone(stores: Stores) -> None:
    """Once, and its time is free again."""
    number = (await charger(stores)).connector_id
    booking = await booked(stores, number)
    assert await stores.reservations.cancel_booking(booking.reservation_id, T0) is True
    await check_gone(stores, booking, NEXT_HOUR.start_at)
    await booked(stores, number, "bo")


async def test_a_booking_whose_time_is_over_is_gone(stores: Stores) -> None:
    """To the microsecond."""
    number = (await charger(stores)).connector_id
    booking = await booked(stores, number)
    shortly_before = NEXT_HOUR.end_at - 0.001
    found = await stores.reservations.get_reservation(
        booking.reservation_id, shortly_before
    )
    assert found == booking
    await check_gone(stores, booking, NEXT_HOUR.end_at)


async def test_a_booking_of_a_retired_connector_is_gone(stores: Stores) -> None:
    """Nobody can charge there."""
    number = (await charger(stores)).connector_id
    booking = await booked(stores, number)
    await stores.chargers.remove_charger(number, T0)
    await check_gone(stores, booking, NEXT_HOUR.start_at)


async def check_gone(stores: Stores, booking: Reservation, at: float) -> None:
    """Check that nothing is left of a booking."""
    store, number = stores.reservations, booking.connector_id
    with pytest.raises(ReservationUnknown):
        await store.get_reservation(booking.reservation_id, at)
    assert await store.cancel_booking(booking.reservation_id, at) is False
    assert await store.get_reservations_for_user("ida", at) == ()
    assert await store.get_reservations_for_charger(number, at) == ()
    assert await store.get_due(at) == ()
    await store.open_due(number, at)
    assert await store.get_unheld() == ()


async def test_a_booking_becomes_a_session_when_it_is_due(stores: Stores) -> None:
    """Of its own number, for its user, held until its end, at its site's price."""
    price = Decimal("3.25")
    site = await stores.chargers.add_charge_point("A", "", HERE, sek_per_kwh=price)
    connector = await charger(stores, site_id=site.site_id)
    number = connector.connector_id
    booking = await booked(stores, number)
    for early in (T0, NEXT_HOUR.start_at - 0.001):
        assert await stores.reservations.get_due(early) == ()
        await stores.reservations.open_due(number, early)
    assert await stores.reservations.get_unheld() == ()
    at = NEXT_HOUR.start_at + 2
    assert await stores.reservations.get_due(at) == (number,)
    await stores.reservations.open_due(number, at)
    session = Session(
        session_id=booking.reservation_id,
        station_id=connector.station_id,
        serial_number="abc111",
        connector_id=number,
        user_id="ida",
        state=SessionState.OPENED,
        opened_at=at,
        reserved_until=NEXT_HOUR.end_at,
        site_sek_per_kwh=price,
        booked=True,
    )
    assert await stores.reservations.get_unheld() == (session,)
    assert await stores.reservations.get_due(at) == ()
    await stores.reservations.open_due(number, at + 1)
    found = await stores.transactions.get_transaction(booking.reservation_id)
    assert found == session


async def test_a_session_of_a_booking_can_be_charged_with(stores: Stores) -> None:
    """From its start to its price in the ledger, and it stays known as booked."""
    connector = await charger(stores)
    session = await due(stores, connector.connector_id)
    at = NEXT_HOUR.start_at + 60
    assert (await stores.transactions.mark_reserved(session.session_id)).booked
    assert await stores.reservations.get_unheld() == ()
    running = await stores.transactions.start(started(connector, at=at))
    assert running.session_id == session.session_id
    over, _ = await stores.transactions.end(sealed(session, at=at + 60))
    assert (over.state, over.booked) == (SessionState.ENDED, True)
    assert await stores.arrange.charges(session.session_id) == [1000]


async def test_unstarted_sessions_are_reservations(stores: Stores) -> None:
    """From when they were opened to when they lapse; what has started is none."""
    for number, state in enumerate(SessionState):
        connector = await charger(stores, str(number))
        session = await in_state(stores, connector, state)
        found = await stores.reservations.get_reservations_for_charger(
            connector.connector_id, T0 + 10_000
        )
        held = Reservation(
            reservation_id=session.session_id,
            connector_id=connector.connector_id,
            user_id="ida",
            start_at=T0,
            end_at=session.reserved_until or 0.0,
        )
        assert found == ((held,) if state in UNSTARTED else ())
        assert await stores.reservations.cancel_booking(session.session_id, T0) is False


async def test_reservations_of_self_tests_are_marked(stores: Stores) -> None:
    """So that nobody but they is shown them."""
    tests = await stores.self_tests.prepare(SERIAL, SECRET, LISTED, T0)
    session = await opened(stores, tests.connector_id, TESTER.account_id)
    found = await stores.reservations.get_reservation(session.session_id, T0)
    assert found.for_self_tests is True


async def test_what_is_soonest_comes_first(stores: Stores) -> None:
    """What is held now before what is booked, whichever has the lower number."""
    number = (await charger(stores)).connector_id
    last = await booked(stores, number, window=Window(T0 + 9000, T0 + 9600))
    second = await booked(stores, number)
    first = await opened(stores, number)
    for found in (
        await stores.reservations.get_reservations_for_user("ida", T0),
        await stores.reservations.get_reservations_for_charger(number, T0),
    ):
        assert [held.reservation_id for held in found] == [
            first.session_id,
            second.reservation_id,
            last.reservation_id,
        ]


async def test_a_busy_connector_keeps_its_booking_waiting(stores: Stores) -> None:
    """It is due all the same, and begins once the connector is free."""
    connector = await charger(stores)
    number = connector.connector_id
    running = await charging(stores, connector, "bo")
    booking = await booked(stores, number)
    at = NEXT_HOUR.start_at
    assert await stores.reservations.get_due(at) == ()
    await stores.reservations.open_due(number, at)
    await stores.transactions.end(sealed(running, at=at + 60))
    assert await stores.reservations.get_due(at + 60) == (number,)
    await stores.reservations.open_due(number, at + 60)
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert [session.session_id for session in found] == [booking.reservation_id]


async def test_nobody_takes_a_connector_before_its_holder(stores: Stores) -> None:
    """Whoever asks when a booking is due finds it begun, at that very moment."""
    connector = await charger(stores)
    booking = await booked(stores, connector.connector_id)
    with pytest.raises(ConnectorBusy):
        await stores.transactions.add_transaction(
            "bo",
            connector.connector_id,
            at=NEXT_HOUR.start_at,
            reserved_until=NEXT_HOUR.start_at + 300,
        )
    (held,) = await stores.reservations.get_unheld()
    assert (held.session_id, held.user_id) == (booking.reservation_id, "ida")


async def test_its_holder_need_not_wait_for_a_booking_to_begin(
    stores: Stores,
) -> None:
    """Who asks for a session when their booking is due is given that."""
    connector = await charger(stores)
    booking = await booked(stores, connector.connector_id)
    for is_first, until in ((True, NEXT_HOUR.end_at), (False, NEXT_HOUR.end_at + 60)):
        session, is_new = await stores.transactions.add_transaction(
            "ida",
            connector.connector_id,
            at=NEXT_HOUR.start_at,
            reserved_until=until,
        )
        assert (session.session_id, is_new) == (booking.reservation_id, is_first)
        assert (session.booked, session.reserved_until) == (True, until)


async def test_before_a_booking_others_may_charge(stores: Stores) -> None:
    """Up to its very start, and after its end."""
    connector = await charger(stores)
    await booked(stores, connector.connector_id)
    for at in (NEXT_HOUR.start_at - 0.001, NEXT_HOUR.end_at):
        session, is_new = await stores.transactions.add_transaction(
            "bo", connector.connector_id, at=at, reserved_until=at + 300
        )
        assert is_new
        await stores.transactions.cancel(session.session_id, at, EndReason.DRIVER)


async def test_an_abandoned_booking_expires_as_any_reservation(stores: Stores) -> None:
    """At its end."""
    connector = await charger(stores)
    session = await due(stores, connector.connector_id)
    store, end_at = stores.transactions, NEXT_HOUR.end_at
    assert await store.expire_reservations(end_at - 0.001) == ()
    (expired,) = await store.expire_reservations(end_at)
    assert (expired.session_id, expired.booked) == (session.session_id, True)
    assert expired.end_reason is EndReason.EXPIRED


async def test_the_newest_session_is_the_one_opened_last(stores: Stores) -> None:
    """Though a booking's number is older than all that were opened before it began."""
    connector = await charger(stores)
    booking = await booked(stores, connector.connector_id)
    earlier = await ended(stores, connector)
    at = NEXT_HOUR.start_at
    await stores.reservations.open_due(connector.connector_id, at)
    await stores.transactions.start(started(connector, at=at))
    store, newest = stores.transactions, [booking.reservation_id, earlier.session_id]
    for found in (
        await store.get_transactions_for_user("ida"),
        await store.get_transactions_for_charger(connector.connector_id),
    ):
        assert [session.session_id for session in found] == newest
    latest = await store.get_latest_for_station(connector.station_id)
    assert latest is not None
    assert latest.session_id == booking.reservation_id
    mine = await store.get_newest_for_user("ida")
    assert [session.session_id for session in mine] == newest


async def test_open_sessions_of_a_station_come_oldest_first(stores: Stores) -> None:
    """By when they were opened, not by their numbers."""
    connector = await charger(stores)
    booking = await booked(stores, connector.connector_id)
    second = await stores.arrange.add_connector(connector.station_id, 2)
    elsewhere = await opened(stores, second)
    await stores.reservations.open_due(connector.connector_id, NEXT_HOUR.start_at)
    found = await stores.transactions.get_open_for_station(connector.station_id)
    assert [session.session_id for session in found] == [
        elsewhere.session_id,
        booking.reservation_id,
    ]


async def test_guests_have_no_account(stores: Stores) -> None:
    """So that nobody's token is ever theirs."""
    await is_refused(stores.accounts.add_account(evolve(IDA, account_id=GUEST)))
