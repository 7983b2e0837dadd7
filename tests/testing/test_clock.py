"""The heap clock behaves as `task.Clock`, whatever is asked of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock, LoopingCall
from zope.interface.verify import verifyObject

from flexicharge.testing.clock import HeapClock

ACTS = st.one_of(
    st.tuples(st.just("later"), st.integers(0, 9), st.integers(0, 3)),
    st.tuples(st.just("cancel"), st.integers(0, 20), st.just(0)),
    st.tuples(st.just("reset"), st.integers(0, 20), st.integers(0, 9)),
    st.tuples(st.just("delay"), st.integers(0, 20), st.integers(-3, 9)),
    st.tuples(st.just("advance"), st.integers(0, 5), st.just(0)),
)


class Player:
    """Plays the same acts on any clock and keeps what happened.

    Only calls that are never moved may fall on the same moment: among those that are,
    the order of `task.Clock` depends on how often it has sorted.
    """

    def __init__(self, clock: Any) -> None:
        self.clock, self.calls, self.happened = clock, [], []

    def play(self, act: tuple[str, int, int]) -> None:
        kind, first, second = act
        if kind == "later":
            self.later(first, second)
        elif kind == "advance":
            self.clock.advance(first)
        elif self.calls:
            number = first % len(self.calls)
            moved = second + (number + 1) / 1000 if second >= 0 else second
            self.happened.append((kind, number, self.move(kind, number, moved)))
        waiting = [round(call.getTime(), 6) for call in self.clock.getDelayedCalls()]
        self.happened.append((self.clock.seconds(), sorted(waiting)))

    def later(self, delay: int, again: int) -> None:
        number = len(self.calls)
        self.calls.append(self.clock.callLater(delay, self.called, number, again))

    def called(self, number: int, again: int) -> None:
        self.happened.append(("called", number, self.clock.seconds()))
        if again:
            self.later(again, again - 1)

    def move(self, kind: str, number: int, seconds: float) -> str:
        call = self.calls[number]
        try:
            call.cancel() if kind == "cancel" else getattr(call, kind)(seconds)
        except (AlreadyCalled, AlreadyCancelled) as why:
            return type(why).__name__
        return f"{call.active()} {call.getTime():.3f}"


@given(st.lists(ACTS, max_size=40))
def test_what_clock_does_is_done(acts: list[tuple[str, int, int]]) -> None:
    """Any sequence of acts gives the same calls at the same times on both clocks."""
    ours, theirs = Player(HeapClock()), Player(Clock())
    for act in acts:
        ours.play(act)
        theirs.play(act)
    assert ours.happened == theirs.happened


def test_it_provides_reactor_time() -> None:
    """The clock can stand wherever a reactor's time can."""
    assert verifyObject(IReactorTime, HeapClock())


def test_time_jumps_before_calls_are_made() -> None:
    """As on `task.Clock`, a call sees the time that the clock was moved to."""
    clock, seen = HeapClock(100.0), []
    clock.callLater(1, lambda: seen.append(clock.seconds()))
    clock.advance(10)
    assert seen == [110.0]


def test_a_step_goes_to_the_next_call() -> None:
    """Stepping makes one call after another, each at its own time."""
    clock, seen = HeapClock(), []
    for delay in (3, 1, 2):
        clock.callLater(delay, lambda d=delay: seen.append((d, clock.seconds())))
    assert clock.next_at == 1.0
    while clock.step():
        pass
    assert seen == [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert clock.next_at is None


def test_calls_of_one_moment_keep_their_order() -> None:
    """Calls of the same time run in the order in which they were made."""
    clock, seen = HeapClock(), []
    for number in range(5):
        clock.callLater(1, seen.append, number)
    clock.advance(1)
    assert seen == list(range(5))


def test_a_looping_call_runs_on_it() -> None:
    """Twisted's own users of a clock work."""
    clock, seen = HeapClock(), []
    loop = LoopingCall(lambda: seen.append(clock.seconds()))
    loop.clock = clock
    loop.start(5, now=False)
    clock.pump([5, 5, 5])
    loop.stop()
    assert seen == [5.0, 10.0, 15.0]
    assert clock.getDelayedCalls() == []


def test_a_call_that_fails_leaves_the_others_in_place() -> None:
    """An error comes out of `advance`, and the next `advance` goes on."""
    clock, seen = HeapClock(), []
    clock.callLater(1, int, "nonsense")
    clock.callLater(1, seen.append, "next")
    with pytest.raises(ValueError, match="nonsense"):
        clock.advance(1)
    clock.advance(0)
    assert seen == ["next"]


def test_cancelled_calls_do_not_pile_up() -> None:
    """A deadline that is always cancelled leaves nothing in the heap for long."""
    clock = HeapClock()
    for _ in range(10_000):
        clock.callLater(30, int).cancel()
    assert len(clock._heap) < 3000
    assert clock.next_at is None
