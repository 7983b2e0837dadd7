"""Two who want one connector at one time, on a real database: only one has it."""

from __future__ import annotations

import psycopg2
import pytest
import pytest_twisted

from flexicharge.errors import ConnectorBusy, ConnectorUnknown, ReservationUnknown
from flexicharge.model.reservation import Window
from flexicharge.model.session import EndFact, EndReason, StartFact
from flexicharge.model.site import Connector
from flexicharge.storage.reservations import PostgresReservations

from .desk import NOON, Desk, Work, at_once, kinds

SOON = Window(NOON + 60, NOON + 3600)


@pytest.fixture
def store(desk: Desk) -> PostgresReservations:
    """The bookings of an empty, migrated database."""
    return PostgresReservations(desk.database)


def book(
    store: PostgresReservations,
    connector: Connector,
    user_id: str = "u1",
    window: Window = SOON,
    most: int = 5,
) -> Work:
    """Book a connector, soon if nothing else is said."""
    return store.book(user_id, connector.connector_id, window, at=NOON, most=most)


@pytest_twisted.ensureDeferred
async def test_one_of_many_drivers_books_the_connector(
    desk: Desk, store: PostgresReservations
) -> None:
    """Of eight whose times all overlap one has it, whoever it is."""
    connector = await desk.charger()
    windows = [Window(NOON + 60 + n, NOON + 3600 + n) for n in range(8)]
    asked = await at_once(
        *(book(store, connector, f"u{n}", windows[n]) for n in range(8))
    )
    assert kinds(asked) == ["ConnectorBusy"] * 7 + ["Reservation"]


@pytest_twisted.ensureDeferred
async def test_impatient_driver_books_once(
    desk: Desk, store: PostgresReservations
) -> None:
    """The same driver asking eight times at once has one booking."""
    connector = await desk.charger()
    asked = await at_once(*(book(store, connector) for _ in range(8)))
    assert len({booking.reservation_id for booking in asked}) == 1


@pytest_twisted.ensureDeferred
async def test_nobody_books_more_than_they_may_by_asking_at_once(
    desk: Desk, store: PostgresReservations
) -> None:
    """Eight connectors asked for at one moment are two bookings, if two is most."""
    connectors = [await desk.charger(f"abc{number}") for number in range(8)]
    asked = await at_once(*(book(store, one, most=2) for one in connectors))
    assert kinds(asked) == ["Reservation"] * 2 + ["TooManyReservations"] * 6


@pytest_twisted.ensureDeferred
async def test_the_database_itself_lets_no_two_bookings_overlap(
    desk: Desk, store: PostgresReservations
) -> None:
    """Whatever statement tries it."""
    connector = await desk.charger()
    await book(store, connector)
    with pytest.raises(psycopg2.errors.ExclusionViolation):
        await desk.database.query(
            "INSERT INTO bookings SELECT booking_id + 1, connector_id, 'u2', state,"
            " booked_at, starts_at + interval '1 second', ends_at FROM bookings"
        )


@pytest_twisted.ensureDeferred
async def test_a_booking_that_is_due_begins_once(
    desk: Desk, store: PostgresReservations
) -> None:
    """Sweeps, its holder and strangers who come together find one session."""
    connector = await desk.charger()
    booking = await book(store, connector, "u1", Window(NOON - 60, NOON + 3600))
    number = connector.connector_id
    outcome = await at_once(
        desk.add(connector, "u2"),
        *(store.open_due(number, NOON) for _ in range(3)),
        desk.add(connector, "u1"),
        desk.add(connector, "u1"),
    )
    assert isinstance(outcome[0], ConnectorBusy)
    assert {asked[0].session_id for asked in outcome[-2:]} == {booking.reservation_id}
    assert len(await store.get_unheld()) == 1


@pytest_twisted.ensureDeferred
async def test_a_booking_called_off_just_before_never_begins(
    desk: Desk, store: PostgresReservations
) -> None:
    """Whoever comes a moment later finds the connector free."""
    connector = await desk.charger()
    booking = await book(store, connector, "u1", Window(NOON - 60, NOON + 3600))
    cancelled, _, added = await desk.in_turn(
        connector,
        store.cancel_booking(booking.reservation_id, NOON),
        store.open_due(connector.connector_id, NOON),
        desk.add(connector, "u2"),
    )
    assert cancelled is True
    assert added[1] is True


