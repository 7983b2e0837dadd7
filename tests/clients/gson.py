"""What Gson makes of an answer (AND).

An Int takes 50 and 50.0 but not 50.5; text is made of numbers too; a missing key is
null, and only using a null where Kotlin expects none crashes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import frozen

from tests.clients.wire import Answer, ClientBroke, json_of, rows_of

T = TypeVar("T")


@frozen
class GsonRow:
    """An object, key by key, each None where it is missing or null."""

    keys: Mapping[str, Any]

    def integer(self, key: str) -> int | None:
        """Return an `Int?` or a `Long?`."""
        value = self.double(key)
        if value is not None and value != int(value):
            raise ClientBroke(f"{key}: {value} is no Int")
        return None if value is None else int(value)

    def double(self, key: str) -> float | None:
        """Return a `Double?`."""
        value = self.keys.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | None):
            raise ClientBroke(f"{key}: {value!r} is no number")
        return value

    def text(self, key: str) -> str | None:
        """Return a `String?`."""
        value = self.keys.get(key)
        if isinstance(value, list | dict):
            raise ClientBroke(f"{key}: {value!r} is no text")
        return None if value is None else str(value)

    def doubles(self, key: str) -> list[float]:
        """Return a `List<Double>` that is used."""
        values = rows_of(self.keys.get(key))
        return [used(GsonRow({key: value}).double(key)) for value in values]


def row_of(answer: Answer) -> GsonRow:
    """Return the object in an answer; an empty body or an array breaks the client."""
    return _row(json_of(answer.in_utf8()))


def rows_in(answer: Answer) -> list[GsonRow]:
    """Return the array of objects in an answer."""
    return [_row(each) for each in rows_of(json_of(answer.in_utf8()))]


def used(value: T | None) -> T:
    """Return what Kotlin dereferences; a null crashes the app."""
    if value is None:
        raise ClientBroke("a null was dereferenced")
    return value


def _row(value: object) -> GsonRow:
    if not isinstance(value, dict):
        raise ClientBroke(f"no object: {value!r}")
    return GsonRow(value)
