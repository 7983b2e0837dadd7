"""What a station computed of its profiles, beside what we compute of them."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from attrs import frozen

from flexicharge.charging.beliefs.answered import Answered
from flexicharge.charging.beliefs.drawers import Drawer
from flexicharge.charging.beliefs.kept import as_it_came, whole_of
from flexicharge.charging.beliefs.profiles import Profiles
from flexicharge.model.charging_profiles import Period, RateUnit, Schedule
from flexicharge.model.composite_schedule import MAX_WINDOW_S, composite
from flexicharge.model.site import Station
from flexicharge.ocpp.v16.charging import schedule_payload
from flexicharge.ocpp.v16.confirmations import ReportedSchedule, composite_schedule

KIND: Final = "composites"
TOLERANCE: Final = Decimal("0.1")
SHORTEST_S: Final = 1  # what differs no longer than this is rounding


@frozen(kw_only=True)
class ComparedSchedule:
    """A GetCompositeSchedule, its answer as it came, and our own schedule beside it.

    `agrees` is None where one of the two tells of no limit.
    """

    connector_id: int
    duration_s: int
    word: str
    answer: dict[str, Any]
    own: dict[str, Any] | None
    agrees: bool | None
    at: float


@frozen
class Composites:
    """The last composite schedule of each connector that a station told."""

    _composites: Drawer[ComparedSchedule]
    _profiles: Profiles

    async def told(self, answered: Answered) -> None:
        """Keep the answer to a GetCompositeSchedule, with our own of its window."""
        connector_id = whole_of(answered.asked.get("connectorId"))
        duration_s = whole_of(answered.asked.get("duration"))
        if answered.said is None or connector_id is None or duration_s is None:
            return
        reported = composite_schedule(answered.said)
        starts_at = answered.at
        if reported is not None and reported.starts_at is not None:
            starts_at = reported.starts_at
        own = None
        if duration_s > 0:
            own = await self.own(
                answered.station,
                connector_id,
                starts_at=starts_at,
                duration_s=duration_s,
                unit=_unit(answered, reported),
            )
        compared = ComparedSchedule(
            connector_id=connector_id,
            duration_s=duration_s,
            word=answered.word,
            answer=as_it_came(answered.said.payload),
            own=None if own is None else schedule_payload(own),
            agrees=_agreement(reported, own),
            at=answered.at,
        )
        await self._composites.put(
            answered.station.station_id, {str(connector_id): compared}, answered.at
        )

    async def own(
        self,
        station: Station,
        connector_id: int,
        *,
        starts_at: float,
        duration_s: int,
        unit: RateUnit,
    ) -> Schedule | None:
        """Return the schedule that we compute of what we believe; None for no limit.

        At most `MAX_WINDOW_S` of it. Raise `UnusableValue` for a window of no length.
        """
        return composite(
            await self._profiles.situation(station),
            connector_id,
            starts_at=starts_at,
            duration_s=min(duration_s, MAX_WINDOW_S),
            unit=unit,
        )

    async def all(self, station_id: int) -> tuple[ComparedSchedule, ...]:
        """Return the last comparison of each connector, by its number."""
        known = (await self._composites.all(station_id)).values()
        return tuple(sorted(known, key=lambda one: one.connector_id))


def _unit(answered: Answered, reported: ReportedSchedule | None) -> RateUnit:
    if reported is not None:
        return reported.schedule.unit
    return RateUnit(answered.asked.get("chargingRateUnit", RateUnit.AMPERES))


def _agreement(reported: ReportedSchedule | None, own: Schedule | None) -> bool | None:
    if reported is None or own is None:
        return None
    return _agree(reported.schedule, own)


def _agree(other: Schedule, own: Schedule) -> bool:
    """Tell whether two schedules allow the same, as far as both go."""
    ends = [one.duration_s for one in (other, own) if one.duration_s is not None]
    end = min(ends, default=MAX_WINDOW_S)
    starts = {period.start_s for one in (other, own) for period in one.periods}
    points = sorted({0, end, *(start for start in starts if 0 < start < end)})
    return all(
        until - begin <= SHORTEST_S
        or _is_near(other.period_at(begin), own.period_at(begin))
        for begin, until in pairwise(points)
    )


def _is_near(one: Period | None, other: Period | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one.limit - other.limit) <= TOLERANCE
