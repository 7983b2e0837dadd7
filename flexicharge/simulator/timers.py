"""Delayed calls that are dropped together, and calls at regular times, on a clock."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime


@define(eq=False)
class Timers:
    """What is still to come, so that all of it can be called off."""

    _clock: IReactorTime
    _pending: dict[int, IDelayedCall] = field(factory=dict, init=False)
    _count: int = field(default=0, init=False)

    def after(self, seconds: float, do: Callable[[], object]) -> None:
        """Do something later, unless it is called off."""
        self._count = number = self._count + 1

        def due() -> None:
            del self._pending[number]
            do()

        self._pending[number] = self._clock.callLater(seconds, due)

    def cancel(self) -> None:
        """Call everything off."""
        pending, self._pending = self._pending, {}
        for call in pending.values():
            call.cancel()


@define(eq=False)
class Ticks:
    """Does something every so many seconds while it runs, never to catch up."""

    _clock: IReactorTime
    _every_s: float
    _tick: Callable[[], object]
    _due_at: float = field(default=0.0, init=False)
    _next: IDelayedCall | None = field(default=None, init=False)

    def start(self) -> None:
        """Begin with a first tick one period from now; if it runs, begin anew."""
        self.stop()
        self._due_at = self._clock.seconds()
        self._wait()

    def stop(self) -> None:
        """Tick no more."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _wait(self) -> None:
        now = self._clock.seconds()
        self._due_at += self._every_s
        if self._due_at <= now:
            missed = (now - self._due_at) // self._every_s + 1
            self._due_at += missed * self._every_s
        delay = max(self._due_at - now, 0.0)
        self._next = self._clock.callLater(delay, self._due)

    def _due(self) -> None:
        self._next = None
        self._wait()
        self._tick()
