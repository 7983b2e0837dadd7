"""Sessions as rows: what is read, and what it becomes."""

from __future__ import annotations

from typing import Final

from flexicharge.interfaces.stores import Row
from flexicharge.model.session import (
    EndReason,
    Session,
    SessionFlag,
    SessionState,
    StationFact,
)

SESSION_COLUMNS: Final = """
SELECT s.session_id, s.station_id, st.serial_number, s.connector_id, s.user_id, s.state,
    extract(epoch FROM s.opened_at)::float8,
    extract(epoch FROM s.reserved_until)::float8,
    extract(epoch FROM s.start_requested_at)::float8,
    extract(epoch FROM s.started_at)::float8,
    extract(epoch FROM s.stop_requested_at)::float8,
    extract(epoch FROM s.ended_at)::float8,
    s.meter_start_wh, s.meter_last_wh, s.meter_stop_wh, s.energy_wh, s.percent,
    s.site_sek_per_kwh, t.total_price_ore, s.end_reason, s.flags,
    (SELECT max(p.payment_id) FROM payments p WHERE p.session_id = s.session_id),
    t.is_paid, extract(epoch FROM t.paid_at)::float8, st.for_self_tests,
    s.booked, s.id_tag, s.stop_id_tag, s.stop_reason, s.aside
"""
SESSION_JOINS: Final = """
JOIN stations st USING (station_id)
JOIN transactions t USING (session_id)
"""
# One more column: True if the money share was written by this very transaction.
WRITTEN_NOW: Final = """
    , coalesce(t.xmin = pg_current_xact_id_if_assigned()::xid, false)
"""
READ_SESSIONS: Final = SESSION_COLUMNS + "FROM sessions s" + SESSION_JOINS

BY_NUMBER: Final = READ_SESSIONS + "WHERE s.session_id = %(session_id)s"
BY_NUMBER_AND_WHETHER_SEALED_NOW: Final = (
    SESSION_COLUMNS
    + WRITTEN_NOW
    + "FROM sessions s"
    + SESSION_JOINS
    + "WHERE s.session_id = %(session_id)s"
)
OPEN_ON_CONNECTOR_AND_WHETHER_NEW: Final = (
    SESSION_COLUMNS
    + WRITTEN_NOW
    + "FROM sessions s"
    + SESSION_JOINS
    + """
WHERE s.connector_id = %(connector_id)s AND s.state NOT IN ('ended', 'cancelled')
    AND NOT s.aside
"""
)
# The newest is the one opened last; a booking's number is older than its session.
NEWEST_FIRST: Final = "s.opened_at DESC, s.session_id DESC"
OF_USER: Final = f"""
{READ_SESSIONS}
WHERE s.user_id = %(user_id)s AND s.state <> 'cancelled' ORDER BY {NEWEST_FIRST}
"""
# Each is one probe of an index, however many sessions a user ever had.
_MINE: Final = "SELECT session_id FROM sessions WHERE user_id = %(user_id)s"
_MINE_OPEN: Final = f"{_MINE} AND state NOT IN ('ended', 'cancelled')"
_OPENED_LAST: Final = "ORDER BY opened_at DESC, session_id DESC LIMIT 1"
_ENDED_LAST: Final = "ORDER BY ended_at DESC, session_id DESC LIMIT 1"
NEWEST_OF_USER: Final = f"""
WITH newest AS (
    ({_MINE_OPEN} AND state IN ('charging', 'stopping') AND NOT aside {_OPENED_LAST})
    UNION ALL
    ({_MINE_OPEN} AND (state = 'starting' OR state IN ('opened', 'reserved')
        AND NOT booked) {_OPENED_LAST})
    UNION ALL
    ({_MINE_OPEN} AND state IN ('opened', 'reserved') AND booked {_OPENED_LAST})
    UNION ALL
    ({_MINE} AND state = 'ended' {_ENDED_LAST})
    UNION ALL
    ({_MINE} AND state = 'cancelled' AND end_reason = 'driver' {_ENDED_LAST})
    UNION ALL
    ({_MINE} {_OPENED_LAST})
)
{READ_SESSIONS}
WHERE s.session_id IN (SELECT session_id FROM newest) ORDER BY {NEWEST_FIRST}
"""  # noqa: S608  # all of it is ours
OF_CONNECTOR: Final = f"""
{READ_SESSIONS}
WHERE s.connector_id = %(connector_id)s AND s.state <> 'cancelled'
    AND NOT st.for_self_tests
ORDER BY {NEWEST_FIRST}
"""
OPEN_ON_STATION: Final = (
    READ_SESSIONS
    + """
WHERE s.station_id = %(station_id)s AND s.state NOT IN ('ended', 'cancelled')
ORDER BY s.opened_at, s.session_id
"""
)
LATEST_ON_STATION: Final = f"""
{READ_SESSIONS}
WHERE s.station_id = %(station_id)s AND s.started_at IS NOT NULL
    AND s.state <> 'cancelled'
ORDER BY {NEWEST_FIRST} LIMIT 1
"""
RUNNING_WITH_TAG: Final = (
    READ_SESSIONS
    + """
WHERE s.state IN ('charging', 'stopping') AND s.folded_tag = %(folded_tag)s
    AND s.folded_tag <> ''
ORDER BY s.session_id
"""
)
STARTED_ON_STATION: Final = f"""
{READ_SESSIONS}
WHERE s.station_id = %(station_id)s AND s.started_at IS NOT NULL
    AND s.state <> 'cancelled'
    AND (%(folded_tag)s::text IS NULL OR s.folded_tag = %(folded_tag)s)
    AND (
        %(active)s::boolean IS NULL
        OR (s.state IN ('charging', 'stopping')) = %(active)s
    )
ORDER BY {NEWEST_FIRST} LIMIT %(limit)s
"""
UNHELD: Final = f"""
{READ_SESSIONS}
WHERE s.state = 'opened' AND s.booked ORDER BY s.session_id
"""
# Two probes of indexes per running session, however much it has said. A session that
# was told of late began long before its first frame came.
SILENT: Final = f"""
{READ_SESSIONS}
WHERE s.state IN ('charging', 'stopping') AND s.started_at <= to_timestamp(%(since)s)
    AND s.opened_at <= to_timestamp(%(since)s)
    AND NOT EXISTS (
        SELECT FROM meter_readings r
        WHERE r.session_id = s.session_id AND r.taken_at > to_timestamp(%(since)s)
    )
    AND NOT EXISTS (
        SELECT FROM meter_values v
        WHERE v.session_id = s.session_id AND v.received_at > to_timestamp(%(since)s)
    )
ORDER BY s.session_id
"""  # noqa: S608  # all of it is ours

