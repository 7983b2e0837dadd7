"""A turn that may take as long as the database is away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

T = TypeVar("T")
HELD_AFTER_S: Final = 1.0


@define(eq=False)
class Held:
    """Knows since when a turn has been held up, and says so after a second.

    `held_up` then looks among what already waits behind it for what need not.
    """

    _clock: IReactorTime
    _held_up: Callable[[], None]
    _since: float | None = field(default=None, init=False)

    @property
    def is_under_way(self) -> bool:
        """Whether such a turn is under way."""
        return self._since is not None

    @property
    def too_long(self) -> bool:
        """Whether one has been for a second."""
        since = self._since
        return since is not None and self._clock.seconds() - since >= HELD_AFTER_S

    async def during(self, work: Awaitable[T]) -> T:
        """Do what may take long."""
        self._since = self._clock.seconds()
        held_up = self._clock.callLater(HELD_AFTER_S, self._held_up)
        try:
            return await work
        finally:
            self._since = None
            if held_up.active():
                held_up.cancel()
