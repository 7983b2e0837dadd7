"""A mailbox: one message at a time, in arrival order, and never more than it may hold.

An idle actor takes a message straight through, without a queue and, where its handler
needs to wait for nothing, without a coroutine: that is most of all frames.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.errors import MailboxFull

M = TypeVar("M")
Handling = Coroutine[Any, Any, None] | None


class Mailbox(Generic[M]):
    """Hands messages to `handle`, which returns None when done, or what it waits for.

    A message whose handling fails goes to `crashed` with its failure; what that returns
    is awaited before the next message is taken.
    """

    _log = Logger()

    def __init__(
        self,
        handle: Callable[[M], Handling],
        crashed: Callable[[M, Failure], Handling],
        *,
        limit: int,
    ) -> None:
        self._handle, self._crashed, self._limit = handle, crashed, limit
        self.waiting: deque[M] = deque()
        self._busy = self._draining = False
        self._when_idle: list[Deferred[None]] = []

    @property
    def is_full(self) -> bool:
        """True when one more message would be too many."""
        return len(self.waiting) >= self._limit

    def tell(self, message: M) -> None:
        """Take a message now or queue it; raise `MailboxFull`."""
        if self._busy:
            if self.is_full:
                raise MailboxFull(f"{self._limit} messages are waiting")
            self.waiting.append(message)
            return
        self._take(message)
        if not self._busy:
            self._drain()

    def insist(self, message: M) -> None:
        """Take or queue a message that must not be lost, however many wait."""
        if self._busy:
            self.waiting.append(message)
        else:
            self.tell(message)

    def pick_out(self, takes: Callable[[M], bool]) -> None:
        """Offer what waits, in order; what `takes` takes waits no longer."""
        waiting, self.waiting = self.waiting, deque()
        kept = [message for message in waiting if not self._takes(takes, message)]
        self.waiting.extendleft(reversed(kept))

    def _takes(self, takes: Callable[[M], bool], message: M) -> bool:
        try:
            return takes(message)
        except Exception:
            self._log.failure("a message could not be handled before its turn")
            return False

    def idle(self) -> Deferred[None]:
        """Fire when nothing is being handled and nothing waits."""
        fired: Deferred[None] = Deferred()
        if self._busy:
            self._when_idle.append(fired)
        else:
            fired.callback(None)
        return fired

    def _take(self, message: M) -> None:
        self._busy = True
        try:
            work = self._handle(message)
        except Exception:  # a crash is whatever a handler lets out
            work = self._crashed(message, Failure())
        if work is None:
            self._busy = False
            return
        Deferred.fromCoroutine(self._guard(message, work)).addBoth(self._done)

    async def _guard(self, message: M, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except CancelledError:
            raise
        except Exception:  # as above
            aftermath = self._crashed(message, Failure())
            if aftermath is not None:
                await aftermath

    def _done(self, result: object) -> None:
        self._busy = False
        if isinstance(result, Failure) and not result.check(CancelledError):
            self._log.failure("recovering from a crash failed", result)
        self._drain()

    def _drain(self) -> None:
        """Take what waits until something has to be waited for.

        `_done` calls back into here when a message was handled without waiting, so the
        loop must not be entered twice.
        """
        if self._draining:
            return
        self._draining = True
        try:
            while self.waiting and not self._busy:
                self._take(self.waiting.popleft())
        finally:
            self._draining = False
        if not self._busy:
            idle, self._when_idle = self._when_idle, []
            for fired in idle:
                fired.callback(None)
