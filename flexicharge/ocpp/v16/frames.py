"""OCPP-J's three frames as 1.6 has them, read strictly, then with declared repairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import field, frozen

from flexicharge.ocpp.frames import (
    CALL,
    CALLERROR,
    CALLRESULT,
    MAX_ID,
    Call,
    CallError,
    CallResult,
    Frame,
    JsonObject,
    MessageId,
    encode,
)
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall, Unanswerable, code_of
from flexicharge.ocpp.v16.quirks import envelopes as odd
from flexicharge.ocpp.v16.quirks.rules import UNKNOWN_MAKE, Make, Quirk
from flexicharge.ocpp.v16.texts import array_in

MAX_STRICT_ID: Final = 36
MAX_ACTION: Final = 50
MAX_DESCRIPTION: Final = 255
BOOT: Final = "BootNotification"  # never answered with an error
_ACTION_OF_PLAIN: Final = {name.casefold(): name for name in ACTIONS}


@frozen
class Heard:
    """A frame, and what had to be mended to get it."""

    frame: Frame
    repairs: tuple[Repair, ...] = ()


def read_frame(text: bytes, make: Make = UNKNOWN_MAKE) -> Heard:
    """Return the frame in a text.

    Raise `FaultyCall` for what is to be refused, `Unanswerable` for what is not.
    """
    if not text.strip():
        raise Unanswerable("The frame is empty")
    repairs: list[Repair] = []
    array = array_in(text, make, repairs)
    reader = _READERS.get(array[0]) if array and type(array[0]) is int else None
    if reader is None:
        raise Unanswerable("The message type is unknown")
    frame = reader(_Elements(array, repairs))
    return Heard(frame, tuple(repairs))


def write_call(call: Call) -> bytes:
    """Return a Call as compact text."""
    return encode([CALL, call.message_id, call.action, call.payload])


def write_result(message_id: MessageId, payload: JsonObject) -> bytes:
    """Return a CallResult as compact text."""
    return encode([CALLRESULT, message_id, payload])


def write_error(message_id: MessageId, code: ErrorCode, description: str = "") -> bytes:
    """Return a CallError with empty details, its description cut to 255 characters."""
    cut = description[:MAX_DESCRIPTION]
    return encode([CALLERROR, message_id, code.value, cut, {}])


@frozen
class _Elements:
    """The elements of a frame, and where repairs of them are noted."""

    array: list[Any]
    repairs: list[Repair]
    message_id: MessageId = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "message_id", self._id())

    def at(self, place: int, otherwise: Any = None) -> Any:
        """Return an element, or what stands for one that is missing."""
        return self.array[place] if len(self.array) > place else otherwise

    def note(self, quirk: Quirk, where: str, raw: Any, repaired: Any) -> None:
        """Note a repair."""
        self.repairs.append(Repair(quirk.quirk_id, where, raw, repaired))

    def _id(self) -> MessageId:
        match self.at(1):
            case bool():
                pass
            case int() as number:
                self.note(odd.NUMBER_FOR_ID, "the message id", number, number)
                return number
            case "":
                self.note(odd.EMPTY_ID, "the message id", "", "")
                return ""
            case str() as text if len(text) <= MAX_STRICT_ID:
                return text
            case str() as text if len(text) <= MAX_ID:
                self.note(odd.LONG_ID, "the message id", text, text)
                return text
        raise Unanswerable("The frame has no message id")


def _call(elements: _Elements) -> Call:
    action = _action(elements)
    if len(elements.array) > 4:
        elements.note(odd.EXTRA_ELEMENTS, "the frame", elements.array[4:], None)
    return Call(elements.message_id, action, _payload(elements, action))


def _payload(elements: _Elements, action: str) -> JsonObject:
    payload = elements.at(3)
    if isinstance(payload, dict):
        return payload
    if payload is None or payload == "":
        elements.note(odd.NO_PAYLOAD, "the payload", payload, {})
        return {}
    if action == BOOT:
        elements.note(odd.ODD_BOOT, "the payload", payload, {})
        return {}
    raise FaultyCall(
        elements.message_id,
        ErrorCode.FORMATION_VIOLATION,
        "The payload is not an object",
    )


def _action(elements: _Elements) -> str:
    """Return the action's name, before anything is looked up under it."""
    action = elements.at(2)
    if not isinstance(action, str) or len(action) > MAX_ACTION:
        action = ""
    if action in ACTIONS:
        return action
    plain = _ACTION_OF_PLAIN.get(action.strip().casefold())
    if plain is not None:
        elements.note(odd.ACTION_MISSPELT, "the action", action, plain)
        return plain
    if not action or not action.isprintable():
        raise FaultyCall(
            elements.message_id, ErrorCode.FORMATION_VIOLATION, "The Call has no action"
        )
    return action


def _result(elements: _Elements) -> CallResult:
    payload = elements.at(2)
    if not isinstance(payload, dict):
        quirk = odd.NO_PAYLOAD if payload in (None, "") else odd.ODD_RESULT
        elements.note(quirk, "the payload", payload, {})
        payload = {}
    if len(elements.array) > 3:
        elements.note(odd.EXTRA_ELEMENTS, "the frame", elements.array[3:], None)
    return CallResult(elements.message_id, None, payload)


def _error(elements: _Elements) -> CallError:
    raw = elements.at(2)
    word = raw if isinstance(raw, str) else ""
    code = code_of(word[:MAX_ID])
    if code.value != raw:
        elements.note(odd.ODD_ERROR_CODE, "the error code", raw, code.value)
    description, details = elements.at(3), elements.at(4)
    if not isinstance(description, str) or not isinstance(details, dict):
        elements.note(odd.SHORT_ERROR, "the frame", elements.array[3:], None)
    return CallError(
        elements.message_id,
        code.value,
        description[:MAX_DESCRIPTION] if isinstance(description, str) else "",
        details if isinstance(details, dict) else {},
    )


_READERS: Final[dict[int, Callable[[_Elements], Frame]]] = {
    CALL: _call,
    CALLRESULT: _result,
    CALLERROR: _error,
}
