"""PostgreSQL behind `IDatabase`: on the reactor, or blocking where none runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar

import psycopg2
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.task import deferLater
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IDatabase
from flexicharge.interfaces.stores import Params, Row
from flexicharge.storage.away import Undone, away_errors
from flexicharge.storage.link import Link, dsn_with_limits, shielded
from flexicharge.storage.values import check_finite

T = TypeVar("T")

REDIAL_SOON_S: Final = 0.05
REDIAL_FIRST_S: Final = 0.5
REDIAL_LAST_S: Final = 5.0
TRY_AGAIN_AFTER_S: Final = (0.02, 0.1, 0.5)
BLOCK_WITHIN_S: Final = 60.0


@implementer(IDatabase)
class PostgresDatabase:
    """A few connections that are dialled again by themselves whenever they are lost.

    Statements wait their turn while every connection is busy, and raise `DatabaseAway`
    at once while there is none. The server ends a statement after `statement_timeout`
    seconds; if it has not `grace` seconds later, the connection is given up.
    """

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        dsn: str,
        *,
        size: int = 4,
        statement_timeout: float = 10.0,
        grace: float = 5.0,
    ) -> None:
        self._reactor = reactor
        self._patience_s = statement_timeout + grace
        limited = dsn_with_limits(dsn, statement_timeout)
        self._links = [Link(reactor, limited) for _ in range(size)]
        self._up: set[Link] = set()
        self._idle: list[Link] = []
        self._waiting: deque[Deferred[Link]] = deque()
        self._keepers: list[Deferred[None]] = []
        self._closed = False

    async def open(self) -> None:
        """Dial; return when every connection stands or has failed for the first time.

        What failed is tried again in the background until `close`.
        """
        tried: list[Deferred[None]] = [Deferred() for _ in self._links]
        for link, first_try in zip(self._links, tried, strict=True):
            self._keepers.append(Deferred.fromCoroutine(self._keep(link, first_try)))
        await DeferredList(tried)

    async def close(self) -> None:
        """Hang up. Statements that wait or are under way raise `DatabaseAway`."""
        self._closed = True
        for keeper in self._keepers:
            keeper.addErrback(lambda failure: failure.trap(CancelledError))
            keeper.cancel()
        for link in self._links:
            link.hang_up()

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Run SQL in a transaction of its own, on whichever connection is free.

        What the server undid in favour of another transaction is tried again.
        """
        check_finite(params)
        for wait_s in TRY_AGAIN_AFTER_S:
            with suppress(Undone):
                return await self._query(sql, params)
            await deferLater(self._reactor, wait_s)
        return await self._query(sql, params)

    async def _query(self, sql: str, params: Params) -> list[Row]:
        link = await self._borrow()
        return await shielded(Deferred.fromCoroutine(self._run(link, sql, params)))

    async def _run(self, link: Link, sql: str, params: Params) -> list[Row]:
        overdue = self._reactor.callLater(self._patience_s, link.hang_up)
        try:
            with away_errors(lambda: link.is_up):
                return await link.rows(sql, params)
        finally:
            if overdue.active():
                overdue.cancel()
            self._hand_on(link)

    async def _borrow(self) -> Link:
        if self._idle:
            return self._idle.pop()
        if not self._up:
            raise DatabaseAway("there is no connection")
        waiter: Deferred[Link] = Deferred(self._waiting.remove)
        self._waiting.append(waiter)
        return await waiter

    def _hand_on(self, link: Link) -> None:
        """Give a link to whoever waited longest, or keep it; a lost one to nobody."""
        if not link.is_up:
            link.hang_up()
        elif self._waiting:
            self._waiting.popleft().callback(link)
        else:
            self._idle.append(link)

    async def _keep(self, link: Link, first_try: Deferred[None]) -> None:
        """Dial, let the link be used until it is lost, and so on until cancelled."""
        try:
            while True:
                await self._dial(link, first_try)
                self._up.add(link)
                self._hand_on(link)
                _fire(first_try)
                await self._loss_of(link)
                # Not from within the closing of this very link, nor in a tight loop.
                await self._pause(REDIAL_SOON_S)
        finally:
            _fire(first_try)

    async def _dial(self, link: Link, first_try: Deferred[None]) -> None:
        """Try until it works, waiting half a second at first and five in the end."""
        delay_s = REDIAL_FIRST_S
        while True:
            try:
                return await link.dial()
            except CancelledError:
                raise
            except Exception as why:
                if delay_s == REDIAL_FIRST_S:
                    self._log.warn("cannot reach the database: {why}", why=str(why))
            _fire(first_try)
            await self._pause(delay_s)
            delay_s = min(delay_s * 2, REDIAL_LAST_S)

    async def _pause(self, seconds: float) -> None:
        """Wait, unless whoever was just told something has closed us meanwhile."""
        if self._closed:
            raise CancelledError
        await deferLater(self._reactor, seconds)

    async def _loss_of(self, link: Link) -> None:
        """Wait until a link is lost, then take it out of use."""
        try:
            await link.lost
        finally:
            self._up.discard(link)
            if link in self._idle:
                self._idle.remove(link)
            while self._waiting and not self._up:
                self._waiting.popleft().errback(DatabaseAway("the last one was lost"))


@implementer(IDatabase)
class BlockingDatabase:
    """One connection that blocks: for before the reactor runs, and for commands.

    Its coroutines never wait, so `run_now` runs whatever is built on it.
    """

    def __init__(self, dsn: str) -> None:
        with away_errors():
            self._connection = psycopg2.connect(dsn_with_limits(dsn, BLOCK_WITHIN_S))
        self._connection.autocommit = True

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Run SQL in a transaction of its own; see `IDatabase`."""
        check_finite(params)
        with away_errors(), self._connection.cursor() as cursor:
            cursor.execute(sql, params or None)
            return [] if cursor.description is None else cursor.fetchall()

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def run_now(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine that never waits comes to; raise what it raises.

    Raise `RuntimeError` if it waits for something after all.
    """
    try:
        work.send(None)
    except StopIteration as over:
        result: T = over.value
        return result
    work.close()
    raise RuntimeError("this has to wait, and nothing runs that it could wait for")


def _fire(waiter: Deferred[None]) -> None:
    if not waiter.called:
        waiter.callback(None)
