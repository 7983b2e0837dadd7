"""The seam to work that would block the reactor."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class RunInThread(Protocol):
    """Fires with what `work` returns or raises, and never blocks."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Run `work` elsewhere; raise `TooManyRequests` if too much waits."""
