"""Bookings, and whatever else is held for somebody, in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from operator import attrgetter

from attrs import frozen
from zope.interface import implementer

from flexicharge.errors import (
    ConnectorBusy,
    ConnectorUnknown,
    ReservationUnknown,
    TooManyReservations,
)
from flexicharge.interfaces import IReservationStore
from flexicharge.model.reservation import Reservation, Window
from flexicharge.model.session import UNSTARTED, Session, SessionState
from flexicharge.storage.memory import opening
from flexicharge.storage.memory.bookings import BookingRow, BookingState
from flexicharge.storage.memory.guards import stored_at, stored_text
from flexicharge.storage.memory.world import MemoryWorld


@implementer(IReservationStore)
@frozen
class MemoryReservations:
    """What is held in a world; see `IReservationStore` for every method."""

    _world: MemoryWorld

    async def book(
        self, user_id: str, connector_id: int, window: Window, *, at: float, most: int
    ) -> Reservation:
        """Book a connector for a time to come."""
        wanted = Window(stored_at(window.start_at), stored_at(window.end_at))
        async with self._world.commit("book"):
            self._check_use(stored_text(user_id), connector_id)
            own = self._bookings_of(user_id, at)
            for booking in (*own, *self._begun_of(user_id)):
                if (booking.connector_id, booking.window) == (connector_id, wanted):
                    return booking.reservation
            if len(own) >= most:
                raise TooManyReservations(user_id)
            self._check_free(connector_id, wanted)
            booking = BookingRow(
                booking_id=self._world.sessions.draw_number(),
                connector_id=connector_id,
                user_id=user_id,
                window=wanted,
            )
            return self._world.bookings.add(booking).reservation

    async def get_reservation(self, reservation_id: int, at: float) -> Reservation:
        """Return a booking, or an unstarted session; raise `ReservationUnknown`."""
        async with self._world.commit("get_reservation"):
            found = self._held(at, lambda held: held.reservation_id == reservation_id)
            if not found:
                raise ReservationUnknown(reservation_id)
            return found[0]

    async def get_reservations_for_user(
        self, user_id: str, at: float
    ) -> tuple[Reservation, ...]:
        """Return what is held for a user or will be, soonest first."""
        async with self._world.commit("get_reservations_for_user"):
            return self._held(at, lambda held: held.user_id == user_id)

    async def get_reservations_for_charger(
        self, connector_id: int, at: float
    ) -> tuple[Reservation, ...]:
        """Return for whom a connector is held or will be, soonest first."""
        async with self._world.commit("get_reservations_for_charger"):
            return self._held(at, lambda held: held.connector_id == connector_id)

    async def cancel_booking(self, reservation_id: int, at: float) -> bool:
        """Cancel a booking; False if there is none that is not a session yet."""
        async with self._world.commit("cancel_booking"):
            to_come = opening.bookings_to_come(self._world, at)
            is_there = any(row.booking_id == reservation_id for row in to_come)
            if is_there:
                self._world.bookings.put(reservation_id, BookingState.CANCELLED)
            return is_there

    async def get_due(self, at: float) -> tuple[int, ...]:
        """Return the connectors that are free and have a booking that is due."""
        async with self._world.commit("get_due"):
            return tuple(row.connector_id for row in opening.due(self._world, at))

    async def open_due(self, connector_id: int, at: float) -> None:
        """Let the booking that is due on a free connector become a session, if any."""
        async with self._world.commit("open_due"):
            opening.open_due(self._world, connector_id, at)

    async def open_all_due(self, connector_ids: Collection[int], at: float) -> None:
        """Do as `open_due` for each of some connectors, or for none of them."""
        async with self._world.commit("open_all_due"):
            opening.open_all_due(self._world, connector_ids, at)

    async def get_unheld(self) -> tuple[Session, ...]:
        """Return sessions of bookings that are still `opened`, by number."""
        async with self._world.commit("get_unheld"):
            return self._world.sessions.open_where(
                lambda s: s.booked and s.state is SessionState.OPENED
            )

    def _bookings_of(self, user_id: str, at: float) -> list[BookingRow]:
        to_come = opening.bookings_to_come(self._world, at)
        return [booking for booking in to_come if booking.user_id == user_id]

    def _begun_of(self, user_id: str) -> list[BookingRow]:
        """Return a user's bookings that are sessions and have not started."""
        begun = self._world.sessions.open_where(
            lambda s: s.booked and s.user_id == user_id and s.state in UNSTARTED
        )
        return [self._world.bookings.rows[session.session_id] for session in begun]

    def _check_use(self, user_id: str, connector_id: int) -> None:
        """Raise `ConnectorUnknown` for a connector that a user may not book."""
        world = self._world
        world.network.connector_in_service(connector_id)
        is_hidden = world.network.is_for_self_tests(connector_id)
        if is_hidden or user_id in world.self_test_accounts:
            raise ConnectorUnknown(connector_id)

    def _check_free(self, connector_id: int, window: Window) -> None:
        """Raise `ConnectorBusy` where a connector is held in a window, or will be."""
        self._world.bookings.check_free(connector_id, window)
        session = self._world.sessions.open_on(connector_id)
        if session is None or session.state not in UNSTARTED:
            return
        if (session.reserved_until or 0.0) > window.start_at:
            raise ConnectorBusy(connector_id)

    def _held(
        self, at: float, holds: Callable[[Reservation], bool]
    ) -> tuple[Reservation, ...]:
        unstarted = self._world.sessions.open_where(lambda s: s.state in UNSTARTED)
        held = [row.reservation for row in opening.bookings_to_come(self._world, at)]
        held += map(_reservation_of, unstarted)
        wanted = filter(holds, held)
        return tuple(sorted(wanted, key=attrgetter("start_at", "reservation_id")))


def _reservation_of(session: Session) -> Reservation:
    return Reservation(
        reservation_id=session.session_id,
        connector_id=session.connector_id,
        user_id=session.user_id,
        start_at=session.opened_at,
        end_at=session.reserved_until or session.opened_at,
        for_self_tests=session.for_self_tests,
    )
