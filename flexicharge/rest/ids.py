"""Numbers that clients send, in a path or in a body."""

from __future__ import annotations

from typing import Final

from flexicharge.errors import Invalid, NotThere
from flexicharge.model.site import FIRST_CONNECTOR, LAST_CONNECTOR
from flexicharge.rest.declared.fields import Rule, is_whole

CONNECTOR_KEYS: Final = ("connectorID", "connectorId", "chargerID", "chargerId")
MAX_DIGITS: Final = 18  # what a database's int8 certainly holds


def number_of(text: str, unknown: type[NotThere]) -> int:
    """Return an id from a path; raise `unknown` for what cannot be one."""
    number = _whole(text)
    if number is None:
        raise unknown(text)
    return number


def _whole(text: str) -> int | None:
    if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS:
        return int(text)
    return None


def connector(code: str) -> Rule:
    """Return a rule for a connector's six digits: a number, or text as of IOS."""

    def read(value: object, _: str) -> int:
        number = _whole(value) if isinstance(value, str) else value
        if not is_whole(number) or not FIRST_CONNECTOR <= number <= LAST_CONNECTOR:
            raise Invalid(code)
        return int(number)

    schema = {
        "anyOf": [
            {"type": "integer", "minimum": FIRST_CONNECTOR, "maximum": LAST_CONNECTOR},
            {"type": "string", "pattern": "^0*[1-9][0-9]{5}$", "maxLength": MAX_DIGITS},
        ]
    }
    return Rule(schema=schema, read=read, example=FIRST_CONNECTOR + 7)


CONNECTOR: Final = connector("invalidconnectorID")
