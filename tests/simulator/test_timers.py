"""Delayed calls that can be dropped together, and regular ones."""

from __future__ import annotations

from twisted.internet.task import Clock

from flexicharge.simulator.timers import Ticks, Timers


def test_what_is_called_off_never_comes(clock: Clock) -> None:
    """What was due before has come."""
    came, timers = list[str](), Timers(clock)
    timers.after(1, lambda: came.append("first"))
    timers.after(2, lambda: came.append("second"))
    clock.advance(1)
    timers.cancel()
    clock.advance(5)
    assert came == ["first"]
    assert clock.getDelayedCalls() == []


def test_ticks_come_at_their_times(clock: Clock) -> None:
    """However the clock jumps, and those that were missed are not made up for."""
    at: list[float] = []
    ticks = Ticks(clock, 10, lambda: at.append(clock.seconds() - 1_800_000_000))
    ticks.start()
    for seconds in (9, 1, 15, 20, 5):
        clock.advance(seconds)
    assert at == [10, 25, 45, 50]
    ticks.stop()
    ticks.stop()
    clock.advance(50)
    assert len(at) == 4


def test_ticks_may_begin_anew(clock: Clock) -> None:
    """Starting them again counts from there."""
    at: list[float] = []
    ticks = Ticks(clock, 10, lambda: at.append(clock.seconds() - 1_800_000_000))
    ticks.start()
    clock.advance(5)
    ticks.start()
    clock.advance(9)
    clock.advance(1)
    assert at == [15]
