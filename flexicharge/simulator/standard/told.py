"""What a charger of OCPP 1.6 has told of its charges, and what the server has kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flexicharge.errors import UnusableValue
from flexicharge.model.metering import whole_wh
from flexicharge.ocpp.frames import Call, CallResult, JsonObject
from flexicharge.simulator.book import number_in
from flexicharge.simulator.oddities.twist import READING, START, STOP
from flexicharge.simulator.standard.phrases import REGISTER
from flexicharge.simulator.standard.tags import ACCEPTED
from flexicharge.simulator.truth import Charge


def was_kept(charge: Charge, call: Call, answer: CallResult) -> None:
    """Note in a charge that the server took one of the Calls about it.

    A reading that is told after the stop adds nothing to what is known of the charge.
    """
    if call.action == READING and not charge.stop_kept:
        register_wh = register_in(call.payload)
        if register_wh is not None and register_wh >= charge.meter_start_wh:
            charge.kept_wh = register_wh - charge.meter_start_wh
    elif call.action == START and charge.transaction_id is None:
        charge.transaction_id = number_in(answer)
        charge.is_refused = not _is_accepted(answer)
    elif call.action == STOP:
        charge.stop_kept = True


def _is_accepted(start: CallResult) -> bool:
    info = start.payload.get("idTagInfo")
    return isinstance(info, dict) and info.get("status") == ACCEPTED


def register_in(payload: JsonObject) -> int | None:
    """Return the last register, in Wh, that a reading tells of a connector's outlet."""
    if payload.get("connectorId") == 0:
        return None
    registers = list(_registers(payload))
    return registers[-1] if registers else None


def _registers(payload: JsonObject) -> Iterator[int]:
    for sample in _samples(payload):
        measured = sample.get("measurand", REGISTER) == REGISTER
        if measured and "phase" not in sample and sample.get("format") != "SignedData":
            try:
                yield whole_wh(sample.get("value"), sample.get("unit", "Wh"))
            except UnusableValue:
                continue


def _samples(payload: JsonObject) -> Iterator[dict[str, Any]]:
    values = payload.get("meterValue")
    for value in values if isinstance(values, list) else ():
        samples = value.get("sampledValue") if isinstance(value, dict) else None
        for sample in samples if isinstance(samples, list) else ():
            if isinstance(sample, dict):
                yield sample
