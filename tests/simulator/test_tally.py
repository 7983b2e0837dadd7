"""What a simulation counts: exactly, but for percentiles, which are within a tenth."""

from __future__ import annotations

from random import Random

import pytest

from flexicharge.simulator.tally import Tally, Waits


@pytest.mark.parametrize("percent", [1, 50, 90, 99, 99.9, 100])
def test_percentiles_are_within_a_tenth(percent: float) -> None:
    """Of waits between a millisecond and a minute."""
    rng, waits = Random(5), Waits()
    added = sorted(10 ** rng.uniform(-3, 1.8) for _ in range(5000))
    for seconds in added:
        waits.add(seconds)
    exact = added[min(int(len(added) * percent / 100), len(added) - 1)]
    assert exact * 0.9 < waits.percentile(percent) < exact * 1.11


def test_one_wait_is_every_percentile() -> None:
    """Never more than the longest."""
    waits = Waits()
    waits.add(3.0)
    assert [waits.percentile(percent) for percent in (1, 50, 100)] == [3.0] * 3


def test_without_waits_there_is_nothing_to_say() -> None:
    """Zero, that is."""
    assert (Waits().percentile(50), Waits().longest_s) == (0.0, 0.0)


def test_no_time_at_all_is_counted() -> None:
    """In simulated time most answers take none."""
    waits = Waits()
    for seconds in (0.0, 0.0, 1e-9):
        waits.add(seconds)
    assert (waits.count, waits.longest_s) == (3, 1e-9)
    assert waits.percentile(99) <= 1e-9


def test_count_and_longest_are_exact() -> None:
    """Whatever the order."""
    waits = Waits()
    for seconds in (0.2, 7.123, 0.1):
        waits.add(seconds)
    assert (waits.count, waits.longest_s) == (3, 7.123)


def test_waits_are_kept_by_what_was_asked() -> None:
    """Each question has its own."""
    tally = Tally()
    tally.took("GET", 1.0)
    tally.took("GET", 2.0)
    tally.took("PUT", 3.0)
    assert {what: waits.count for what, waits in tally.waits.items()} == {
        "GET": 2,
        "PUT": 1,
    }
