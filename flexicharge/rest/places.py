"""Where things are: a pair of latitude and longitude, and every rule it can break."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, cast

from msgspec import Meta

from flexicharge.errors import Invalid
from flexicharge.rest.declared.fields import Rule, is_number

PLACE_KEYS: Final = ("location", "coordinates")
MAX_LATITUDE: Final = 90.0
MAX_LONGITUDE: Final = 180.0

Degrees = Annotated[float, Meta(ge=-MAX_LONGITUDE, le=MAX_LONGITUDE)]
Place = Annotated[list[Degrees], Meta(min_length=2, max_length=2)]

_SCHEMA: Final = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -MAX_LATITUDE, "maximum": MAX_LATITUDE},
        {"type": "number", "minimum": -MAX_LONGITUDE, "maximum": MAX_LONGITUDE},
    ],
    "minItems": 2,
    "maxItems": 2,
}


def place(missing: str) -> Rule:
    """Return a rule for (latitude, longitude); `missing` is the code without a pair."""

    def read(value: object, _: str) -> tuple[float, float]:
        if codes := tuple(_broken(value, missing)):
            raise Invalid(*codes)
        latitude, longitude = cast("list[float]", value)
        return float(latitude), float(longitude)

    return Rule(schema=_SCHEMA, read=read, example=[57.777714, 14.16301])


def _broken(value: object, missing: str) -> Iterator[str]:
    """Yield what is wrong with a place; one that is no pair has no parts to judge."""
    if not isinstance(value, list) or len(value) != 2:
        yield missing
        if value is not None and not isinstance(value, list):
            yield "invalidDataType"
        return
    if not all(map(is_number, value)):
        yield "invalidDataType"
    latitude, longitude = map(_as_number, value)
    if not -MAX_LATITUDE <= latitude <= MAX_LATITUDE:
        yield "invalidLatitude"
    if not -MAX_LONGITUDE <= longitude <= MAX_LONGITUDE:
        yield "invalidLongitude"


def _as_number(value: object) -> float:
    """Return a number to compare, of text too; 0 for what is of the wrong type."""
    try:
        return float(value) if isinstance(value, str) or is_number(value) else 0.0
    except (ValueError, OverflowError):
        return 0.0 if isinstance(value, str) else float("inf")
