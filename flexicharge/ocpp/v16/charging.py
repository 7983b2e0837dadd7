"""Charging profiles and schedules as payloads, and payloads as profiles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import (
    ChargingProfile,
    Kind,
    Period,
    Purpose,
    RateUnit,
    Recurrency,
    Schedule,
)
from flexicharge.model.metering import decimal_of
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.times import posix_of, text_of


def profile_payload(profile: ChargingProfile) -> JsonObject:
    """Return a profile as a charger takes it; what is not given is left out."""
    return _given(
        chargingProfileId=profile.profile_id,
        transactionId=profile.transaction_id,
        stackLevel=profile.stack_level,
        chargingProfilePurpose=profile.purpose.value,
        chargingProfileKind=profile.kind.value,
        recurrencyKind=None if profile.recurrency is None else profile.recurrency.value,
        validFrom=_text_or_none(profile.valid_from),
        validTo=_text_or_none(profile.valid_to),
        chargingSchedule=schedule_payload(profile.schedule),
    )


def profile_in(payload: JsonObject) -> ChargingProfile:
    """Return the profile in a payload that fits its schema."""
    recurrency = payload.get("recurrencyKind")
    return ChargingProfile(
        profile_id=payload["chargingProfileId"],
        transaction_id=payload.get("transactionId"),
        stack_level=payload["stackLevel"],
        purpose=Purpose(payload["chargingProfilePurpose"]),
        kind=Kind(payload["chargingProfileKind"]),
        recurrency=None if recurrency is None else Recurrency(recurrency),
        valid_from=_posix_or_none(payload.get("validFrom")),
        valid_to=_posix_or_none(payload.get("validTo")),
        schedule=schedule_in(payload["chargingSchedule"]),
    )


def schedule_in(payload: JsonObject) -> Schedule:
    """Return the schedule in a payload, its periods in time order.

    Raise `UnusableValue` for one that no sense can be made of.
    """
    try:
        periods = [_period(period) for period in payload["chargingSchedulePeriod"]]
        return Schedule(
            unit=RateUnit(payload["chargingRateUnit"]),
            periods=tuple(sorted(periods, key=lambda period: period.start_s)),
            duration_s=_whole_or_none(payload.get("duration")),
            starts_at=_posix_or_none(payload.get("startSchedule")),
            min_rate=_decimal_or_none(payload.get("minChargingRate")),
        )
    except (KeyError, TypeError, ValueError):
        raise UnusableValue("The schedule is none") from None


def schedule_payload(schedule: Schedule) -> JsonObject:
    """Return a schedule as a charger takes it; what is not given is left out."""
    return _given(
        duration=schedule.duration_s,
        startSchedule=_text_or_none(schedule.starts_at),
        chargingRateUnit=schedule.unit.value,
        chargingSchedulePeriod=[
            _given(
                startPeriod=period.start_s,
                limit=_number(period.limit),
                numberPhases=period.phases,
            )
            for period in schedule.periods
        ],
        minChargingRate=None
        if schedule.min_rate is None
        else _number(schedule.min_rate),
    )


def _given(**fields: Any) -> JsonObject:
    return {name: value for name, value in fields.items() if value is not None}


def _number(amount: Decimal) -> float:
    """Return an amount as a JSON number with one decimal, as the schema wants it."""
    return float(round(amount, 1))


def _period(period: JsonObject) -> Period:
    return Period(
        start_s=_whole(period["startPeriod"]),
        limit=decimal_of(period["limit"], "limit"),
        phases=_whole_or_none(period.get("numberPhases")),
    )


def _text_or_none(at: float | None) -> str | None:
    return None if at is None else text_of(at)


def _posix_or_none(text: str | None) -> float | None:
    return None if text is None else posix_of(text)


def _decimal_or_none(value: object) -> Decimal | None:
    return None if value is None else decimal_of(value, "minChargingRate")


def _whole_or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise UnusableValue("It is no whole number")
    return value
