"""What a driver's app reads out of a live frame (contract §3.8)."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.dialect import read_frame
from flexicharge.ocpp.frames import Call


@frozen(kw_only=True)
class LiveMetrics:
    """One moment of a charge: Wh since its start, W, and percent of the battery."""

    energy_wh: float
    power_w: float
    percent: float


def read_live(text: bytes) -> LiveMetrics | None:
    """Return what a live frame says, or None if it is not one or lacks a value."""
    try:
        frame = read_frame(text)
    except MalformedFrame:
        return None
    if not isinstance(frame, Call) or frame.action != "MeterValues":
        return None
    try:
        return LiveMetrics(
            energy_wh=_value(frame, "chargedSoFar"),
            power_w=_value(frame, "chargingPower"),
            percent=_value(frame, "chargingPercent"),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _value(frame: Call, name: str) -> float:
    sample: Any = frame.payload["values"][name]
    return float(sample["value"])
