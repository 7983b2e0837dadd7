"""What Dart makes of an answer (FLU).

A number with a decimal point or an exponent is a `double` and no `int`, whatever its
value; a null is no value. Text is Latin-1 unless the Content-Type says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from tests.clients.wire import Answer, ClientBroke, json_of, rows_of

LATIN_1 = "latin-1"


@frozen
class DartMap:
    """A JSON object whose keys are put into typed, non-null variables."""

    keys: Mapping[str, Any]

    def integer(self, key: str) -> int:
        """Return an `int`; its JSON text has digits only."""
        value = self.keys.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ClientBroke(f"{key}: {value!r} is no int")
        return value

    def text(self, key: str) -> str:
        """Return a `String`."""
        value = self.keys.get(key)
        if not isinstance(value, str):
            raise ClientBroke(f"{key}: {value!r} is no String")
        return value

    def numbers(self, key: str) -> list[float]:
        """Return a `List<num>`."""
        values = rows_of(self.keys.get(key))
        if not all(type(value) in (int, float) for value in values):
            raise ClientBroke(f"{key}: {values} are no numbers")
        return values


def map_of(answer: Answer) -> DartMap:
    """Return the object in an answer."""
    return _map(json_of(_text(answer)))


def maps_in(answer: Answer) -> list[DartMap]:
    """Return the array of objects in an answer."""
    return [_map(each) for each in rows_of(json_of(_text(answer)))]


def _text(answer: Answer) -> str:
    return answer.body.decode(answer.charset or LATIN_1)


def _map(value: object) -> DartMap:
    if not isinstance(value, dict):
        raise ClientBroke(f"no Map: {value!r}")
    return DartMap(value)
