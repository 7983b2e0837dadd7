"""Stations with their connectors as rows: what is read, and what it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from flexicharge.interfaces.stores import Row
from flexicharge.model.site import (
    BootFact,
    Protocol,
    Registration,
    Station,
    StationOnRecord,
)
from flexicharge.storage.charger_rows import (
    CONNECTOR_COLUMNS,
    WITH_OPEN_SESSION,
    connector_of,
)

OWN_COLUMNS: Final = 12

# One row for each connector in service, the station's own columns first.
STATION_COLUMNS: Final = f"""
st.protocol, st.credential, site.sek_per_kwh, st.registration,
st.security_profile, st.next_credential, st.next_security_profile,
st.vendor, st.model, st.firmware, extract(epoch FROM st.booted_at)::float8,
extract(epoch FROM st.connected_since)::float8,
{CONNECTOR_COLUMNS}
"""
READ_STATIONS: Final = f"""
SELECT {STATION_COLUMNS}
FROM stations st
JOIN connectors c ON c.station_id = st.station_id AND c.retired_at IS NULL
LEFT JOIN sites site ON site.site_id = st.site_id
{WITH_OPEN_SESSION}
"""  # noqa: S608  # all of it is ours
READ_STATION: Final = (
    READ_STATIONS
    + """
WHERE st.serial_number = %(serial_number)s
ORDER BY c.number
"""
)
READ_STATION_ON_RECORD: Final = (
    READ_STATIONS
    + """
WHERE st.serial_number = %(serial_number)s AND NOT st.for_self_tests
ORDER BY c.number
"""
)
READ_STATIONS_ON_RECORD: Final = f"""
{READ_STATIONS}
WHERE st.station_id IN (
    SELECT station_id FROM stations known
    WHERE NOT for_self_tests AND serial_number COLLATE "C" > %(after)s
        AND EXISTS (
            SELECT FROM connectors c
            WHERE c.station_id = known.station_id AND c.retired_at IS NULL
        )
    ORDER BY serial_number COLLATE "C" LIMIT %(limit)s
)
ORDER BY st.serial_number COLLATE "C", c.number
"""  # noqa: S608  # all of it is ours


def station_of(rows: list[Row]) -> Station:
    """Return the station that its rows of `READ_STATIONS` stand for; at least one."""
    (
        protocol, credential, sek_per_kwh, registration, security_profile,
        next_credential, next_security_profile, vendor, model, firmware, booted_at, _,
    ) = rows[0][:OWN_COLUMNS]  # fmt: skip
    connectors = tuple(connector_of(row[OWN_COLUMNS:]) for row in rows)
    boot = BootFact(vendor=vendor, model=model, firmware=firmware, booted_at=booted_at)
    return Station(
        station_id=connectors[0].station_id,
        serial_number=connectors[0].serial_number,
        protocol=Protocol(protocol),
        credential=None if credential is None else bytes(credential),
        sek_per_kwh=sek_per_kwh,
        connectors=connectors,
        registration=Registration(registration),
        security_profile=security_profile,
        next_credential=None if next_credential is None else bytes(next_credential),
        next_security_profile=next_security_profile,
        boot=None if booted_at is None else boot,
    )


def records_of(rows: list[Row]) -> Iterator[StationOnRecord]:
    """Yield the stations that rows of `READ_STATIONS` stand for, in their order."""
    for _, own in groupby(rows, lambda row: connector_of(row[OWN_COLUMNS:]).station_id):
        yield _record_of(list(own))


def _record_of(rows: list[Row]) -> StationOnRecord:
    station = station_of(rows)
    connector = station.connectors[0]
    return StationOnRecord(
        station=station,
        site_id=connector.site_id,
        latitude=connector.latitude,
        longitude=connector.longitude,
        connected_since=rows[0][OWN_COLUMNS - 1],
        gone_at=connector.gone_at,
    )
