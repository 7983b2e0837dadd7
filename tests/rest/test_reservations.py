"""Reservations over HTTP: the charger's own word, bookings, lists."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.errors import (
    ChargerOffline,
    ConnectorBusy,
    ConnectorUnknown,
    FlexiChargeError,
    Invalid,
    NotAllowed,
    ReservationUnknown,
    TooManyReservations,
)
from flexicharge.model.commands import Verdict
from flexicharge.rest.bearer import A_GUEST
from flexicharge.testing.http import HttpClient
from tests.rest.fakes import DRIVER, NOW, FakeCharging, FakeHeld, held

ROW = {
    "reservationID": 17,
    "start": int(NOW * 1000),
    "end": int((NOW + 300) * 1000),
    "userID": "user-1",
    "chargerID": 100007,
    "connectorID": 100007,
}
BOOKING = {
    "chargerID": 100007,
    "userID": "somebody-else",
    "start": (NOW + 3600) * 1000,
    "end": (NOW + 7200) * 1000,
}
ROUTES = [
    ("PUT", "/reservations/100007"),
    ("POST", "/reservations"),
    ("GET", "/reservations/17"),
    ("GET", "/reservations/userReservation/user-1"),
    ("GET", "/reservations/chargerReservation/100007"),
    ("DELETE", "/reservations/17"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_without_a_token_nothing_happens(
    api: HttpClient,
    reservations: FakeHeld,
    charging: FakeCharging,
    method: str,
    path: str,
) -> None:
    """Unless guests are welcome."""
    assert api.request(method, path, json=BOOKING).status == 401
    assert reservations.asked == charging.asked == []


@pytest.mark.parametrize("legacy_open", [True])
def test_ios_reserves_without_a_token(api: HttpClient, charging: FakeCharging) -> None:
    """It needs exactly 201 and a text; what it sends along says nothing."""
    sent = {"connectorId": "1", "idTag": "1", "reservationId": "1", "parentIdTag": "1"}
    answer = api.request("PUT", "/reservations/100007", json=sent)
    assert (answer.status, answer.body) == (201, b'"Accepted"')
    assert charging.asked == [("reserve_word", A_GUEST, 100007)]


@pytest.mark.parametrize("word", list(Verdict))
def test_the_word_is_the_chargers(
    api: HttpClient, charging: FakeCharging, word: Verdict
) -> None:
    """Whatever it is, it is 201: the app shows all but `Accepted` as an error."""
    charging.outcome = word
    answer = api.request("PUT", "/reservations/100007", token="driver")
    assert (answer.status, answer.json) == (201, word.value)


@pytest.mark.parametrize("why", [ChargerOffline(), ConnectorUnknown(1)])
def test_a_charger_that_is_not_here_has_no_word(
    api: HttpClient, charging: FakeCharging, why: FlexiChargeError
) -> None:
    """404 with the word of the original."""
    charging.outcome = why
    answer = api.request("PUT", "/reservations/100007", token="driver")
    assert (answer.status, answer.json) == (404, "InvalidId")
    named = api.request("PUT", "/reservations/abc", token="driver")
    assert (named.status, named.json) == (404, "InvalidId")


def test_a_booking_answers_with_its_number(
    api: HttpClient, reservations: FakeHeld
) -> None:
    """201 with a bare number; whose it is, the token says."""
    answer = api.request("POST", "/reservations", json=BOOKING, token="driver")
    assert (answer.status, answer.json) == (201, 17)
    asked = ("book", DRIVER, 100007, BOOKING["start"], BOOKING["end"])
    assert reservations.asked == [asked]


@pytest.mark.parametrize(
    ("why", "codes"),
    [
        (Invalid("invalidStartValue", "invalidEndValue"), None),
        (Invalid("startGreaterThenEnd"), None),
        (ConnectorUnknown(1), ["invalidChargerId"]),
        (ConnectorBusy(), ["couldNotReserveCharger"]),
        (TooManyReservations(), ["tooManyReservations"]),
    ],
)
def test_a_booking_that_cannot_be_is_400(
    api: HttpClient, reservations: FakeHeld, why: FlexiChargeError, codes: Any
) -> None:
    """With the codes of what is wrong."""
    reservations.outcome = why
    answer = api.request("POST", "/reservations", json=BOOKING, token="driver")
    expected = list(why.codes) if isinstance(why, Invalid) else codes
    assert (answer.status, answer.json) == (400, expected)


def test_a_booking_names_a_charger(api: HttpClient, reservations: FakeHeld) -> None:
    """The code is that of 2022."""
    body = BOOKING | {"chargerID": "x"}
    answer = api.request("POST", "/reservations", json=body, token="driver")
    assert (answer.status, answer.json) == (400, ["invalidChargerId"])
    assert reservations.asked == []


def test_one_is_read_and_called_off(api: HttpClient, reservations: FakeHeld) -> None:
    """200 with the row of 2022, and 204."""
    assert api.get("/reservations/17", token="driver").json == ROW
    reservations.outcome = held(user_id=None)
    assert api.get("/reservations/17", token="driver").json == ROW | {"userID": ""}
    gone = api.request("DELETE", "/reservations/17", token="driver")
    assert (gone.status, gone.body) == (204, b"")
    assert reservations.asked[-1] == ("cancel", DRIVER, 17)


@pytest.mark.parametrize("number", ["17", "abc", "9" * 40])
def test_an_unknown_one_is_not_there(
    api: HttpClient, reservations: FakeHeld, number: str
) -> None:
    """404 without a body."""
    reservations.outcome = ReservationUnknown(17)
    for method in ("GET", "DELETE"):
        answer = api.request(method, f"/reservations/{number}", token="driver")
        assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    "path",
    ["/reservations/userReservation/user-1", "/reservations/chargerReservation/100007"],
)
def test_lists_are_rows_or_nothing(
    api: HttpClient, reservations: FakeHeld, path: str
) -> None:
    """An empty one is not found; another user's is for administrators."""
    reservations.outcome = (held(),)
    assert api.get(path, token="driver").json == [ROW]
    reservations.outcome = ()
    assert api.get(path, token="driver").status == 404
    reservations.outcome = NotAllowed()
    if "userReservation" in path:
        assert api.get(path, token="driver").status == 403


def test_all_that_is_wrong_with_a_booking_is_told(
    api: HttpClient, reservations: FakeHeld
) -> None:
    """The charger and both times, in this order."""
    answer = api.request("POST", "/reservations", json={}, token="driver")
    assert answer.status == 400
    codes = ["invalidChargerId", "invalidStartValue", "invalidEndValue"]
    assert answer.json == codes
    odd = {"chargerID": 100007, "start": True, "end": -1}
    answer = api.request("POST", "/reservations", json=odd, token="driver")
    assert answer.json == codes[1:]
    assert reservations.asked == []
