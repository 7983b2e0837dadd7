"""What operators see of a standard charger over HTTP, and do to it."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.testing.charge import SERIAL, Charge
from flexicharge.testing.http import Connection, Response
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town
from tests.town.standard.conftest import TAG

AT = "/admin/chargers/CP001"


def get(town: Town, admin: str, path: str) -> Any:
    """Return what an operator reads."""
    answer = town.http.request("GET", path, token=admin)
    assert answer.status == 200
    return answer.json


def close(town: Town, admin: str, number: int, reason: str) -> Response:
    """Let an operator close a charge."""
    path = f"{AT}/transactions/{number}/close"
    return town.http.request("POST", path, json={"reason": reason}, token=admin)


def give(
    town: Town, admin: str, action: str, payload: dict[str, Any], **more: Any
) -> Connection:
    """Let an operator give a command."""
    body = {"payload": payload, **more.pop("body", {})}
    path = f"{AT}/commands/{action}"
    return town.http.begin("POST", path, json=body, token=admin, **more)


def test_a_closed_charge_ends_at_its_last_reading(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """The charger is told nothing; the stop that it sends later changes no bill."""
    number = charger.start(TAG, meter=1000)["transactionId"]
    town.advance(600)
    charger.meter(3500, transaction_id=number)
    closed = close(town, admin, number, "Replaced")
    assert closed.status == 200
    assert closed.json["endReason"] == "operator"
    assert closed.json["stopReason"] == "Replaced"
    assert (closed.json["meterStop"], closed.json["energyWh"]) == (3500, 2500)
    assert "fromLastReading" in closed.json["flags"]
    assert charger.asked() == []
    charger.stop(number, 9000)
    found = get(town, admin, f"{AT}/transactions/{number}")
    assert (found["meterStop"], found["energyWh"]) == (3500, 2500)
    assert len(found["meterValues"]) == 1
    facts = get(town, admin, f"{AT}/facts?transactionId={number}")
    kinds = [fact["kind"] for fact in facts]
    assert kinds.index("operatorClosed") < kinds.index("start")
    assert kinds[0] != "operatorClosed"
    [why] = [fact for fact in facts if fact["kind"] == "operatorClosed"]
    assert why["claimed"] == '{"reason":"Replaced"}'


def test_a_charge_is_closed_once(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Whoever closes it again is told how it ended; so is whoever is too late."""
    number = charger.start(TAG, meter=1000)["transactionId"]
    first = close(town, admin, number, "one").json
    town.advance(60)
    assert close(town, admin, number, "two").json == first
    other = charger.start(TAG, meter=1000)["transactionId"]
    charger.stop(other, 1500)
    late = close(town, admin, other, "late").json
    assert (late["endReason"], late["energyWh"]) == ("station", 500)
    kinds = [fact["kind"] for fact in get(town, admin, f"{AT}/facts")]
    assert kinds.count("operatorClosed") == 1


def test_a_charge_of_the_dialect_is_closed_too(town: Town, admin: str) -> None:
    """Whoever pays for it, and whatever the charger speaks."""
    charge = Charge(town)
    charge.start()
    charge.charger.meter(1200)
    path = f"/admin/chargers/{SERIAL}/transactions/{charge.session_id}/close"
    answer = town.http.request("POST", path, json={}, token=admin)
    assert answer.json["energyWh"] == 1200
    assert answer.json["userID"] == charge.caller.user_id
    assert charge.read()["final"] is True


