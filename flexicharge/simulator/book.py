"""Keeping the truth about a charger's charges, from what it says and is answered."""

from __future__ import annotations

from typing import Any

from attrs import define, field

from flexicharge.errors import UnusableValue
from flexicharge.model.metering import whole_wh
from flexicharge.ocpp.frames import Call, CallResult, JsonObject
from flexicharge.simulator.oddities import READING, START, STOP
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.truth import Charge


@define(eq=False)
class Book:
    """A charger's charges; `present` is the one that is under way.

    Where the charger's own clock says when they begin and end, that is off by
    `clock_off_s`.
    """

    _serial_number: str
    _tally: Tally
    _clock_off_s: float = 0.0
    charges: list[Charge] = field(factory=list, init=False)
    present: Charge | None = field(default=None, init=False)

    def begin(self, meter_start_wh: int, at: float) -> Charge:
        """Open a charge that begins now."""
        charge = Charge(
            serial_number=self._serial_number,
            meter_start_wh=meter_start_wh,
            began_at=at,
            clock_off_s=self._clock_off_s,
        )
        self.charges.append(charge)
        self.present = charge
        self._tally.total["charges begun"] += 1
        return charge

    def end(self, at: float, *, cut_short: bool = False) -> None:
        """Close the present charge, if there is one: no more energy flows."""
        charge, self.present = self.present, None
        if charge is None:
            return
        charge.ended_at, charge.cut_short = at, cut_short
        self._tally.total["charges ended"] += 1
        self._tally.total["Wh charged"] += round(charge.charged_wh)

    def said(self, call: Call) -> None:
        """Note what the charger says about its present charge."""
        charge, payload = self.present, call.payload
        if charge is None:
            return
        if call.action == READING:
            self._tally.total["readings"] += 1
        elif call.action == START:
            charge.meter_start_wh = _whole(payload, "meterStart", charge.meter_start_wh)
        elif call.action == STOP and charge.stop_wh is None:
            charge.stop_wh = _whole(payload, "meterStop", charge.meter_start_wh)


def was_kept(charge: Charge, call: Call, answer: CallResult) -> None:
    """Note in a charge that the server took one of the Calls about it."""
    if call.action == READING:
        energy_wh = _energy_wh(call.payload)
        if energy_wh is not None:
            charge.kept_wh = energy_wh
    elif call.action == START and charge.transaction_id is None:
        charge.transaction_id = number_in(answer)
    elif call.action == STOP:
        charge.stop_kept = True


def number_in(answer: CallResult) -> int | None:
    """Return the transaction's number in the answer to a start."""
    number = answer.payload.get("transactionId")
    return number if isinstance(number, int) else None


def _energy_wh(payload: JsonObject) -> int | None:
    """Return the energy that a reading tells, as a server has to round it."""
    try:
        sample: Any = payload["values"]["chargedSoFar"]
        value, unit = sample["value"], sample.get("unit", "Wh")
        if unit == "Wh" and type(value) is float and value >= 0:
            return int(value + 0.5)
        return whole_wh(value, unit)
    except (LookupError, TypeError, UnusableValue):
        return None


def _whole(payload: JsonObject, key: str, default: int) -> int:
    try:
        return whole_wh(payload.get(key))
    except UnusableValue:
        return default
