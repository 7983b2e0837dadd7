"""The back end's own HTTP tests of 2023 (JST), which sign in as an administrator."""

from __future__ import annotations

import pytest

from tests.clients.people import Somebody
from tests.clients.suites import read
from tests.clients.wire import Wire
from tests.integration.server import ServerProcess


@pytest.fixture
def wire(server: ServerProcess) -> Wire:
    """What the suite sends with."""
    return Wire(server.ports[0])


@pytest.fixture
def token(wire: Wire, admin: Somebody) -> str:
    """The token of a sign-in."""
    answer = wire.send_json("POST", "/auth/sign-in", admin.credentials)
    return str(read(answer.expect(200))["accessToken"])


def test_who_signed_in(wire: Wire, token: str) -> None:
    """200 for the token, 401 for a damaged one."""
    wire.get("/auth/user-information", token).expect(200)
    wire.get("/auth/user-information", f"{token[:-8]}AAAAAAAA").expect(401)


def test_chargers(wire: Wire, token: str) -> None:
    """One is made and deleted."""
    body = {"chargePointID": 1, "serialNumber": "jest", "location": [57.7, 14.1]}
    made = read(wire.send_json("POST", "/chargers", body, token).expect(201))
    path = f"/chargers/{made['connectorID']}"
    assert read(wire.get(path).expect(200))["serialNumber"] == "jest"
    wire.send("DELETE", path, None, {"Authorization": f"Bearer {token}"}).expect(204)


def test_charge_points(wire: Wire, token: str) -> None:
    """One is made with all five keys, and deleted."""
    body = {
        "name": "jest",
        "address": "Gjuterigatan 5",
        "location": [57.7, 14.1],
        "price": 123,
        "klarnaReservationAmount": 500,
    }
    made = read(wire.send_json("POST", "/chargePoints", body, token).expect(201))
    path = f"/chargePoints/{made['chargePointID']}"
    assert read(wire.get(path).expect(200))["name"] == "jest"
    wire.send("DELETE", path, None, {"Authorization": f"Bearer {token}"}).expect(204)


def test_a_transaction(wire: Wire, demo_charger: int, token: str) -> None:
    """One at the charger that always works."""
    body = {"connectorID": demo_charger, "paymentType": "klarna"}
    made = read(wire.send_json("POST", "/transaction", body, token).expect(201))
    assert {*made} >= {"klarnaClientToken", "klarnaSessionID", "transactionID"}
    bearer = {"Authorization": f"Bearer {token}"}
    path = f"/transaction/stop/{made['transactionID']}"
    wire.send("PUT", path, None, bearer).expect(200)
