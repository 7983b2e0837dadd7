"""One reservation at a station, and which one a session makes use of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, frozen

from flexicharge.charging.beliefs.kept import text_of, whole_of
from flexicharge.charging.beliefs.session_start import SessionStart
from flexicharge.errors import UnusableValue
from flexicharge.model.id_tag import same_tag
from flexicharge.ocpp.v16.times import posix_of

ANY_CONNECTOR: Final = 0
BY_EXPIRY: Final = "its time was over"
CLOCKS_DIFFER_S: Final = 300.0  # by so much a start may seem to be before it


class ReservationStatus(StrEnum):
    """Where a reservation stands."""

    UNKNOWN = "unknown"  # the station was asked, and has not answered
    ACTIVE = "active"
    USED = "used"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN: Final = (ReservationStatus.UNKNOWN, ReservationStatus.ACTIVE)


@frozen(kw_only=True)
class StationReservation:
    """A connector held for a tag; connector 0 is any. Times are POSIX seconds."""

    reservation_id: int
    connector_id: int
    id_tag: str
    parent_id_tag: str | None
    expires_at: float
    status: ReservationStatus
    reason: str = ""
    session_id: int | None = None
    asked_at: float
    at: float

    @property
    def name(self) -> str:
        """What it is kept under."""
        return name_of(self.reservation_id)

    @property
    def age(self) -> tuple[float, int]:
        """What orders reservations by when they were asked for."""
        return self.asked_at, self.reservation_id

    def is_open_at(self, now: float) -> bool:
        """Tell whether it holds its connector, or may, by our clock."""
        return self.seen_at(now).status in OPEN

    def seen_at(self, now: float) -> StationReservation:
        """Return it as it stands by our clock: one whose time is over has expired."""
        if self.status not in OPEN or now < self.expires_at:
            return self
        return evolve(
            self, status=ReservationStatus.EXPIRED, reason=BY_EXPIRY, at=self.expires_at
        )

    def is_for(self, id_tag: str, family: str | None) -> bool:
        """Tell whether a tag, of a family perhaps, may use it (OCPP 1.6 §5.13)."""
        if same_tag(self.id_tag, id_tag):
            return True
        if self.parent_id_tag is None:
            return False
        return any(same_tag(self.parent_id_tag, one) for one in (id_tag, family) if one)

    def holds(self, connector_number: int) -> bool:
        """Tell whether it holds a connector."""
        return self.connector_id in (ANY_CONNECTOR, connector_number)


def name_of(reservation_id: object) -> str:
    """Return what a reservation is kept under; `None` for what is no number."""
    return str(whole_of(reservation_id))


def asked_for(
    payload: dict[str, Any], status: ReservationStatus, asked_at: float
) -> StationReservation | None:
    """Return the reservation of a ReserveNow; None if its time makes no sense."""
    reservation_id = whole_of(payload.get("reservationId"))
    connector_id = whole_of(payload.get("connectorId"))
    try:
        expires_at = posix_of(payload.get("expiryDate"))
    except UnusableValue:
        return None
    if reservation_id is None or connector_id is None:
        return None
    return StationReservation(
        reservation_id=reservation_id,
        connector_id=connector_id,
        id_tag=text_of(payload.get("idTag")),
        parent_id_tag=text_of(payload.get("parentIdTag")) or None,
        expires_at=expires_at,
        status=status,
        asked_at=asked_at,
        at=asked_at,
    )


def used_by(
    start: SessionStart, family: str | None, known: Mapping[str, StationReservation]
) -> StationReservation | None:
    """Return the reservation that a session makes use of, if any.

    The one it names, if its tag may use that; else one that its tag fits. `family` is
    the parent of its tag.
    """
    return _named(start, family, known) or _fitting(start, family, known.values())


def _named(
    start: SessionStart, family: str | None, known: Mapping[str, StationReservation]
) -> StationReservation | None:
    """Return the reservation that a start names, if its tag may use that.

    One that was cancelled while the start was on its way is used all the same.
    """
    one = known.get(name_of(start.reservation_id))
    if one is None or not one.is_for(start.id_tag, family):
        return None
    usable = (*OPEN, ReservationStatus.CANCELLED)
    return one if one.status in usable and start.at < one.expires_at else None


def _fitting(
    start: SessionStart, family: str | None, known: Iterable[StationReservation]
) -> StationReservation | None:
    """Return the reservation that a tag makes use of without naming it."""
    fitting = [
        one
        for one in known
        if one.is_open_at(start.at)
        and one.holds(start.connector_number)
        and one.is_for(start.id_tag, family)
        and one.asked_at <= start.at + CLOCKS_DIFFER_S
        and not start.session.aside
    ]
    return min(
        fitting,
        key=lambda one: (
            not same_tag(one.id_tag, start.id_tag),
            one.connector_id == ANY_CONNECTOR,
            one.age,
        ),
        default=None,
    )
