"""Looking at a Deferred's result in a test that runs no reactor."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


def fire(work: Awaitable[T]) -> Deferred[T]:
    """Return a Deferred for anything that can be awaited, already under way."""
    if isinstance(work, Deferred):
        return work

    async def wait() -> T:
        return await work

    return Deferred.fromCoroutine(wait())


def result_of(work: Awaitable[T]) -> T:
    """Return what `work` came to, or raise its error; it must be over by now."""
    got: list[Any] = []
    fire(work).addBoth(got.append)
    if not got:
        raise AssertionError("still waiting")
    if isinstance(got[0], Failure):
        got[0].raiseException()
    return got[0]  # type: ignore[no-any-return]  # whatever T is, got holds it
