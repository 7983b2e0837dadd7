"""Waiting for a time that may be cut short, by whoever wants everybody up."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater


@define(eq=False)
class Naps:
    """Who naps, on a clock."""

    _clock: IReactorTime
    is_over: bool = field(default=False, init=False)
    _sleepers: dict[int, Deferred[None]] = field(factory=dict, init=False)
    _count: int = field(default=0, init=False)

    async def nap(self, seconds: float) -> bool:
        """Wait so long, or until all are woken, or not at all once they have been.

        Return whether the time was slept through.
        """
        if self.is_over:
            return False
        self._count = number = self._count + 1
        sleeper: Deferred[None] = deferLater(self._clock, max(seconds, 0.0))
        self._sleepers[number] = sleeper
        try:
            await sleeper
        except CancelledError:
            if not self.is_over:
                raise
            return False
        finally:
            del self._sleepers[number]
        return True

    def wake(self) -> None:
        """Wake everybody, in the order in which they lay down."""
        self.is_over = True
        for sleeper in list(self._sleepers.values()):
            sleeper.cancel()
