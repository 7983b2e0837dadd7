"""Doing many things, a few at a time."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock, deferLater

from flexicharge.cli.in_parallel import each
from flexicharge.testing.deferreds import fire, result_of


class Worker:
    """Takes a second for each thing, and notes what it does."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.begun, self.done = clock, [], []  # type: ignore[var-annotated]
        self.fails_at: int | None = None

    async def do(self, thing: int) -> None:
        """Do it."""
        self.begun.append(thing)
        await deferLater(self.clock, 1.0)
        if thing == self.fails_at:
            raise ValueError(thing)
        self.done.append(thing)


def test_everything_is_done_in_order_so_many_at_a_time(clock: Clock) -> None:
    """A third begins when one of two has ended."""
    worker = Worker(clock)
    doing = fire(each(range(5), worker.do, 2))
    assert worker.begun == [0, 1]
    clock.advance(1)
    assert worker.begun == [0, 1, 2, 3]
    clock.pump([1, 1])
    result_of(doing)
    assert worker.done == [0, 1, 2, 3, 4]


def test_the_first_error_ends_it_all(clock: Clock) -> None:
    """What is under way is cancelled, the rest never begun."""
    worker = Worker(clock)
    worker.fails_at = 1
    doing = fire(each(range(9), worker.do, 3))
    clock.advance(1)
    with pytest.raises(ValueError, match="1"):
        result_of(doing)
    assert worker.done == [0]
    assert clock.getDelayedCalls() == []


def test_being_cancelled_cancels_what_is_under_way(clock: Clock) -> None:
    """And raises what whoever waits expects."""
    worker = Worker(clock)
    doing = fire(each(range(9), worker.do, 3))
    doing.cancel()
    with pytest.raises(CancelledError):
        result_of(doing)
    assert (worker.done, clock.getDelayedCalls()) == ([], [])


def test_nothing_to_do_is_done(clock: Clock) -> None:
    """At once."""
    result_of(each([], Worker(clock).do, 3))
