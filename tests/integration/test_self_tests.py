"""The self tests of a server process, over its own sockets and a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from typing import Any

import psycopg2
import pytest
from websockets.sync.client import connect

from flexicharge.storage.embedded import reach
from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, running
from tests.integration.test_main_job import (
    SERIAL,
    hear,
    meter,
    reserve,
    say,
    sign_in,
    start,
    stop,
)
from tests.integration.test_postgres_contract import SELF_TEST_ROWS
from tests.selftests.exam import NAMES

PASSED = {"failedTests": [], "successfulTests": [*NAMES]}
LISTS = ("/chargers", "/chargers/available", "/chargePoints", "/chargers/serial/abc117")


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server that tests itself, with the demo network."""
    with open_to_all() as directory, running(directory, RUN_OCPP_TEST="1") as server:
        yield server


def lists(server: ServerProcess) -> list[bytes]:
    """Return what everybody is shown."""
    return [server.ask("GET", path)[1] for path in LISTS]


def rows(server: ServerProcess, sql: str) -> list[tuple[Any, ...]]:
    """Return what its database says to a statement."""
    with ExitStack() as stack:
        postgres = reach(server.directory / "data")
        stack.callback(postgres.stop)
        connection = stack.enter_context(closing(psycopg2.connect(postgres.dsn)))
        cursor = stack.enter_context(connection.cursor())
        cursor.execute(sql)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def check_nothing_is_left(server: ServerProcess) -> None:
    """Check that no table has a row of theirs, but for the kept station."""
    assert [table for table, count in rows(server, SELF_TEST_ROWS) if count] == []
    kept = rows(
        server,
        "SELECT connector_id, retired_at IS NULL, credential FROM stations"
        " JOIN connectors USING (station_id) WHERE for_self_tests",
    )
    assert kept == [(999_999, False, None)]


def test_a_server_tests_itself(server: ServerProcess) -> None:
    """Two seconds after the start, in sight of nobody; both lists are printed."""
    before = lists(server)
    with ThreadPoolExecutor(1) as pool:
        printed = pool.submit(server.read_until, "OCPP self tests, failed:")
        looked = 0
        while not printed.done():
            assert lists(server) == before
            looked += 1
        printed.result()
    assert looked > 10
    said = "".join(server.said)
    assert f"OCPP self tests, successful: {', '.join(NAMES)}\n" in said
    assert "OCPP self tests, failed: none\n" in said
    assert lists(server) == before
    check_nothing_is_left(server)
    assert rows(server, "SELECT last_value, is_called FROM connector_numbers") == [
        (100_009, True)
    ]


def test_they_can_be_asked_for(server: ServerProcess) -> None:
    """By anybody here, and by several at once; nothing is left of that either."""
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: server.ask("GET", "/tests/ocpp"), range(3)))
    assert answers == [(200, PASSED)] * 3
    check_nothing_is_left(server)


def test_an_operators_charge_goes_on(server: ServerProcess) -> None:
    """A charger of the network charges all through a run, and is billed as ever."""
    person = sign_in(server, "driver@flexicharge.example")
    token = person["accessToken"]
    with (
        connect(f"{server.ws}/charger/{SERIAL}", subprotocols=["ocpp1.6"]) as charger,
        ThreadPoolExecutor(1) as pool,
    ):
        say(charger, 2, "id", "BootNotification", {})
        assert hear(charger)[3]["status"] == "Accepted"
        say(charger, 3, hear(charger)[1], "DataTransfer", {"status": "Accepted"})
        session_id = reserve(server, charger, token)
        start(server, charger, token, session_id)
        tested = pool.submit(server.ask, "GET", "/tests/ocpp")
        metered = 0
        while not tested.done():
            metered += 1
            say(charger, 2, f"m{metered}", "MeterValues", meter(metered))
            assert hear(charger) == [3, f"m{metered}", "MeterValues"]
            wait([tested], timeout=0.02)
        assert tested.result() == (200, PASSED)
        assert metered > 10
        receipt = stop(server, charger, token, session_id)
    assert (receipt["energyWh"], receipt["final"]) == (1000, True)
    charges = rows(server, "SELECT session_id, amount_ore FROM ledger_entries")
    assert charges == [(session_id, receipt["price"])]
    check_nothing_is_left(server)


def test_a_server_that_was_killed_leaves_nothing_for_long(
    server: ServerProcess,
) -> None:
    """What its run left behind is gone when the next server listens."""
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(server.ask, "GET", "/tests/ocpp")
        while not rows(
            server,
            "SELECT FROM sessions JOIN stations USING (station_id)"
            " WHERE for_self_tests",
        ):
            assert not asked.done()
        server.kill()
        assert asked.exception() is not None
    assert [table for table, count in rows(server, SELF_TEST_ROWS) if count]
    server.settings["RUN_OCPP_TEST"] = "0"
    server.start()
    check_nothing_is_left(server)
    assert server.ask("GET", "/tests/ocpp")[0] == 401
