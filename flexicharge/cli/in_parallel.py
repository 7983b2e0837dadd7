"""Doing many things, a few of them at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from twisted.internet.defer import Deferred, FirstError, gatherResults

T = TypeVar("T")


async def each(
    things: Iterable[T], do: Callable[[T], Awaitable[object]], at_a_time: int
) -> None:
    """Do something with every thing, in their order, so many at a time.

    The first error ends it all, and is raised; so is being cancelled.
    """
    left = iter(things)

    async def work() -> None:
        for thing in left:
            await do(thing)

    workers = [Deferred.fromCoroutine(work()) for _ in range(at_a_time)]
    try:
        await gatherResults(workers, consumeErrors=True)
    except FirstError as why:
        for worker in workers:
            worker.cancel()
        why.subFailure.raiseException()
