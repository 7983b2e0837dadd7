"""What is believed of each station and what happened there, in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from attrs import frozen
from zope.interface import implementer

from flexicharge.errors import StationUnknown
from flexicharge.interfaces import IStationBook
from flexicharge.interfaces.station_book import Belief, Event
from flexicharge.storage.json_text import counted_in, json_body, json_text
from flexicharge.storage.memory.guards import stored_at, stored_count, stored_key
from flexicharge.storage.memory.notebooks import BeliefRow, EventRow
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.values import storable

MAX_NAME: Final = 500
NOTHING_COUNTED: Final = BeliefRow("{}", 0, 0.0)


@implementer(IStationBook)
@frozen
class MemoryStationBook:
    """A book for each station of a world; see `IStationBook` for every method."""

    _world: MemoryWorld

    async def believe(
        self,
        station_id: int,
        kind: str,
        bodies: Mapping[str, dict[str, Any]],
        at: float,
        *,
        instead: bool = False,
    ) -> None:
        """Keep beliefs by name, each in place of the one of that name."""
        new = {
            _stored_name(name): BeliefRow(
                json_text(body), counted_in(body), stored_at(at)
            )
            for name, body in bodies.items()
        }
        async with self._world.commit("believe"):
            if new:
                self._check_station(station_id)
            rows = self._world.notebooks.beliefs(station_id, stored_key(kind))
            if instead:
                rows.clear()
            rows.update(new)

    async def forget(
        self, station_id: int, kind: str, names: Collection[str] | None = None
    ) -> None:
        """Drop beliefs of a kind: those named, or all."""
        async with self._world.commit("forget"):
            rows = self._world.notebooks.beliefs(station_id, kind)
            for name in tuple(rows) if names is None else map(storable, names):
                rows.pop(name, None)

    async def beliefs(self, station_id: int, kind: str) -> dict[str, Belief]:
        """Return the beliefs of a kind by name, in the order of the names."""
        async with self._world.commit("beliefs"):
            rows = self._world.notebooks.beliefs(station_id, kind)
            return {
                name: Belief(json_body(row.body), row.at)
                for name, row in sorted(rows.items())
            }

    async def count(
        self, station_id: int, kind: str, counts: Mapping[str, int]
    ) -> None:
        """Add to the `count` of beliefs."""
        async with self._world.commit("count"):
            if counts:
                self._check_station(station_id)
            rows = self._world.notebooks.beliefs(station_id, stored_key(kind))
            new: dict[str, BeliefRow] = {}
            for given, added in counts.items():
                name = _stored_name(given)
                old = new.get(name) or rows.get(name, NOTHING_COUNTED)
                tally = stored_count(old.tally + added)
                new[name] = BeliefRow(json_text({"count": tally}), tally, old.at)
            rows.update(new)

    async def note(
        self, station_id: int, kind: str, body: dict[str, Any], at: float
    ) -> None:
        """Append an event."""
        text = json_text(body)
        async with self._world.commit("note"):
            self._check_station(station_id)
            self._world.notebooks.add_event(
                station_id, stored_key(kind), text, stored_at(at)
            )

    async def events(
        self,
        station_id: int,
        *,
        kinds: Collection[str] = (),
        before: int | None = None,
        limit: int,
    ) -> tuple[Event, ...]:
        """Return events of some kinds or all, newest first, from before a number."""
        async with self._world.commit("events"):
            found = [
                row
                for row in reversed(self._world.notebooks.events(station_id))
                if (not kinds or row.kind in kinds)
                and (before is None or row.event_id < before)
            ]
            return tuple(map(_event, found[:limit]))

    async def prune(self, kinds: Collection[str], before: float, *, limit: int) -> int:
        """Drop events of some kinds that happened before a POSIX time."""
        async with self._world.commit("prune"):
            return self._world.notebooks.prune(kinds, stored_at(before), limit)

    def _check_station(self, station_id: int) -> None:
        if station_id not in self._world.network.stations:
            raise StationUnknown(station_id)


def _stored_name(given: str) -> str:
    name = storable(given)
    if len(name) > MAX_NAME:
        raise ValueError("a name has at most 500 characters")
    return name


def _event(row: EventRow) -> Event:
    return Event(row.event_id, row.kind, json_body(row.body), row.at)
