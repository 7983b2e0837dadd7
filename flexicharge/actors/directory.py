"""Station records: from the store, or while it is away from memory."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.waiting import patiently
from flexicharge.errors import DatabaseAway, StationUnknown
from flexicharge.interfaces import IChargerStore
from flexicharge.model.site import MAX_SERIAL, Station

REMEMBERED: Final = 100_000


@define(eq=False)
class StationDirectory:
    """Finds the record behind a serial number.

    A station that was seen before is still known while the database is away; one that
    was not has to wait for it.
    """

    _chargers: IChargerStore
    _clock: IReactorTime
    _seen: dict[str, Station] = field(factory=dict, init=False)

    async def find(self, serial_number: str) -> Station:
        """Return a station's record; raise `StationUnknown`."""
        if not 0 < len(serial_number) <= MAX_SERIAL or "\0" in serial_number:
            raise StationUnknown(serial_number[:MAX_SERIAL])
        try:
            station = await self._chargers.get_station(serial_number)
        except DatabaseAway:
            if serial_number in self._seen:
                return self._seen[serial_number]
            station = await patiently(
                lambda: self._chargers.get_station(serial_number),
                self._clock,
                f"the record of {serial_number}",
            )
        except StationUnknown:
            self._seen.pop(serial_number, None)
            raise
        self._remember(station)
        return station

    def _remember(self, station: Station) -> None:
        self._seen.pop(station.serial_number, None)
        self._seen[station.serial_number] = station
        if len(self._seen) > REMEMBERED:
            del self._seen[next(iter(self._seen))]
