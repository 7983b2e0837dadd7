"""Charging profiles and schedules of a station, as its operators read and ask them."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.charging.beliefs.composites import ComparedSchedule
from flexicharge.charging.beliefs.profiles import BelievedProfile
from flexicharge.model.charging_profiles import RateUnit, Schedule
from flexicharge.model.composite_schedule import MAX_WINDOW_S
from flexicharge.model.site import MAX_CONNECTORS
from flexicharge.ocpp.v16.charging import schedule_payload
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import optional
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.paging import number_in_query
from flexicharge.rest.station_fields import word_of
from flexicharge.rest.times import iso_of

CONNECTOR: Final = number_in_query(0, MAX_CONNECTORS, "invalidConnectorId")
DURATION: Final = number_in_query(1, MAX_WINDOW_S, "invalidDuration")
UNIT: Final = optional(word_of(tuple(RateUnit), "invalidUnit"), RateUnit.AMPERES)


@frozen(kw_only=True)
class WantedComposite:
    """Which connector's schedule, 0 being the station; how long, counted in what."""

    connector_id: int = sent(CONNECTOR, "connectorId")
    duration_s: int = sent(DURATION, "duration")
    unit: RateUnit = sent(UNIT, "unit")


class ChargingProfile(Shape):
    """A profile that a station accepted, as it was sent, and for which connector.

    `transactionId` is the charge that it is of. `doubt` says what is odd about it,
    where a station took what it should not have.
    """

    connectorId: int
    csChargingProfiles: dict[str, Any]
    transactionId: Whole | None
    doubt: str | None
    since: str


class CompositeSchedule(Shape):
    """What holds on a connector, computed by us; null where nothing limits it."""

    connectorId: Whole
    duration: Whole
    scheduleStart: str
    chargingSchedule: dict[str, Any] | None


class ToldSchedule(Shape):
    """The last schedule that a station told of a connector, and ours of that time.

    `agrees` is null where one of the two tells of no limit.
    """

    connectorId: int
    duration: int
    status: str
    response: dict[str, Any]
    computed: dict[str, Any] | None
    agrees: bool | None
    time: str


def profile_of(believed: BelievedProfile) -> ChargingProfile:
    """Return a profile as operators read it."""
    return ChargingProfile(
        connectorId=believed.connector_id,
        csChargingProfiles=believed.profile,
        transactionId=believed.session_id,
        doubt=believed.doubt or None,
        since=iso_of(believed.at),
    )


def composite_of(
    asked: WantedComposite, schedule: Schedule | None, now: float
) -> CompositeSchedule:
    """Return our own schedule as operators read it."""
    return CompositeSchedule(
        connectorId=asked.connector_id,
        duration=asked.duration_s,
        scheduleStart=iso_of(now),
        chargingSchedule=None if schedule is None else schedule_payload(schedule),
    )


def told_schedule_of(compared: ComparedSchedule) -> ToldSchedule:
    """Return what a station told as operators read it."""
    return ToldSchedule(
        connectorId=compared.connector_id,
        duration=compared.duration_s,
        status=compared.word,
        response=compared.answer,
        computed=compared.own,
        agrees=compared.agrees,
        time=iso_of(compared.at),
    )
