"""Rules for what is said about people; all raise `ParameterInvalid`, as AWS does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from flexicharge.errors import AccountUnknown, ParameterInvalid
from flexicharge.model.account import EMAIL, EMAIL_VERIFIED, LISTED_BY, NAME, PROFILE
from flexicharge.rest.declared.fields import (
    MAX_TEXT,
    Rule,
    any_text,
    optional,
    secret,
    text,
)

MAX_NAME: Final = 512  # characters of whoever a path names
MAX_LINE: Final = 256
MAX_ZIP_CODE: Final = 32
MAX_ATTRIBUTES: Final = 50
MAX_PAGE: Final = 60  # people, as Cognito's

ONE_LINE: Final = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$"
PHONE: Final = "^(\\+[0-9]{1,15})?$"  # ITU-T E.164, or nothing known
SMALL_NUMBER: Final = re.compile("[0-9]{1,9}")

CHANGEABLE: Final = (*PROFILE, EMAIL, EMAIL_VERIFIED)


def somebody(username: str) -> str:
    """Return whom a path names; raise `AccountUnknown` for more than any name has."""
    if len(username) > MAX_NAME:
        raise AccountUnknown(username[:MAX_NAME])
    return username


def line(
    *,
    longest: int = MAX_LINE,
    pattern: str = ONE_LINE,
    wrong: str = "{name} must be a single line of text.",
    example: str,
) -> Rule:
    """Return a rule for a line that may be empty; missing is None.

    `wrong` is what is said of anything else.
    """
    plain = any_text(longest)

    def read(value: object, name: str) -> str:
        found: str = plain.read(value, name)
        if not re.fullmatch(pattern, found):
            raise ParameterInvalid(wrong.format(name=name))
        return found

    schema = {"type": "string", "maxLength": longest, "pattern": pattern}
    return optional(Rule(schema=schema, read=read, example=example))


def _attributes(value: object, name: str) -> Mapping[str, str]:
    if not isinstance(value, list) or len(value) > MAX_ATTRIBUTES:
        raise ParameterInvalid(f"{name} must be a list of names and values.")
    return dict(map(_attribute, value))


def _attribute(value: object) -> tuple[str, str]:
    if not isinstance(value, dict):
        raise ParameterInvalid("An attribute has a Name and a Value.")
    name, known = value.get("Name"), value.get("Value")
    if name not in CHANGEABLE:
        raise ParameterInvalid(f"{str(name)[:40]}: this attribute cannot be changed.")
    if not isinstance(known, str) or len(known) > MAX_LINE:
        raise ParameterInvalid(f"{name} must be a text of up to {MAX_LINE} characters.")
    return name, known


def _limit(value: object, name: str) -> int:
    if value == "":
        return MAX_PAGE
    if isinstance(value, str) and SMALL_NUMBER.fullmatch(value):
        limit = int(value)
        if 1 <= limit <= MAX_PAGE:
            return limit
    raise ParameterInvalid(f"{name} must be from 1 to {MAX_PAGE}.")


def _page(value: object, name: str) -> str | None:
    """Return where to go on; in a query, the `+` of a token has become a space."""
    token: str = any_text().read(value, name)
    return token.replace(" ", "+") or None


def _listed_by(value: object, name: str) -> str | None:
    if not isinstance(value, str) or value not in ("", *LISTED_BY):
        raise ParameterInvalid(f"{name} must be one of {', '.join(LISTED_BY)}.")
    return value or None


USERNAME: Final = text(example="ida@example.com")
SECRET: Final = secret()
CODE: Final = text(example="123456")
PHONE_NUMBER: Final = line(
    longest=16,
    pattern=PHONE,
    wrong="Invalid phone number format.",
    example="+46700000000",
)
ATTRIBUTES: Final = Rule(
    schema={
        "type": "array",
        "maxItems": MAX_ATTRIBUTES,
        "items": {
            "type": "object",
            "properties": {
                "Name": {"enum": list(CHANGEABLE)},
                "Value": {"type": "string", "maxLength": MAX_LINE},
            },
            "required": ["Name", "Value"],
        },
    },
    read=_attributes,
    example=[{"Name": NAME, "Value": "Ida"}],
)
PAGE_SIZE: Final = optional(
    Rule(
        schema={
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE},
                {"const": ""},
            ]
        },
        read=_limit,
    ),
    MAX_PAGE,
)
PAGE: Final = optional(
    Rule(schema={"type": "string", "maxLength": MAX_TEXT}, read=_page)
)
LISTED: Final = optional(
    Rule(schema={"type": "string", "enum": ["", *LISTED_BY]}, read=_listed_by)
)
