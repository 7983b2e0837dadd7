"""Rules for what stands in a request's field: how it is read, what is wrong with it.

A rule's schema and its reading say the same: what the schema allows is read, and what
is read is allowed by the schema.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeGuard, TypeVar

from attrs import evolve, frozen

from flexicharge.errors import Invalid, ParameterInvalid

T = TypeVar("T")

Schema = Mapping[str, Any]

MAX_TEXT: Final = 2048  # characters; no field of any client is longer
MAX_SECRET: Final = 8192  # of tokens


@frozen(kw_only=True)
class Rule:
    """How one field is read.

    `read` is given the value (None if there is none) and the field's name; it returns
    what the program works with, or raises `Invalid` with all codes that apply, or
    another error that ends the reading at once. Where a field need not be there, it is
    `absent` without a reading.
    """

    schema: Schema
    read: Callable[[object, str], Any]
    is_required: bool = True
    absent: Any = None
    example: object = None


def optional(rule: Rule, default: object = None) -> Rule:
    """Return a rule for a field that may be missing or null."""

    def read(value: object, name: str) -> Any:
        return default if value is None else rule.read(value, name)

    schema = {"anyOf": [rule.schema, {"type": "null"}]}
    return evolve(rule, schema=schema, read=read, is_required=False, absent=default)


def ignored(schema: Schema, example: object = None) -> Rule:
    """Return a rule for what clients send and nobody reads."""
    return Rule(schema=schema, read=lambda *_: None, is_required=False, example=example)


def secret(example: str = "Passw0rd!") -> Rule:
    """Return a rule for a text an identity provider wants; it is shown nowhere.

    Raise `ParameterInvalid`, as such a provider does, unless it is a text.
    """
    return text(MAX_SECRET, example=example)


def text(longest: int = MAX_TEXT, *, example: str = "") -> Rule:
    """Return a rule for a text that says something; raise `ParameterInvalid`."""

    def read(value: object, name: str) -> str:
        if not isinstance(value, str) or not value:
            raise ParameterInvalid(f"Missing required parameter {name}")
        if len(value) > longest:
            raise ParameterInvalid(f"The parameter {name} is too long")
        return value

    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return Rule(schema=schema, read=read, example=example)


def any_text(longest: int = MAX_TEXT, *, example: str = "") -> Rule:
    """Return a rule for a text that may be empty; missing is None."""

    def read(value: object, name: str) -> str:
        if not isinstance(value, str):
            raise ParameterInvalid(f"The parameter {name} must be a text")
        if len(value) > longest:
            raise ParameterInvalid(f"The parameter {name} is too long")
        return value

    schema = {"type": "string", "maxLength": longest}
    return optional(Rule(schema=schema, read=read, example=example))


def one_of(words: Iterable[str], code: str, *, example: str = "") -> Rule:
    """Return a rule for one of some words, whatever their case, in upper case."""
    known = tuple(words)

    def read(value: object, _: str) -> str:
        # Some letters that are not ASCII become such in upper case.
        word = value.upper() if isinstance(value, str) and value.isascii() else ""
        if word not in known:
            raise Invalid(code)
        return word

    # Python's own `(?i)` is no part of the dialect that JSON Schema has.
    pattern = "|".join("".join(map(_either_case, word)) for word in known)
    schema = {"type": "string", "pattern": f"^({pattern})$"}
    return Rule(schema=schema, read=read, example=example or known[0])


def _either_case(letter: str) -> str:
    return f"[{letter}{letter.lower()}]" if letter.isalpha() else letter


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number of JSON; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a whole number, as JavaScript may write it (`4.0`)."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def whole(low: int, high: int, code: str, *, example: int) -> Rule:
    """Return a rule for a whole number between two, both included."""

    def read(value: object, _: str) -> int:
        if not is_whole(value) or not low <= value <= high:
            raise Invalid(code)
        return int(value)

    schema = {"type": "integer", "minimum": low, "maximum": high}
    return Rule(schema=schema, read=read, example=example)
