"""Oddities of what a charger of OCPP 1.6 says, and when; and of its very texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import evolve

from flexicharge.ocpp.frames import CALLERROR, Call, encode
from flexicharge.simulator.oddities.payloads import with_fields
from flexicharge.simulator.oddities.twist import (
    BOOT,
    READING,
    START,
    STATUS,
    STOP,
    Twist,
    again,
)
from flexicharge.simulator.standard.oddities.payloads import (
    register_of,
    with_register,
)

BACKWARDS_AT: Final = 3  # the reading that goes backwards
SPOILT_EVERY: Final = 3
ORPHAN: Final = {
    "meterStop": 12_345,
    "timestamp": "2020-02-02T02:02:02Z",
    "transactionId": 999_999,
}
_IS_READING: Final = re.compile(rb'\[2,"[^"]*","MeterValues"')
_IS_BOOT: Final = re.compile(rb'\[2,"([^"]*)","BootNotification"')
_NUMBER: Final = re.compile(rb'"transactionId":-?\d+')


class SameIdAgain(Twist):
    """Sends starts and stops twice, letter by letter."""

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return the text, a start or a stop twice."""
        is_money = f'"{START}"'.encode() in text or f'"{STOP}"'.encode() in text
        return (text, text) if is_money else (text,)


class NumbersOnly(Twist):
    """Calls a transaction by a number of its own when it stops it."""

    def __init__(self, transaction_id: int) -> None:
        self._transaction_id = transaction_id

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, a stop with that number."""
        if call.action != STOP:
            return (call,)
        return (with_fields(call, transactionId=self._transaction_id),)


class StopLost(Twist):
    """Never says that a charge has stopped because its power was cut."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, unless it is such a stop."""
        is_cut = call.action == STOP and call.payload.get("reason") == "PowerLoss"
        return () if is_cut else (call,)


class OrphanStop(Twist):
    """Stops a transaction that never was, whenever it boots."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and after a boot a stop of nothing."""
        if call.action != BOOT:
            return (call,)
        return (call, Call(f"{call.message_id}-stop", STOP, ORPHAN))


class ClosingReadingLate(Twist):
    """Says where the meter stands at the end only after the stop."""

    def __init__(self) -> None:
        self._reading: Call | None = None

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and after a stop a reading of the same register."""
        if call.action == START:
            self._reading = None
        elif call.action == READING:
            self._reading = call
        elif call.action == STOP and self._reading is not None:
            closing = with_register(self._reading, call.payload["meterStop"])
            return (call, again(closing, 2))
        return (call,)


class MeterBackwards(Twist):
    """Has its meter go backwards once, in the third reading of each charge."""

    def __init__(self) -> None:
        self._readings, self._start_wh = 0, 0

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, once with half of the energy."""
        if call.action == START:
            self._readings, self._start_wh = 0, call.payload["meterStart"]
        elif call.action == READING:
            self._readings += 1
            register_wh = register_of(call)
            if self._readings == BACKWARDS_AT and register_wh is not None:
                return (with_register(call, (self._start_wh + register_wh) // 2),)
        return (call,)


class StatusFirst(Twist):
    """Says that it charges before it says that a transaction has started."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, before a start a status."""
        if call.action != START:
            return (call,)
        told = {
            "connectorId": call.payload["connectorId"],
            "errorCode": "NoError",
            "status": "Charging",
        }
        return (Call(f"{call.message_id}-status", STATUS, told), call)


class ManyElements(Twist):
    """Sends frames with one element too many."""

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return the text, longer."""
        return (text[:-1] + b',{"more":true}]',)


class NullPayloads(Twist):
    """Boots with `null` for a payload, and asks the time with one at every reading."""

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return the text, or a frame whose payload is null."""
        boot = _IS_BOOT.match(text)
        if boot is not None:
            return (b'[2,"%b","%b",null]' % (boot.group(1), BOOT.encode()),)
        if _IS_READING.match(text):
            return (b'[2,"null-payload","Heartbeat",null]', text)
        return (text,)


class InvalidJson(Twist):
    """Spoils every third reading, in one way after another."""

    def __init__(self) -> None:
        self._readings = 0

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return the text, or what has become of it."""
        if not _IS_READING.match(text):
            return (text,)
        self._readings += 1
        rounds, rest = divmod(self._readings, SPOILT_EVERY)
        if rest:
            return (text,)
        return (_SPOILS[(rounds - 1) % len(_SPOILS)](text),)


class AnswersErrors(Twist):
    """Refuses everything that it is asked, with an error of its own spelling."""

    obeys = False

    def answer(self, call: Call, text: bytes) -> Iterable[bytes]:
        """Return an error that lacks what belongs behind it."""
        return (encode([CALLERROR, call.message_id, "NotSuported"]),)


def unasked_stop(call: Call) -> Call:
    """Return a stop that says nothing of a transaction."""
    if call.action != STOP:
        return call
    left = {k: v for k, v in call.payload.items() if k != "transactionId"}
    return evolve(call, payload=left)


# What has been seen: a comma first in a list, a value left out, NULs, one value alone.
_SPOILS: Final = (
    lambda text: text.replace(b'"sampledValue":[', b'"sampledValue":[,'),
    lambda text: _NUMBER.sub(b'"transactionId":', text),
    lambda text: text + b"\0\0",
    lambda text: b"17",
)