def test_a_command_goes_out_as_it_is_given(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """With its keys in their order, and its answer comes back as it came."""
    payload = {"messageId": "m", "vendorId": "v", "data": '{"b":1,"a":2}'}
    waiting = give(town, admin, "DataTransfer", payload)
    [call] = charger.asked()
    assert list(call[3].items()) == list(payload.items())
    charger.answer(call, {"status": "Accepted", "data": "x"})
    town.flush()
    answer = waiting.response()
    assert answer.status == 200
    assert answer.json["status"] == "result"
    assert answer.json["response"] == {"status": "Accepted", "data": "x"}


def test_an_answer_that_comes_too_late_is_kept(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """The operator was told `timeout` by then."""
    waiting = give(town, admin, "ClearCache", {}, body={"timeout": 5})
    [call] = charger.asked()
    town.advance(5)
    answer = waiting.response()
    assert (answer.status, answer.json["status"]) == (200, "timeout")
    charger.answer(call, "Accepted")
    town.flush()
    found = get(town, admin, f"/admin/commands/{answer.json['commandId']}")
    assert (found["status"], found["sent"]) == ("late", True)
    assert found["response"] == {"status": "Accepted"}


def test_a_command_whose_link_is_lost_is_lost(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """200: it may have been done. While nobody is there, 409 and nothing is sent."""
    waiting = give(town, admin, "ClearCache", {})
    charger.asked()
    charger.peer.lose()
    town.advance(1)
    answer = waiting.response()
    assert (answer.status, answer.json["status"]) == (200, "lost")
    for prefer in ("", "respond-async"):
        refused = give(town, admin, "ClearCache", {}, prefer=prefer).response()
        assert (refused.status, refused.json) == (409, ["chargerOffline"])
    assert len(get(town, admin, f"{AT}/commands")) == 1


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("Explode", {}),
        ("BootNotification", {}),
        ("Reset", {}),
        ("Reset", {"type": "Medium"}),
        ("ClearCache", {"now": True}),
    ],
)
def test_what_no_charger_can_be_asked_is_not_sent(
    town: Town,
    charger: StandardCharger,
    admin: str,
    action: str,
    payload: dict[str, Any],
) -> None:
    """400: no action of a central system, or not as its schema wants it."""
    answer = give(town, admin, action, payload).response()
    assert (answer.status, answer.json["code"]) == (400, "badRequest")
    assert charger.asked() == []


def test_a_remote_start_leads_to_its_charge(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """The command says which charge came of it."""
    payload = {"connectorId": 1, "idTag": TAG}
    waiting = give(
        town, admin, "RemoteStartTransaction", payload, prefer="respond-async"
    )
    command = waiting.response()
    assert command.status == 202
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    number = charger.start(TAG)["transactionId"]
    town.flush()
    found = get(town, admin, command.header("Location") or "")
    assert (found["status"], found["transactionId"]) == ("result", number)


def test_a_reservation_is_shown_with_what_became_of_it(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Its number is filled in where it was left out."""
    payload = {"connectorId": 2, "expiryDate": charger.now(-900), "idTag": TAG}
    give(town, admin, "ReserveNow", payload)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    town.flush()
    [held] = get(town, admin, f"{AT}/reservations")
    assert held["reservationId"] == call[3]["reservationId"]
    assert (held["connectorId"], held["idTag"]) == (2, TAG)
    assert held["status"] == "active"


def test_every_frame_is_on_record(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Newest first, and raw."""
    charger.call("Heartbeat", {})
    answer, call, *_ = get(town, admin, f"{AT}/messages")
    assert (call["direction"], call["action"]) == ("in", "Heartbeat")
    assert call["raw"].startswith('[2,"CP001-')
    assert (answer["direction"], answer["verdict"]) == ("out", "ok")
    assert answer["messageId"] == call["messageId"]


def test_a_charger_shows_what_it_said(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """And that it is here."""
    charger.report(2, "Faulted", "GroundFailure")
    found = get(town, admin, AT)
    assert found["connected"] is True
    assert (found["vendor"], found["model"]) == ("Volta", "One")
    assert [each["status"] for each in found["connectors"]] == ["Available", "Faulted"]
    assert found["connectors"][1]["errorCode"] == "GroundFailure"


def test_a_retired_charger_is_hung_up_on(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """204, and it is not let in again."""
    assert town.http.request("DELETE", AT, token=admin).status == 204
    town.flush()
    assert charger.peer.protocol.close_reason == "out of service"


def test_how_a_station_came_in_is_shown(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """What it proved, from where; and of a password no more than that."""
    assert get(town, admin, AT)["connection"] == {
        "means": "serial",
        "securityProfile": 0,
        "address": "127.0.0.1",
        "at": charger.now().replace("Z", ".000Z"),
    }
