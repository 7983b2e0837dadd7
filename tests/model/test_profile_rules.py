"""Profiles that make no sense are refused with a reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve

from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import (
    ChargingProfile,
    Installed,
    Kind,
    Period,
    Purpose,
    RateUnit,
    Recurrency,
    Schedule,
)
from flexicharge.model.profile_rules import MAX_PERIODS, ProfileRefused, check

AT = 1_800_000_000.0
SCHEDULE = Schedule(
    unit=RateUnit.WATTS,
    periods=(Period(start_s=0, limit=Decimal("6000.0"), phases=3),),
    duration_s=60,
    starts_at=AT,
)
DEFAULT = ChargingProfile(
    profile_id=1,
    stack_level=0,
    purpose=Purpose.TX_DEFAULT,
    kind=Kind.ABSOLUTE,
    schedule=SCHEDULE,
    valid_from=AT,
    valid_to=AT + 60,
)
RELATIVE = evolve(
    DEFAULT,
    purpose=Purpose.TX,
    kind=Kind.RELATIVE,
    schedule=evolve(SCHEDULE, starts_at=None),
)


def held(connector_id: int, profile: ChargingProfile, **how: Any) -> None:
    check(Installed(connector_id=connector_id, profile=profile), **how)


def test_sound_profiles_pass() -> None:
    """Each purpose where it belongs."""
    held(0, DEFAULT)
    held(1, DEFAULT)
    held(0, evolve(DEFAULT, purpose=Purpose.CHARGE_POINT_MAX))
    held(1, evolve(DEFAULT, purpose=Purpose.TX, transaction_id=5))
    held(1, evolve(DEFAULT, kind=Kind.RECURRING, recurrency=Recurrency.DAILY))
    held(1, RELATIVE)
    held(0, RELATIVE, for_remote_start=True)


def periods(*periods: tuple[int, str]) -> ChargingProfile:
    made = tuple(Period(start_s=start, limit=Decimal(text)) for start, text in periods)
    return evolve(DEFAULT, schedule=evolve(SCHEDULE, periods=made))


@pytest.mark.parametrize(
    "profile",
    [
        periods(),
        periods(*((number, "1") for number in range(MAX_PERIODS + 1))),
        periods((1, "6")),
        periods((0, "6"), (60, "7"), (60, "8")),
        periods((0, "6"), (60, "7"), (30, "8")),
        periods((0, "-1")),
        periods((0, "6.05")),
        periods((0, "NaN")),
        periods((0, "Infinity")),
        evolve(DEFAULT, schedule=evolve(SCHEDULE, duration_s=0)),
        evolve(
            DEFAULT,
            schedule=evolve(
                SCHEDULE, periods=(Period(start_s=0, limit=Decimal(1), phases=4),)
            ),
        ),
        evolve(DEFAULT, stack_level=-1),
    ],
)
def test_values_out_of_bounds_are_refused(profile: ChargingProfile) -> None:
    """Periods, limits, phases, durations and levels have theirs."""
    with pytest.raises(UnusableValue):
        held(1, profile)


@pytest.mark.parametrize(
    ("connector_id", "profile"),
    [
        (1, evolve(DEFAULT, kind=Kind.RELATIVE)),
        (1, evolve(DEFAULT, schedule=evolve(SCHEDULE, starts_at=None))),
        (1, evolve(DEFAULT, kind=Kind.RECURRING)),
        (1, evolve(DEFAULT, recurrency=Recurrency.DAILY)),
        (1, evolve(DEFAULT, valid_to=AT)),
        (1, evolve(DEFAULT, purpose=Purpose.CHARGE_POINT_MAX)),
        (0, evolve(RELATIVE, purpose=Purpose.CHARGE_POINT_MAX)),
        (0, RELATIVE),
        (1, evolve(DEFAULT, transaction_id=5)),
    ],
)
def test_what_does_not_go_together_is_refused(
    connector_id: int, profile: ChargingProfile
) -> None:
    """Kinds and starts, recurrency, validity, purposes and their places."""
    with pytest.raises(ProfileRefused):
        held(connector_id, profile)


@pytest.mark.parametrize("profile", [DEFAULT, evolve(RELATIVE, transaction_id=5)])
def test_a_remote_start_takes_a_fresh_tx_profile_only(profile: ChargingProfile) -> None:
    """OCA 059, 060."""
    with pytest.raises(ProfileRefused):
        held(1, profile, for_remote_start=True)


def test_a_profile_may_be_open_at_either_end() -> None:
    """Valid from for ever, or until."""
    held(1, evolve(DEFAULT, valid_from=None))
    held(1, evolve(DEFAULT, valid_to=None))
