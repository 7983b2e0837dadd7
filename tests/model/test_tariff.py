"""A session's price: energy split over the hours, added up exactly, rounded once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.model.metering import MeterReading
from flexicharge.model.money import MAX_ORE
from flexicharge.model.tariff import (
    HOUR_S,
    Price,
    billable_course,
    hour_of,
    price_by_the_hour,
)

EIGHT = 1_800_000_000  # the clock strikes: 8 UTC, the start of an hour
FALLBACK = Decimal("2.5")
PRICES = st.decimals(-5, 50, places=5)
TIMES = st.floats(EIGHT, EIGHT + 40 * HOUR_S)


def at(seconds: float, energy_wh: int) -> MeterReading:
    """Return a register, seconds after eight o'clock."""
    return MeterReading(energy_wh=energy_wh, taken_at=EIGHT + seconds)


@st.composite
def courses(draw: st.DrawFn) -> list[MeterReading]:
    """Draw registers that never fall, in time order."""
    times = sorted(draw(st.lists(TIMES, min_size=1, max_size=8)))
    steps = st.lists(st.integers(0, 100_000), min_size=len(times), max_size=len(times))
    register, course = 0, []
    for taken_at, step in zip(times, draw(steps), strict=True):
        register += step
        course.append(MeterReading(energy_wh=register, taken_at=taken_at))
    return course


TARIFFS = st.dictionaries(
    st.integers(0, 41).map(lambda hours: EIGHT + hours * HOUR_S), PRICES
)


@given(st.floats(0, 4e9))
def test_a_time_lies_in_its_hour(moment: float) -> None:
    """The start of an hour is a multiple of 3600 not after the time."""
    assert hour_of(moment) % HOUR_S == 0
    assert hour_of(moment) <= moment < hour_of(moment) + HOUR_S


def test_one_hour_costs_its_tariff() -> None:
    """2 kWh in one hour at 1.50 cost 3 kronor."""
    price = price_by_the_hour(
        [at(0, 500), at(1800, 2500)], {EIGHT: Decimal("1.50")}, FALLBACK
    )
    assert price.total_ore == 300
    assert not price.guessed


def test_energy_between_two_readings_is_split_by_time() -> None:
    """An hour and a half of even power gives a third to the half hour."""
    price = price_by_the_hour(
        [at(1800, 0), at(7200, 3000)],
        {EIGHT: Decimal(1), EIGHT + HOUR_S: Decimal(4)},
        FALLBACK,
    )
    assert [(b.hour_at, b.energy_wh) for b in price.brackets] == [
        (EIGHT, Fraction(1000)),
        (EIGHT + HOUR_S, Fraction(2000)),
    ]
    assert price.total_ore == 100 + 800


def test_the_hours_are_rounded_once_and_not_each() -> None:
    """Three times a third of an öre is one öre, not none."""
    tariffs = {EIGHT + hour * HOUR_S: Decimal("0.01") for hour in range(3)}
    price = price_by_the_hour([at(0, 0), at(3 * HOUR_S, 1000)], tariffs, FALLBACK)
    assert price.total_ore == 1
    assert [b.energy_wh for b in price.brackets] == [Fraction(1000, 3)] * 3


def test_half_an_ore_is_rounded_up() -> None:
    """10.5 öre cost 11."""
    price = price_by_the_hour([at(0, 0), at(60, 105)], {EIGHT: Decimal(1)}, FALLBACK)
    assert price.total_ore == 11


def test_a_missing_hour_costs_the_fallback_and_is_marked() -> None:
    """An hour without a tariff is priced all the same, and says so."""
    price = price_by_the_hour(
        [at(0, 0), at(2 * HOUR_S, 2000)], {EIGHT: Decimal(1)}, FALLBACK
    )
    assert price.total_ore == 100 + 250
    assert [b.guessed for b in price.brackets] == [False, True]
    assert price.guessed


def test_a_fixed_price_counts_for_every_hour() -> None:
    """A site's own price overrides the tariff and is never a guess."""
    price = price_by_the_hour(
        [at(0, 0), at(2 * HOUR_S, 2000)],
        {EIGHT: Decimal(9)},
        FALLBACK,
        fixed_sek_per_kwh=Decimal("0.5"),
    )
    assert price.total_ore == 100
    assert not price.guessed


def test_a_negative_hour_makes_the_session_cheaper() -> None:
    """A negative hour is set off against the others."""
    tariffs = {EIGHT: Decimal(-1), EIGHT + HOUR_S: Decimal(3)}
    price = price_by_the_hour([at(0, 0), at(2 * HOUR_S, 2000)], tariffs, FALLBACK)
    assert price.total_ore == 200


