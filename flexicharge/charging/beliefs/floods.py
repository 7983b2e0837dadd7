"""Events that a station can cause at will: so many an hour are kept, and no more."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from attrs import define, field

from flexicharge.charging.beliefs.tallies import Tallies
from flexicharge.interfaces import IStationBook
from flexicharge.model.site import Station

HOUR_S: Final = 3_600.0
MOST_AN_HOUR: Final = 500  # of one kind, of one station
TOO_MANY: Final = "too many events: {}"  # what more of them are counted as


@define(eq=False)
class Floods:
    """Notes events as long as they are not too many; those that are, are counted.

    The count of an hour is forgotten with it, and by a restart.
    """

    _book: IStationBook
    _tallies: Tallies
    _hour: float = field(default=0.0, init=False)
    _noted: Counter[tuple[int, str]] = field(factory=Counter, init=False)

    async def note(
        self, station: Station, kind: str, body: dict[str, Any], at: float
    ) -> None:
        """Append an event, or add to the station's score of violations."""
        if (hour := at // HOUR_S) != self._hour:
            self._hour = hour
            self._noted.clear()
        key = station.station_id, kind
        if self._noted[key] >= MOST_AN_HOUR:
            await self._tallies.add(station, {TOO_MANY.format(kind): 1})
            return
        self._noted[key] += 1
        await self._book.note(station.station_id, kind, body, at)
