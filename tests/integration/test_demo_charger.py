"""Charger 100000 of a server process: over its own socket, on a real PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flexicharge.model.demo import DEMO_CHARGER
from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, running
from tests.integration.test_main_job import sign_in

CONNECTOR = 100_000
PATIENCE_S = 20.0
LOOK_AGAIN_S = 0.1


def test_it_serves_drivers_and_survives_what_its_server_does() -> None:
    """A kill cuts a charge short, one is stopped, one ends with the server."""
    with open_to_all() as directory, running(directory) as server:
        server.read_until(f"{DEMO_CHARGER} booted")
        token = sign_in(server, "driver@flexicharge.example")["accessToken"]
        first = charge(server, token)
        ongoing = until(server, token, first, lambda told: told["energyWh"] > 0)
        assert ongoing["currentChargePercentage"] == 20
        server.kill()
        server.start()
        cut_short = until(server, token, first, lambda told: told.get("final") is True)
        assert cut_short["energyWh"] >= ongoing["energyWh"]

        second = charge(server, token)
        status, receipt = server.ask("PUT", f"/transaction/stop/{second}", token=token)
        assert (status, receipt["final"]) == (200, True)

        third = charge(server, token)
    said = "".join(server.said)
    assert f"{DEMO_CHARGER}: session {third} is ended" in said
    assert "FlexiCharge has stopped" in said
    assert "not finished in time" not in said


def charge(server: ServerProcess, token: str) -> int:
    """Reserve and start, as soon as the charger is there; return the number."""
    body = {"connectorID": CONNECTOR, "paymentType": "klarna"}
    until_s = time.monotonic() + PATIENCE_S
    while True:
        status, made = server.ask("POST", "/transaction", body, token)
        if status == 201:
            break
        assert (status, made) == (400, ["couldNotReserveCharger"])
        assert time.monotonic() < until_s
        time.sleep(LOOK_AGAIN_S)
    number = int(made["transactionID"])
    status, _ = server.ask("PUT", f"/transaction/start/{number}", token=token)
    assert status == 200
    return number


def until(
    server: ServerProcess, token: str, number: int, holds: Callable[[Any], bool]
) -> Any:
    """Return a transaction once something holds of it."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        status, told = server.ask("GET", f"/transaction/{number}", token=token)
        assert status == 200
        if holds(told):
            return told
        assert time.monotonic() < until_s
        time.sleep(LOOK_AGAIN_S)
