"""What Swift's Codable makes of an answer (IOS, and the Swift code in FLU).

A missing key or a value of another kind throws, and the app does not catch it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from tests.clients.wire import Answer, ClientBroke, json_of, rows_of


@frozen
class Codable:
    """An object with every key that the app's structure names."""

    keys: Mapping[str, Any]

    def integer(self, key: str) -> int:
        """Return an `Int`."""
        value = self.keys.get(key)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or value != int(value):
            raise ClientBroke(f"{key}: {value!r} is no Int")
        return int(value)

    def text(self, key: str) -> str:
        """Return a `String`; a number is none."""
        value = self.keys.get(key)
        if not isinstance(value, str):
            raise ClientBroke(f"{key}: {value!r} is no String")
        return value

    def doubles(self, key: str) -> list[float]:
        """Return a `[Double]`."""
        values = rows_of(self.keys.get(key))
        if not all(type(value) in (int, float) for value in values):
            raise ClientBroke(f"{key}: {values} are no numbers")
        return values


def object_of(answer: Answer) -> Codable:
    """Return the object in an answer."""
    return _object(json_of(answer.in_utf8()))


def objects_in(answer: Answer) -> list[Codable]:
    """Return the array of objects in an answer."""
    return [_object(each) for each in rows_of(json_of(answer.in_utf8()))]


def string_of(answer: Answer) -> str:
    """Return the bare JSON string that an answer is."""
    return Codable({"": json_of(answer.in_utf8())}).text("")


def _object(value: object) -> Codable:
    if not isinstance(value, dict):
        raise ClientBroke(f"no object: {value!r}")
    return Codable(value)
