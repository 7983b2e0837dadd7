"""Deadlines on an injected clock, for work that may answer a cancel in its own way."""

from __future__ import annotations

from typing import TypeVar

from twisted.internet import defer
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.errors import ServerHung

T = TypeVar("T")


async def by_deadline(
    work: Deferred[T], within_s: float, clock: IReactorTime, message: str
) -> T:
    """Return what `work` comes to, and cancel it if it takes longer.

    Raise `ServerHung` with `message` past the deadline, and `CancelledError` if whoever
    waits is cancelled; clients of Twisted turn both into errors of many kinds.
    """
    outcome: Deferred[T] = Deferred()
    work.addBoth(outcome.callback)
    try:
        return await outcome.addTimeout(within_s, clock)
    except defer.TimeoutError:
        work.cancel()
        raise ServerHung(message) from None
    except CancelledError:
        work.cancel()
        raise
