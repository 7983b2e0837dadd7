"""Work that would block the reactor, done beside it, a few pieces at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from flexicharge.errors import ServerBusy, Stopping
from flexicharge.identity.limits import BUSY

T = TypeVar("T")

MAX_WAITING: Final = 40


async def at_once(work: Callable[[], T]) -> T:
    """Run `work` right here: the seam of a process in which nobody else waits."""
    return work()


class FewThreads(Service):
    """Threads of its own with one bounded queue, alive while the service runs."""

    def __init__(
        self,
        reactor: IReactorFromThreads,
        name: str,
        most: int,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self.setName(name)
        self._reactor = reactor
        self._pool = ThreadPool(0, most, name)
        self._most, self._max_waiting = most, max_waiting
        self._unfinished = 0
        self._drained: Deferred[None] | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, or raise what it raises.

        Raise `ServerBusy` if `max_waiting` pieces wait already, `Stopping` once
        the service has been told to stop.
        """
        if not self.running:
            raise Stopping(self.name)
        if self._unfinished >= self._most + self._max_waiting:
            raise ServerBusy(BUSY)
        self._unfinished += 1
        # Two Deferreds: who asked may give up, the thread works on and still counts.
        answer: Deferred[T] = Deferred()
        done = deferToThreadPool(self._reactor, self._pool, work)
        done.addBoth(self._finish, answer)
        return await answer

    def startService(self) -> None:
        """Start the pool of threads."""
        super().startService()
        self._pool.start()

    def stopService(self) -> Deferred[None]:
        """Take no more work; fire when what was taken is done and no thread left."""
        super().stopService()
        drained: Deferred[None] = Deferred()
        drained.addCallback(lambda _: self._pool.stop())
        self._drained = drained
        self._report_if_drained()
        return drained

    def _finish(self, outcome: T | Failure, answer: Deferred[T]) -> None:
        self._unfinished -= 1
        answer.callback(outcome)
        self._report_if_drained()

    def _report_if_drained(self) -> None:
        if self._drained is not None and not self._unfinished:
            drained, self._drained = self._drained, None
            drained.callback(None)


class OneThread(FewThreads):
    """The same with a single thread: one piece of work at a time."""

    def __init__(
        self, reactor: IReactorFromThreads, name: str, max_waiting: int = MAX_WAITING
    ) -> None:
        super().__init__(reactor, name, 1, max_waiting)
