"""How often a station broke a rule: its score of violations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from flexicharge.interfaces import IStationBook
from flexicharge.model.site import Station

KIND: Final = "violations"
OFF_SCHEMA: Final = "off-schema answer to {}"  # the rule that such an answer breaks


@frozen
class Tallies:
    """Counts for each rule how often it had to mend what a station said."""

    _book: IStationBook

    async def add(self, station: Station, counts: Mapping[str, int]) -> None:
        """Add to the counts; rules are named by us."""
        counted = {rule: count for rule, count in counts.items() if count > 0}
        if counted:
            await self._book.count(station.station_id, KIND, counted)

    async def all(self, station_id: int) -> dict[str, int]:
        """Return the counts by rule."""
        beliefs = await self._book.beliefs(station_id, KIND)
        return {rule: int(belief.body["count"]) for rule, belief in beliefs.items()}
