"""Sites, stations and connectors as rows: what is read, and what it becomes."""

from __future__ import annotations

from typing import Final

from flexicharge.interfaces.stores import Row
from flexicharge.model.session import SessionState
from flexicharge.model.site import Connector, Protocol, Site, Station
from flexicharge.model.status import ConnectorStatus

# What is retired keeps its row: whoever took a network away does not want it back.
IS_UNTOUCHED: Final = """
SELECT NOT EXISTS (SELECT FROM sites)
    AND NOT EXISTS (SELECT FROM stations WHERE NOT for_self_tests)
"""
READ_SITES: Final = """
SELECT site_id, name, address, latitude, longitude, sek_per_kwh, klarna_reservation_ore
FROM sites
WHERE retired_at IS NULL
"""

# The open session comes over its partial unique index: one probe per connector.
READ_ALL_CONNECTORS: Final = """
SELECT c.connector_id, c.station_id, st.serial_number, c.number, st.site_id,
    st.latitude, st.longitude, c.status, s.state,
    extract(epoch FROM st.gone_at)::float8
FROM connectors c
JOIN stations st USING (station_id)
LEFT JOIN sessions s
    ON s.connector_id = c.connector_id AND s.state NOT IN ('ended', 'cancelled')
WHERE c.retired_at IS NULL
"""
# What people may see: the connector of the self tests is there for those alone.
READ_CONNECTORS: Final = READ_ALL_CONNECTORS + "AND NOT st.for_self_tests\n"
# That one is there for an account of the self tests, and every other for all others.
READ_CONNECTOR_FOR: Final = (
    READ_ALL_CONNECTORS
    + """
AND c.connector_id = %(connector_id)s AND st.for_self_tests = EXISTS (
    SELECT FROM accounts a WHERE a.account_id = %(user_id)s AND a.for_self_tests
)
"""
)

# One row for each connector, the station's own columns first.
READ_STATION: Final = """
SELECT st.protocol, st.credential, site.sek_per_kwh,
    c.connector_id, c.station_id, st.serial_number, c.number, st.site_id,
    st.latitude, st.longitude, c.status, s.state,
    extract(epoch FROM st.gone_at)::float8
FROM stations st
JOIN connectors c ON c.station_id = st.station_id AND c.retired_at IS NULL
LEFT JOIN sites site ON site.site_id = st.site_id
LEFT JOIN sessions s
    ON s.connector_id = c.connector_id AND s.state NOT IN ('ended', 'cancelled')
WHERE st.serial_number = %s
ORDER BY c.number
"""


def site_of(row: Row) -> Site:
    """Return the site that a row of `READ_SITES` stands for."""
    site_id, name, address, latitude, longitude, sek_per_kwh, reservation_ore = row
    return Site(
        site_id=site_id,
        name=name,
        address=address,
        latitude=latitude,
        longitude=longitude,
        sek_per_kwh=sek_per_kwh,
        klarna_reservation_ore=reservation_ore,
    )


def connector_of(row: Row) -> Connector:
    """Return the connector that a row of `READ_CONNECTORS` stands for."""
    (
        connector_id, station_id, serial_number, number, site_id,
        latitude, longitude, status, state, gone_at,
    ) = row  # fmt: skip
    return Connector(
        connector_id=connector_id,
        station_id=station_id,
        serial_number=serial_number,
        number=number,
        site_id=site_id,
        latitude=latitude,
        longitude=longitude,
        status=ConnectorStatus(status),
        session_state=None if state is None else SessionState(state),
        gone_at=gone_at,
    )


def station_of(rows: list[Row]) -> Station:
    """Return the station that the rows of `READ_STATION` stand for; at least one."""
    protocol, credential, sek_per_kwh = rows[0][:3]
    connectors = tuple(connector_of(row[3:]) for row in rows)
    return Station(
        station_id=connectors[0].station_id,
        serial_number=connectors[0].serial_number,
        protocol=Protocol(protocol),
        credential=None if credential is None else bytes(credential),
        sek_per_kwh=sek_per_kwh,
        connectors=connectors,
    )
