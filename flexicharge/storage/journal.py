"""The journal of frames: many in one commit, never in anybody's way, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import ClassVar, Final

from attrs import define, field
from psycopg2.errors import CheckViolation
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IDatabase, IFrameJournal
from flexicharge.interfaces.journal import JournalledFrame
from flexicharge.model.frame_record import FrameRecord
from flexicharge.storage.frame_days import (
    AHEAD,
    FIND,
    day_of,
    days_named,
    dropping,
    is_on_calendar,
    is_too_old,
    making,
)
from flexicharge.storage.frame_queue import MAX_FRAMES, FrameQueue
from flexicharge.storage.frame_rows import READ, SOON, WRITE, as_kept, frame_of, json_of
from flexicharge.storage.locks import in_one_commit

BATCH_WAITS_S: Final = 0.1
RETRY_FIRST_S: Final = 0.5
RETRY_LAST_S: Final = 5.0
NEWEST: Final = 2**63 - 1  # an int8's most


@implementer(IFrameJournal)
@define(eq=False)
class PostgresJournal:
    """The one writer of frames in this process, and their reader.

    Nobody waits for a frame, so a batch goes out when its first frame has waited for
    0.1 s, or at 500 frames; one at a time, so that numbers tell their order. While the
    database is away a batch is tried again after 0.5 to 5 s; one whose answer was lost
    may then be there twice. Up to `limit` frames wait, or 32 Mi characters.
    """

    _database: IDatabase
    _clock: IReactorTime
    _limit: int = field(default=MAX_FRAMES, kw_only=True)
    dropped: int = field(default=0, init=False)
    _dropped_before: int | None = field(default=None, init=False)  # the present burst
    _queue: FrameQueue = field(init=False)
    _overdue: IDelayedCall | None = field(default=None, init=False)
    _is_writing: bool = field(default=False, init=False)
    _work: Deferred[None] | None = field(default=None, init=False)
    _waiters: list[tuple[int, Deferred[None]]] = field(factory=list, init=False)
    _days: set[int] = field(factory=set, init=False)  # those known to be there
    _closed: bool = field(default=False, init=False)

    _log: ClassVar[Logger] = Logger()

    def __attrs_post_init__(self) -> None:
        self._queue = FrameQueue(self._limit)

    def note(self, frame: FrameRecord) -> None:
        """Keep a frame soon. At the bound the oldest that wait are dropped, counted."""
        if self._closed:
            return
        if not is_on_calendar(frame.at):
            self._drop(1, "one has no time")
            return
        if gone := self._queue.add(as_kept(frame)):
            self._drop(gone, "too many wait for the database")
        if self._is_writing:
            return
        if self._queue.is_full_batch:
            self._send()
        elif self._overdue is None:
            self._overdue = self._clock.callLater(BATCH_WAITS_S, self._send)

    def drained(self) -> Awaitable[None]:
        """Wait until every frame noted so far is kept, or dropped."""
        waiter: Deferred[None] = Deferred()
        self._waiters.append((self._queue.added, waiter))
        if not self._is_writing:
            self._send()
        return waiter

    def close(self) -> None:
        """Take no more; what is not kept yet is dropped."""
        self._closed = True
        self._disarm()
        self._queue.clear()
        if self._work is not None:
            self._work.cancel()
        self._release_waiters()

    async def frames(
        self, station_id: int, *, before: int | None = None, limit: int
    ) -> tuple[JournalledFrame, ...]:
        """Return a station's frames, newest first, from before a number."""
        params = {
            "station_id": station_id,
            "before": NEWEST if before is None else min(before, NEWEST),
            "limit": limit,
        }
        rows = await self._database.query(READ, params)
        return tuple(frame_of(row) for row in rows)

    async def keep(self, at: float, days: int) -> None:
        """Make the days to come, unless none are kept, and drop those that are too old.

        Each is dropped in a commit of its own: the next time goes on where one failed.
        """
        today = day_of(at)
        coming = range(today, today + 1 + AHEAD) if days else ()
        there = days_named(name for (name,) in await self._database.query(FIND))
        if missing := set(coming) - there:
            await self._database.query(in_one_commit(*making(missing)))
        for day in sorted(day for day in there if is_too_old(day, today, days)):
            self._days.discard(day)
            await self._database.query(dropping(day))

    def _disarm(self) -> None:
        if self._overdue is not None and self._overdue.active():
            self._overdue.cancel()
        self._overdue = None

    def _send(self) -> None:
        self._disarm()
        self._is_writing = True
        self._work = Deferred.fromCoroutine(self._write_batches())
        self._work.addErrback(self._report)

    async def _write_batches(self) -> None:
        """Write what waits, as long as that is much, or somebody waits for it."""
        try:
            while batch := self._queue.next_batch():
                await self._write(batch)
                self._release_waiters()
                if not (self._waiters or self._queue.is_full_batch):
                    break
        finally:
            self._is_writing = False
            self._release_waiters()
        self._end_burst()
        if self._queue and not self._closed:
            self._overdue = self._clock.callLater(BATCH_WAITS_S, self._send)

    async def _write(self, frames: Sequence[FrameRecord]) -> None:
        """Commit frames; where that is refused, find those to blame by halving."""
        try:
            await self._commit(frames)
        except CancelledError:
            raise
        except Exception as why:
            if len(frames) == 1:
                return self._drop(1, f"one was refused ({type(why).__name__})")
            half = len(frames) // 2
            await self._write(frames[:half])
            await self._write(frames[half:])

    async def _commit(self, frames: Sequence[FrameRecord]) -> None:
        """Write frames in one commit, holding on while the database is away."""
        days, text = {day_of(frame.at) for frame in frames}, json_of(frames)
        delay_s = RETRY_FIRST_S
        while True:
            try:
                return await self._insert(days, text)
            except DatabaseAway:
                await deferLater(self._clock, delay_s)
                delay_s = min(delay_s * 2, RETRY_LAST_S)

    async def _insert(self, days: set[int], text: str) -> None:
        """Write rows, and make first those of their days that are not there."""
        unknown = days - self._days
        try:
            sql = in_one_commit(*making(unknown), SOON, WRITE)
            await self._database.query(sql, (text,))
        except CheckViolation:  # a row has no partition
            if unknown == days:
                raise
            self._days -= days  # another server dropped one
            await self._insert(days, text)
        self._days |= days

    def _release_waiters(self) -> None:
        """Fire those who wait for frames that are all settled."""
        settled = self._queue.added - len(self._queue)
        due = [waiter for position, waiter in self._waiters if position <= settled]
        self._waiters = [entry for entry in self._waiters if entry[0] > settled]
        for waiter in due:
            waiter.callback(None)

    def _drop(self, count: int, why: str) -> None:
        """Count frames that are lost; say so once for all that are lost in a row."""
        if self._dropped_before is None:
            self._dropped_before = self.dropped
            self._log.error("the journal loses frames: {why}", why=why)
        self.dropped += count

    def _end_burst(self) -> None:
        if self._dropped_before is not None and not self._queue:
            count = self.dropped - self._dropped_before
            self._log.error("the journal lost {count} frames", count=count)
            self._dropped_before = None

    def _report(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._log.failure("the writer of the journal failed", failure)
