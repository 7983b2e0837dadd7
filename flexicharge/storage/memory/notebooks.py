"""The tables of what is believed of stations, and of what happened at them."""

from __future__ import annotations

from collections.abc import Collection

from attrs import define, field, frozen


@frozen
class BeliefRow:
    """A belief: its body as JSON text, the count in that, and since when."""

    body: str
    tally: int
    at: float


@frozen
class EventRow:
    """An event; its body is JSON text."""

    event_id: int
    kind: str
    body: str
    at: float


@define
class Notebooks:
    """Beliefs of stations by kind and name, and their events, oldest first."""

    _beliefs: dict[int, dict[str, dict[str, BeliefRow]]] = field(
        factory=dict, init=False
    )
    _events: dict[int, list[EventRow]] = field(factory=dict, init=False)
    _events_made: int = field(default=0, init=False)

    def beliefs(self, station_id: int, kind: str) -> dict[str, BeliefRow]:
        """Return a station's beliefs of a kind by name; changing them changes it."""
        return self._beliefs.setdefault(station_id, {}).setdefault(kind, {})

    def events(self, station_id: int) -> list[EventRow]:
        """Return a station's events, oldest first."""
        return self._events.get(station_id, [])

    def add_event(self, station_id: int, kind: str, body: str, at: float) -> None:
        """Append an event under the next number."""
        self._events_made += 1
        row = EventRow(self._events_made, kind, body, at)
        self._events.setdefault(station_id, []).append(row)

    def prune(self, kinds: Collection[str], before: float, limit: int) -> int:
        """Drop the oldest events of some kinds from before a time; return how many."""
        old = sorted(
            row.event_id
            for rows in self._events.values()
            for row in rows
            if row.kind in kinds and row.at < before
        )
        gone = set(old[:limit])
        for station_id, rows in self._events.items():
            self._events[station_id] = [r for r in rows if r.event_id not in gone]
        return len(gone)

    def drop_station(self, station_id: int) -> None:
        """Drop whatever is about a station."""
        self._beliefs.pop(station_id, None)
        self._events.pop(station_id, None)
