"""The three frames of OCPP-J as values, and the limits every frame keeps.

A frame is one JSON array (OCPP-J 1.6 §4.1.3). Reading is strict JSON: no NaN, no lone
surrogates, no trailing commas, at most 1 MiB and 32 levels deep.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from attrs import field, frozen

from flexicharge.errors import MalformedFrame

MAX_FRAME_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 32
MAX_BRACKETS: Final = 16_384  # a megabyte of nothing else costs too long to read
MAX_ID: Final = 255
CALL: Final = 2
CALLRESULT: Final = 3
CALLERROR: Final = 4

JsonObject = dict[str, Any]
MessageId = str | int  # the dialect has numeric ids

_SIGNS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_read = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


@frozen
class Call:
    """A request: `[2, id, action, payload]`."""

    message_id: MessageId
    action: str
    payload: JsonObject


@frozen
class CallResult:
    """The answer to a Call; the dialect names the action in it, OCPP does not."""

    message_id: MessageId
    action: str | None
    payload: JsonObject


@frozen
class CallError:
    """The refusal of a Call: `[4, id, code, description, details]`."""

    message_id: MessageId
    code: str
    description: str
    details: JsonObject = field(factory=dict)


Frame = Call | CallResult | CallError


def read_array(text: bytes) -> list[Any]:
    """Return the JSON array that a text frame holds; raise `MalformedFrame`."""
    if len(text) > MAX_FRAME_BYTES:
        raise MalformedFrame("The frame is too long")
    brackets = text.count(b"[") + text.count(b"{")
    if brackets > MAX_BRACKETS or (brackets > MAX_DEPTH and _depth(text) > MAX_DEPTH):
        raise MalformedFrame("The frame is nested too deep, or too wide")
    try:
        frame = _read(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise MalformedFrame("The frame is not JSON") from None
    if not isinstance(frame, list):
        raise MalformedFrame("The frame is not a JSON array")
    return frame


def read_object(text: object) -> JsonObject:
    """Return the JSON object inside a text field; raise `MalformedFrame`."""
    if not isinstance(text, str):
        raise MalformedFrame("The field is not text")
    try:
        read = read_array(b"[" + text.encode() + b"]")
    except UnicodeEncodeError:
        raise MalformedFrame("The field is not JSON") from None
    if len(read) != 1 or not isinstance(read[0], dict):
        raise MalformedFrame("The field is not a JSON object")
    return read[0]


def fits_in(payload: JsonObject) -> bool:
    """Tell whether a payload nests no deeper than there is room for in a frame."""
    return _fits(payload, MAX_DEPTH - 1)


def _fits(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_fits(one, levels - 1) for one in inner)


def _depth(text: bytes) -> int:
    """Return how deep brackets nest, those inside strings not counted."""
    depth = deepest = 0
    for sign in _SIGNS.findall(text):
        if sign in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif sign in (b"]", b"}"):
            depth -= 1
    return deepest
