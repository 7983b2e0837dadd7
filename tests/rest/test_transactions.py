"""A driver's charge over HTTP: what is asked of the use cases, and what comes back."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent

from flexicharge.errors import (
    CallRefused,
    CallTimedOut,
    ChargerOffline,
    ConnectorBusy,
    ConnectorUnknown,
    DatabaseAway,
    FlexiChargeError,
    NotAllowed,
    PaymentError,
    ReservationRefused,
    SessionNotStartable,
    SessionUnknown,
    StartRefused,
    Stopping,
)
from flexicharge.rest.transaction_shapes import charge_of, charge_row_of
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import (
    ADMIN,
    DRIVER,
    FakeCharging,
    FakeIdentity,
    charging_view,
    encoded,
    ended_view,
)

JSON = "application/json; charset=utf-8"
ROUTES = [
    ("POST", "/transaction"),
    ("PUT", "/transaction/start/17"),
    ("PUT", "/transaction/stop/17"),
    ("GET", "/transaction/17"),
    ("GET", "/transaction/userTransactions/user-1"),
]
ASK = {"connectorID": 100007, "paymentType": "klarna"}


def call(api: HttpClient, method: str, path: str) -> Response:
    """Send a request of a driver that no route finds fault with."""
    return api.request(method, path, token="driver", json=ASK)


# --- who may ---------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_nothing_happens(
    api: HttpClient, charging: FakeCharging, method: str, path: str
) -> None:
    """Every route is the original's 401 object, before anything is looked at."""
    answer = api.request(method, path, body=b"{malformed")
    assert answer.status == 401
    assert answer.json == {
        "status": 401,
        "code": "unauthorizedError",
        "message": "No authorization token was found",
    }
    assert charging.asked == []


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_with_a_bad_token_nothing_happens(
    api: HttpClient, charging: FakeCharging, method: str, path: str
) -> None:
    """The message says what is wrong with the token."""
    answer = api.request(method, path, token="forged")
    assert (answer.status, answer.json["message"]) == (401, "jwt malformed")
    assert charging.asked == []


# --- reserving --------------------------------------------------------------------


def test_a_reservation_is_what_the_app_shows_to_klarna(
    api: HttpClient, charging: FakeCharging
) -> None:
    """201 and the three keys; FLU takes no other status."""
    answer = api.request("POST", "/transaction", token="driver", json=ASK)
    assert (answer.status, answer.header("Content-Type")) == (201, JSON)
    assert answer.json == {
        "klarnaClientToken": "shown",
        "klarnaSessionID": "kept",
        "transactionID": 17,
    }
    assert charging.asked == [("reserve", DRIVER, 100007)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"connectorID":"100007"}',
        b'{"connectorID":100007,"paymentType":null}',
        b'{"connectorID":100007,"paymentType":"Klarna"}',
        b'{"connectorID":100007,"userID":"user-2","price":0,"isPaid":true}',
    ],
)
def test_a_reservation_is_for_the_caller_however_it_is_asked(
    api: HttpClient, charging: FakeCharging, body: bytes
) -> None:
    """Text for a number and no payment type will do; who and how much is not theirs."""
    answer = api.request("POST", "/transaction", token="driver", body=body)
    assert answer.status == 201
    assert charging.asked == [("reserve", DRIVER, 100007)]


