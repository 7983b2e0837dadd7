"""Charges of long ago that a charger has never told of (field notes Q26)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.oddities.twist import START, STOP
from flexicharge.simulator.standard import phrases
from flexicharge.simulator.standard.outlet import Outlet
from flexicharge.simulator.truth import Charge

CHARGES: Final = 20
TAG: Final = "LONGAGO"  # nobody's: what nobody knows of, nobody pays for
DAY_S: Final = 86_400.0
LASTED_S: Final = 3600.0
ENERGY_WH: Final = 7_000


@frozen
class Remembered:
    """What is to be said of such a charge."""

    action: str
    payload: JsonObject
    charge: Charge


def old_charges(outlet: Outlet, now: float) -> Iterator[Remembered]:
    """Yield starts and stops of the last days at an outlet, oldest first.

    Its meter has counted them.
    """
    meter, book = outlet.meter, outlet.book
    for ago in range(CHARGES, 0, -1):
        began_at = now - ago * 5 * DAY_S
        ended_at = began_at + LASTED_S
        meter.begin()
        charge = book.begin(meter.start_wh, began_at)
        start = phrases.start(outlet.number, TAG, meter.start_wh, began_at, None)
        yield Remembered(START, start, charge)
        meter.count(ENERGY_WH)
        charge.charged_wh = meter.charged_wh
        stop = phrases.stop(
            tag=TAG,
            meter_stop_wh=meter.stop_wh,
            at=ended_at,
            reason="Local",
            data=[],
        )
        yield Remembered(STOP, stop, charge)
        book.end(ended_at)
