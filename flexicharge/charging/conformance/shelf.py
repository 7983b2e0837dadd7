"""The last run over each station, in its book: a head, and a try after the other."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.conformance.report import Report, Run, Tried
from flexicharge.interfaces import IStationBook

KIND: Final = "conformance"
TRIES: Final = "conformanceTries"
HEAD: Final = "run"


@frozen
class Shelf:
    """Keeps runs. Every method raises `DatabaseAway`; writing, `StationUnknown`."""

    _book: IStationBook

    async def begin(self, station_id: int, run: Run) -> None:
        """Keep a new run in place of the one before."""
        await self._tries.put(station_id, {}, run.started_at, instead=True)
        await self._heads.put(station_id, {HEAD: run}, run.started_at)

    async def add(self, station_id: int, run: Run, tried: Tried, place: int) -> None:
        """Keep a try, by its place among the others, and how the run then stands."""
        at = run.started_at if tried.at is None else tried.at
        await self._tries.put(station_id, {f"{place:03}": tried}, at)
        await self._heads.put(station_id, {HEAD: run}, at)

    async def end(self, station_id: int, run: Run, at: float) -> None:
        """Keep how the run has ended."""
        await self._heads.put(station_id, {HEAD: run}, at)

    async def last(self, station_id: int) -> Report | None:
        """Return the last run, with what it came to so far; None if there was none."""
        run = (await self._heads.all(station_id)).get(HEAD)
        if run is None:
            return None
        tries = await self._tries.all(station_id)
        return Report(run=run, tries=tuple(tries.values()))

    @property
    def _heads(self) -> Drawer[Run]:
        return Drawer(self._book, KIND, Run)

    @property
    def _tries(self) -> Drawer[Tried]:
        return Drawer(self._book, TRIES, Tried)
