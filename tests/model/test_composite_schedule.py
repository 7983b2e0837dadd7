"""The composite schedule says at every second what the rules say at that second."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import (
    DAY_S,
    ChargingProfile,
    Installed,
    Kind,
    Period,
    Purpose,
    RateUnit,
    Recurrency,
    Schedule,
)
from flexicharge.model.composite_schedule import (
    MAX_WINDOW_S,
    Mains,
    Situation,
    Transaction,
    composite,
)

AT = 1_800_000_000.0
RUNNING = Transaction(transaction_id=5, connector_id=1, started_at=AT - 100.5)


def installed(
    purpose: Purpose,
    *limits: tuple[int, int],
    connector_id: int = 1,
    unit: RateUnit = RateUnit.AMPERES,
    duration_s: int | None = None,
    phases: int | None = None,
    **changes: Any,
) -> Installed:
    periods = tuple(
        Period(start_s=start, limit=Decimal(amount), phases=phases)
        for start, amount in limits
    )
    schedule = Schedule(unit=unit, periods=periods, duration_s=duration_s, starts_at=AT)
    profile = ChargingProfile(
        profile_id=1,
        **{
            "stack_level": 0,
            "purpose": purpose,
            "kind": Kind.ABSOLUTE,
            "schedule": schedule,
            **changes,
        },
    )
    is_max = purpose is Purpose.CHARGE_POINT_MAX
    return Installed(connector_id=0 if is_max else connector_id, profile=profile)


def computed(
    *all_installed: Installed, connector_id: int = 1, **changes: Any
) -> list[tuple[int, float]] | None:
    situation = Situation(all_installed, changes.pop("transactions", (RUNNING,)))
    how: dict[str, Any] = {"starts_at": AT, "duration_s": 600, **changes}
    schedule = composite(situation, connector_id, **how)
    if schedule is None:
        return None
    return [(period.start_s, float(period.limit)) for period in schedule.periods]


def test_without_a_profile_there_is_no_schedule() -> None:
    """Nothing limits the charger."""
    assert computed() is None


def test_the_lowest_purpose_holds_at_every_moment() -> None:
    """The charger's limit and the default's, cut where either changes."""
    assert computed(
        installed(Purpose.CHARGE_POINT_MAX, (0, 20), (300, 8)),
        installed(Purpose.TX_DEFAULT, (0, 10), (100, 32)),
    ) == [(0, 10.0), (100, 20.0), (300, 8.0)]


def test_a_transactions_own_profile_overrules_the_default() -> None:
    """Even where it allows more; and only for its own transaction."""
    default = installed(Purpose.TX_DEFAULT, (0, 10))
    own = installed(Purpose.TX, (0, 16), duration_s=60, transaction_id=5)
    assert computed(default, own) == [(0, 16.0), (60, 10.0)]
    other = installed(Purpose.TX, (0, 16), transaction_id=6)
    assert computed(default, other) == [(0, 10.0)]
    assert computed(default, own, transactions=()) == [(0, 10.0)]


def test_a_connectors_default_overrules_the_chargers() -> None:
    """On that connector alone."""
    everywhere = installed(Purpose.TX_DEFAULT, (0, 6), connector_id=0)
    here = installed(Purpose.TX_DEFAULT, (0, 16))
    assert computed(everywhere, here) == [(0, 16.0)]
    assert computed(everywhere, here, connector_id=2) == [(0, 6.0)]


def test_the_highest_stack_level_that_says_anything_holds() -> None:
    """Where it is over or not valid, the one below takes its place."""
    low = installed(Purpose.TX_DEFAULT, (0, 6))
    high = installed(
        Purpose.TX_DEFAULT, (0, 16), stack_level=3, valid_from=AT + 50, valid_to=AT + 90
    )
    assert computed(low, high) == [(0, 6.0), (50, 16.0), (90, 6.0)]


def test_a_recurring_profile_comes_again_within_the_window() -> None:
    """Each round of a window of three days."""
    nightly = installed(
        Purpose.TX_DEFAULT,
        (0, 6),
        duration_s=3600,
        stack_level=1,
        kind=Kind.RECURRING,
        recurrency=Recurrency.DAILY,
    )
    always = installed(Purpose.TX_DEFAULT, (0, 32))
    rounds = computed(nightly, always, starts_at=AT + 1800, duration_s=2 * DAY_S)
    assert rounds == [
        (0, 6.0),
        (1800, 32.0),
        (DAY_S - 1800, 6.0),
        (DAY_S + 1800, 32.0),
        (2 * DAY_S - 1800, 6.0),
    ]


def test_a_relative_profile_counts_from_the_transactions_start() -> None:
    """Which was a hundred seconds and a half ago."""
    own = installed(Purpose.TX, (0, 6), (200, 16), kind=Kind.RELATIVE)
    assert computed(own) == [(0, 6.0), (100, 16.0)]


def test_a_schedule_ends_where_nothing_limits_any_more() -> None:
    """Its duration says so."""
    short = installed(Purpose.TX_DEFAULT, (0, 6), duration_s=60)
    schedule = composite(Situation((short,)), 1, starts_at=AT, duration_s=600)
    assert schedule is not None
    assert (schedule.duration_s, len(schedule.periods)) == (60, 1)


def test_connector_zero_is_limited_by_the_charger_alone() -> None:
    """What its connectors may draw is theirs."""
    limit = installed(Purpose.CHARGE_POINT_MAX, (0, 20))
    default = installed(Purpose.TX_DEFAULT, (0, 6))
    assert computed(limit, default, connector_id=0) == [(0, 20.0)]


def test_amperes_and_watts_are_compared_in_one_unit() -> None:
    """By volts and phases; never rounded up."""
    watts = installed(Purpose.CHARGE_POINT_MAX, (0, 7000), unit=RateUnit.WATTS)
    amperes = installed(Purpose.TX_DEFAULT, (0, 16), phases=1)
    assert computed(watts, amperes) == [(0, 10.1)]
    assert computed(watts, amperes, unit=RateUnit.WATTS) == [(0, 3680.0)]


def test_one_phase_mains_give_a_third() -> None:
    """Where a profile does not say how many phases."""
    mains = Mains(phases=1)
    limit = Decimal(2300)
    assert mains.converted(limit, None, RateUnit.WATTS, RateUnit.AMPERES) == 10
    assert mains.converted(limit, None, RateUnit.WATTS, RateUnit.WATTS) == limit


@pytest.mark.parametrize("duration_s", [0, -1, MAX_WINDOW_S + 1])
def test_a_window_has_its_bounds(duration_s: int) -> None:
    """Nobody plans longer, and nobody can compute for ever."""
    with pytest.raises(UnusableValue):
        computed(duration_s=duration_s)


@st.composite
def profiles(draw: st.DrawFn) -> Installed:
    """Any sound profile around the time of the window."""
    purpose = draw(st.sampled_from(Purpose))
    starts = sorted(draw(st.sets(st.integers(1, 500), max_size=3)))
    limits = st.integers(0, 32)
    kind = draw(st.sampled_from(Kind))
    if purpose is Purpose.CHARGE_POINT_MAX and kind is Kind.RELATIVE:
        kind = Kind.ABSOLUTE
    bounds = st.none() | st.integers(-300, 900).map(lambda s: AT + s)
    one = installed(
        purpose,
        *((start, draw(limits)) for start in (0, *starts)),
        connector_id=draw(st.integers(0, 2)),
        duration_s=draw(st.none() | st.integers(1, 600)),
        stack_level=draw(st.integers(0, 3)),
        kind=kind,
        recurrency=draw(st.sampled_from(Recurrency))
        if kind is Kind.RECURRING
        else None,
        valid_from=draw(bounds),
        valid_to=draw(bounds),
        transaction_id=draw(st.sampled_from([None, 5, 6])),
    )
    shift = draw(st.integers(-2 * DAY_S, 600))
    starts_at = None if kind is Kind.RELATIVE else AT + shift
    schedule = evolve(one.profile.schedule, starts_at=starts_at)
    return evolve(one, profile=evolve(one.profile, schedule=schedule))


@settings(max_examples=60, deadline=None)
@given(st.lists(profiles(), max_size=6), st.integers(0, 2))
def test_every_second_of_it_is_what_the_rules_say(
    some: list[Installed], connector_id: int
) -> None:
    """Second by second: the schedule is the rules, written down."""
    situation = Situation(tuple(some), (RUNNING,))
    schedule = composite(situation, connector_id, starts_at=AT, duration_s=400)
    said = []
    for second in range(400):
        limit = situation.limit_at(connector_id, AT + second, RateUnit.AMPERES)
        if limit is None:
            break
        said.append((limit.amount, limit.phases))
    if schedule is None:
        assert said == []
        return
    assert schedule.duration_s == len(said)
    written = [schedule.period_at(second) for second in range(len(said))]
    assert [(p.limit, p.phases) for p in written if p is not None] == said


@settings(max_examples=60, deadline=None)
@given(st.lists(profiles(), max_size=5), st.integers(0, 399))
def test_no_connector_is_allowed_more_than_its_charger(
    some: list[Installed], second: int
) -> None:
    """Whatever lies on it besides."""
    cap = installed(Purpose.CHARGE_POINT_MAX, (0, 9), stack_level=9)
    situation = Situation((*some, cap), (RUNNING,))
    limit = situation.limit_at(1, AT + second, RateUnit.AMPERES)
    assert limit is not None
    assert limit.amount <= 9


@settings(max_examples=60, deadline=None)
@given(st.lists(profiles(), max_size=5), st.integers(0, 399))
def test_a_lower_stack_level_changes_nothing_under_a_whole_one(
    some: list[Installed], second: int
) -> None:
    """A default of the highest level that never ends hides all below it."""
    top = installed(Purpose.TX_DEFAULT, (0, 13), stack_level=9)
    bottom = installed(Purpose.TX_DEFAULT, (0, 1), stack_level=0)
    with_both = Situation((*some, top, bottom), (RUNNING,))
    with_top = Situation((*some, top), (RUNNING,))
    for situation in (with_both, with_top):
        assert situation.limit_at(1, AT + second, RateUnit.AMPERES) is not None
    assert with_both.limit_at(1, AT + second, RateUnit.AMPERES) == with_top.limit_at(
        1, AT + second, RateUnit.AMPERES
    )
