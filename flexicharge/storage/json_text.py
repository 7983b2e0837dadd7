"""JSON objects as texts that a column holds, and back, with keys in their order."""

from __future__ import annotations

import json
from typing import Any, Final

from flexicharge.errors import UnusableValue
from flexicharge.storage.values import storable

MAX_JSON_BYTES: Final = 4 * 1024 * 1024  # a frame of 1 MiB, its numbers written out
MAX_COUNT: Final = 2**63 - 1  # an int8's most


def json_text(body: dict[str, Any]) -> str:
    """Return a JSON object as compact text, its keys in the order they have.

    A NUL stands in it as an escape, which can be stored; half a surrogate pair becomes
    `?`. Raise `UnusableValue` if it is longer than 4 MiB, or holds what JSON cannot.
    """
    try:
        text = json.dumps(
            body, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
    except (TypeError, ValueError) as why:
        raise UnusableValue(f"no JSON object: {why}") from why
    text = storable(text)
    if len(text.encode()) > MAX_JSON_BYTES:
        raise UnusableValue("a JSON object of more than 4 MiB")
    return text


def json_body(text: str) -> dict[str, Any]:
    """Return the JSON object that a text stands for."""
    body: dict[str, Any] = json.loads(text)
    return body


def counted_in(body: dict[str, Any]) -> int:
    """Return the `count` of a JSON object; 0 if it has none that can be added to."""
    count = body.get("count")
    return count if type(count) is int and 0 <= count <= MAX_COUNT else 0
