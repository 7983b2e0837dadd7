"""Waiting until something has changed, with a deadline on an injected clock."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.deadline import by_deadline


@define(eq=False)
class Bell:
    """Wakes everyone who waits, each time it rings."""

    _waiting: list[Deferred[None]] = field(factory=list, init=False)

    def ring(self) -> None:
        """Wake everyone who waits now."""
        waiting, self._waiting = self._waiting, []
        for sleeper in waiting:
            if not sleeper.called:  # cancelled by one who was woken before it
                sleeper.callback(None)

    async def until(
        self, condition: Callable[[], bool], within_s: float, clock: IReactorTime
    ) -> None:
        """Wait until `condition` holds, looking again at each ring.

        Raise `ServerHung` if it still does not after `within_s` seconds.
        """
        waiting = Deferred.fromCoroutine(self._until(condition))
        message = f"nothing happened within {within_s:g} s"
        await by_deadline(waiting, within_s, clock, message)

    async def _until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            sleeper: Deferred[None] = Deferred(self._forget)
            self._waiting.append(sleeper)
            await sleeper

    def _forget(self, sleeper: Deferred[None]) -> None:
        if sleeper in self._waiting:
            self._waiting.remove(sleeper)
