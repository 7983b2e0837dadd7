"""A clock that runs faster than the one it stands on."""

from __future__ import annotations

import pytest
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import Clock, LoopingCall
from zope.interface.verify import verifyObject

from flexicharge.simulator.paced import PacedClock

NOON = 1_800_014_400.0


@pytest.fixture
def paced(clock: Clock) -> PacedClock:
    """A clock on which a minute passes in a second."""
    return PacedClock(clock, 60.0, NOON)


def test_it_is_a_clock(paced: PacedClock) -> None:
    """And its calls are calls."""
    verifyObject(IReactorTime, paced)
    verifyObject(IDelayedCall, paced.callLater(1, int))


def test_it_starts_where_it_is_told_and_runs_ahead(
    clock: Clock, paced: PacedClock
) -> None:
    """A second is a minute."""
    assert paced.seconds() == NOON
    clock.advance(2)
    assert paced.seconds() == NOON + 120


def test_a_call_comes_when_it_is_time_on_this_clock(
    clock: Clock, paced: PacedClock
) -> None:
    """With its arguments, and once."""
    heard: list[object] = []
    call = paced.callLater(
        90, lambda *words, **more: heard.append((words, more)), 1, a=2
    )
    assert call.getTime() == paced.seconds() + 90
    clock.advance(1.49)
    assert (heard, call.active()) == ([], True)
    assert paced.getDelayedCalls() == [call]
    clock.advance(0.01)
    assert (heard, call.active()) == ([((1,), {"a": 2})], False)
    assert paced.getDelayedCalls() == []
    with pytest.raises(AlreadyCalled):
        call.cancel()


def test_a_call_can_be_put_off_and_cancelled(clock: Clock, paced: PacedClock) -> None:
    """In seconds of this clock."""
    call = paced.callLater(60, pytest.fail)
    call.delay(60)
    assert call.getTime() == paced.seconds() + 120
    call.reset(30)
    assert call.getTime() == paced.seconds() + 30
    call.cancel()
    clock.advance(10)
    assert paced.getDelayedCalls() == []
    with pytest.raises(AlreadyCancelled):
        call.cancel()


def test_what_comes_round_comes_round_faster(clock: Clock, paced: PacedClock) -> None:
    """A loop of 15 seconds turns four times in a real one."""
    turns: list[float] = []
    loop = LoopingCall(lambda: turns.append(paced.seconds()))
    loop.clock = paced
    loop.start(15.0, now=False)
    clock.pump([0.25] * 4)
    loop.stop()
    assert len(turns) == 4
