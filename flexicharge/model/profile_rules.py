"""Which charging profiles make sense (OCPP 1.6 §3.13 and its errata)."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Final

from flexicharge.errors import Conflict, UnusableValue
from flexicharge.model.charging_profiles import (
    MAX_PHASES,
    ChargingProfile,
    Installed,
    Kind,
    Purpose,
)

MAX_PERIODS: Final = 256
LIMIT_STEP: Final = Decimal("0.1")


class ProfileRefused(Conflict):
    """A profile breaks a rule of smart charging; the message says which."""


def check(installed: Installed, *, for_remote_start: bool = False) -> None:
    """Hold a profile against the rules; raise `ProfileRefused` or `UnusableValue`."""
    _check_schedule(installed.profile)
    _check_kind(installed.profile)
    _check_purpose(installed, for_remote_start=for_remote_start)


def _check_schedule(profile: ChargingProfile) -> None:
    schedule = profile.schedule
    starts = [period.start_s for period in schedule.periods]
    if not starts or len(starts) > MAX_PERIODS:
        raise UnusableValue(f"a schedule has 1 to {MAX_PERIODS} periods")
    if starts[0] != 0:
        raise UnusableValue("the first period starts at 0")
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise UnusableValue("periods are in time order, no two at once")
    if schedule.duration_s is not None and schedule.duration_s <= 0:
        raise UnusableValue("a duration is positive")
    for period in schedule.periods:
        _check_limit(period.limit)
        if period.phases is not None and not 1 <= period.phases <= MAX_PHASES:
            raise UnusableValue("a period has one to three phases")


def _check_limit(limit: Decimal) -> None:
    if not limit.is_finite() or limit < 0 or limit % LIMIT_STEP:
        raise UnusableValue("a limit is not negative and has one decimal at most")


def _check_kind(profile: ChargingProfile) -> None:
    has_start = profile.schedule.starts_at is not None
    if profile.kind is Kind.RELATIVE and has_start:
        raise ProfileRefused("a relative schedule has no startSchedule")
    if profile.kind is not Kind.RELATIVE and not has_start:
        raise ProfileRefused("a schedule that is not relative has a startSchedule")
    if (profile.kind is Kind.RECURRING) != (profile.recurrency is not None):
        raise ProfileRefused("recurrencyKind belongs to recurring profiles alone")
    is_backwards = (
        profile.valid_from is not None
        and profile.valid_to is not None
        and profile.valid_to <= profile.valid_from
    )
    if is_backwards:
        raise ProfileRefused("validTo is after validFrom")
    if profile.stack_level < 0:
        raise UnusableValue("a stack level is not negative")


def _check_purpose(installed: Installed, *, for_remote_start: bool) -> None:
    profile, connector_id = installed.profile, installed.connector_id
    if for_remote_start and profile.purpose is not Purpose.TX:
        raise ProfileRefused("a remote start takes a TxProfile only")
    if for_remote_start and profile.transaction_id is not None:
        raise ProfileRefused("a remote start's profile has no transactionId yet")
    if profile.purpose is Purpose.CHARGE_POINT_MAX and connector_id != 0:
        raise ProfileRefused("a ChargePointMaxProfile lies on connector 0")
    if profile.purpose is Purpose.CHARGE_POINT_MAX and profile.kind is Kind.RELATIVE:
        raise ProfileRefused("a ChargePointMaxProfile is not relative")
    if profile.purpose is Purpose.TX and connector_id == 0 and not for_remote_start:
        raise ProfileRefused("a TxProfile lies on the connector of its transaction")
    if profile.purpose is not Purpose.TX and profile.transaction_id is not None:
        raise ProfileRefused("transactionId belongs to a TxProfile alone")
