"""When cars come to a charger."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random
from typing import Final

from flexicharge.simulator.scenario.values import DAY_S, HOURS, Arrivals

HOUR_S: Final = DAY_S / HOURS


def arrival_times(
    arrivals: Arrivals, from_at: float, until_at: float, rng: Random
) -> Iterator[float]:
    """Yield the POSIX times of a charger's arrivals in a period, in order."""
    if arrivals.per_day <= 0:
        return
    times = _regular if arrivals.regularly else _by_chance
    yield from times(arrivals, from_at, until_at, rng)


def _by_chance(
    arrivals: Arrivals, from_at: float, until_at: float, rng: Random
) -> Iterator[float]:
    """Yield a Poisson process at the busiest hour's rate, thinned in the others."""
    busiest = max(arrivals.by_hour)
    mean = sum(arrivals.by_hour) / HOURS
    if mean <= 0:
        return
    per_s = arrivals.per_day / DAY_S * busiest / mean
    at = from_at
    while (at := at + rng.expovariate(per_s)) < until_at:
        if rng.random() * busiest < arrivals.by_hour[hour_of_day(at)]:
            yield at


def _regular(
    arrivals: Arrivals, from_at: float, until_at: float, rng: Random
) -> Iterator[float]:
    """Yield one time in each equal part of a day, early enough to leave within it."""
    part_s = DAY_S / arrivals.per_day
    slack_s = max(part_s - arrivals.stay_s.high, 0.0)
    for place in count():
        begins_at = from_at + place * part_s
        if begins_at >= until_at:
            return
        at = begins_at + slack_s * rng.random()
        if at < until_at:
            yield at


def hour_of_day(at: float) -> int:
    """Return the hour of the day, 0 to 23, in UTC."""
    return int(at % DAY_S // HOUR_S)
