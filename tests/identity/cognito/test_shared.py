"""What several wait for is done once."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError, Deferred

from flexicharge.identity.cognito.shared import Shared
from flexicharge.testing.deferreds import result_of


def test_whoever_asks_meanwhile_waits_for_the_same() -> None:
    """For the same thing, that is; afterwards it is done anew."""
    shared, begun = Shared[int](), list[Deferred[int]]()

    async def work() -> int:
        begun.append(one := Deferred[int]())
        return await one

    first, second = shared.join("a", work), shared.join("a", work)
    other = shared.join("b", work)
    assert len(begun) == 2
    begun[0].callback(1)
    begun[1].callback(2)
    assert [result_of(each) for each in (first, second, other)] == [1, 1, 2]
    shared.join("a", work)
    assert len(begun) == 3
    begun[2].callback(3)


def test_whoever_gives_up_ends_nothing_for_others() -> None:
    """Not even whoever began it."""
    shared, waited = Shared[int](), Deferred[int]()

    async def work() -> int:
        return await waited

    first, second = shared.join("a", work), shared.join("a", work)
    first.cancel()
    with pytest.raises(CancelledError):
        result_of(first)
    waited.callback(1)
    assert result_of(second) == 1


def test_a_failure_is_everybodys() -> None:
    """And the next one may succeed."""
    shared, waited = Shared[int](), Deferred[int]()

    async def work() -> int:
        return await waited

    async def again() -> int:
        return 7

    both = [shared.join("a", work), shared.join("a", work)]
    waited.errback(ZeroDivisionError())
    for each in both:
        with pytest.raises(ZeroDivisionError):
            result_of(each)
    assert result_of(shared.join("a", again)) == 7
