"""What a station holds for whom, as its operators read it."""

from __future__ import annotations

from collections.abc import Mapping

from flexicharge.charging.beliefs.reservation import (
    ReservationStatus,
    StationReservation,
)
from flexicharge.model.id_tag import tag_of_session
from flexicharge.model.session import Session
from flexicharge.model.site import Protocol, Station
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.station_shapes import iso_or_none


class Reservation(Shape, kw_only=True):
    """A connector that is held for a tag until a time, RFC 3339 in UTC.

    `connectorId` 0 is any. `unknown` is one that the station was asked for and has not
    answered. `transactionId` is the charge that made use of it, or, of a driver's own,
    is to. Stations of FlexiCharge's dialect know no tags.
    """

    reservationId: int
    connectorId: Whole
    idTag: str | None
    parentIdTag: str | None
    expiryDate: str | None
    status: ReservationStatus
    transactionId: Whole | None


def reservation_of(believed: StationReservation) -> Reservation:
    """Return what an operator had held, as operators read it."""
    return Reservation(
        reservationId=believed.reservation_id,
        connectorId=believed.connector_id,
        idTag=believed.id_tag,
        parentIdTag=believed.parent_id_tag,
        expiryDate=iso_or_none(believed.expires_at),
        status=believed.status,
        transactionId=believed.session_id,
    )


def reservation_of_driver(
    session: Session, station: Station, numbers: Mapping[int, int]
) -> Reservation:
    """Return an unstarted session as the reservation that it is at its station."""
    has_tags = station.protocol is not Protocol.DIALECT
    return Reservation(
        reservationId=session.session_id,
        connectorId=numbers[session.connector_id],
        idTag=tag_of_session(session.session_id) if has_tags else None,
        parentIdTag=None,
        expiryDate=iso_or_none(session.reserved_until),
        status=ReservationStatus.ACTIVE,
        transactionId=session.session_id,
    )
