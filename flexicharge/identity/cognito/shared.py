"""Work that several wait for, done once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


class Shared(Generic[T]):
    """Joins whoever asks for the same thing while it is under way.

    Whoever gives up waiting ends nothing for the others.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, list[Deferred[T]]] = {}

    def join(
        self, what: object, work: Callable[[], Coroutine[Any, Any, T]]
    ) -> Deferred[T]:
        """Fire with what the `work` under way comes to, or else with that begun now."""
        mine: Deferred[T] = Deferred()
        waiting = self._waiting.setdefault(what, [])
        waiting.append(mine)
        if len(waiting) == 1:
            Deferred.fromCoroutine(work()).addBoth(self._tell, what)
        return mine

    def _tell(self, outcome: T | Failure, what: object) -> None:
        for each in self._waiting.pop(what):
            each.callback(outcome)
