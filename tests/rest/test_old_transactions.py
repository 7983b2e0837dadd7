"""The drivers' API of 2022: its shapes, its statuses, and what it never takes."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.errors import (
    ChargerOffline,
    ConnectorBusy,
    ConnectorUnknown,
    FlexiChargeError,
    NotAllowed,
    PaymentError,
    SessionNotStartable,
    SessionUnknown,
)
from flexicharge.rest.bearer import A_GUEST
from flexicharge.testing.http import HttpClient
from tests.rest.fakes import (
    DRIVER,
    NOW,
    FakeCharging,
    charging_view,
    ended_view,
    view,
)

ROW = {
    "transactionID": 17,
    "isKlarnaPayment": True,
    "kwhTransfered": 1.5,
    "currentChargePercentage": 40,
    "pricePerKwh": "250.00",
    "timestamp": int(NOW - 10),
    "paymentID": None,
    "userID": "user-1",
    "session_id": "kept",
    "client_token": "shown",
    "klarna_consumer_token": "shown",
    "paymentConfirmed": False,
    "meterStart": None,
    "connectorID": 100007,
    "chargerID": 100007,
}
LISTED = ROW | {
    "session_id": None,
    "client_token": None,
    "klarna_consumer_token": None,
}
ROUTES = [
    ("POST", "/transactions"),
    ("POST", "/transactions/session"),
    ("PUT", "/transactions/start/17"),
    ("PUT", "/transactions/stop/17"),
    ("GET", "/transactions/17"),
    ("GET", "/transactions/userTransactions/user-1"),
    ("GET", "/transactions/chargerTransactions/100007"),
    ("PUT", "/transactions/payment/17"),
    ("PUT", "/transactions/chargingStatus/17"),
]
WANTED = {"chargerID": "100007", "userID": "somebody-else"}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_nothing_happens(
    api: HttpClient, charging: FakeCharging, method: str, path: str
) -> None:
    """Unless guests are welcome, the old routes need a token like the others."""
    assert api.request(method, path, json=WANTED).status == 401
    assert charging.asked == []


@pytest.mark.parametrize("legacy_open", [True])
def test_a_guest_asks_for_what_is_the_guests(
    api: HttpClient, charging: FakeCharging
) -> None:
    """What a body says of a user is not taken: whoever has no token is a guest."""
    answer = api.request("POST", "/transactions/session", json=WANTED)
    assert answer.status == 201
    api.request("PUT", "/transactions/start/:17", json={"authorization_token": "x"})
    asked = [asked for asked in charging.asked if asked[0] != "read"]
    assert asked == [("reserve", A_GUEST, 100007), ("start", A_GUEST, 17, "x")]


@pytest.mark.parametrize("legacy_open", [True])
def test_a_bad_token_makes_no_guest(api: HttpClient, charging: FakeCharging) -> None:
    """Whoever says who they are is held to it."""
    answer = api.request("POST", "/transactions", json=WANTED, token="forged")
    assert answer.status == 401
    assert charging.asked == []


@pytest.mark.parametrize("path", ["/transactions", "/transactions/session"])
def test_opening_answers_with_the_payment(api: HttpClient, path: str) -> None:
    """IOS reads `client_token` and `transactionID`, others `klarna_consumer_token`."""
    answer = api.request("POST", path, json=WANTED, token="driver")
    assert answer.status == 201
    assert answer.json == ROW


def test_only_the_first_takes_a_charger_that_is_away(
    api: HttpClient, charging: FakeCharging
) -> None:
    """The Python suites open a charge where no charger is connected."""
    for path in ("/transactions", "/transactions/session"):
        api.request("POST", path, json=WANTED, token="driver")
    asked = [asked for asked in charging.asked if asked[0] != "read"]
    assert asked == [("open", DRIVER, 100007), ("reserve", DRIVER, 100007)]


@pytest.mark.parametrize(
    "charger", [None, 7, "abc", "1000000", 100007.5, True, [100007]]
)
def test_what_is_no_charger_is_named(api: HttpClient, charger: object) -> None:
    """The code is that of 2022."""
    body = {"chargerID": charger}
    answer = api.request("POST", "/transactions/session", json=body, token="driver")
    assert (answer.status, answer.json) == (400, ["invalidChargerId"])


def test_start_and_stop_answer_with_one_row(api: HttpClient) -> None:
    """201 for a start, which IOS needs, with its colon; 200 for a stop."""
    for path in ("/transactions/start/17", "/transactions/start/:17"):
        started = api.request("PUT", path, token="driver")
        assert (started.status, started.json) == (201, [ROW])
    stopped = api.request("PUT", "/transactions/stop/17", token="driver")
    assert (stopped.status, stopped.json) == (200, [ROW])


def test_a_charge_is_read(api: HttpClient, charging: FakeCharging) -> None:
    """What is not known is null; a paid one is confirmed."""
    assert api.get("/transactions/17", token="driver").json == ROW
    charging.outcome = ended_view(is_paid=True, meter_start_wh=5000, percent=None)
    assert api.get("/transactions/17", token="driver").json == ROW | {
        "paymentConfirmed": True,
        "meterStart": 5000,
        "currentChargePercentage": 0,
    }
    charging.outcome = view(user_id=None)
    assert api.get("/transactions/17", token="admin").json["userID"] == ""


def test_flutter_has_whole_numbers_only(api: HttpClient) -> None:
    """Its parser loses the answer over a decimal point."""
    answer = api.get("/transactions/17", token="driver", user_agent="Dart/2.18")
    assert answer.json["kwhTransfered"] == 2


@pytest.mark.parametrize(
    "path",
    [
        "/transactions/userTransactions/user-1",
        "/transactions//userTransactions/user-1",
        "/transactions/chargerTransactions/100007",
    ],
)
def test_lists_are_rows_or_nothing(
    api: HttpClient, charging: FakeCharging, path: str
) -> None:
    """An empty one is not found, as ever."""
    charging.outcome = (charging_view(),)
    assert api.get(path, token="driver").json == [LISTED]
    charging.outcome = ()
    answer = api.get(path, token="driver")
    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize("what", ["payment", "chargingStatus"])
def test_no_app_says_what_was_charged_or_paid(
    api: HttpClient, charging: FakeCharging, what: str
) -> None:
    """The answer is the charge as it stands, whatever was sent."""
    lies = {"paymentID": "x", "kwhTransfered": 0, "currentChargePercentage": 100}
    answer = api.request("PUT", f"/transactions/{what}/17", json=lies, token="driver")
    assert (answer.status, answer.json) == (201, [ROW])
    assert charging.asked == [("read", DRIVER, 17)]


@pytest.mark.parametrize(
    ("method", "path", "why", "status", "body"),
    [
        ("POST", "/transactions", ConnectorBusy(), 400, ["couldNotReserveCharger"]),
        (
            "POST",
            "/transactions/session",
            ChargerOffline(),
            400,
            ["couldNotReserveCharger"],
        ),
        ("POST", "/transactions", PaymentError(), 400, ["klarnaError"]),
        (
            "PUT",
            "/transactions/start/17",
            SessionNotStartable(),
            400,
            ["couldNotStartTransaction"],
        ),
        (
            "PUT",
            "/transactions/stop/17",
            ChargerOffline(),
            400,
            ["couldNotStopTransaction"],
        ),
        ("GET", "/transactions/17", SessionUnknown(17), 404, None),
        ("PUT", "/transactions/payment/17", SessionUnknown(17), 404, None),
        ("GET", "/transactions/userTransactions/x", NotAllowed(), 403, None),
    ],
)
def test_what_goes_wrong_is_said_as_ever(
    api: HttpClient,
    charging: FakeCharging,
    method: str,
    path: str,
    why: FlexiChargeError,
    status: int,
    body: Any,
) -> None:
    """Code strings, or nothing at all."""
    charging.outcome = why
    answer = api.request(method, path, json=WANTED, token="driver")
    assert answer.status == status
    if body is not None:
        assert answer.json == body


@pytest.mark.parametrize("number", ["abc", ":abc", "::17", "-1", "9" * 30])
def test_what_is_no_number_is_not_there(
    api: HttpClient, charging: FakeCharging, number: str
) -> None:
    """As is what belongs to somebody else."""
    for method, path in (("GET", ""), ("PUT", "/start"), ("PUT", "/stop")):
        answer = api.request(method, f"/transactions{path}/{number}", token="driver")
        assert (answer.status, answer.body) == (404, b"")
    assert charging.asked == []


def test_the_meter_was_never_there(api: HttpClient) -> None:
    """FLU has a call for it that nothing uses."""
    assert api.request("PUT", "/transactions/meter/17", token="driver").status == 404


def test_a_charger_that_is_unknown_is_named_as_in_2022(
    api: HttpClient, charging: FakeCharging
) -> None:
    """Not as one that could not be reserved."""
    charging.outcome = ConnectorUnknown(100099)
    for path in ("/transactions", "/transactions/session"):
        answer = api.request("POST", path, json=WANTED, token="driver")
        assert (answer.status, answer.json) == (400, ["invalidChargerId"])


@pytest.mark.parametrize("path", ["/transactions/stop/17", "/transaction/stop/17"])
def test_a_body_that_cannot_be_read_stops_nothing(
    api: HttpClient, charging: FakeCharging, path: str
) -> None:
    """Even where nothing is asked for in it."""
    answer = api.request("PUT", path, body=b"{bad", token="driver")
    assert (answer.status, answer.json["code"]) == (400, "badRequest")
    assert charging.asked == []