def test_a_form_can_reserve(api: HttpClient, charging: FakeCharging) -> None:
    """Forms are bodies like others."""
    answer = api.request(
        "POST",
        "/transaction",
        token="driver",
        body=b"connectorID=100007&paymentType=klarna",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status == 201


@pytest.mark.parametrize(
    "value",
    [
        "null",
        "true",
        "100007.5",
        "100007.5",
        "99999",
        "1000000",
        "-100007",
        "0",
        '"abc"',
        '""',
        '" 100007"',
        '"-100007"',
        '"' + "9" * 5000 + '"',
        "9" * 40,
        "[100007]",
        "{}",
    ],
    ids=lambda value: value[:12],
)
def test_what_is_no_connector_number_is_named(
    api: HttpClient, charging: FakeCharging, value: str
) -> None:
    """Six digits, as a number or as text; anything else is 400 with the code."""
    body = b'{"connectorID":%s}' % value.encode()
    answer = api.request("POST", "/transaction", token="driver", body=body)
    assert (answer.status, answer.json) == (400, ["invalidconnectorID"])
    assert charging.asked == []


def test_all_that_is_wrong_is_named(api: HttpClient, charging: FakeCharging) -> None:
    """Codes accumulate; only Klarna can be paid with."""
    bad = {"connectorID": 5, "paymentType": "swish"}
    answer = api.request("POST", "/transaction", token="driver", json=bad)
    assert answer.status == 400
    assert answer.json == ["invalidconnectorID", "invalidPaymentMethod"]
    bad["connectorID"] = 100007
    answer = api.request("POST", "/transaction", token="driver", json=bad)
    assert answer.json == ["invalidPaymentMethod"]
    assert api.request("POST", "/transaction", token="driver").json == [
        "invalidconnectorID"
    ]
    assert charging.asked == []


@pytest.mark.parametrize(("method", "path"), ROUTES[:2])
def test_a_malformed_body_is_a_bad_request(
    api: HttpClient, charging: FakeCharging, method: str, path: str
) -> None:
    """It is 400 with an object, and nothing is reserved or started."""
    answer = api.request(method, path, token="driver", body=b"{malformed")
    assert (answer.status, answer.json["code"]) == (400, "badRequest")
    assert charging.asked == []


@pytest.mark.parametrize(
    ("why", "status", "body"),
    [
        (ConnectorUnknown(100007), 400, b'["couldNotReserveCharger"]'),
        (ConnectorBusy(), 400, b'["couldNotReserveCharger"]'),
        (ChargerOffline(), 400, b'["couldNotReserveCharger"]'),
        (ReservationRefused("Faulted"), 400, b'["couldNotReserveCharger"]'),
        (PaymentError(), 400, b'["klarnaError"]'),
        (DatabaseAway(), 503, b'["dbError"]'),
        (Stopping(), 503, b'["internalError"]'),
    ],
    ids=repr,
)
def test_a_refused_reservation_says_why(
    api: HttpClient,
    charging: FakeCharging,
    why: FlexiChargeError,
    status: int,
    body: bytes,
) -> None:
    """Each refusal has the contract's code."""
    charging.outcome = why
    answer = call(api, "POST", "/transaction")
    assert (answer.status, answer.body) == (status, body)


# --- starting, looking, stopping ---------------------------------------------------


def test_a_start_without_a_body_has_no_token(
    api: HttpClient, charging: FakeCharging
) -> None:
    """AND sends nothing at all."""
    answer = api.request("PUT", "/transaction/start/17", token="driver")
    assert (answer.status, answer.header("Content-Type")) == (200, JSON)
    assert answer.json == encoded(charge_of(charging.outcome, integers=False))
    assert charging.asked == [("start", DRIVER, 17, None)]


def test_a_start_hands_on_klarnas_token(
    api: HttpClient, charging: FakeCharging
) -> None:
    """FLU sends the transaction's number along; the path's counts."""
    sent = {"authorization_token": "from-the-sdk", "transactionID": 99}
    api.request("PUT", "/transaction/start/17", token="driver", json=sent)
    assert charging.asked == [("start", DRIVER, 17, "from-the-sdk")]


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_token_is_no_token(
    api: HttpClient, charging: FakeCharging, empty: object
) -> None:
    """Whether a charge may start without one is for the payments to say."""
    sent = {"authorization_token": empty}
    api.request("PUT", "/transaction/start/17", token="driver", json=sent)
    assert charging.asked == [("start", DRIVER, 17, None)]


@pytest.mark.parametrize("odd", [5, True, ["x"], {"a": "b"}, "x" * 8193])
def test_a_token_that_is_no_text_is_refused(
    api: HttpClient, charging: FakeCharging, odd: object
) -> None:
    """Nobody is asked to start with it."""
    sent = {"authorization_token": odd}
    answer = api.request("PUT", "/transaction/start/17", token="driver", json=sent)
    assert (answer.status, answer.json) == (400, ["invalidAuthorizationToken"])
    assert charging.asked == []


@pytest.mark.parametrize(
    ("why", "status", "body"),
    [
        (SessionUnknown(17), 404, b""),
        (SessionNotStartable(), 400, b'["couldNotStartTransaction"]'),
        (ChargerOffline(), 400, b'["couldNotStartTransaction"]'),
        (StartRefused("Rejected"), 400, b'["couldNotStartTransaction"]'),
        (CallRefused("NotSupported"), 400, b'["couldNotStartTransaction"]'),
        (CallTimedOut(), 400, b'["couldNotStartTransaction"]'),
        (DatabaseAway(), 503, b'["dbError"]'),
        (Stopping(), 503, b'["internalError"]'),
    ],
    ids=repr,
)
def test_a_refused_start_says_why(
    api: HttpClient,
    charging: FakeCharging,
    why: FlexiChargeError,
    status: int,
    body: bytes,
) -> None:
    """Each refusal has the contract's code."""
    charging.outcome = why
    answer = call(api, "PUT", "/transaction/start/17")
    assert (answer.status, answer.body) == (status, body)


def test_a_stop_answers_with_the_historic_shape(
    api: HttpClient, charging: FakeCharging
) -> None:
    """It does so as often as it is asked."""
    charging.outcome = ended_view()
    for _ in range(2):
        answer = api.request("PUT", "/transaction/stop/17", token="driver")
        assert answer.status == 200
        assert answer.json == encoded(charge_of(charging.outcome, integers=False))
    assert charging.asked == [("stop", DRIVER, 17)] * 2


def test_a_stop_that_a_station_stands_in_the_way_of_says_so(
    api: HttpClient, charging: FakeCharging
) -> None:
    """The code is S23's."""
    charging.outcome = CallTimedOut()
    answer = call(api, "PUT", "/transaction/stop/17")
    assert (answer.status, answer.json) == (400, ["couldNotStopTransaction"])


def test_a_charge_is_read(api: HttpClient, charging: FakeCharging) -> None:
    """AND polls this every three seconds."""
    answer = api.get("/transaction/17", token="driver")
    assert answer.status == 200
    assert answer.json == encoded(charge_of(charging.outcome, integers=False))
    assert charging.asked == [("read", DRIVER, 17)]


@pytest.mark.parametrize(("method", "path"), ROUTES[1:4])
@pytest.mark.parametrize("number", ["x", "-17", "17.0", ":17", "9" * 30])
def test_what_is_no_number_is_as_unknown_as_somebody_elses(
    api: HttpClient, charging: FakeCharging, method: str, path: str, number: str
) -> None:
    """Both are 404 with no body, so that nothing can be learnt from the difference."""
    odd = api.request(method, path.replace("17", number), token="driver")
    charging.outcome = SessionUnknown(17)
    foreign = api.request(method, path, token="driver")
    assert (odd.status, odd.body) == (foreign.status, foreign.body) == (404, b"")
    assert len(charging.asked) == 1


# --- a user's charges --------------------------------------------------------------


def test_a_users_charges_have_the_keys_of_both_forms(
    api: HttpClient, charging: FakeCharging
) -> None:
    """Each element is a charge and a row of the original's table."""
    views = (charging_view(session_id=18), ended_view(is_paid=True))
    charging.outcome = views
    answer = api.get("/transaction/userTransactions/user-1", token="admin")
    assert answer.status == 200
    assert [each["transactionID"] for each in answer.json] == [18, 17]
    for each, its_view in zip(answer.json, views, strict=True):
        assert each == encoded(charge_row_of(its_view, integers=False))
    assert charging.asked == [("of_user", ADMIN, "user-1")]


def test_a_user_without_charges_is_404_with_no_body(
    api: HttpClient, charging: FakeCharging
) -> None:
    """So it is in the original."""
    charging.outcome = ()
    answer = api.get("/transaction//userTransactions/user-1", token="driver")
    assert (answer.status, answer.body) == (404, b"")


def test_anothers_charges_are_the_403_of_those_who_are_no_admins(
    api: HttpClient, charging: FakeCharging
) -> None:
    """It is plain text with a challenge."""
    charging.outcome = NotAllowed()
    answer = api.get("/transaction/userTransactions/user-2", token="driver")
    assert (answer.status, answer.body) == (403, b"Insufficient scope")
    challenge = 'Bearer scope="Admins", error="Insufficient scope"'
    assert answer.header("WWW-Authenticate") == challenge


# --- around it --------------------------------------------------------------------


def test_flutter_is_known_by_its_user_agent(
    api: HttpClient, charging: FakeCharging
) -> None:
    """Only there the energy in kWh is an integer, on every route that shows it."""
    dart = "Dart/2.19 (dart:io)"
    read = api.get("/transaction/17", token="driver", user_agent=dart)
    assert read.json["kwhTransferred"] == 2
    other = api.get("/transaction/17", token="driver", user_agent="okhttp/4.10 Dart/2")
    assert other.json["kwhTransferred"] == 1.5
    charging.outcome = (ended_view(),)
    listed = api.get(
        "/transaction/userTransactions/user-1", token="driver", user_agent=dart
    )
    assert listed.json[0]["kwhTransferred"] == 2


def test_a_client_that_hangs_up_while_its_token_is_read_starts_nothing(
    api: HttpClient,
    charging: FakeCharging,
    identity: FakeIdentity,
    failures: list[LogEvent],
) -> None:
    """With the connection its body is gone; nothing is guessed in its place."""
    identity.waiting_for = waiting = Deferred()
    api.begin("PUT", "/transaction/start/17", token="driver", json={}).hang_up()
    waiting.callback(None)
    assert charging.asked == []
    assert failures == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/transaction"),
        ("DELETE", "/transaction/17"),
        ("GET", "/transaction/start/17"),
    ],
)
def test_other_methods_are_not_there(api: HttpClient, method: str, path: str) -> None:
    """They are the page for wrong methods, token or not."""
    answer = api.request(method, path, token="admin")
    assert answer.status == 405
    assert f"Cannot {method} {path}".encode() in answer.body


def test_a_chargers_list_has_the_energy_nested(
    api: HttpClient, charging: FakeCharging
) -> None:
    """Each row has its `ChargeSession`, as M23 joined them; times are ISO 8601."""
    charging.outcome = (ended_view(meter_start_wh=100),)
    answer = api.get("/transaction/chargerTransactions/100007", token="driver")
    assert answer.status == 200
    [row] = answer.json
    assert row["ChargeSession"] == {
        "chargeSessionID": 17,
        "userID": DRIVER.user_id,
        "kWhTransferred": 1.5,
        "currentChargePercentage": 40,
        "meterStart": 100,
        "startTime": "2027-01-15T07:00:00.000Z",
        "endTime": "2027-01-15T08:00:00.000Z",
        "connectorID": 100007,
    }
    assert charging.asked == [("of_charger", DRIVER, 100007)]
    charging.outcome = ()
    path = "/transaction/chargerTransactions/100007"
    assert api.get(path, token="driver").status == 404
    assert api.get(path).status == 401
