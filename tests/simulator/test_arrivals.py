"""When cars come: how many, at what times of day, and never outside the period."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from flexicharge.simulator.arrivals import arrival_times, hour_of_day
from flexicharge.simulator.scenario.values import DAY_S, Arrivals, Span

MIDNIGHT = 1_800_057_600.0 - 1_800_057_600.0 % DAY_S
EVENINGS = (0.0,) * 17 + (1.0, 3.0) + (0.0,) * 5


def times(days: float, *, from_at: float = MIDNIGHT, **how: Any) -> list[float]:
    arrivals, rng = Arrivals(**how), Random(3)
    return list(arrival_times(arrivals, from_at, from_at + days * DAY_S, rng))


def per_day(found: list[float]) -> Counter[int]:
    return Counter(int((at - MIDNIGHT) // DAY_S) for at in found)


@pytest.mark.parametrize("by_hour", [(1.0,) * 24, EVENINGS])
def test_as_many_come_as_they_should(by_hour: tuple[float, ...]) -> None:
    """However the day is weighted: 2,400 in 400 days, give or take five deviations."""
    assert 2150 < len(times(400, per_day=6, by_hour=by_hour)) < 2650


def test_the_number_differs_from_day_to_day() -> None:
    """Chance is no timetable."""
    assert len({*per_day(times(50, per_day=6)).values()}) > 5


def test_hours_have_their_weights() -> None:
    """Three times as many at six as at five in the evening, none at other hours."""
    hours = Counter(hour_of_day(at) for at in times(400, per_day=6, by_hour=EVENINGS))
    assert hours.keys() == {17, 18}
    assert 2.5 < hours[18] / hours[17] < 3.5


@pytest.mark.parametrize("count", [1, 3, 7, 11])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_regular_ones_are_exactly_so_many_every_day(count: int, share: float) -> None:
    """Also where a stay leaves no slack; and each has left before the next one."""
    stay_s = share * DAY_S / count
    found = times(30, per_day=count, regularly=True, stay_s=Span(60.0, stay_s))
    assert per_day(found) == dict.fromkeys(range(30), count)
    assert all(b - a >= stay_s - 1e-3 for a, b in pairwise(found))


def test_a_stay_longer_than_its_part_of_the_day_begins_on_time() -> None:
    """Whoever comes next finds the charger taken; that is for others to see."""
    found = times(1, per_day=24, regularly=True, stay_s=Span(9000.0, 9000.0))
    assert found == [MIDNIGHT + hour * 3600 for hour in range(24)]


@pytest.mark.parametrize("regularly", [True, False])
@pytest.mark.parametrize("days", [0.01, 0.4, 1.7])
def test_they_come_in_order_and_within_the_period(days: float, regularly: bool) -> None:
    """Whatever its length and its beginning."""
    from_at = MIDNIGHT + 12_345.6
    found = times(days, from_at=from_at, per_day=50, regularly=regularly)
    assert found == sorted(found)
    assert all(from_at <= at < from_at + days * DAY_S for at in found)


@pytest.mark.parametrize(
    "how",
    [
        {"per_day": 0},
        {"per_day": 0, "regularly": True},
        {"per_day": 9, "by_hour": (0.0,) * 24},
    ],
)
def test_nobody_may_come_at_all(how: dict[str, Any]) -> None:
    """A rate of zero, in whichever way, is no arrival."""
    assert times(30, **how) == []


def test_the_same_chance_gives_the_same_times() -> None:
    """Nothing else is drawn from."""
    assert times(9, per_day=6) == times(9, per_day=6)


def test_hours_are_those_of_utc() -> None:
    """From 0 to 23, each from its first to its last second."""
    offsets = (0, 3599.9, 3600, DAY_S - 0.1)
    assert [hour_of_day(MIDNIGHT + at) for at in offsets] == [0, 0, 1, 23]
