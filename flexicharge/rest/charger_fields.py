"""What makes a charger, as clients send it, and every rule it can break (§4.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeGuard, cast

from attrs import frozen

from flexicharge.errors import Invalid
from flexicharge.model.site import MAX_SERIAL
from flexicharge.model.status import ConnectorStatus, status_of

PLACE_KEYS: Final = ("location", "coordinates")
MAX_LATITUDE: Final = 90.0
MAX_LONGITUDE: Final = 180.0


@frozen(kw_only=True)
class NewCharger:
    """A charger that somebody wants made; its location is (latitude, longitude)."""

    site_id: int
    serial_number: str
    location: tuple[float, float]


def new_charger_of(body: Mapping[str, object]) -> NewCharger:
    """Return the charger that a body describes.

    Raise `Invalid` with the codes of all broken rules, in the contract's order.
    """
    place = next((body[key] for key in PLACE_KEYS if body.get(key) is not None), None)
    serial_number, site = body.get("serialNumber"), body.get("chargePointID")
    codes = [*_of_place(place), *_of_serial_number(serial_number)]
    if not _is_whole(site):
        codes.append("invalidChargePointID")
    if codes:
        raise Invalid(*codes)
    latitude, longitude = cast("list[float]", place)
    return NewCharger(
        site_id=int(cast("float", site)),
        serial_number=cast("str", serial_number),
        location=(float(latitude), float(longitude)),
    )


def wanted_status_of(body: Mapping[str, object]) -> ConnectorStatus:
    """Return the status that a body asks for, by its word or its old number.

    Raise `Invalid`; what is neither text nor missing has the wrong type as well.
    """
    value = body.get("status")
    try:
        return status_of(value)
    except Invalid as why:
        if value is None or isinstance(value, str):
            raise
        raise Invalid(*why.codes, "invalidDataType") from None


def _of_place(place: object) -> Iterator[str]:
    """Yield what is wrong with a place; one that is no pair has no parts to judge."""
    if not isinstance(place, list) or len(place) != 2:
        yield "invalidCoordinates"
        if place is not None and not isinstance(place, list):
            yield "invalidDataType"
        return
    if not all(map(_is_number, place)):
        yield "invalidDataType"
    latitude, longitude = map(_as_number, place)
    if not -MAX_LATITUDE <= latitude <= MAX_LATITUDE:
        yield "invalidLatitude"
    if not -MAX_LONGITUDE <= longitude <= MAX_LONGITUDE:
        yield "invalidLongitude"


def _of_serial_number(serial_number: object) -> Iterator[str]:
    if serial_number is not None and not isinstance(serial_number, str):
        yield "invalidDataType"
    elif serial_number is None or not _is_serial_number(serial_number):
        yield "invalidSerialNumber"


def _is_serial_number(text: str) -> bool:
    """Tell whether a text can be a serial number: one that a log line can show."""
    return 1 <= len(text) <= MAX_SERIAL and text.isprintable() and bool(text.strip())


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> bool:
    return _is_number(value) and value == int(value)


def _as_number(value: object) -> float:
    """Return a number to compare, of text too; 0 for what is of the wrong type."""
    try:
        return float(value) if isinstance(value, str) or _is_number(value) else 0.0
    except (ValueError, OverflowError):
        return 0.0 if isinstance(value, str) else float("inf")
