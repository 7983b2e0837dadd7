"""What is believed of each station and what happened there, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from attrs import frozen
from psycopg2.errors import ForeignKeyViolation
from zope.interface import implementer

from flexicharge.errors import StationUnknown
from flexicharge.interfaces import IDatabase, IStationBook
from flexicharge.interfaces.station_book import Belief, Event
from flexicharge.storage.json_text import counted_in, json_body, json_text
from flexicharge.storage.locks import in_one_commit
from flexicharge.storage.values import storable

# Beliefs of a station are changed by one at a time, so that what is told by two at once
# is what one of them told.
LOCK: Final = """
SELECT FROM stations WHERE station_id = %(station_id)s FOR NO KEY UPDATE
"""
DROP_OTHERS: Final = """
DELETE FROM beliefs
WHERE station_id = %(station_id)s AND kind = %(kind)s
    AND name <> ALL(%(names)s::text[])
"""
BELIEVE: Final = """
INSERT INTO beliefs (station_id, kind, name, body, tally, believed_at)
SELECT %(station_id)s, %(kind)s, name, body, tally, to_timestamp(%(at)s)
FROM unnest(%(names)s::text[], %(bodies)s::text[], %(tallies)s::bigint[])
    AS new (name, body, tally)
ON CONFLICT (station_id, kind, name) DO UPDATE
SET body = excluded.body, tally = excluded.tally, believed_at = excluded.believed_at
"""
FORGET: Final = """
DELETE FROM beliefs
WHERE station_id = %(station_id)s AND kind = %(kind)s
    AND (%(names)s::text[] IS NULL OR name = ANY(%(names)s::text[]))
"""
BELIEFS: Final = """
SELECT name, body, extract(epoch FROM believed_at)::float8 FROM beliefs
WHERE station_id = %(station_id)s AND kind = %(kind)s ORDER BY name
"""
COUNT: Final = """
INSERT INTO beliefs (station_id, kind, name, body, tally, believed_at)
SELECT %(station_id)s, %(kind)s, name, '{"count":' || tally || '}', tally,
    to_timestamp(0)
FROM unnest(%(names)s::text[], %(tallies)s::bigint[]) AS new (name, tally)
ON CONFLICT (station_id, kind, name) DO UPDATE
SET tally = beliefs.tally + excluded.tally,
    body = '{"count":' || beliefs.tally + excluded.tally || '}'
"""
NOTE: Final = """
INSERT INTO events (station_id, kind, body, happened_at)
VALUES (%(station_id)s, %(kind)s, %(body)s, to_timestamp(%(at)s))
"""
EVENTS: Final = """
SELECT event_id, kind, body, extract(epoch FROM happened_at)::float8 FROM events
WHERE station_id = %(station_id)s
    AND (%(kinds)s::text[] = '{}' OR kind = ANY(%(kinds)s::text[]))
    AND (%(before)s IS NULL OR event_id < %(before)s)
ORDER BY event_id DESC LIMIT %(limit)s
"""
PRUNE: Final = """
WITH gone AS (
    DELETE FROM events WHERE event_id IN (
        SELECT event_id FROM events
        WHERE happened_at < to_timestamp(%(before)s) AND kind = ANY(%(kinds)s::text[])
        ORDER BY event_id LIMIT %(limit)s
    )
    RETURNING 1
)
SELECT count(*) FROM gone
"""


@implementer(IStationBook)
@frozen
class PostgresStationBook:
    """A book for each station; see `IStationBook` for every method."""

    _database: IDatabase

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
        by_name = {storable(name): body for name, body in bodies.items()}
        params = {
            "station_id": station_id,
            "kind": kind,
            "names": list(by_name),
            "bodies": [json_text(body) for body in by_name.values()],
            "tallies": [counted_in(body) for body in by_name.values()],
            "at": at,
        }
        steps = (LOCK, DROP_OTHERS, BELIEVE) if instead else (LOCK, BELIEVE)
        await self._write(in_one_commit(*steps), params)

    async def forget(
        self, station_id: int, kind: str, names: Collection[str] | None = None
    ) -> None:
        """Drop beliefs of a kind: those named, or all."""
        params = {
            "station_id": station_id,
            "kind": kind,
            "names": None if names is None else list(map(storable, names)),
        }
        await self._write(in_one_commit(LOCK, FORGET), params)

    async def beliefs(self, station_id: int, kind: str) -> dict[str, Belief]:
        """Return the beliefs of a kind by name, in the order of the names."""
        params = {"station_id": station_id, "kind": kind}
        rows = await self._database.query(BELIEFS, params)
        return {name: Belief(json_body(body), at) for name, body, at in rows}

    async def count(
        self, station_id: int, kind: str, counts: Mapping[str, int]
    ) -> None:
        """Add to the `count` of beliefs."""
        added: dict[str, int] = {}
        for name, count in counts.items():
            added[storable(name)] = added.get(storable(name), 0) + count
        params = {
            "station_id": station_id,
            "kind": kind,
            "names": list(added),
            "tallies": list(added.values()),
        }
        await self._write(in_one_commit(LOCK, COUNT), params)

    async def note(
        self, station_id: int, kind: str, body: dict[str, Any], at: float
    ) -> None:
        """Append an event."""
        params = {
            "station_id": station_id,
            "kind": kind,
            "body": json_text(body),
            "at": at,
        }
        await self._write(NOTE, params)

    async def events(
        self,
        station_id: int,
        *,
        kinds: Collection[str] = (),
        before: int | None = None,
        limit: int,
    ) -> tuple[Event, ...]:
        """Return events of some kinds or all, newest first, from before a number."""
        params = {
            "station_id": station_id,
            "kinds": list(kinds),
            "before": before,
            "limit": limit,
        }
        rows = await self._database.query(EVENTS, params)
        return tuple(
            Event(event_id, kind, json_body(body), at)
            for event_id, kind, body, at in rows
        )

    async def prune(self, kinds: Collection[str], before: float, *, limit: int) -> int:
        """Drop events of some kinds that happened before a POSIX time."""
        params = {"kinds": list(kinds), "before": before, "limit": limit}
        ((count,),) = await self._database.query(PRUNE, params)
        return int(count)

    async def _write(self, sql: str, params: dict[str, Any]) -> None:
        try:
            await self._database.query(sql, params)
        except ForeignKeyViolation as why:
            raise StationUnknown(params["station_id"]) from why
