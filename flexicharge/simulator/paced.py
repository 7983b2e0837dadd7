"""A clock whose seconds pass several times as fast as those of another one.

What people and chargers do in a scenario is timed by it. Deadlines of the network stay
on the real clock: a server answers no faster because somebody is in a hurry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from zope.interface import implementer


@implementer(IReactorTime)
@define(eq=False)
class PacedClock:
    """Shows `begins_at` when it is made, and from then on runs `pace` times as fast as
    the real clock."""

    _real: IReactorTime
    pace: float
    _begins_at: float
    _real_began_at: float = field(init=False)
    _pending: dict[int, _PacedCall] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._real_began_at = self._real.seconds()

    def seconds(self) -> float:
        """Return the POSIX time on this clock."""
        return self.shown_at(self._real.seconds())

    def callLater(
        self,
        delay: float,
        callable: Callable[..., Any],  # noqa: A002  # its name in IReactorTime
        *args: object,
        **kwargs: object,
    ) -> IDelayedCall:
        """Call later, when so many seconds have passed on this clock."""
        made = _PacedCall(self, partial(callable, *args, **kwargs))
        made.due = self._real.callLater(delay / self.pace, made.run)
        self._pending[id(made)] = made
        return made

    def getDelayedCalls(self) -> Sequence[IDelayedCall]:
        """Return the calls that are still to come."""
        return list(self._pending.values())

    def shown_at(self, real_at: float) -> float:
        """Return what this clock shows at a time of the real one."""
        return self._begins_at + (real_at - self._real_began_at) * self.pace

    def forget(self, call: _PacedCall) -> None:
        """Note that a call is not to come any more."""
        self._pending.pop(id(call), None)


@implementer(IDelayedCall)
@define(eq=False)
class _PacedCall:
    """A call on a paced clock, and when it is `due` on the real one."""

    _clock: PacedClock
    _call: Callable[[], object]
    due: IDelayedCall = field(init=False)

    def run(self) -> None:
        self._clock.forget(self)
        self._call()

    def getTime(self) -> float:
        """Return when it comes, on the paced clock."""
        return self._clock.shown_at(self.due.getTime())

    def cancel(self) -> None:
        """Let it not come."""
        self.due.cancel()
        self._clock.forget(self)

    def delay(self, secondsLater: float) -> None:
        """Let it come later than it would."""
        self.due.delay(secondsLater / self._clock.pace)

    def reset(self, secondsFromNow: float) -> None:
        """Let it come so many seconds from now."""
        self.due.reset(secondsFromNow / self._clock.pace)

    def active(self) -> bool:
        """Tell whether it is still to come."""
        return bool(self.due.active())
