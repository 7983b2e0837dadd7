"""The composite schedule: what all profiles of a charger allow together (§3.13.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from decimal import ROUND_DOWN, Decimal
from math import ceil
from typing import Final

from attrs import frozen

from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import (
    DAY_S,
    MAX_PHASES,
    ChargingProfile,
    Installed,
    Kind,
    Period,
    Purpose,
    RateUnit,
    Schedule,
)
from flexicharge.model.profile_rules import LIMIT_STEP

MAX_WINDOW_S: Final = 7 * DAY_S


@frozen(kw_only=True)
class Transaction:
    """What runs on a connector, by its number on the charger."""

    transaction_id: int
    connector_id: int
    started_at: float


@frozen(kw_only=True)
class Mains:
    """What a charger stands on: by this amperes are told in watts and back."""

    volts: Decimal = Decimal(230)
    phases: int = MAX_PHASES

    def converted(
        self, limit: Decimal, phases: int | None, unit: RateUnit, into: RateUnit
    ) -> Decimal:
        """Return a limit in another unit, never more than it was."""
        if unit is into:
            return limit
        per_ampere = self.volts * (phases or self.phases)
        exact = limit * per_ampere if into is RateUnit.WATTS else limit / per_ampere
        return exact.quantize(LIMIT_STEP, ROUND_DOWN)


@frozen(kw_only=True)
class Limit:
    """What holds at a moment."""

    amount: Decimal
    phases: int | None = None


@frozen
class Situation:
    """All that a limit depends on."""

    installed: tuple[Installed, ...]
    transactions: tuple[Transaction, ...] = ()
    mains: Mains = Mains()

    def limit_at(self, connector_id: int, at: float, unit: RateUnit) -> Limit | None:
        """Return what a connector may draw; None if nothing limits it.

        The least of the purposes holds; within a purpose the highest stack level that
        says anything. A transaction's own profile overrules the default ones, and a
        connector's default that of the whole charger. On connector 0 only the limit of
        the whole charger counts.
        """
        purposes = [self._max_at(at, unit)]
        if connector_id != 0:
            purposes.append(self._transaction_at(connector_id, at, unit))
        limits = [limit for limit in purposes if limit is not None]
        return min(limits, key=lambda limit: limit.amount, default=None)

    def _max_at(self, at: float, unit: RateUnit) -> Limit | None:
        return self._ruling(self._of(Purpose.CHARGE_POINT_MAX, {0}), at, unit, None)

    def _transaction_at(
        self, connector_id: int, at: float, unit: RateUnit
    ) -> Limit | None:
        running = self.on(connector_id)
        started_at = None if running is None else running.started_at
        own = [
            profile
            for profile in self._of(Purpose.TX, {connector_id})
            if running is not None
            and profile.transaction_id in (None, running.transaction_id)
        ]
        for profiles in (
            own,
            list(self._of(Purpose.TX_DEFAULT, {connector_id})),
            list(self._of(Purpose.TX_DEFAULT, {0})),
        ):
            limit = self._ruling(profiles, at, unit, started_at)
            if limit is not None:
                return limit
        return None

    def on(self, connector_id: int) -> Transaction | None:
        """Return the transaction of a connector, if one runs there."""
        for transaction in self.transactions:
            if transaction.connector_id == connector_id:
                return transaction
        return None

    def _of(
        self, purpose: Purpose, connectors: Collection[int]
    ) -> Iterator[ChargingProfile]:
        for one in self.installed:
            if one.profile.purpose is purpose and one.connector_id in connectors:
                yield one.profile

    def _ruling(
        self,
        profiles: Iterable[ChargingProfile],
        at: float,
        unit: RateUnit,
        started_at: float | None,
    ) -> Limit | None:
        """Return the limit of the highest stack level that says anything."""
        for profile in sorted(profiles, key=lambda p: p.stack_level, reverse=True):
            period = profile.period_at(at, started_at)
            if period is not None:
                return self._limit(period, profile.schedule.unit, unit)
        return None

    def _limit(self, period: Period, unit: RateUnit, into: RateUnit) -> Limit:
        amount = self.mains.converted(period.limit, period.phases, unit, into)
        return Limit(amount=amount, phases=period.phases)


def composite(
    situation: Situation,
    connector_id: int,
    *,
    starts_at: float,
    duration_s: int,
    unit: RateUnit = RateUnit.AMPERES,
) -> Schedule | None:
    """Return the schedule that holds on a connector over a window of time.

    None if nothing limits it at its beginning: then there is none to speak of. It ends
    early where nothing limits it any more. Raise `UnusableValue` for a window of no
    length or beyond `MAX_WINDOW_S`.
    """
    if not 0 < duration_s <= MAX_WINDOW_S:
        raise UnusableValue(f"a window has 1 to {MAX_WINDOW_S} seconds")
    periods: list[Period] = []
    for offset in _offsets(situation, starts_at, duration_s):
        limit = situation.limit_at(connector_id, starts_at + offset, unit)
        if limit is None:
            duration_s = offset
            break
        period = Period(start_s=offset, limit=limit.amount, phases=limit.phases)
        if not periods or not _is_same(periods[-1], period):
            periods.append(period)
    if not periods:
        return None
    return Schedule(
        unit=unit, periods=tuple(periods), duration_s=duration_s, starts_at=starts_at
    )


def _offsets(situation: Situation, starts_at: float, duration_s: int) -> list[int]:
    """Return the whole seconds at which the limit may change, the first one too."""
    points = _turning_points(situation, starts_at, starts_at + duration_s)
    offsets = {ceil(at - starts_at) for at in points}
    return sorted({0, *(offset for offset in offsets if 0 < offset < duration_s)})


def _is_same(one: Period, other: Period) -> bool:
    return (one.limit, one.phases) == (other.limit, other.phases)


def _turning_points(situation: Situation, begin: float, end: float) -> Iterator[float]:
    """Yield every time in a window at which a profile may begin to say otherwise."""
    for one in situation.installed:
        profile = one.profile
        for bound in (profile.valid_from, profile.valid_to):
            if bound is not None:
                yield bound
        for start in _starts(situation, profile):
            yield from _of_rounds(profile, start, begin, end)


def _starts(situation: Situation, profile: ChargingProfile) -> Iterator[float]:
    if profile.kind is Kind.RELATIVE or profile.schedule.starts_at is None:
        yield from (running.started_at for running in situation.transactions)
    else:
        yield profile.schedule.starts_at


def _of_rounds(
    profile: ChargingProfile, start: float, begin: float, end: float
) -> Iterator[float]:
    schedule = profile.schedule
    offsets = [period.start_s for period in schedule.periods]
    if schedule.duration_s is not None:
        offsets.append(schedule.duration_s)
    if profile.recurrency is None:
        yield from (start + offset for offset in offsets)
        return
    length = profile.recurrency.seconds
    round_at = start + max((begin - start) // length, 0) * length
    while round_at < end:
        yield from (round_at + offset for offset in offsets if offset <= length)
        round_at += length
