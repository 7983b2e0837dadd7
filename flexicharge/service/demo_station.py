"""What stands at the demo charger's place: the charger itself, and drivers' cars."""

from __future__ import annotations

from typing import Final

from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import ITransactionStore
from flexicharge.model.session import RUNNING, Session
from flexicharge.model.site import Station
from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.meter import Meter

POWER_W: Final = 11_000.0
METERING_EVERY_S: Final = 2.0
# A small battery: somebody who watches for a minute sees the percentage rise.
CAPACITY_WH: Final = 12_000.0
STORED_WH: Final = 2_400.0
REMEMBERED_CHARGES: Final = 10


async def installed(
    station: Station, transactions: ITransactionStore, clock: IReactorTime
) -> VirtualCharger:
    """Return a charger whose register goes on where the station's last stood.

    If a charge was under way there, its end is the first thing that it says. Raise
    `DatabaseAway`.
    """
    latest = await transactions.get_latest_for_station(station.station_id)
    register_wh = 0
    if latest is not None:
        register_wh = await _last_register_wh(latest, transactions)
    charger = VirtualCharger(
        serial_number=station.serial_number,
        clock=clock,
        power_w=POWER_W,
        metering_every_s=METERING_EVERY_S,
        meter=Meter(register_wh),
        reconnects=True,
        queues=True,
        stops_when_full=True,
        on_begun=lambda _: _drive_up(charger),
    )
    if latest is not None and latest.state in RUNNING:
        charger.recall(latest.session_id)
    return charger


async def _last_register_wh(session: Session, transactions: ITransactionStore) -> int:
    reading = await transactions.get_last_reading(session.session_id)
    return max(
        session.meter_start_wh or 0,
        session.meter_stop_wh or 0,
        reading.energy_wh if reading else 0,
    )


def _drive_up(charger: VirtualCharger) -> None:
    """Put the cable into the car of the driver who has just started a charge."""
    charger.plug_in(Car(capacity_wh=CAPACITY_WH, stored_wh=STORED_WH))
    del charger.charges[:-REMEMBERED_CHARGES]
