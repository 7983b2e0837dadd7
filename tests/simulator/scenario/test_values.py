"""Scenarios as values."""

from __future__ import annotations

from random import Random

import pytest

from flexicharge.simulator.scenario.values import Fleet, Scenario, Span


def test_a_range_is_drawn_from_evenly_and_within_its_ends() -> None:
    """The same chance draws the same."""
    span = Span(2.0, 4.0)
    drawn = [span.draw(Random(seed)) for seed in range(200)]
    assert 2.0 <= min(drawn) < 2.2
    assert 3.8 < max(drawn) <= 4.0
    assert drawn[7] == span.draw(Random(7))


def test_a_range_of_one_value_draws_it_without_using_up_chance() -> None:
    """So that it may be changed without changing what comes after it."""
    rng = Random(1)
    assert Span(3.0, 3.0).draw(rng) == 3.0
    assert rng.random() == Random(1).random()


def test_a_range_goes_upwards() -> None:
    """Anything else is a slip of whoever wrote it."""
    with pytest.raises(ValueError, match="upwards"):
        Span(2.0, 1.0)


def test_the_chargers_are_those_of_all_fleets() -> None:
    """Together."""
    scenario = Scenario(name="mine", fleets=(Fleet(count=2), Fleet(count=3)))
    assert scenario.chargers == 5
