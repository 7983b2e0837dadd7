"""The charges of a station as its operators read them, and which ones they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from attrs import frozen

from flexicharge.errors import Invalid
from flexicharge.interfaces.stores import KeptMeterValue
from flexicharge.model.session import (
    RUNNING,
    EndReason,
    Session,
    SessionFlag,
    SessionState,
)
from flexicharge.model.site import Station
from flexicharge.rest.charger_fields import Number
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, optional
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.paging import LIMIT, MOST, number_in_query, text_in_query
from flexicharge.rest.station_shapes import OcppNumber, iso_or_none
from flexicharge.rest.times import iso_of
from flexicharge.rest.transaction_shapes import Ore

MAX_ID_TAG: Final = 255  # a charger may send any text
MAX_REASON: Final = 200
TRUTH: Final = {"true": True, "false": False}
STARTED: Final = (*RUNNING, SessionState.ENDED)


def _active(value: object, _: str) -> bool:
    if not isinstance(value, str) or value not in TRUTH:
        raise Invalid("invalidActive")
    return TRUTH[value]


def _reason(value: object, _: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_REASON:
        raise Invalid("invalidReason")
    return value


@frozen(kw_only=True)
class WantedSessions:
    """Which charges of a station: of a tag, only running ones or only others."""

    id_tag: str | None = sent(
        optional(text_in_query(MAX_ID_TAG, "invalidIdTag")), "idTag"
    )
    active: bool | None = sent(
        optional(Rule(schema={"type": "boolean"}, read=_active)), "active"
    )
    limit: int = sent(LIMIT, "limit")


@frozen(kw_only=True)
class WantedValues:
    """How many meter values of a charge, at most: the newest."""

    limit: int = sent(optional(number_in_query(1, MOST, "invalidLimit"), MOST), "limit")


@frozen(kw_only=True)
class ClosedBecause:
    """Why an operator closes a charge."""

    reason: str = sent(
        optional(
            Rule(
                schema={"type": "string", "maxLength": MAX_REASON},
                read=_reason,
                example="The charger was replaced",
            ),
            "",
        ),
        "reason",
    )


class StationSession(Shape, kw_only=True):
    """A charge at a station. Registers and energy are Wh, times RFC 3339 in UTC.

    `connectorId` is the connector's number on the station, null if it is not there any
    more, `connectorID` its public number. `stopReason` is the station's own word, or
    the operator's who closed it, `endReason` ours. While it runs whatever is of its end
    is null. `flags` say what is in doubt about the figures.
    """

    transactionId: Whole
    connectorId: OcppNumber | None
    connectorID: Number
    idTag: str | None
    userID: str | None
    state: SessionState
    meterStart: Whole | None
    startTimestamp: str | None
    meterStop: Whole | None
    stopTimestamp: str | None
    stopIdTag: str | None
    stopReason: str | None
    endReason: EndReason | None
    energyWh: Whole
    priceOre: Ore | None
    flags: list[SessionFlag]


class MeterValue(Shape):
    """What a station measured at a moment; `sampledValue` is as it came.

    `timestamp` is the station's own, null if it gave none.
    """

    timestamp: str | None
    receivedAt: str
    connectorId: Whole
    sampledValue: list[Any]


class StationSessionInFull(StationSession, kw_only=True):
    """A charge with what was measured meanwhile, oldest first."""

    meterValues: list[MeterValue]


def session_shape_of(session: Session, numbers: Mapping[int, int]) -> StationSession:
    """Return a charge as operators read it; `numbers` as in `numbers_of`."""
    return StationSession(**_said_of(session, numbers))


def session_in_full(
    session: Session, numbers: Mapping[int, int], newest_first: Iterable[KeptMeterValue]
) -> StationSessionInFull:
    """Return a charge with its meter values."""
    values = [_value_of(value) for value in newest_first][::-1]
    return StationSessionInFull(**_said_of(session, numbers), meterValues=values)


def numbers_of(station: Station) -> dict[int, int]:
    """Return the numbers of a station's connectors by their public numbers."""
    return {each.connector_id: each.number for each in station.connectors}


def _said_of(session: Session, numbers: Mapping[int, int]) -> dict[str, Any]:
    return {
        "transactionId": session.session_id,
        "connectorId": numbers.get(session.connector_id),
        "connectorID": session.connector_id,
        "idTag": session.id_tag or None,
        "userID": session.user_id,
        "state": session.state,
        "meterStart": session.meter_start_wh,
        "startTimestamp": iso_or_none(session.started_at),
        "meterStop": session.meter_stop_wh,
        "stopTimestamp": iso_or_none(session.ended_at),
        "stopIdTag": session.stop_id_tag or None,
        "stopReason": session.stop_reason or None,
        "endReason": session.end_reason,
        "energyWh": session.energy_so_far_wh,
        "priceOre": session.price_ore,
        "flags": list(session.flags),
    }


def _value_of(value: KeptMeterValue) -> MeterValue:
    return MeterValue(
        timestamp=iso_or_none(value.claimed_at),
        receivedAt=iso_of(value.received_at),
        connectorId=value.connector_number,
        sampledValue=msgspec.json.decode(value.samples, type=list[Any]),
    )
