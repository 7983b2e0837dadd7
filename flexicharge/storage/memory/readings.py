"""The writer of meter readings, in memory."""

from __future__ import annotations

from bisect import insort
from collections.abc import Awaitable
from operator import attrgetter
from typing import ClassVar, Final

from attrs import define, evolve, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.errors import (
    DatabaseAway,
    MailboxFull,
    NotThere,
    StationUnknown,
    Stopping,
    UnusableValue,
)
from flexicharge.interfaces import IReadingStore
from flexicharge.interfaces.stores import NewMeterValues, NewReading
from flexicharge.storage.memory import moves
from flexicharge.storage.memory.guards import stored_at
from flexicharge.storage.memory.meter_values import stored_value
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.queued import Done, New, Queued, is_about, rows_in

MAX_HELD: Final = 20_000
RETRY_FIRST_S: Final = 0.5
RETRY_LAST_S: Final = 5.0


@implementer(IReadingStore)
@define(eq=False)
class MemoryReadings:
    """The one writer of readings in a server, of which one at a time has a world.

    A reading is committed before `add` returns, unless the world's faults hold it up:
    then what comes meanwhile is committed with the next try, 0.5 to 5 s later. Up to
    `limit` readings are held.
    """

    _world: MemoryWorld
    _limit: int = field(default=MAX_HELD, kw_only=True)
    _held: list[Queued] = field(factory=list, init=False)
    _held_rows: int = field(default=0, init=False)
    _finished: int = field(default=0, init=False)
    _waiters: list[tuple[int, Deferred[None]]] = field(factory=list, init=False)
    _is_writing: bool = field(default=False, init=False)
    _work: Deferred[None] | None = field(default=None, init=False)
    _closed: bool = field(default=False, init=False)

    _log: ClassVar[Logger] = Logger()

    def add(self, new: NewReading, done: Done) -> None:
        """Queue a reading; call `done` after its commit, or with what stopped it.

        Raise `MailboxFull` at the bound, `Stopping` after `close`.
        """
        self._add(new, done)

    def add_values(self, new: NewMeterValues, done: Done) -> None:
        """Queue a frame of meter values, with what it tells of a session, as one."""
        self._add(new, done)

    def settled(self, session_id: int) -> Awaitable[None]:
        """Wait until every reading of a session queued so far is committed.

        One that is refused counts as settled. Raise `Stopping` on `close`.
        """
        positions = enumerate(self._held, self._finished + 1)
        own = (at for at, (new, _, _) in positions if is_about(new, session_id))
        return self._wait_for(max(own, default=0))

    def drained(self) -> Awaitable[None]:
        """Wait until every reading queued so far is committed; see `settled`."""
        return self._wait_for(self._finished + len(self._held))

    def close(self) -> None:
        """Take no more; whatever is not committed yet is told `Stopping`."""
        self._closed = True
        if self._work is not None:
            self._work.cancel()
        stopping = Stopping("the server stops")
        waiters, self._waiters = self._waiters, []
        for _, waiter in waiters:
            waiter.errback(stopping)
        held, self._held = self._held, []
        for _, done, _ in held:
            self._tell(done, stopping)

    def _add(self, new: New, done: Done) -> None:
        if self._held_rows >= self._limit:
            raise MailboxFull(f"{self._held_rows} readings wait for the database")
        if self._closed:
            raise Stopping("no more readings are taken")
        if not (self._held or self._is_writing or self._world.faults.may_strike):
            self._finished += 1
            self._tell(done, self._store(new))
            return
        self._held.append((new, done, rows_in(new)))
        self._held_rows += rows_in(new)
        if not self._is_writing:
            self._work = Deferred.fromCoroutine(self._write_all())
            self._work.addErrback(lambda failure: failure.trap(CancelledError))

    async def _write_all(self) -> None:
        self._is_writing = True
        try:
            while self._held:
                batch = tuple(self._held)
                refusals = await self._commit([new for new, _, _ in batch])
                del self._held[: len(batch)]
                for (_, done, rows), why in zip(batch, refusals, strict=True):
                    self._held_rows -= rows
                    self._tell(done, why)
                self._finished += len(batch)
                self._release_waiters()
        finally:
            self._is_writing = False

    async def _commit(self, batch: list[New]) -> list[Exception | None]:
        """Store readings; return for each what stood against it.

        As in PostgreSQL, those whose answer was lost are stored once more.
        """
        delay_s = RETRY_FIRST_S
        while True:
            try:
                async with self._world.commit("add"):
                    return [self._store(new) for new in batch]
            except DatabaseAway:
                await deferLater(self._world.clock, delay_s)
                delay_s = min(delay_s * 2, RETRY_LAST_S)

    def _store(self, new: New) -> Exception | None:
        try:
            if isinstance(new, NewReading):
                self._keep(self._storable(new))
            else:
                self._keep_frame(new)
        except (NotThere, UnusableValue, ValueError) as why:
            return why
        return None

    def _keep_frame(self, new: NewMeterValues) -> None:
        """Store a frame, or nothing of it if anything stands against a part of it."""
        readings = list(map(self._storable, new.readings))
        values = list(map(stored_value, new.values))
        if new.values and new.station_id not in self._world.network.stations:
            raise StationUnknown(new.station_id)
        for value in values:
            if value.session_id is not None:
                self._world.sessions.get(value.session_id)
        self._world.meter_values.add(new.station_id, values)
        for reading in readings:
            self._keep(reading)

    def _storable(self, new: NewReading) -> NewReading:
        """Return a reading as its row keeps it; raise `SessionUnknown`."""
        self._world.sessions.get(new.session_id)
        taken_at = stored_at(new.reading.taken_at)
        if taken_at == new.reading.taken_at:
            return new
        return evolve(new, reading=evolve(new.reading, taken_at=taken_at))

    def _keep(self, new: NewReading) -> None:
        reading, sessions = new.reading, self._world.sessions
        known = self._world.readings.setdefault(new.session_id, [])
        insort(known, reading, key=attrgetter("taken_at"))
        if new.refresh:
            session = sessions.get(new.session_id)
            sessions.put(moves.metered(session, reading.energy_wh, reading.percent))

    def _wait_for(self, position: int) -> Deferred[None]:
        waiter: Deferred[None] = Deferred()
        self._waiters.append((position, waiter))
        self._release_waiters()
        return waiter

    def _release_waiters(self) -> None:
        """Fire those who wait for readings that are all finished."""
        due = [w for position, w in self._waiters if position <= self._finished]
        self._waiters = [e for e in self._waiters if e[0] > self._finished]
        for waiter in due:
            waiter.callback(None)

    def _tell(self, done: Done, why: Exception | None) -> None:
        try:
            done(why)
        except Exception:
            self._log.failure("whoever waited for a reading failed")
