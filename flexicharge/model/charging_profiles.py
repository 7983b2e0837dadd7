"""Charging profiles: what they are, which go together, which rules at a moment.

Times are POSIX seconds, periods count seconds from their schedule's start, limits are
amperes per phase or watts in all (OCPP 1.6 §3.13, §7.8 to §7.14).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final

from attrs import frozen

DAY_S: Final = 86_400
MAX_PHASES: Final = 3


class Purpose(StrEnum):
    """What a profile limits."""

    CHARGE_POINT_MAX = "ChargePointMaxProfile"  # the whole charger, always
    TX_DEFAULT = "TxDefaultProfile"  # any transaction that has no profile of its own
    TX = "TxProfile"  # one transaction


class Kind(StrEnum):
    """What a schedule's start is counted from."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class Recurrency(StrEnum):
    """After how long a schedule begins anew."""

    DAILY = "Daily"
    WEEKLY = "Weekly"

    @property
    def seconds(self) -> int:
        """The length of one round."""
        return DAY_S if self is Recurrency.DAILY else 7 * DAY_S


class RateUnit(StrEnum):
    """What limits are counted in."""

    AMPERES = "A"
    WATTS = "W"


@frozen(kw_only=True)
class Period:
    """A limit that holds from `start_s` on, until the next period."""

    start_s: int
    limit: Decimal
    phases: int | None = None  # None is three


@frozen(kw_only=True)
class Schedule:
    """Periods in time order; without a duration the last one goes on."""

    unit: RateUnit
    periods: tuple[Period, ...]
    duration_s: int | None = None
    starts_at: float | None = None
    min_rate: Decimal | None = None

    def period_at(self, offset_s: float) -> Period | None:
        """Return the period that holds so long after the start; None after the end."""
        if offset_s < 0 or (
            self.duration_s is not None and offset_s >= self.duration_s
        ):
            return None
        begun = bisect_right(self.periods, offset_s, key=lambda period: period.start_s)
        return self.periods[begun - 1] if begun else None


@frozen(kw_only=True)
class ChargingProfile:
    """One profile as it lies on a charger."""

    profile_id: int
    stack_level: int
    purpose: Purpose
    kind: Kind
    schedule: Schedule
    recurrency: Recurrency | None = None
    valid_from: float | None = None
    valid_to: float | None = None
    transaction_id: int | None = None

    def is_valid_at(self, at: float) -> bool:
        """Tell whether the profile is in force; it is not any more at its very end."""
        began = self.valid_from is None or self.valid_from <= at
        return began and (self.valid_to is None or at < self.valid_to)

    def begun_at(self, at: float, transaction_started_at: float | None) -> float | None:
        """Return when the round of the schedule that runs at a time began.

        None if none has begun: a recurring schedule has no round before its first, a
        relative one none without a transaction.
        """
        start = (
            transaction_started_at
            if self.kind is Kind.RELATIVE or self.schedule.starts_at is None
            else self.schedule.starts_at
        )
        if start is None or at < start:
            return None
        if self.kind is not Kind.RECURRING or self.recurrency is None:
            return start
        return at - (at - start) % self.recurrency.seconds

    def period_at(
        self, at: float, transaction_started_at: float | None = None
    ) -> Period | None:
        """Return the period that rules at a time, if this profile says anything."""
        if not self.is_valid_at(at):
            return None
        begun_at = self.begun_at(at, transaction_started_at)
        return None if begun_at is None else self.schedule.period_at(at - begun_at)


@frozen(kw_only=True)
class Installed:
    """A profile, and the connector it lies on; 0 is the whole charger."""

    connector_id: int
    profile: ChargingProfile


def install(installed: Iterable[Installed], new: Installed) -> tuple[Installed, ...]:
    """Return what lies on a charger once it has accepted a profile.

    A profile takes the place of the one with its id, and of the one with its purpose
    and stack level on its connector (OCPP 1.6 §5.16.2).
    """
    return (*(old for old in installed if not _is_replaced(old, new)), new)


def _is_replaced(old: Installed, new: Installed) -> bool:
    if old.profile.profile_id == new.profile.profile_id:
        return True
    return (
        old.connector_id == new.connector_id
        and old.profile.purpose is new.profile.purpose
        and old.profile.stack_level == new.profile.stack_level
    )


@frozen(kw_only=True)
class Clearing:
    """Which profiles are to be cleared: by id, or by all that is given (§5.4)."""

    profile_id: int | None = None
    connector_id: int | None = None
    purpose: Purpose | None = None
    stack_level: int | None = None

    def covers(self, installed: Installed) -> bool:
        """Tell whether a profile is cleared; an id alone decides if it is given."""
        profile = installed.profile
        if self.profile_id is not None:
            return profile.profile_id == self.profile_id
        return (
            self.connector_id in (None, installed.connector_id)
            and self.purpose in (None, profile.purpose)
            and self.stack_level in (None, profile.stack_level)
        )


def clear(installed: Iterable[Installed], clearing: Clearing) -> tuple[Installed, ...]:
    """Return what is left on a charger once it has cleared."""
    return tuple(one for one in installed if not clearing.covers(one))


def without_transaction(
    installed: Iterable[Installed], connector_id: int
) -> tuple[Installed, ...]:
    """Return what is left when a connector's transaction ends: no TxProfile of it."""
    return tuple(
        one
        for one in installed
        if one.connector_id != connector_id or one.profile.purpose is not Purpose.TX
    )
