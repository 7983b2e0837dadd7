"""Meter readings as rows: how many are written at once, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from flexicharge.interfaces.stores import (
    KeptMeterValue,
    NewMeterValues,
    NewReading,
    Row,
)
from flexicharge.model.metering import MeterReading
from flexicharge.storage.values import storable

_KEPT: Final = """
WITH batch AS (
    SELECT * FROM jsonb_to_recordset(%s) AS new (
        session_id bigint, taken_at float8, energy_wh bigint, power_w bigint,
        percent bigint, refresh boolean
    )
), kept AS (
    INSERT INTO meter_readings (session_id, taken_at, energy_wh, power_w, percent)
    SELECT session_id, to_timestamp(taken_at), energy_wh, power_w, percent FROM batch
)
"""
_SAMPLED: Final = """
, sampled AS (
    INSERT INTO meter_values (
        station_id, connector_number, session_id, claimed_at, received_at, samples
    )
    SELECT station_id, connector_number, session_id, to_timestamp(claimed_at),
        to_timestamp(received_at), samples::json
    FROM jsonb_to_recordset(%s) AS new (
        station_id bigint, connector_number bigint, session_id bigint,
        claimed_at float8, received_at float8, samples text
    )
)
"""
# Registers never fall, and what was sealed is never touched.
_REFRESHED: Final = """
UPDATE sessions s SET
    meter_last_wh = greatest(s.meter_last_wh, latest.energy_wh),
    percent = coalesce(latest.percent, s.percent)
FROM (
    SELECT session_id, max(energy_wh) AS energy_wh,
        (
            array_agg(percent ORDER BY taken_at DESC) FILTER (WHERE percent IS NOT NULL)
        )[1] AS percent
    FROM batch WHERE refresh GROUP BY session_id
) AS latest
WHERE s.session_id = latest.session_id AND s.state NOT IN ('ended', 'cancelled')
"""
WRITE: Final = _KEPT + _REFRESHED
WRITE_WITH_VALUES: Final = _KEPT + _SAMPLED + _REFRESHED

READ_READINGS: Final = """
SELECT energy_wh, extract(epoch FROM taken_at)::float8, power_w, percent
FROM meter_readings WHERE session_id = %(session_id)s
"""
FIRST_READING: Final = READ_READINGS + "ORDER BY taken_at, reading_id LIMIT 1"
LAST_READING: Final = READ_READINGS + "ORDER BY taken_at DESC, reading_id DESC LIMIT 1"
# Two probes of the primary key for each hour, however many readings lie in it.
HOURLY_READINGS: Final = """
SELECT edge.energy_wh, extract(epoch FROM edge.taken_at)::float8, edge.power_w,
    edge.percent
FROM (
    SELECT min(taken_at) AS first_at, max(taken_at) AS last_at
    FROM meter_readings WHERE session_id = %(session_id)s
) AS span
CROSS JOIN LATERAL generate_series(
    date_trunc('hour', first_at, 'UTC'), last_at, interval '1 hour'
) AS hour_at
CROSS JOIN LATERAL (
    (
        SELECT * FROM meter_readings
        WHERE session_id = %(session_id)s
            AND taken_at >= hour_at AND taken_at < hour_at + interval '1 hour'
        ORDER BY taken_at, reading_id LIMIT 1
    )
    UNION
    (
        SELECT * FROM meter_readings
        WHERE session_id = %(session_id)s
            AND taken_at >= hour_at AND taken_at < hour_at + interval '1 hour'
        ORDER BY taken_at DESC, reading_id DESC LIMIT 1
    )
) AS edge
ORDER BY edge.taken_at, edge.reading_id
"""
METER_VALUES: Final = """
SELECT connector_number, session_id, extract(epoch FROM claimed_at)::float8,
    extract(epoch FROM received_at)::float8, samples::text
FROM meter_values
WHERE station_id = %(station_id)s
    AND (%(session_id)s IS NULL OR session_id = %(session_id)s)
ORDER BY received_at DESC, value_id DESC LIMIT %(limit)s
"""


def json_of(readings: Iterable[NewReading]) -> str:
    """Return readings as the JSON that `WRITE` takes apart."""
    return msgspec.json.encode(
        [
            {
                "session_id": new.session_id,
                "taken_at": new.reading.taken_at,
                "energy_wh": new.reading.energy_wh,
                "power_w": new.reading.power_w,
                "percent": new.reading.percent,
                "refresh": new.refresh,
            }
            for new in readings
        ]
    ).decode()


def json_of_values(frames: Iterable[NewMeterValues]) -> str:
    """Return the meter values of frames as the JSON of `WRITE_WITH_VALUES`."""
    return msgspec.json.encode(
        [
            {
                "station_id": frame.station_id,
                "connector_number": value.connector_number,
                "session_id": value.session_id,
                "claimed_at": value.claimed_at,
                "received_at": value.received_at,
                "samples": storable(value.samples),
            }
            for frame in frames
            for value in frame.values
        ]
    ).decode()


def reading_of(row: Row) -> MeterReading:
    """Return the reading that a row of `LAST_READING` stands for."""
    energy_wh, taken_at, power_w, percent = row
    return MeterReading(
        energy_wh=energy_wh, taken_at=taken_at, power_w=power_w, percent=percent
    )


def value_of(row: Row) -> KeptMeterValue:
    """Return the meter value that a row of `METER_VALUES` stands for."""
    connector_number, session_id, claimed_at, received_at, samples = row
    return KeptMeterValue(
        connector_number=connector_number,
        session_id=session_id,
        claimed_at=claimed_at,
        received_at=received_at,
        samples=samples,
    )
