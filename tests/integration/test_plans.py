"""What is asked all the time is looked up, not searched for, however much there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from flexicharge.storage import (
    booking_changes,
    reading_rows,
    session_rows,
    tagged_starts,
)
from flexicharge.storage.migrate import migrate

from .conftest import fresh_database

NOON = 1_800_000_000.0
# A user with nearly all sessions there ever were, most of them over; bookings and meter
# values of years.
MUCH = """
INSERT INTO stations (serial_number, protocol, latitude, longitude)
SELECT 's' || n, 'flexicharge', 1, 1 FROM generate_series(1, 500) AS n;
INSERT INTO connectors (connector_id, station_id, number, status)
SELECT nextval('connector_numbers'), station_id, 1, 'Available' FROM stations;
INSERT INTO sessions (
    session_id, station_id, connector_id, user_id, state, opened_at, started_at,
    ended_at, meter_start_wh, meter_stop_wh, energy_wh, end_reason, booked
)
SELECT 10000 + 40 * connector_id + n, station_id, connector_id, 'guest',
    CASE n % 2 WHEN 0 THEN 'ended' ELSE 'cancelled' END, at, at, at, 0, 0, 0,
    'expired', n % 4 = 0
FROM connectors, generate_series(1, 20) AS n,
    LATERAL (SELECT to_timestamp(1.7e9 + 86400 * n + connector_id) AS at) AS day;
INSERT INTO transactions (session_id, user_id, opened_at)
SELECT session_id, user_id, opened_at FROM sessions;
INSERT INTO meter_values (
    station_id, received_at, connector_number, session_id, samples
)
SELECT station_id, opened_at, 1, session_id, '[]' FROM sessions;
INSERT INTO bookings
SELECT session_id, connector_id, 'u' || connector_id, 'opened', opened_at, opened_at,
    opened_at + interval '1 hour'
FROM sessions;
INSERT INTO bookings
SELECT 10000000 + 40 * connector_id + n, connector_id, 'u' || connector_id, 'booked',
    to_timestamp(1.8e9), at, at + interval '1 hour'
FROM connectors, generate_series(-20, 5) AS n,
    LATERAL (SELECT to_timestamp(1.8e9 + 86400 * n + connector_id) AS at) AS day;
ANALYZE
"""


@pytest.fixture(scope="module")
def cursor(postgres_dsn: str) -> Iterator[Any]:
    """A database with much in it."""
    with fresh_database(postgres_dsn) as dsn:
        migrate(dsn)
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as lent:
            lent.execute(MUCH)
            yield lent


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(session_rows.NEWEST_OF_USER, id="newest of user"),
        pytest.param(session_rows.BY_NUMBER, id="session"),
        pytest.param(session_rows.UNHELD, id="unheld"),
        pytest.param(session_rows.SILENT, id="silent"),
        pytest.param(session_rows.OPEN_ON_STATION, id="of station"),
        pytest.param(session_rows.STARTED_ON_STATION, id="newest of station"),
        pytest.param(session_rows.RUNNING_WITH_TAG, id="with tag"),
        pytest.param(tagged_starts.BEGIN_TAGGED, id="start with tag"),
        pytest.param(reading_rows.METER_VALUES, id="meter values"),
        pytest.param(booking_changes.OPEN_DUE, id="begin"),
        pytest.param(booking_changes.OPEN_STARTED, id="begin with a start"),
        pytest.param(booking_changes.BOOK, id="book"),
        pytest.param(booking_changes.OF_CONNECTOR, id="reservations of connector"),
    ],
)
def test_nothing_reads_all_there_is(cursor: Any, sql: str) -> None:
    """Only rows that are wanted, by an index: no table of years is gone through."""
    params = {
        "user_id": "guest",
        "session_id": 20_000,
        "station_id": 100,
        "connector_id": 100_100,
        "since": NOON,
        "at": NOON + 60,
        "start_at": NOON + 100,
        "end_at": NOON + 4000,
        "most": 5,
        "given_up": False,
        "folded_tag": "card1",
        "active": None,
        "limit": 10,
        "key": "k",
        "claimed": "",
        "aside": False,
        "started_at": NOON,
        "meter_start_wh": 0,
        "id_tag": "CARD1",
        "flags": [],
    }
    cursor.execute(f"EXPLAIN (ANALYZE, TIMING off, FORMAT json) {sql}", params)
    (([plan],),) = cursor.fetchall()
    for node in nodes(plan["Plan"]):
        name = node.get("Relation Name")
        if name in ("sessions", "transactions", "bookings", "meter_values"):
            assert "Seq Scan" not in node["Node Type"], node
            read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            assert read * node["Actual Loops"] < 500, node


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a plan's node and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)
