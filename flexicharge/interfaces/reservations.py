"""The seam to bookings: what will be held, and for whom."""

from __future__ import annotations

from collections.abc import Collection

from zope.interface import Interface

from flexicharge.model.reservation import Reservation, Window
from flexicharge.model.session import Session


class IReservationStore(Interface):
    """Connectors that are held for somebody: bookings, and sessions not started yet.

    A booking has a number of the sessions' own. When it is due and its connector free,
    it becomes a session under that very number, in one commit: by `open_due`, or at
    once when anybody asks for a session there (`ITransactionStore.add_transaction`) or
    its station says that energy flows (`start`). Whoever came early and charged into
    the time of their own booking has used it up.
    One whose time is over is there no more, nor one whose connector was retired. As
    everywhere, one method is one commit, times are POSIX seconds, and any method may
    raise `DatabaseAway`.
    """

    async def book(
        user_id: str, connector_id: int, window: Window, *, at: float, most: int
    ) -> Reservation:
        """Book a connector for a time to come.

        The same user's booking of the same connector and time is returned as it is,
        also if it has become a session that has not started yet.
        Raise `ConnectorUnknown` (also for that of the self tests, and for their
        accounts), `TooManyReservations` if the user has `most` bookings already, or
        `ConnectorBusy` if the connector is booked, or held for a session that has not
        started, at any moment of the window.
        """

    async def get_reservation(reservation_id: int, at: float) -> Reservation:
        """Return a booking, or an unstarted session as one.

        Raise `ReservationUnknown`.
        """

    async def get_reservations_for_user(
        user_id: str, at: float
    ) -> tuple[Reservation, ...]:
        """Return what is held for a user or will be, soonest first."""

    async def get_reservations_for_charger(
        connector_id: int, at: float
    ) -> tuple[Reservation, ...]:
        """Return for whom a connector is held or will be, soonest first."""

    async def cancel_booking(reservation_id: int, at: float) -> bool:
        """Cancel a booking; False if there is none that is not a session yet."""

    async def get_due(at: float) -> tuple[int, ...]:
        """Return the connectors that are free and have a booking that is due."""

    async def open_due(connector_id: int, at: float) -> None:
        """Let the booking that is due on a free connector become a session, if any.

        It is `opened`, and reserved until the booking's end.
        """

    async def open_all_due(connector_ids: Collection[int], at: float) -> None:
        """Do as `open_due` for each of some connectors, or for none of them."""

    async def get_unheld() -> tuple[Session, ...]:
        """Return sessions of bookings that are still `opened`, by number."""
