"""From a text to the JSON array in it, mended by declared rules if it has to be."""

from __future__ import annotations

import re
from typing import Any, Final

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.frames import read_array
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall, Unanswerable
from flexicharge.ocpp.v16.quirks.envelopes import NUL_CHARACTERS
from flexicharge.ocpp.v16.quirks.rules import Make
from flexicharge.ocpp.v16.quirks.texts import TEXT_QUIRKS

MAX_REPAIRED_TEXT: Final = 1 << 16  # beyond this a spoilt text is not worth mending
ESCAPED_NUL: Final = rb"\u0000"

_CALLS_ID: Final = re.compile(rb'\s*\[\s*2\s*,\s*("(?:[^"\\\x00-\x1f]|\\.){0,255}")')


def array_in(text: bytes, make: Make, repairs: list[Repair]) -> list[Any]:
    """Return the array in a text, and add what was mended to `repairs`.

    Raise `FaultyCall` if there is none but somebody waits, else `Unanswerable`.
    """
    array = _array(text, make, repairs)
    return _without_nul(array, repairs) if ESCAPED_NUL in text else array


def _array(text: bytes, make: Make, repairs: list[Repair]) -> list[Any]:
    try:
        return read_array(text)
    except MalformedFrame as why:
        mended = _mended_array(text, make, repairs)
        if mended is not None:
            return mended
        raise _refusal(text, str(why)) from None


def _mended_array(text: bytes, make: Make, repairs: list[Repair]) -> list[Any] | None:
    """Apply the rules for texts one after the other, until the text can be read."""
    if len(text) > MAX_REPAIRED_TEXT:
        return None
    for quirk in TEXT_QUIRKS:
        mended = quirk.mend(text) if quirk.is_for(make) else text
        if mended == text:
            continue
        repairs.append(Repair(quirk.quirk_id, "the text", _shown(text), _shown(mended)))
        text = mended
        try:
            return read_array(text)
        except MalformedFrame:
            continue
    return None


def _without_nul(array: list[Any], repairs: list[Repair]) -> list[Any]:
    cleaned: list[Any] = _cleaned(array)
    if cleaned != array:
        repairs.append(Repair(NUL_CHARACTERS.quirk_id, "the frame", array, cleaned))
    return cleaned


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value


def _shown(text: bytes) -> str:
    return text.decode(errors="backslashreplace")


def _refusal(text: bytes, why: str) -> MalformedFrame:
    """Return the refusal of a text; its sender waits if it is a Call with an id."""
    match = _CALLS_ID.match(text)
    try:
        message_id = read_array(b"[" + match[1] + b"]")[0] if match else None
    except MalformedFrame:
        message_id = None
    if message_id is None:
        return Unanswerable(why)
    return FaultyCall(message_id, ErrorCode.FORMATION_VIOLATION, why)
