"""Waiting: for the database to return, for a moment, for a session to move on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from flexicharge.charging.seams import Seams
from flexicharge.errors import DatabaseAway
from flexicharge.model.events import SessionChanged, session_topic
from flexicharge.model.session import Session, SessionState

T = TypeVar("T")
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 5.0
_log = Logger()


async def patiently(
    work: Callable[[], Coroutine[Any, Any, T]], clock: IReactorTime, what: str
) -> T:
    """Return what `work` returns, trying again as long as the database is away.

    For work that must not be lost and can be repeated: whoever waits for it simply
    waits longer.
    """
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except DatabaseAway:
            if pause_s == FIRST_PAUSE_S:
                _log.warn("{what} waits for the database", what=what)
        await deferLater(clock, pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


class Moved:
    """Whether a session has reached one of the states somebody waits for."""

    def __init__(self, clock: IReactorTime, states: Collection[SessionState]) -> None:
        self._clock, self._states = clock, states
        self._arrived: Deferred[Session | None] = Deferred()

    async def within(self, seconds: float) -> bool:
        """Wait at most so long, or not at all; tell whether it has."""
        if not self._arrived.called:
            wait_s = max(seconds, 0.0)
            self._arrived.addTimeout(wait_s, self._clock, lambda *_: None)
        return await self._arrived is not None

    def look(self, event: SessionChanged) -> None:
        """Take note of a change."""
        if event.session.state in self._states and not self._arrived.called:
            self._arrived.callback(event.session)


@contextmanager
def watching(seams: Seams, session_id: int, *states: SessionState) -> Iterator[Moved]:
    """Watch a session from here on, so that no change between two lines is missed."""
    moved = Moved(seams.clock, states)
    stop = seams.bus.subscribe(session_topic(session_id), moved.look)
    try:
        yield moved
    finally:
        stop()