NEWEST_PAYMENT: Final = """
SELECT provider, client_token, provider_session_id FROM payments
WHERE session_id = %(session_id)s ORDER BY payment_id DESC LIMIT 1
"""
SAID_BEFORE: Final = """
SELECT session_id, extract(epoch FROM at)::float8 FROM facts
WHERE station_id = %(station_id)s AND key = %(key)s AND key <> ''
    AND kind = ANY(%(kinds)s::text[])
ORDER BY fact_id DESC LIMIT 1
"""
FACTS: Final = """
SELECT fact_id, kind, session_id, extract(epoch FROM at)::float8, claimed FROM facts
WHERE station_id = %(station_id)s
    AND (%(session_id)s IS NULL OR session_id = %(session_id)s)
ORDER BY fact_id DESC LIMIT %(limit)s
"""


def session_of(row: Row) -> Session:
    """Return the session that a row of `READ_SESSIONS` stands for."""
    return Session(
        session_id=row[0],
        station_id=row[1],
        serial_number=row[2],
        connector_id=row[3],
        user_id=row[4],
        state=SessionState(row[5]),
        opened_at=row[6],
        reserved_until=row[7],
        start_requested_at=row[8],
        started_at=row[9],
        stop_requested_at=row[10],
        ended_at=row[11],
        meter_start_wh=row[12],
        meter_last_wh=row[13],
        meter_stop_wh=row[14],
        energy_wh=row[15],
        percent=row[16],
        site_sek_per_kwh=row[17],
        price_ore=row[18],
        end_reason=None if row[19] is None else EndReason(row[19]),
        flags=tuple(map(SessionFlag, row[20])),
        payment_id=row[21],
        is_paid=row[22],
        paid_at=row[23],
        for_self_tests=row[24],
        booked=row[25],
        id_tag=row[26],
        stop_id_tag=row[27],
        stop_reason=row[28],
        aside=row[29],
    )


def fact_of(row: Row) -> StationFact:
    """Return the fact that a row of `FACTS` stands for."""
    fact_id, kind, session_id, at, claimed = row
    return StationFact(
        fact_id=fact_id, kind=kind, session_id=session_id, at=at, claimed=claimed
    )
