"""What makes a charger, as clients send and read it (contract §4.2)."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from attrs import frozen
from msgspec import Meta

from flexicharge.errors import Invalid
from flexicharge.model.site import (
    FIRST_CONNECTOR,
    LAST_CONNECTOR,
    MAX_SERIAL,
    Connector,
)
from flexicharge.model.status import STATUS_OF_NUMBER, ConnectorStatus, status_of
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, is_whole
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.places import PLACE_KEYS, Place, place

NO_SITE: Final = 0

Number = Annotated[int, Meta(ge=FIRST_CONNECTOR, le=LAST_CONNECTOR)]


def showable(longest: int) -> str:
    """Return the pattern of a text of up to `longest` characters for one log line.

    It has no controls, no spaces but plain ones, and not those alone.
    """
    return (
        "^(?! +$)[ -~\u00a1-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\ud7ff"
        f"\ue000-\ufefe\uff00-\ufffd]{{1,{longest}}}$"
    )


SHOWABLE: Final = showable(MAX_SERIAL)


def _serial_number(value: object, _: str) -> str:
    if value is not None and not isinstance(value, str):
        raise Invalid("invalidDataType")
    if value is None or not re.fullmatch(SHOWABLE, value):
        raise Invalid("invalidSerialNumber")
    return value


def _site(value: object, _: str) -> int:
    if not is_whole(value):
        raise Invalid("invalidChargePointID")
    return int(value)


def _status(value: object, _: str) -> ConnectorStatus:
    """Return the status asked for, by its word or its old number (design §7.18).

    What is neither text nor missing has the wrong type as well.
    """
    try:
        return status_of(int(value) if is_whole(value) else value)
    except Invalid as why:
        if value is None or isinstance(value, str):
            raise
        raise Invalid(*why.codes, "invalidDataType") from None


SERIAL_NUMBER: Final = Rule(
    schema={"type": "string", "pattern": SHOWABLE},
    read=_serial_number,
    example="abc119",
)
SITE: Final = Rule(
    schema={"type": "integer"},
    read=_site,
    example=1,
)
STATUS: Final = Rule(
    schema={"enum": [*(str(word) for word in ConnectorStatus), *STATUS_OF_NUMBER]},
    read=_status,
    example="Available",
)


@frozen(kw_only=True)
class NewCharger:
    """A charger that somebody wants made; its location is (latitude, longitude)."""

    location: tuple[float, float] = sent(place("invalidCoordinates"), *PLACE_KEYS)
    serial_number: str = sent(SERIAL_NUMBER, "serialNumber")
    site_id: int = sent(SITE, "chargePointID")


@frozen(kw_only=True)
class WantedStatus:
    """The status that a charger is to have; the rest of a charger is ignored."""

    status: ConnectorStatus = sent(STATUS, "status")


class Charger(Shape):
    """A charger, under the names of all generations of the API.

    Every app reads `location`, M23 said `coordinates`; IOS and PYT read `chargerID`,
    the others `connectorID`. AND, FLU and IOS take no null for `chargePointID`: a
    charger on no site says 0, the number of none.
    """

    connectorID: Number
    chargerID: Number
    location: Place
    coordinates: Place
    serialNumber: str
    status: ConnectorStatus
    chargePointID: Whole


NONE_FOUND = Annotated[list[Charger], Meta(max_length=0)]
UNCHANGED = Literal[False]


def charger_of(connector: Connector, now: float) -> Charger:
    """Return a charger as clients read it, with what is shown of it now."""
    at = [connector.latitude, connector.longitude]
    return Charger(
        connectorID=connector.connector_id,
        chargerID=connector.connector_id,
        location=at,
        coordinates=at,
        serialNumber=connector.serial_number,
        status=connector.shown_at(now),
        chargePointID=NO_SITE if connector.site_id is None else connector.site_id,
    )