@pytest_twisted.ensureDeferred
async def test_a_booking_that_has_just_begun_is_no_booking_any_more(
    desk: Desk, store: PostgresReservations
) -> None:
    """Whoever calls it off a moment later has to cancel its session."""
    connector = await desk.charger()
    booking = await book(store, connector, "u1", Window(NOON - 60, NOON + 3600))
    _, cancelled = await desk.in_turn(
        connector,
        store.open_due(connector.connector_id, NOON),
        store.cancel_booking(booking.reservation_id, NOON),
    )
    assert cancelled is False
    [session] = await store.get_unheld()
    assert session.session_id == booking.reservation_id


@pytest_twisted.ensureDeferred
async def test_who_reserves_just_before_has_the_connector(
    desk: Desk, store: PostgresReservations
) -> None:
    """A booking that comes a moment later is refused, and one that is due waits."""
    connector = await desk.charger()
    added, booked = await desk.in_turn(
        connector, desk.add(connector, "u2"), book(store, connector)
    )
    assert added[1] is True
    assert isinstance(booked, ConnectorBusy)


@pytest_twisted.ensureDeferred
async def test_a_booking_begins_right_after_a_charge(
    desk: Desk, store: PostgresReservations
) -> None:
    """Not before that has ended, and before anybody else."""
    connector = await desk.charger()
    await desk.reserve(connector, "u2")
    running = await desk.start(connector)
    booking = await book(store, connector, "u1", Window(NOON - 60, NOON + 3600))
    sealed = EndFact(
        session_id=running.session_id,
        meter_stop_wh=100,
        energy_wh=0,
        price_ore=0,
        ended_at=NOON,
        reason=EndReason.STATION,
    )
    _, _, added = await desk.in_turn(
        connector,
        store.open_due(connector.connector_id, NOON),
        desk.transactions.end(sealed),
        desk.add(connector, "u3"),
    )
    assert isinstance(added, ConnectorBusy)
    [session] = await store.get_unheld()
    assert session.session_id == booking.reservation_id


@pytest_twisted.ensureDeferred
async def test_a_connector_that_is_retired_just_before_is_not_booked(
    desk: Desk, store: PostgresReservations
) -> None:
    """And what was booked there never begins."""
    connector = await desk.charger()
    booking = await book(store, connector, "u1", Window(NOON - 60, NOON + 60))
    removed, booked, _ = await desk.in_turn(
        connector,
        desk.chargers.remove_charger(connector.connector_id, NOON),
        book(store, connector, "u2", Window(NOON + 60, NOON + 120)),
        store.open_due(connector.connector_id, NOON),
    )
    assert removed is True
    assert isinstance(booked, ConnectorUnknown)
    with pytest.raises(ReservationUnknown):
        await store.get_reservation(booking.reservation_id, NOON)
    assert await store.get_unheld() == ()


@pytest_twisted.ensureDeferred
async def test_a_late_start_and_a_booking_that_begins_are_two_sessions(
    desk: Desk, store: PostgresReservations
) -> None:
    """Whichever comes first, what was given up is nobody's and the time is held."""
    for number, is_first in enumerate((True, False)):
        connector = await desk.charger(f"abc{number}")
        window = Window(NOON - 60, NOON + 3600)
        await book(store, connector, f"u{number}", window)
        fact = StartFact(
            station_id=connector.station_id,
            connector_id=connector.connector_id,
            meter_start_wh=100,
            started_at=NOON + 10,
            claimed="{}",
            given_up=True,
        )
        work = [
            store.open_all_due([connector.connector_id], NOON),
            desk.transactions.start(fact),
        ]
        asked = await desk.in_turn(connector, *work[:: 1 if is_first else -1])
        [unpaid] = [session for session in asked if session is not None]
        assert unpaid.user_id is None
        [held] = await store.get_reservations_for_user(f"u{number}", NOON + 10)
        assert held.end_at == window.end_at
        assert await store.get_unheld() == ()


@pytest_twisted.ensureDeferred
async def test_a_booking_is_somebodys_whatever_starts_first(
    desk: Desk, store: PostgresReservations
) -> None:
    """A station that begins when it is due begins it, once, for its holder."""
    connector = await desk.charger()
    booking = await book(store, connector, window=Window(NOON - 60, NOON + 3600))
    started, _, added, again = await desk.in_turn(
        connector,
        desk.start(connector),
        store.open_due(connector.connector_id, NOON),
        desk.add(connector, "u2"),
        desk.start(connector),
    )
    assert started.session_id == booking.reservation_id
    assert started == again
    assert isinstance(added, ConnectorBusy)