def test_a_session_never_pays_the_driver() -> None:
    """Only negative hours cost nothing; they are shown as they are."""
    price = price_by_the_hour([at(0, 0), at(60, 1000)], {EIGHT: Decimal(-1)}, FALLBACK)
    assert price.total_ore == 0
    assert price.brackets[0].sek_per_kwh == -1


def test_a_price_stays_what_every_client_can_read() -> None:
    """The largest price is the largest integer that JSON readers hold exactly."""
    price = price_by_the_hour(
        [at(0, 0), at(60, 10**12)], {EIGHT: Decimal(10**9)}, FALLBACK
    )
    assert price.total_ore == MAX_ORE


@pytest.mark.parametrize("readings", [[], [at(0, 5)], [at(0, 5), at(60, 5)]])
def test_no_energy_costs_nothing(readings: list[MeterReading]) -> None:
    """Without a difference of registers there is nothing to pay and no hour to show."""
    assert price_by_the_hour(readings, {}, FALLBACK) == Price(total_ore=0, brackets=())


def test_energy_that_came_in_no_time_belongs_to_that_hour() -> None:
    """Two registers of the same moment still count in full."""
    price = price_by_the_hour([at(60, 0), at(60, 1000)], {EIGHT: Decimal(1)}, FALLBACK)
    assert price.total_ore == 100


@given(courses(), TARIFFS)
def test_the_hours_add_up_to_the_energy_exactly(
    course: list[MeterReading], tariffs: dict[int, Decimal]
) -> None:
    """No Wh is lost or made between the hours."""
    price = price_by_the_hour(course, tariffs, FALLBACK)
    assert (
        sum(b.energy_wh for b in price.brackets)
        == course[-1].energy_wh - course[0].energy_wh
    )
    hours = [b.hour_at for b in price.brackets]
    assert hours == sorted(set(hours))
    assert all(b.energy_wh > 0 for b in price.brackets)


@given(courses(), st.decimals(0, 50, places=5), st.decimals(0, 50, places=5))
def test_a_higher_price_never_costs_less(
    course: list[MeterReading], one: Decimal, other: Decimal
) -> None:
    """The total rises with the price per kWh."""
    totals = [
        price_by_the_hour(course, {}, FALLBACK, fixed_sek_per_kwh=sek).total_ore
        for sek in sorted((one, other))
    ]
    assert totals == sorted(totals)


@given(courses(), st.decimals(0, 50, places=5))
def test_more_energy_never_costs_less(
    course: list[MeterReading], sek_per_kwh: Decimal
) -> None:
    """Where no hour is negative, the total rises with every reading."""
    totals = [
        price_by_the_hour(course[:count], {}, sek_per_kwh).total_ore
        for count in range(1, len(course) + 1)
    ]
    assert totals == sorted(totals)


@given(courses(), TARIFFS)
def test_a_price_is_its_hours_rounded_half_up_and_never_negative(
    course: list[MeterReading], tariffs: dict[int, Decimal]
) -> None:
    """The total is within half an öre of the exact sum, or 0 below that."""
    price = price_by_the_hour(course, tariffs, FALLBACK)
    exact_ore = sum(
        (b.energy_wh * Fraction(b.sek_per_kwh) / 10 for b in price.brackets),
        Fraction(0),
    )
    if exact_ore < 0:
        assert price.total_ore == 0
    else:
        assert Fraction(-1, 2) < price.total_ore - exact_ore <= Fraction(1, 2)


@given(
    st.lists(st.tuples(TIMES, st.integers(0, 10**6)), max_size=8),
    TIMES,
    TIMES,
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_a_billable_course_never_falls_and_ends_at_the_billed_energy(
    said: list[tuple[float, int]],
    started_at: float,
    stop_at: float,
    start_wh: int,
    energy_wh: int,
) -> None:
    """Whatever the meter said, the course rises from the start to what is billed."""
    readings = [MeterReading(energy_wh=wh, taken_at=when) for when, wh in sorted(said)]
    start = MeterReading(energy_wh=start_wh, taken_at=started_at)
    course = billable_course(readings, start, stop_at, energy_wh)
    assert course[0] == start
    assert course[-1].energy_wh == start_wh + energy_wh
    assert all(a.energy_wh <= b.energy_wh for a, b in pairwise(course))
    assert all(a.taken_at <= b.taken_at for a, b in pairwise(course))
    assert course[-1].taken_at == max(stop_at, started_at)


def test_a_billable_course_follows_the_readings_inside_the_session() -> None:
    """Readings from before and after the session are left out; dips are levelled."""
    readings = [at(-60, 900), at(60, 1200), at(120, 1100), at(180, 9000), at(900, 9500)]
    course = billable_course(readings, at(0, 1000), EIGHT + 300.0, 500)
    assert [(r.taken_at - EIGHT, r.energy_wh) for r in course] == [
        (0, 1000),
        (60, 1200),
        (120, 1200),
        (180, 1500),
        (300, 1500),
    ]
