"""The table of bookings, and what becomes of one that is due."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from operator import attrgetter

from attrs import define, evolve, field, frozen

from flexicharge.errors import ConnectorBusy
from flexicharge.model.reservation import Reservation, Window


class BookingState(Enum):
    """Where a booking stands."""

    BOOKED = auto()
    OPENED = auto()  # there is a session of its number
    CANCELLED = auto()


@frozen(kw_only=True)
class BookingRow:
    """A connector booked for a user's own time."""

    booking_id: int
    connector_id: int
    user_id: str
    window: Window
    state: BookingState = BookingState.BOOKED

    def overlaps(self, window: Window) -> bool:
        """Tell whether it has a moment in common with a window."""
        mine = self.window
        return mine.start_at < window.end_at and mine.end_at > window.start_at

    def is_due(self, at: float) -> bool:
        """Tell whether a time is in its window."""
        return self.window.start_at <= at < self.window.end_at

    @property
    def reservation(self) -> Reservation:
        """What people are shown."""
        return Reservation(
            reservation_id=self.booking_id,
            connector_id=self.connector_id,
            user_id=self.user_id,
            start_at=self.window.start_at,
            end_at=self.window.end_at,
        )


@define
class BookingTable:
    """Bookings by number; those of one connector never overlap."""

    rows: dict[int, BookingRow] = field(factory=dict, init=False)

    def booked(self, holds: Callable[[BookingRow], bool]) -> tuple[BookingRow, ...]:
        """Return those that are no session yet and of which something holds."""
        found = [
            row
            for row in self.rows.values()
            if row.state is BookingState.BOOKED and holds(row)
        ]
        return tuple(sorted(found, key=attrgetter("window.start_at", "booking_id")))

    def check_free(self, connector_id: int, window: Window) -> None:
        """Raise `ConnectorBusy` where a connector is booked at any time of a window."""
        for booking in self.booked(lambda b: b.overlaps(window)):
            if booking.connector_id == connector_id:
                raise ConnectorBusy(connector_id)

    def add(self, row: BookingRow) -> BookingRow:
        """Insert a booking of a time that is free, and return it."""
        self.rows[row.booking_id] = row
        return row

    def put(self, booking_id: int, state: BookingState) -> None:
        """Change where a booking stands."""
        self.rows[booking_id] = evolve(self.rows[booking_id], state=state)
