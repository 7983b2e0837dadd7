"""Which part of a list is asked for."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from flexicharge.errors import Invalid
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import MAX_TEXT, Rule, optional

USUAL_LIMIT: Final = 100
MOST: Final = 1000
MAX_NUMBER: Final = 10**18 - 1
DIGITS: Final = re.compile("[0-9]{1,18}")


def number_in_query(low: int, high: int, code: str) -> Rule:
    """Return a rule for a whole number in a query, between two, both included."""

    def read(value: object, _: str) -> int:
        if not isinstance(value, str) or not DIGITS.fullmatch(value):
            raise Invalid(code)
        if not low <= int(value) <= high:
            raise Invalid(code)
        return int(value)

    return Rule(schema={"type": "integer", "minimum": low, "maximum": high}, read=read)


def text_in_query(longest: int, code: str) -> Rule:
    """Return a rule for a text in a query, of some characters or none."""

    def read(value: object, _: str) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise Invalid(code)
        return value

    return Rule(schema={"type": "string", "maxLength": longest}, read=read)


LIMIT: Final = optional(number_in_query(1, MOST, "invalidLimit"), USUAL_LIMIT)
BEFORE: Final = optional(number_in_query(1, MAX_NUMBER, "invalidBefore"))
AFTER: Final = optional(text_in_query(MAX_TEXT, "invalidAfter"), "")


@frozen(kw_only=True)
class Page:
    """How many there are to be at most, and after which one they begin."""

    limit: int = sent(LIMIT, "limit")
    after: str = sent(AFTER, "after")


@frozen(kw_only=True)
class Newest:
    """How many there are to be at most, all older than the one of a number."""

    limit: int = sent(LIMIT, "limit")
    before: int | None = sent(BEFORE, "before")
