"""What a driver's app is shown of a charge at a standard station."""

from __future__ import annotations

from typing import Any, Final

from flexicharge.model.metering import MeterReading
from flexicharge.model.session import Session
from flexicharge.ocpp.frames import CALL, encode

ACTION: Final = "MeterValues"
MS_PER_S: Final = 1000


def live_frame(session: Session, reading: MeterReading) -> bytes:
    """Return a reading in the shape of the FlexiCharge charger's own MeterValues.

    That is the one shape that drivers' apps know (contract §3.4, §3.8), and some throw
    a frame away that lacks one of the three quantities.
    """
    at_ms = int(reading.taken_at * MS_PER_S)
    start_wh = session.meter_start_wh  # nobody knows what flowed if that is unknown
    charged_wh = 0 if start_wh is None else max(reading.energy_wh - start_wh, 0)
    percent = session.percent if reading.percent is None else reading.percent
    values: dict[str, Any] = {
        "chargingPercent": _sample(percent or 0, "%", "SoC"),
        "chargingPower": _sample(reading.power_w or 0, "W", "Power.Active.Import"),
        "chargedSoFar": _sample(charged_wh, "Wh", "Energy.Active.Import.Interval"),
    }
    payload = {
        "connectorId": session.connector_id,
        "transactionId": session.session_id,
        "timestamp": at_ms,
        "values": values,
    }
    return encode([CALL, f"{session.connector_id}{ACTION}{at_ms}", ACTION, payload])


def _sample(value: int, unit: str, measurand: str) -> dict[str, Any]:
    return {"value": value, "unit": unit, "measurand": measurand}
