"""Naps: slept through, cut short for everybody, or never begun."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock

from flexicharge.simulator.naps import Naps
from flexicharge.testing.deferreds import fire, result_of


def test_a_nap_lasts_as_long_as_it_should(clock: Clock) -> None:
    """And then says that it was slept through."""
    nap = fire(Naps(clock).nap(10))
    clock.advance(9.9)
    assert not nap.called
    clock.advance(0.1)
    assert result_of(nap) is True


def test_everybody_is_woken_in_order(clock: Clock) -> None:
    """Those who lay down first get up first; nothing is left on the clock."""
    naps, woken = Naps(clock), []
    for number, seconds in enumerate((30, 10, 20)):
        fire(naps.nap(seconds)).addCallback(lambda slept, no=number: woken.append(no))
    naps.wake()
    assert woken == [0, 1, 2]
    assert (naps.is_over, clock.getDelayedCalls()) == (True, [])


def test_who_is_woken_knows(clock: Clock) -> None:
    """So that nothing is done that was to be done afterwards."""
    naps = Naps(clock)
    nap = fire(naps.nap(10))
    naps.wake()
    assert result_of(nap) is False


def test_nobody_lies_down_any_more(clock: Clock) -> None:
    """Once all were woken, a nap is over at once."""
    naps = Naps(clock)
    naps.wake()
    assert result_of(naps.nap(10)) is False
    assert clock.getDelayedCalls() == []


def test_waking_twice_is_waking(clock: Clock) -> None:
    """The second time there is nobody to wake."""
    naps = Naps(clock)
    nap = fire(naps.nap(10))
    naps.wake()
    naps.wake()
    assert result_of(nap) is False


def test_a_time_that_is_past_is_no_time(clock: Clock) -> None:
    """A nap of less than nothing is over with the clock's next turn."""
    nap = fire(Naps(clock).nap(-5))
    clock.advance(0)
    assert result_of(nap) is True


def test_a_nap_that_is_cancelled_says_so(clock: Clock) -> None:
    """Whoever cancels it is not the one who wakes all."""
    nap = fire(Naps(clock).nap(10))
    nap.cancel()
    with pytest.raises(CancelledError):
        result_of(nap)
    assert clock.getDelayedCalls() == []
