"""What a station says, cut to what may be kept of it.

It may be anything that JSON can be: every text, number, list and depth has a cap.
"""

from __future__ import annotations

from math import isfinite
from typing import Any, Final

MAX_TEXT: Final = 500
MAX_ITEMS: Final = 1_000
MAX_DEPTH: Final = 8
MAX_WHOLE: Final = (1 << 53) - 1  # what every reader of JSON can hold exactly
CUT: Final = "..."  # stands where something was too deep to be kept


def text_of(value: object, most: int = MAX_TEXT) -> str:
    """Return a text, cut and without NUL; '' for what is none."""
    return value[:most].replace("\0", "") if isinstance(value, str) else ""


def whole_of(value: object) -> int | None:
    """Return a whole number of the size that JSON can carry; None for what is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) <= MAX_WHOLE else None


def as_it_came(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Return a JSON value whose texts, lists, objects and depth are cut."""
    match value:
        case str():
            return text_of(value)
        case float():
            return value if isfinite(value) else CUT
        case bool() | None:
            return value
        case int():
            return value if abs(value) <= MAX_WHOLE else CUT
        case list() | dict() if depth == 0:
            return CUT
        case list():
            return [as_it_came(item, depth - 1) for item in value[:MAX_ITEMS]]
        case dict():
            items = list(value.items())[:MAX_ITEMS]
            return {text_of(key): as_it_came(item, depth - 1) for key, item in items}
    return CUT
