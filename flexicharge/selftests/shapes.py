"""What frames must be made of: the original's schemas, which go by position.

A frame is an integer, two texts and an object with certain keys; more keys may be there
(contract §6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flexicharge.selftests.ear import SHOWN, Frame
from flexicharge.selftests.errors import SelfTestFailed

Kind = Callable[[object], bool]


def integer(value: object) -> bool:
    """Tell whether a value is a whole number."""
    return type(value) is int


def number(value: object) -> bool:
    """Tell whether a value is a number."""
    return type(value) in (int, float)


def text(value: object) -> bool:
    """Tell whether a value is text."""
    return isinstance(value, str)


def check_frame(frame: Frame, **keys: Kind) -> None:
    """Raise `SelfTestFailed` unless a frame has four parts, the last with `keys`."""
    fits = (
        len(frame) > 3
        and integer(frame[0])
        and text(frame[1])
        and text(frame[2])
        and has(frame[3], keys)
    )
    if not fits:
        wanted = ", ".join(f"{key} ({kind.__name__})" for key, kind in keys.items())
        raise SelfTestFailed(f"{str(frame)[:SHOWN]} lacks one of {wanted}")


def has(value: Any, keys: Mapping[str, Kind]) -> bool:
    """Tell whether a value is an object with certain keys of certain kinds."""
    return isinstance(value, dict) and all(
        kind(value.get(key)) for key, kind in keys.items()
    )


def sample(value: object) -> bool:
    """Tell whether a value is one quantity of MeterValues."""
    return has(value, {"value": number, "unit": text, "measurand": text})


def samples(value: object) -> bool:
    """Tell whether a value holds the three quantities of MeterValues."""
    quantities = ("chargingPercent", "chargingPower", "chargedSoFar")
    return has(value, dict.fromkeys(quantities, sample))
