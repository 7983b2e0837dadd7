"""The writer of meter readings: many in one commit, none lost, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from typing import ClassVar, Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.errors import DatabaseAway, MailboxFull, Stopping
from flexicharge.interfaces import IDatabase, IReadingStore
from flexicharge.interfaces.stores import NewMeterValues, NewReading
from flexicharge.storage.queued import Done, New, Queued, described, is_about, rows_in
from flexicharge.storage.reading_rows import (
    WRITE,
    WRITE_WITH_VALUES,
    json_of,
    json_of_values,
)

BATCH_ROWS: Final = 500
BATCH_WAITS_S: Final = 0.1
MAX_UNDER_WAY: Final = 2  # so that one that is held up does not hold up the next
MAX_HELD: Final = 20_000
RETRY_FIRST_S: Final = 0.5
RETRY_LAST_S: Final = 5.0


@define(eq=False)
class Batch:
    """Rows under way, and how many had been queued before the first of them."""

    queued_before: int
    rows: Sequence[Queued]
    work: Deferred[None] | None = None


@implementer(IReadingStore)
@define(eq=False)
class PostgresReadings:
    """The one writer of readings in this process.

    With none under way, a batch goes out at the end of the reactor's turn, with all
    that came in that turn; otherwise when one returns, at 500 rows, or when its first
    row has waited for 0.1 s. While the database is away
    batches are held and tried again after 0.5 to 5 s; up to `limit` rows are held.
    """

    _database: IDatabase
    _clock: IReactorTime
    _limit: int = field(default=MAX_HELD, kw_only=True)
    _waiting: list[Queued] = field(factory=list, init=False)
    _waiting_rows: int = field(default=0, init=False)
    _under_way: list[Batch] = field(factory=list, init=False)
    _held: int = field(default=0, init=False)
    _sent: int = field(default=0, init=False)
    _overdue: IDelayedCall | None = field(default=None, init=False)
    _waiters: list[tuple[int, Deferred[None]]] = field(factory=list, init=False)
    _closed: bool = field(default=False, init=False)

    _log: ClassVar[Logger] = Logger()

    def add(self, new: NewReading, done: Done) -> None:
        """Queue a reading; call `done` after its commit, or with what stopped it.

        Raise `MailboxFull` at the bound, `Stopping` after `close`.
        """
        self._add(new, done, 1)

    def add_values(self, new: NewMeterValues, done: Done) -> None:
        """Queue a frame of meter values, with what it tells of a session, as one."""
        self._add(new, done, rows_in(new))

    def settled(self, session_id: int) -> Awaitable[None]:
        """Wait until every reading of a session queued so far is committed.

        One that the database refuses counts as settled. Raise `Stopping` on `close`.
        """
        last = 0
        for queued_before, rows in self._all_held():
            for position, (new, _, _) in enumerate(rows, queued_before + 1):
                if is_about(new, session_id):
                    last = max(last, position)
        return self._wait_for(last)

    def drained(self) -> Awaitable[None]:
        """Wait until every reading queued so far is committed; see `settled`."""
        return self._wait_for(self._sent + len(self._waiting))

    def close(self) -> None:
        """Take no more; whatever is not committed yet is told `Stopping`."""
        self._closed = True
        self._disarm()
        stopping = Stopping("the server stops")
        waiters, self._waiters = self._waiters, []
        for _, waiter in waiters:
            waiter.errback(stopping)
        waiting, self._waiting = self._waiting, []
        for batch in tuple(self._under_way):
            if batch.work is not None:
                batch.work.cancel()
        self._finish(waiting, stopping)

    def _add(self, new: New, done: Done, rows: int) -> None:
        if self._held >= self._limit:
            raise MailboxFull(f"{self._held} readings wait for the database")
        if self._closed:
            raise Stopping("no more readings are taken")
        self._held += rows
        self._waiting_rows += rows
        self._waiting.append((new, done, rows))
        if self._waiting_rows >= BATCH_ROWS:
            self._send()
        elif self._overdue is None:
            wait_s = BATCH_WAITS_S if self._under_way else 0.0
            self._overdue = self._clock.callLater(wait_s, self._send)

    def _all_held(self) -> Iterator[tuple[int, Sequence[Queued]]]:
        for batch in self._under_way:
            yield batch.queued_before, batch.rows
        yield self._sent, self._waiting

    def _wait_for(self, position: int) -> Deferred[None]:
        waiter: Deferred[None] = Deferred()
        self._waiters.append((position, waiter))
        self._release_waiters()
        return waiter

    def _release_waiters(self) -> None:
        """Fire those who wait for rows that are all before the oldest held one."""
        settled = min((b.queued_before for b in self._under_way), default=self._sent)
        due = [waiter for position, waiter in self._waiters if position <= settled]
        self._waiters = [entry for entry in self._waiters if entry[0] > settled]
        for waiter in due:
            waiter.callback(None)

    def _disarm(self) -> None:
        if self._overdue is not None and self._overdue.active():
            self._overdue.cancel()
        self._overdue = None

    def _send(self) -> None:
        """Send the oldest rows on their way, unless enough are."""
        self._disarm()
        if not self._waiting or len(self._under_way) >= MAX_UNDER_WAY:
            return
        rows = self._oldest()
        batch = Batch(self._sent, rows)
        self._sent += len(rows)
        self._under_way.append(batch)
        batch.work = Deferred.fromCoroutine(self._see_through(batch))
        batch.work.addErrback(self._report)

    def _oldest(self) -> Sequence[Queued]:
        """Take up to 500 rows from those that wait, or one frame that has more."""
        count = taken = 0
        for _, _, rows in self._waiting:
            if taken + rows > BATCH_ROWS and count:
                break
            taken += rows
            count += 1
        oldest = self._waiting[:count]
        del self._waiting[:count]
        self._waiting_rows -= taken
        return oldest

    async def _see_through(self, batch: Batch) -> None:
        try:
            await self._write(batch.rows)
        finally:
            self._under_way.remove(batch)
            self._release_waiters()
            self._send()

    async def _write(self, rows: Sequence[Queued]) -> None:
        """Commit rows; where that is refused, find those to blame by halving."""
        try:
            await self._commit(rows)
        except (CancelledError, Stopping):
            self._finish(rows, Stopping("the server stops"))
        except Exception as why:
            if len(rows) == 1:
                what = described(rows[0][0])
                self._log.error("{what} was refused: {why}", what=what, why=why)
                return self._finish(rows, why)
            half = len(rows) // 2
            await self._write(rows[:half])
            await self._write(rows[half:])
        else:
            self._finish(rows, None)

    async def _commit(self, rows: Sequence[Queued]) -> None:
        """Write rows in one commit, holding on while the database is away."""
        (sql, params), delay_s = _written(rows), RETRY_FIRST_S
        while not self._closed:
            try:
                await self._database.query(sql, params)
                return
            except DatabaseAway:
                await deferLater(self._clock, delay_s)
                delay_s = min(delay_s * 2, RETRY_LAST_S)
        raise Stopping

    def _finish(self, rows: Sequence[Queued], why: Exception | None) -> None:
        for _, done, count in rows:
            self._held -= count
            try:
                done(why)
            except Exception:
                self._log.failure("whoever waited for a reading failed")

    def _report(self, failure: Failure) -> None:
        self._log.failure("the writer of readings failed", failure)


def _written(rows: Sequence[Queued]) -> tuple[str, tuple[str, ...]]:
    """Return the SQL that writes rows, and its parameters."""
    readings = [new for new, _, _ in rows if isinstance(new, NewReading)]
    if len(readings) == len(rows):
        return WRITE, (json_of(readings),)
    frames = [new for new, _, _ in rows if isinstance(new, NewMeterValues)]
    for frame in frames:
        readings += frame.readings
    return WRITE_WITH_VALUES, (json_of(readings), json_of_values(frames))
