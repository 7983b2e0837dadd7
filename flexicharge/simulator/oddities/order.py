"""Oddities of what a charger says, leaves unsaid, says again, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flexicharge.ocpp.frames import Call
from flexicharge.simulator.oddities.payloads import (
    ENERGY,
    energy_of,
    sampled,
    with_fields,
)
from flexicharge.simulator.oddities.twist import (
    BOOT,
    READING,
    START,
    STATUS,
    STOP,
    Twist,
    again,
)

TIMES: Final = 3
FLOOD: Final = 40
BACKWARDS_AT: Final = 3  # the reading that goes backwards
ORPHAN: Final = {"idTag": 1, "meterStop": 12_345, "transactionId": 999_999}


class StartRepeated(Twist):
    """Says a start twice, the second time under a fresh id."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and a start again."""
        return (call, again(call, 2)) if call.action == START else (call,)


class StartAfterStop(Twist):
    """Says the start of a charge once more when it is over."""

    def __init__(self) -> None:
        self._start: Call | None = None

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and after a stop the start before it."""
        if call.action == START:
            self._start = call
        if call.action == STOP and self._start is not None:
            return (call, again(self._start, 2))
        return (call,)


class StopNever(Twist):
    """Never says that a charge has stopped."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, unless it is a stop."""
        return () if call.action == STOP else (call,)


class StopRepeated(Twist):
    """Says a stop several times, each under an id of its own."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and a stop three more times."""
        if call.action != STOP:
            return (call,)
        return (call, *(again(call, number) for number in range(2, 2 + TIMES)))


class OrphanStop(Twist):
    """Stops a transaction that never was, whenever it boots."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and after a boot a stop of nothing."""
        if call.action != BOOT:
            return (call,)
        return (call, Call(f"{call.message_id}-stop", STOP, ORPHAN))


class ReadingsAfterStop(Twist):
    """Repeats its last reading when the charge is over."""

    def __init__(self) -> None:
        self._reading: Call | None = None

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and after a stop the last reading twice."""
        if call.action == READING:
            self._reading = call
        if call.action == STOP and self._reading is not None:
            return (call, again(self._reading, 2), again(self._reading, 3))
        return (call,)


class ClosingReadingLate(Twist):
    """Says where the meter stands at the end only after the stop."""

    def __init__(self) -> None:
        self._start_wh = 0.0
        self._reading: Call | None = None

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, and after a stop a reading of the same register."""
        if call.action == START:
            self._start_wh, self._reading = call.payload["meterStart"], None
        elif call.action == READING:
            self._reading = call
        elif call.action == STOP and self._reading is not None:
            charged_wh = call.payload["meterStop"] - self._start_wh
            closing = sampled(self._reading, ENERGY, value=charged_wh)
            return (call, again(closing, 2))
        return (call,)


class MeterBackwards(Twist):
    """Has its meter go backwards once, in the third reading of each charge."""

    def __init__(self) -> None:
        self._readings = 0

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, once with half of the energy."""
        if call.action == START:
            self._readings = 0
        elif call.action == READING:
            self._readings += 1
            if self._readings == BACKWARDS_AT:
                return (sampled(call, ENERGY, value=energy_of(call) / 2),)
        return (call,)


class StopBelowReading(Twist):
    """Stops at half of the energy that it has told."""

    def __init__(self) -> None:
        self._start_wh = 0.0

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, a stop with a register that is too low."""
        if call.action == START:
            self._start_wh = call.payload["meterStart"]
        elif call.action == STOP:
            stop_wh = (self._start_wh + call.payload["meterStop"]) // 2
            return (with_fields(call, meterStop=stop_wh),)
        return (call,)


class StatusFlood(Twist):
    """Says every status forty times at once."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, a status very often."""
        if call.action != STATUS:
            return (call,)
        return (call, *(again(call, number) for number in range(2, FLOOD + 1)))


class Authorizes(Twist):
    """Asks whether its tag is good before it starts."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, before a start an Authorize."""
        if call.action != START:
            return (call,)
        tag = {"idTag": call.payload.get("idTag")}
        return (Call(f"{call.message_id}-tag", "Authorize", tag), call)


class VendorMessages(Twist):
    """Tells what only its maker understands, with every status."""

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call, before a status a message of its maker's."""
        if call.action != STATUS:
            return (call,)
        payload = {
            "vendorId": "com.example",
            "messageId": "evbStatusNotification",
            "data": '{"temperature":21}',
        }
        return (Call(f"{call.message_id}-vendor", "DataTransfer", payload), call)
