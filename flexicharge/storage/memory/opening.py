"""How sessions are opened in a world, for whoever asks and for what was booked."""

from __future__ import annotations

from collections.abc import Collection

from attrs import evolve

from flexicharge.model.account import GUEST
from flexicharge.model.session import EndReason, Session, SessionState, StartFact
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


def use_up(world: MemoryWorld, ended: Session) -> None:
    """Call off the bookings into whose time their own holder charged until its end."""
    if ended.aside:
        return
    own = world.bookings.booked(
        lambda b: (
            (b.connector_id, b.user_id) == (ended.connector_id, ended.user_id)
            and b.user_id != GUEST
            and b.window.start_at <= (ended.ended_at or 0.0)
            and b.window.end_at > (ended.started_at or 0.0)
        )
    )
    for booking in own:
        world.bookings.put(booking.booking_id, BookingState.CANCELLED)


def begin_or_make_way(world: MemoryWorld, fact: StartFact) -> None:
    """Let what is due where energy flows begin; what was given up is not that.

    Then what is held there is cancelled, and if it was booked, booked anew.
    """
    if not fact.given_up:
        open_due(world, fact.connector_id, fact.started_at)
        return
    held = world.sessions.open_on(fact.connector_id)
    if held is not None and held.state in (SessionState.OPENED, SessionState.RESERVED):
        make_way(world, held, fact.started_at)


def make_way(world: MemoryWorld, held: Session, at: float) -> Session:
    """Cancel what is held where energy flows for somebody else; return it.

    The rest of the time of one that was booked is booked anew, under a new number.
    """
    cancelled = world.sessions.put(moves.cancelled(held, at, EndReason.REFUSED))
    booking = world.bookings.rows.get(cancelled.session_id)
    if booking is not None and booking.window.end_at > (cancelled.ended_at or 0.0):
        number = world.sessions.draw_number()
        again = evolve(booking, booking_id=number, state=BookingState.BOOKED)
        world.bookings.add(again)
    return cancelled


def open_due(world: MemoryWorld, connector_id: int, at: float) -> Session | None:
    """Let the booking that is due on a connector become a session; return that."""
    begun = open_all_due(world, (connector_id,), at)
    return begun[0] if begun else None


def open_all_due(
    world: MemoryWorld, connector_ids: Collection[int], at: float
) -> tuple[Session, ...]:
    """Let what is due on connectors become sessions, all of it or if it raises none."""
    due_here = [b for b in due(world, at) if b.connector_id in connector_ids]
    begun = [_begun(world, booking, at) for booking in due_here]
    for session in begun:
        world.bookings.put(session.session_id, BookingState.OPENED)
        world.sessions.add(session)
    return tuple(begun)


def _begun(world: MemoryWorld, booking: BookingRow, at: float) -> Session:
    """Return what a booking becomes."""
    held = moves.opened(
        blank(world, booking.connector_id, booking.booking_id, at),
        booking.user_id,
        None,
        booking.window.end_at,
    )
    return evolve(held, booked=True)
