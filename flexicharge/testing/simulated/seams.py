"""Calls through a seam, with a point before and after each at which things happen.

The proxy is made from the zope interface alone: whoever reaches past the interface
finds nothing there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any, Protocol

from zope.interface import directlyProvides
from zope.interface.interface import InterfaceClass, Method


class Points(Protocol):
    """What happens around calls."""

    async def before(self, seam: str, args: tuple[Any, ...]) -> None:
        """Wait, raise, or never return."""

    async def after(self, seam: str, result: Any) -> None:
        """Wait, raise, or never return."""

    def passing(self, seam: str, args: tuple[Any, ...]) -> None:
        """Take note of a call that waits for nothing; nothing can be done to it."""

    def passed(self, seam: str) -> None:
        """Take note that it was made."""


class Proxy:
    """What provides one interface; everything else about the provider is hidden."""


def proxied(interface: InterfaceClass, provider: Any, points: Points) -> Any:
    """Return what provides an interface as `provider` does, with points around."""
    proxy = Proxy()
    for name, declared in interface.namesAndDescriptions(all=True):
        own = getattr(provider, name)
        if isinstance(declared, Method):
            seam = f"{interface.__name__}.{name}"
            make = _waiting if iscoroutinefunction(own) else _passing
            setattr(proxy, name, make(seam, own, points))
        else:
            setattr(proxy, name, own)
    directlyProvides(proxy, interface)
    return proxy


def _waiting(
    seam: str, own: Callable[..., Awaitable[Any]], points: Points
) -> Callable[..., Awaitable[Any]]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        await points.before(seam, (*args, *kwargs.values()))
        result = await own(*args, **kwargs)
        await points.after(seam, result)
        return result

    return call


def _passing(seam: str, own: Callable[..., Any], points: Points) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        points.passing(seam, (*args, *kwargs.values()))
        result = own(*args, **kwargs)
        points.passed(seam)
        return result

    return call
