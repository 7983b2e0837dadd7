"""Oddities outside the conversation: what is no frame, chatter, and poor answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.dialect import read_frame, write_error
from flexicharge.ocpp.frames import CALL, Call, encode
from flexicharge.simulator.oddities.twist import BOOT, READING, Asked, Twist

SPOILT_EVERY: Final = 3
TYPE_1: Final = b'[1,"InternalError","Heartbeat",{}]'
BOOT_PAYLOAD: Final = {"chargePointVendor": "Loop", "chargePointModel": "Loop"}

# What has been seen: a comma before everything, a value left out, a NUL, one value.
SPOILS: Final[tuple[Callable[[bytes], bytes], ...]] = (
    lambda text: b"," + text,
    lambda text: text.replace(b'"transactionId":', b'"transactionId":,'),
    lambda text: text + b"\0",
    lambda text: b"17",
)


class InvalidJson(Twist):
    """Spoils every third reading, in one way after another."""

    def __init__(self) -> None:
        self._readings = 0

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return the text, or what has become of it."""
        call = _call(text)
        if call is None or call.action != READING:
            return (text,)
        self._readings += 1
        rounds, rest = divmod(self._readings, SPOILT_EVERY)
        return (text,) if rest else (SPOILS[(rounds - 1) % len(SPOILS)](text),)


class EmptyFrames(Twist):
    """Sends an empty text before every Call."""

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return nothing, then the text."""
        return (b"", text)


class NullPayloads(Twist):
    """Boots with `null` for a payload, and asks the time with one at every reading."""

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return the text, or a frame whose payload is null."""
        call = _call(text)
        if call is not None and call.action == BOOT:
            return (encode([CALL, call.message_id, BOOT, None]),)
        if call is not None and call.action == READING:
            heartbeat = [CALL, f"{call.message_id}-null", "Heartbeat", None]
            return (encode(heartbeat), text)
        return (text,)


class MessageType1(Twist):
    """Sends a frame of a kind that there is not before every Call."""

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return that, then the text."""
        return (TYPE_1, text)


class Heartbeats(Twist):
    """Asks for the time twice a second."""

    every_s = 0.5

    def unasked(self) -> Iterable[Asked]:
        """Return one heartbeat."""
        return (("Heartbeat", {}),)


class BootLoop(Twist):
    """Says that it has booted every ten seconds, whatever it is doing."""

    every_s = 10.0

    def unasked(self) -> Iterable[Asked]:
        """Return one boot."""
        return ((BOOT, dict(BOOT_PAYLOAD)),)


class Deaf(Twist):
    """Answers nothing that the server asks, and does none of it."""

    obeys = False

    def answer(self, call: Call, text: bytes) -> Iterable[bytes]:
        """Return no answer."""
        return ()


class AnswersErrors(Twist):
    """Refuses everything that it is asked, with an error of its own spelling."""

    obeys = False

    def answer(self, call: Call, text: bytes) -> Iterable[bytes]:
        """Return an error, except to what it was told about itself."""
        if call.action == "DataTransfer":
            return (text,)
        return (write_error(call.message_id, "NotSuported", "cannot do this"),)


def _call(text: bytes) -> Call | None:
    """Return the Call in a text, if another oddity has left one."""
    try:
        frame = read_frame(text)
    except MalformedFrame:
        return None
    return frame if isinstance(frame, Call) else None
