"""The journal of frames, in memory: the newest of each station."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable
from itertools import islice
from typing import Final

from attrs import define, evolve, field
from twisted.internet.defer import succeed
from zope.interface import implementer

from flexicharge.interfaces import IFrameJournal
from flexicharge.interfaces.journal import JournalledFrame
from flexicharge.model.frame_record import FrameRecord
from flexicharge.storage.frame_days import day_of, is_on_calendar, is_too_old
from flexicharge.storage.frame_rows import as_kept
from flexicharge.storage.memory.guards import stored_at
from flexicharge.storage.memory.world import MemoryWorld

MAX_OF_STATION: Final = 200


@implementer(IFrameJournal)
@define(eq=False)
class MemoryJournal:
    """The journal of a world, which keeps the newest 200 frames of each station.

    A frame is kept at once, also while the database is away: PostgreSQL's writer holds
    it then, and nobody can look meanwhile. A time is kept as it is, and shown as
    PostgreSQL would.
    """

    _world: MemoryWorld
    _closed: bool = field(default=False, init=False)

    def note(self, frame: FrameRecord) -> None:
        """Keep a frame, and drop the station's oldest if there are too many."""
        if self._closed or not is_on_calendar(frame.at):
            return
        world = self._world
        ring = world.frames.get(frame.station_id)
        if ring is None:
            ring = world.frames[frame.station_id] = deque(maxlen=MAX_OF_STATION)
        world.last_frame += 1
        ring.append(JournalledFrame(world.last_frame, as_kept(frame)))

    def drained(self) -> Awaitable[None]:
        """Nothing ever waits."""
        return succeed(None)

    def close(self) -> None:
        """Take no more."""
        self._closed = True

    async def frames(
        self, station_id: int, *, before: int | None = None, limit: int
    ) -> tuple[JournalledFrame, ...]:
        """Return a station's frames, newest first, from before a number."""
        async with self._world.commit("frames"):
            newest_first = reversed(self._world.frames.get(station_id, ()))
            found = (
                kept for kept in newest_first if before is None or kept.number < before
            )
            return tuple(_as_shown(kept) for kept in islice(found, limit))

    async def keep(self, at: float, days: int) -> None:
        """Drop what is older than `days` days, a whole day at a time."""
        async with self._world.commit("keep"):
            today = day_of(at)
            for station_id, ring in self._world.frames.items():
                young = (
                    kept
                    for kept in ring
                    if not is_too_old(day_of(kept.frame.at), today, days)
                )
                self._world.frames[station_id] = deque(young, maxlen=MAX_OF_STATION)


def _as_shown(kept: JournalledFrame) -> JournalledFrame:
    at = stored_at(kept.frame.at)
    if at == kept.frame.at:
        return kept
    return evolve(kept, frame=evolve(kept.frame, at=at))
