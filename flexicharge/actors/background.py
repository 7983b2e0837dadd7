"""Work that nobody waits for, and work that comes round again."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.interfaces import IBackground

Work = Coroutine[Any, Any, Any]


@implementer(IBackground)
class Background:
    """Runs coroutines in the background; none is forgotten, none fails unseen."""

    _log = Logger()

    def __init__(self) -> None:
        self._running: dict[int, Deferred[Any]] = {}
        self._names: dict[int, str] = {}
        self._count = 0

    @property
    def unfinished(self) -> tuple[str, ...]:
        """What is running now, by name, oldest first."""
        return tuple(self._names.values())

    def spawn(self, what: str, work: Work) -> None:
        """Run `work`; log its failure under the name `what`."""
        self._count = number = self._count + 1
        self._names[number] = what
        running = self._running[number] = Deferred.fromCoroutine(work)
        running.addErrback(self._report, what)
        running.addBoth(self._ended, number)

    def finished(self) -> Deferred[Any]:
        """Fire when everything that is running now has ended."""
        copies = [_copy(running) for running in self._running.values()]
        return DeferredList(copies, consumeErrors=True)

    def cancel(self) -> None:
        """End everything that is running."""
        for running in list(self._running.values()):
            running.cancel()

    def _ended(self, _: object, number: int) -> None:
        self._running.pop(number, None)
        self._names.pop(number, None)

    def _report(self, failure: Failure, what: str) -> None:
        if not failure.check(CancelledError):
            self._log.failure("{what} failed", failure, what=what)


def _copy(running: Deferred[Any]) -> Deferred[None]:
    """Return a Deferred that fires with `running` and can be waited for apart."""
    ended: Deferred[None] = Deferred()

    def end(result: object) -> object:
        if not ended.called:
            ended.callback(None)
        return result

    running.addBoth(end)
    return ended


class Periodic(Service):
    """Runs a coroutine function every so many seconds, never twice at once."""

    _log = Logger()

    def __init__(
        self,
        what: str,
        work: Callable[[], Work],
        interval: float,
        clock: IReactorTime,
    ) -> None:
        self._what, self._work, self._interval = what, work, interval
        self._loop = LoopingCall(self._once)
        self._loop.clock = clock

    def startService(self) -> None:
        """Run for the first time after one interval."""
        super().startService()
        self._loop.start(self._interval, now=False)

    def stopService(self) -> None:
        """Begin no further round."""
        super().stopService()
        if self._loop.running:
            self._loop.stop()

    def _once(self) -> Deferred[None]:
        return Deferred.fromCoroutine(self._work()).addErrback(self._report)

    def _report(self, failure: Failure) -> None:
        self._log.failure("{what} failed", failure, what=self._what)
