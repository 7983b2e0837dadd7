"""Sites, stations and connectors as rows: what is read, and what it becomes."""

from __future__ import annotations

from typing import Final

from flexicharge.interfaces.stores import Row
from flexicharge.model.session import SessionState
from flexicharge.model.site import Connector, Site
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

# It comes over its partial unique index: one probe for each connector.
WITH_OPEN_SESSION: Final = """
LEFT JOIN sessions s
    ON s.connector_id = c.connector_id AND s.state NOT IN ('ended', 'cancelled')
    AND NOT s.aside
"""
CONNECTOR_COLUMNS: Final = """
c.connector_id, st.station_id, st.serial_number, c.number, st.site_id,
st.latitude, st.longitude, c.status, s.state, extract(epoch FROM st.gone_at)::float8
"""
READ_ALL_CONNECTORS: Final = f"""
SELECT {CONNECTOR_COLUMNS}
FROM connectors c
JOIN stations st USING (station_id)
{WITH_OPEN_SESSION}
WHERE c.retired_at IS NULL
"""  # noqa: S608  # all of it is ours
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
