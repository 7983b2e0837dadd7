"""Numbers that clients send, in a path or in a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flexicharge.errors import Invalid, NotThere
from flexicharge.model.site import FIRST_CONNECTOR, LAST_CONNECTOR

CONNECTOR_KEYS: Final = ("connectorID", "connectorId", "chargerID", "chargerId")
MAX_DIGITS: Final = 18  # what a database's int8 certainly holds


def number_of(text: str, unknown: type[NotThere]) -> int:
    """Return an id from a path; raise `unknown` for what cannot be one."""
    number = _whole(text)
    if number is None:
        raise unknown(text)
    return number


def connector_id_of(body: Mapping[str, object]) -> int:
    """Return `connectorID`, a number or, as IOS sends its ids, digits as text.

    Every year's spelling of the key is taken. Raise `Invalid("invalidconnectorID")`
    unless it has six digits.
    """
    value = next((body[key] for key in CONNECTOR_KEYS if key in body), None)
    number = _whole(value) if isinstance(value, str) else value
    if (
        not isinstance(number, int)
        or isinstance(number, bool)
        or not FIRST_CONNECTOR <= number <= LAST_CONNECTOR
    ):
        raise Invalid("invalidconnectorID")
    return number


def _whole(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    return None
