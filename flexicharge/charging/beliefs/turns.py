"""One thing at a time is learnt of a station, in the order it was said.

Answers to commands do not come by the station's mailbox: without turns a status and
the answer before it would overwrite what the other has learnt.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import define, field
from twisted.internet.defer import DeferredLock


@define(eq=False)
class Turns:
    """A lock for each station, kept only while somebody holds or wants it."""

    _locks: dict[int, DeferredLock] = field(factory=dict, init=False)

    @asynccontextmanager
    async def of(self, station_id: int) -> AsyncIterator[None]:
        """Hold a station's turn; those who wait get it in order."""
        lock = self._locks.setdefault(station_id, DeferredLock())
        await lock.acquire()
        try:
            yield
        finally:
            lock.release()
            if not lock.locked and not lock.waiting:
                self._locks.pop(station_id, None)
