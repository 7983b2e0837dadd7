"""Failing a call through a seam, before it is made, as a test wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field
from zope.interface import directlyProvides, providedBy


@define(eq=False)
class Sabotage:
    """Wraps providers of seams; the next calls of armed methods raise."""

    _armed: list[tuple[str, Exception]] = field(factory=list, init=False)

    def break_next(self, method: str, error: Exception) -> None:
        """Let the next call of a method raise; calls of this pile up."""
        self._armed.append((method, error))

    def wrap(self, provider: Any) -> Any:
        """Return what provides the same seams and can be broken."""
        wrapped = _Wrapped(provider, self.strike)
        directlyProvides(wrapped, providedBy(provider))
        return wrapped

    def strike(self, method: str) -> None:
        """Raise what is armed for a method, once."""
        for place, (name, error) in enumerate(self._armed):
            if name == method:
                del self._armed[place]
                raise error


class _Wrapped:
    def __init__(self, provider: Any, strike: Callable[[str], None]) -> None:
        self._provider, self._strike = provider, strike

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._provider, name)

        async def struck(*args: Any, **kwargs: Any) -> Any:
            self._strike(name)
            return await method(*args, **kwargs)

        return struck
