"""The FlexiCharge dialect's envelope: OCPP-J 1.6 with the action named in results.

What stations and the back end of FlexiCharge say differs from standard OCPP-J in ways
that the contract collects (§3.11). This module reads and writes the frames; what their
payloads mean is in `dialect_requests` and `dialect_replies`.
"""

from __future__ import annotations

from typing import Any, Final

from flexicharge.errors import MalformedFrame
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
    read_array,
)

NO_ID: Final = "InternalError"  # what stands for an id where there is none to answer to
STANDARD_RESULT_ARITY: Final = 3


class UnanswerableFrame(MalformedFrame):
    """A frame that is refused; `message_id` is the id that the refusal goes to."""

    def __init__(self, message_id: MessageId, description: str) -> None:
        super().__init__(description)
        self.message_id: Final = message_id
        self.description: Final = description


def read_frame(text: bytes) -> Frame:
    """Return the frame in a text message; raise `UnanswerableFrame`."""
    try:
        frame = read_array(text)
    except MalformedFrame as why:
        raise UnanswerableFrame(NO_ID, str(why)) from None
    message_id = _id_of(frame)
    match frame[0] if frame else None:
        case bool():
            raise UnanswerableFrame(message_id, "MessageTypeID is invalid")
        case 2:
            return _call(frame, message_id)
        case 3:
            return _result(frame, message_id)
        case 4:
            return _error(frame, message_id)
    raise UnanswerableFrame(message_id, "MessageTypeID is invalid")


def write_call(call: Call) -> bytes:
    """Return a Call as text."""
    return encode([CALL, call.message_id, call.action, call.payload])


def write_result(message_id: MessageId, action: str, payload: JsonObject) -> bytes:
    """Return a CallResult with its action as third element."""
    return encode([CALLRESULT, message_id, action, payload])


def write_bare_result(message_id: MessageId, action: str) -> bytes:
    """Return a CallResult without a payload, as MeterValues has it."""
    return encode([CALLRESULT, message_id, action])


def write_error(message_id: MessageId, code: str, description: str) -> bytes:
    """Return a CallError with empty details."""
    return encode([CALLERROR, message_id, code, description, {}])


def write_metering_error(message_id: MessageId, error: str) -> bytes:
    """Return the four-element CallError of MeterValues: action as code, an object."""
    return encode([CALLERROR, message_id, "MeterValues", {"error": error}])


def _id_of(frame: list[Any]) -> MessageId:
    message_id = frame[1] if len(frame) > 1 else NO_ID
    if isinstance(message_id, str) and len(message_id) <= MAX_ID:
        return message_id
    if isinstance(message_id, int) and not isinstance(message_id, bool):
        return message_id
    return NO_ID


def _call(frame: list[Any], message_id: MessageId) -> Call:
    if len(frame) not in (3, 4) or not isinstance(frame[2], str):
        raise UnanswerableFrame(message_id, "The call has no action")
    payload = frame[3] if len(frame) == 4 else None
    if payload is None:
        payload = {}
    if not isinstance(payload, dict):
        raise UnanswerableFrame(message_id, "The payload is not an object")
    return Call(message_id, frame[2], payload)


def _result(frame: list[Any], message_id: MessageId) -> CallResult:
    """Read both forms of a result; the standard one has no action to go by."""
    named = len(frame) > STANDARD_RESULT_ARITY or (
        len(frame) == STANDARD_RESULT_ARITY and isinstance(frame[2], str)
    )
    action = frame[2] if named else None
    payload = frame[-1] if len(frame) > 2 else {}
    if action is not None and not isinstance(action, str):
        raise UnanswerableFrame(message_id, could_not_interpret(action))
    return CallResult(message_id, action, payload if isinstance(payload, dict) else {})


def _error(frame: list[Any], message_id: MessageId) -> CallError:
    code = frame[2] if len(frame) > 2 and isinstance(frame[2], str) else "GenericError"
    description = frame[3] if len(frame) > 3 and isinstance(frame[3], str) else ""
    return CallError(message_id, code[:MAX_ID], description[:MAX_ID])


def could_not_interpret(action: object) -> str:
    """Return the contract's words for a result whose action means nothing to us."""
    word = action[:MAX_ID] if isinstance(action, str) else "[object Object]"
    return f"Could not interpret the response for the callcode: {word}"
