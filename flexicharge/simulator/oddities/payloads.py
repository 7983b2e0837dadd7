"""Oddities of what stands in a charger's payloads: one function from Call to Call each.

A Call that an oddity has nothing to do with comes back as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from flexicharge.ocpp.frames import Call
from flexicharge.simulator.oddities.twist import READING, START, STATUS, STOP, Twist

Change = Callable[[Call], Call]

TIMED: Final = (START, READING, STOP)
NUMBERED: Final = (READING, STOP)
YEAR_ONE: Final = -62_135_596_800  # 0001-01-01, what an unset clock says
HUGE: Final = 1_234_512_345_124_123  # the contract's own sample
TOO_LONG: Final = "å" * 400
ODD_WORDS: Final = {
    "Available": "Idle",
    "Charging": "Occupied",
    "Reserved": "booked",
}
CODES: Final = ("Error", "EVCommunicationErr", "0x17", "powermeterfailure")
ENERGY: Final = "chargedSoFar"
POWER: Final = "chargingPower"


@frozen
class Changed(Twist):
    """Says everything as one function has it."""

    _change: Change

    def say(self, call: Call) -> Iterable[Call]:
        """Return the Call as it is put."""
        return (self._change(call),)


def changed(change: Change) -> Callable[[], Twist]:
    """Return what makes the twist of a function."""
    return lambda: Changed(change)


def with_fields(call: Call, **fields: object) -> Call:
    """Return a Call with some of its payload's fields set."""
    return evolve(call, payload=call.payload | fields)


def timed(as_said: Callable[[float], object]) -> Change:
    """Return what puts a POSIX time in its own way."""

    def change(call: Call) -> Call:
        if call.action not in TIMED:
            return call
        stamp = number(call.payload["timestamp"])
        seconds = stamp / 1000 if call.action == READING else stamp
        return with_fields(call, timestamp=as_said(seconds))

    return change


def zoneless(seconds: float) -> str:
    """Return a time as text that does not say in which zone."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def numbered(transaction_id: int) -> Change:
    """Return what names one and the same transaction for ever."""

    def change(call: Call) -> Call:
        if call.action not in NUMBERED:
            return call
        return with_fields(call, transactionId=transaction_id)

    return change


def unnumbered(call: Call) -> Call:
    """Leave the transaction's number out of readings."""
    if call.action != READING:
        return call
    without = {k: v for k, v in call.payload.items() if k != "transactionId"}
    return evolve(call, payload=without)


def over_long(call: Call) -> Call:
    """Make every text far too long, except for words that mean something."""
    texts = {
        key: value + TOO_LONG
        for key, value in call.payload.items()
        if isinstance(value, str) and key not in ("status", "connectorId")
    }
    return with_fields(call, **texts)


def odd_status(call: Call) -> Call:
    """Say statuses in words that no text has."""
    if call.action != STATUS:
        return call
    word = call.payload["status"]
    return with_fields(call, status=ODD_WORDS.get(word, word))


def odd_error(call: Call) -> Call:
    """Report an error in a word of one's own with every status."""
    if call.action != STATUS:
        return call
    code = CODES[len(str(call.message_id)) % len(CODES)]
    return with_fields(call, errorCode=code)


def connector_0(call: Call) -> Call:
    """Name the station instead of its connector."""
    return with_fields(call, connectorId=0) if call.action == READING else call


def without_values(call: Call) -> Call:
    """Send a reading with no values at all."""
    return with_fields(call, values={}) if call.action == READING else call


def with_empty_values(call: Call) -> Call:
    """Send a reading whose values are empty texts."""
    if call.action == READING:
        for name in tuple(call.payload["values"]):
            call = sampled(call, name, value="")
    return call


def power_in_kw(call: Call) -> Call:
    """Give the power in kW, and call it W."""
    if call.action != READING:
        return call
    power_w = number(call.payload["values"].get(POWER, {}).get("value"))
    return sampled(call, POWER, value=power_w / 1000)


def power_in_hertz(call: Call) -> Call:
    """Give the power in a unit that it cannot have."""
    return sampled(call, POWER, unit="Hz") if call.action == READING else call


def energy_in_kwh(call: Call) -> Call:
    """Give the energy in kWh, and say so."""
    if call.action != READING:
        return call
    return sampled(call, ENERGY, value=energy_of(call) / 1000, unit="kWh")


def energy_of(reading: Call) -> float:
    """Return the energy that a reading tells, 0 if it tells none."""
    return number(reading.payload["values"].get(ENERGY, {}).get("value"))


def number(value: object) -> float:
    """Return a number, 0 for what another oddity has made of it."""
    return value if isinstance(value, (int, float)) else 0.0


def sampled(reading: Call, name: str, **fields: Any) -> Call:
    """Return a reading with some fields of one of its samples set, if it has it."""
    values = reading.payload["values"]
    if name not in values:
        return reading
    return with_fields(reading, values=values | {name: values[name] | fields})
