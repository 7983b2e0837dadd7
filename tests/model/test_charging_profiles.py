"""Charging profiles: validity, rounds, and what lies on a charger."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.model.charging_profiles import (
    DAY_S,
    ChargingProfile,
    Clearing,
    Installed,
    Kind,
    Period,
    Purpose,
    RateUnit,
    Recurrency,
    Schedule,
    clear,
    install,
    without_transaction,
)

MONDAY = 1_799_625_600.0  # 2027-01-11T00:00:00Z


def profile(profile_id: int = 1, **changes: Any) -> ChargingProfile:
    schedule = Schedule(
        unit=RateUnit.AMPERES,
        periods=(
            Period(start_s=0, limit=Decimal(6)),
            Period(start_s=3600, limit=Decimal(16)),
        ),
        duration_s=changes.pop("duration_s", 7200),
        starts_at=changes.pop("starts_at", MONDAY),
    )
    return ChargingProfile(
        profile_id=profile_id,
        **{
            "stack_level": 0,
            "purpose": Purpose.TX_DEFAULT,
            "kind": Kind.ABSOLUTE,
            "schedule": schedule,
            **changes,
        },
    )


def limit(one: ChargingProfile, at: float, started: float | None = None) -> int | None:
    period = one.period_at(at, started)
    return None if period is None else int(period.limit)


def test_periods_follow_each_other_until_the_duration_is_over() -> None:
    """Before its start and from its end on a schedule says nothing."""
    one = profile()
    assert [limit(one, MONDAY + s) for s in (-1, 0, 3599, 3600, 7199, 7200)] == [
        None,
        6,
        6,
        16,
        16,
        None,
    ]


def test_without_a_duration_the_last_period_goes_on() -> None:
    """For ever."""
    assert limit(profile(duration_s=None), MONDAY + 10 * DAY_S) == 16


def test_a_profile_is_valid_from_and_until() -> None:
    """At its very end it is not any more."""
    one = profile(valid_from=MONDAY + 10, valid_to=MONDAY + 20)
    assert [limit(one, MONDAY + s) for s in (9, 10, 19, 20)] == [None, 6, 6, None]


@pytest.mark.parametrize(
    ("recurrency", "length"),
    [(Recurrency.DAILY, DAY_S), (Recurrency.WEEKLY, 7 * DAY_S)],
)
def test_a_recurring_schedule_begins_anew(recurrency: Recurrency, length: int) -> None:
    """Not before its first round."""
    one = profile(kind=Kind.RECURRING, recurrency=recurrency)
    assert limit(one, MONDAY - 1) is None
    assert limit(one, MONDAY + 5 * length) == 6
    assert limit(one, MONDAY + 5 * length + 3600) == 16
    assert limit(one, MONDAY + 5 * length + 7200) is None


def test_a_relative_schedule_begins_with_the_transaction() -> None:
    """Without one it says nothing."""
    one = profile(kind=Kind.RELATIVE, starts_at=None, purpose=Purpose.TX)
    assert limit(one, MONDAY) is None
    assert limit(one, MONDAY + 3600, MONDAY) == 16


def test_a_schedule_without_periods_says_nothing() -> None:
    """Nor before its first period, should that not start at once."""
    empty = Schedule(unit=RateUnit.WATTS, periods=())
    assert empty.period_at(0) is None
    late = Schedule(unit=RateUnit.WATTS, periods=(Period(start_s=5, limit=Decimal(1)),))
    assert late.period_at(4) is None


@given(st.integers(0, 10**9), st.sampled_from(Recurrency))
def test_a_round_is_never_longer_than_its_length(
    later_s: int, recurrency: Recurrency
) -> None:
    """It began less than one length ago, and whole lengths after the first."""
    one = profile(kind=Kind.RECURRING, recurrency=recurrency)
    begun_at = one.begun_at(MONDAY + later_s, None)
    assert begun_at is not None
    assert 0 <= MONDAY + later_s - begun_at < recurrency.seconds
    assert (begun_at - MONDAY) % recurrency.seconds == 0


def on(connector_id: int, one: ChargingProfile) -> Installed:
    return Installed(connector_id=connector_id, profile=one)


def ids(installed: tuple[Installed, ...]) -> list[int]:
    return [one.profile.profile_id for one in installed]


def test_a_new_profile_takes_the_place_of_its_like() -> None:
    """By its id wherever that lay, or by purpose and level on its connector."""
    there = (
        on(1, profile(1)),
        on(2, profile(2)),
        on(1, profile(3, stack_level=1)),
        on(1, profile(4, purpose=Purpose.TX)),
    )
    assert ids(install(there, on(1, profile(5)))) == [2, 3, 4, 5]
    assert ids(install(there, on(3, profile(2)))) == [1, 3, 4, 2]


@pytest.mark.parametrize(
    ("clearing", "left"),
    [
        (Clearing(), []),
        (Clearing(profile_id=1), [2, 3]),
        (Clearing(profile_id=1, connector_id=9), [2, 3]),
        (Clearing(connector_id=1), [2]),
        (Clearing(connector_id=1, purpose=Purpose.TX_DEFAULT, stack_level=1), [1, 2]),
        (Clearing(purpose=Purpose.TX_DEFAULT), []),
        (Clearing(stack_level=7), [1, 2, 3]),
    ],
)
def test_exactly_what_fits_is_cleared(clearing: Clearing, left: list[int]) -> None:
    """By id alone, by criteria, or everything (OCA 067)."""
    there = (on(1, profile(1)), on(2, profile(2)), on(1, profile(3, stack_level=1)))
    assert ids(clear(there, clearing)) == left


def test_a_transactions_profile_goes_with_it() -> None:
    """Those of other connectors, and default ones, stay."""
    there = (
        on(1, profile(1, purpose=Purpose.TX)),
        on(2, profile(2, purpose=Purpose.TX)),
        on(1, profile(3)),
    )
    assert ids(without_transaction(there, 1)) == [2, 3]
