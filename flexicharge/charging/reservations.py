"""What a driver's app can do with reservations: book, look, call off; their own."""

from __future__ import annotations

from attrs import define, field
from twisted.logger import Logger

from flexicharge.charging.seams import Seams
from flexicharge.errors import NotAllowed, ReservationUnknown
from flexicharge.model.account import Caller
from flexicharge.model.reservation import MAX_BOOKINGS, Reservation, window_of
from flexicharge.model.session import EndReason, SessionState


@define(eq=False)
class DriverReservations:
    """What is held for a driver, from now on or for a time to come.

    A session that waits to be started is a reservation; one that has started is none
    any more. All guests are one and the same.
    """

    _seams: Seams
    _server_started_at: float = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._server_started_at = self._seams.clock.seconds()

    async def book(
        self, caller: Caller, connector_id: int, start_ms: object, end_ms: object
    ) -> Reservation:
        """Book a connector for the caller, between two times in ms since 1970.

        Asked again for the same, returns the same. Raise `Invalid` as `window_of`,
        `ConnectorUnknown`, `TooManyReservations`, or `ConnectorBusy` if somebody holds
        the connector at any moment of it.
        """
        seams, now = self._seams, self._seams.clock.seconds()
        window = window_of(
            start_ms, end_ms, server_started_at=self._server_started_at, now=now
        )
        booked = await seams.reservations.book(
            caller.user_id, connector_id, window, at=now, most=MAX_BOOKINGS
        )
        self._log.info(
            "connector {connector_id} is booked under {number}",
            connector_id=connector_id,
            number=booked.reservation_id,
        )
        return booked

    async def read(self, caller: Caller, reservation_id: int) -> Reservation:
        """Return a reservation of the caller; raise `ReservationUnknown`."""
        now = self._seams.clock.seconds()
        held = await self._seams.reservations.get_reservation(reservation_id, now)
        if not _is_shown_to(caller, held):
            raise ReservationUnknown(reservation_id)
        return held

    async def of_user(self, caller: Caller, user_id: str) -> tuple[Reservation, ...]:
        """Return a user's reservations, soonest first; raise `NotAllowed`.

        To that user or an administrator; a guest is shown the guests', whatever name
        was asked for.
        """
        whose = caller.user_id if caller.is_guest else user_id
        if not (caller.is_admin or caller.user_id == whose):
            raise NotAllowed("another user's reservations")
        held = await self._seams.reservations.get_reservations_for_user(
            whose, self._seams.clock.seconds()
        )
        return tuple(one for one in held if _is_shown_to(caller, one))

    async def of_charger(
        self, caller: Caller, connector_id: int
    ) -> tuple[Reservation, ...]:
        """Return a connector's reservations, soonest first: the caller's own.

        Administrators are shown everybody's.
        """
        held = await self._seams.reservations.get_reservations_for_charger(
            connector_id, self._seams.clock.seconds()
        )
        return tuple(one for one in held if _is_shown_to(caller, one))

    async def cancel(self, caller: Caller, reservation_id: int) -> None:
        """Call a reservation of the caller off; raise `ReservationUnknown`.

        Its connector is free again. What charges by now is not stopped.
        """
        seams = self._seams
        await self.read(caller, reservation_id)
        now = seams.clock.seconds()
        if await seams.reservations.cancel_booking(reservation_id, now):
            self._log.info("booking {number} is called off", number=reservation_id)
            return
        session = await seams.transactions.cancel(reservation_id, now, EndReason.DRIVER)
        if session.state is not SessionState.CANCELLED:
            raise ReservationUnknown(reservation_id)
        seams.changed(session)


def _is_shown_to(caller: Caller, held: Reservation) -> bool:
    """Tell whether a reservation is the caller's; administrators see all but tests'."""
    if held.user_id == caller.user_id:
        return True
    return caller.is_admin and not held.for_self_tests
