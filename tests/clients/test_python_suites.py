"""The Python suites: PYT of 2022, and the back end's own copy of 2023 (BPT).

They want a server on a fresh database that is open to old clients and tests itself.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.clients.conftest import Opened
from tests.clients.people import Somebody
from tests.clients.suites import read, requests_at
from tests.clients.wire import Wire
from tests.integration.server import ServerProcess


@pytest.fixture
def wire(old_server: ServerProcess) -> Wire:
    """What the suites send with."""
    return requests_at(old_server.ports[0])


def test_a_transaction_of_a_fresh_database(opened: Opened, wire: Wire) -> None:
    """Number 3 is there before anybody has charged; so is a list for user 1."""
    assert isinstance(read(opened.transaction_3.expect(200)), dict)
    assert isinstance(read(wire.get("/transactions/3").expect(200)), dict)
    path = "/transactions//userTransactions/1"
    assert isinstance(read(wire.get(path).expect(200)), list)


def test_chargers(wire: Wire) -> None:
    """What both suites assert of the seed, under both names of a number."""
    assert len(read(wire.get("/chargers").expect(200))) >= 8
    for number in (100000, 100006, 100007):
        charger = read(wire.get(f"/chargers/{number}").expect(200))
        assert charger["chargerID"] == charger["connectorID"] == number
    assert read(wire.get("/chargers/100006"))["status"] == "Available"
    assert wire.get("/chargers/99999").expect(404).body == b""
    serial = read(wire.get("/chargers/serial/abc117").expect(200))
    assert serial["serialNumber"] == "abc117"


@pytest.mark.parametrize("key", ["chargerID", "connectorID"])
def test_a_transaction_where_nobody_is_connected(wire: Wire, key: str) -> None:
    """100005 is away, and yet it is 201."""
    body = {"userID": "1", key: 100005, "isKlarnaPayment": True, "pricePerKwh": 123.5}
    read(wire.send_json("POST", "/transactions", body).expect(201))


def test_signing_in_with_a_form(wire: Wire, old_admin: Somebody) -> None:
    """One test sends a form where all others send JSON."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(old_admin.credentials).encode()
    answer = wire.send("POST", "/auth/sign-in", body, headers)
    assert read(answer.expect(200))["accessToken"]


def test_the_self_tests(wire: Wire) -> None:
    """None fails."""
    report = read(wire.get("/tests/ocpp").expect(200))
    assert report["failedTests"] == []
    assert len(report["successfulTests"]) >= 8
