"""How sessions are opened in a world, for whoever asks and for what was booked."""

from __future__ import annotations

from attrs import evolve

from flexicharge.model.session import Session, SessionState
from flexicharge.storage.memory import moves
from flexicharge.storage.memory.bookings import BookingRow, BookingState
from flexicharge.storage.memory.guards import stored_at
from flexicharge.storage.memory.world import MemoryWorld


def blank(world: MemoryWorld, connector_id: int, number: int, at: float) -> Session:
    """Return a new session of nobody; raise `ConnectorUnknown`."""
    network = world.network
    station_id = network.connector_in_service(connector_id).station_id
    station = network.stations[station_id]
    return Session(
        session_id=number,
        station_id=station_id,
        serial_number=station.serial_number,
        for_self_tests=station.for_self_tests,
        connector_id=connector_id,
        user_id=None,
        state=SessionState.OPENED,
        opened_at=stored_at(at),
        site_sek_per_kwh=network.price_at(station_id),
    )


def bookings_to_come(world: MemoryWorld, at: float) -> tuple[BookingRow, ...]:
    """Return bookings whose time is not over, on connectors in service; soonest first.

    Those that are sessions already are none any more.
    """
    now, connectors = stored_at(at), world.network.connectors
    return world.bookings.booked(
        lambda b: (
            b.window.end_at > now and connectors[b.connector_id].retired_at is None
        )
    )


def due(world: MemoryWorld, at: float) -> tuple[BookingRow, ...]:
    """Return bookings whose time is now and whose connector is free, soonest first."""
    now = stored_at(at)
    return tuple(
        booking
        for booking in bookings_to_come(world, at)
        if booking.is_due(now) and not world.sessions.open_on(booking.connector_id)
    )


def open_due(world: MemoryWorld, connector_id: int, at: float) -> Session | None:
    """Let the booking that is due on a connector become a session; return that."""
    for booking in due(world, at):
        if booking.connector_id == connector_id:
            held = moves.opened(
                blank(world, connector_id, booking.booking_id, at),
                booking.user_id,
                None,
                booking.window.end_at,
            )
            world.bookings.put(booking.booking_id, BookingState.OPENED)
            return world.sessions.add(evolve(held, booked=True))
    return None
