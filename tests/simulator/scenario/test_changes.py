"""Scenarios made larger or smaller for one run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.simulator.scenario.changes import ChangeImpossible, with_changes
from flexicharge.simulator.scenario.values import Drivers, Fleet, Scenario


def scenario_of(*counts: int, drivers: int = 10) -> Scenario:
    """Return a scenario whose fleets have so many chargers; power tells them apart."""
    return Scenario(
        name="mine",
        fleets=tuple(Fleet(count=count, queues=bool(count % 2)) for count in counts),
        drivers=Drivers(count=drivers, watches=0.5),
    )


def counts_of(scenario: Scenario) -> list[int]:
    """Return how many chargers each fleet has."""
    return [fleet.count for fleet in scenario.fleets]


def test_nothing_asked_changes_nothing() -> None:
    """Nor does asking for what it has."""
    scenario = scenario_of(3, 7)
    assert with_changes(scenario) == scenario
    assert with_changes(scenario, chargers=10, drivers=10) == scenario


@pytest.mark.parametrize(
    ("counts", "chargers", "become"),
    [
        ((12, 4, 2, 2), 200, [120, 40, 20, 20]),
        ((12, 4, 2, 2), 10, [6, 2, 1, 1]),
        ((98, 1, 1), 10, [8, 1, 1]),
        ((1, 1, 1), 10, [4, 3, 3]),
        ((5, 9, 1, 7), 4, [1, 1, 1, 1]),
        ((5, 9, 1, 7), 2, [1, 1]),
        ((5, 5), 1, [1]),
        ((1,), 100_000, [100_000]),
    ],
)
def test_fleets_keep_their_proportions(
    counts: tuple[int, ...], chargers: int, become: list[int]
) -> None:
    """Each has one at least; with fewer chargers than fleets the largest remain."""
    assert counts_of(with_changes(scenario_of(*counts), chargers=chargers)) == become


def test_the_largest_fleets_remain_in_their_order() -> None:
    """Only their number changes, not what they are."""
    few = with_changes(scenario_of(5, 8, 2, 7), chargers=2)
    assert [fleet.queues for fleet in few.fleets] == [False, True]


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=20), st.integers(1, 100_000))
def test_the_total_is_exactly_as_asked(counts: list[int], chargers: int) -> None:
    """Whatever the proportions are, and nobody strays from them by a whole charger."""
    become = counts_of(with_changes(scenario_of(*counts), chargers=chargers))
    assert sum(become) == chargers
    assert len(become) == min(len(counts), chargers)
    exact = [count * chargers / sum(counts) for count in counts]
    if min(exact) >= 1:
        assert all(abs(a - b) < 1 for a, b in zip(become, exact, strict=True))


def test_drivers_follow_the_chargers_unless_they_are_told() -> None:
    """And keep their habits."""
    scenario = scenario_of(10, drivers=25)
    assert with_changes(scenario, chargers=100).drivers == Drivers(
        count=250, watches=0.5
    )
    assert with_changes(scenario, chargers=1).drivers.count == 2
    assert with_changes(scenario_of(10, drivers=1), chargers=1).drivers.count == 1
    assert with_changes(scenario, chargers=100_000).drivers.count == 100_000
    assert with_changes(scenario, chargers=100, drivers=3).drivers.count == 3
    assert with_changes(scenario, drivers=4).chargers == 10


def test_a_run_can_be_shorter() -> None:
    """In seconds."""
    assert with_changes(scenario_of(1), lasts_s=90.0).lasts_s == 90.0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"chargers": 0}, "0 chargers; from 1 to 100000 are"),
        ({"chargers": 100_001}, "100001 chargers; from 1 to 100000 are"),
        ({"drivers": 0}, "0 drivers; from 1 to 100000 are"),
        ({"lasts_s": 0.5}, "0.5 seconds; from 1 to 31622400 are"),
        ({"lasts_s": float("nan")}, "nan seconds; from 1 to 31622400 are"),
    ],
)
def test_what_no_file_may_have_is_refused(asked: dict[str, int], told: str) -> None:
    """With what is possible."""
    with pytest.raises(ChangeImpossible, match=f"A scenario cannot have {told} possib"):
        with_changes(scenario_of(1), **asked)
