"""What must not happen with secrets, passwords and commands, whoever goes wrong."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from twisted.logger import capturedLogs

from flexicharge.charging.beliefs.certificates import MOST_AN_HOUR as CERTIFICATES
from flexicharge.charging.beliefs.floods import MOST_AN_HOUR, TOO_MANY
from flexicharge.model.events import station_address
from flexicharge.model.station_command import CommandState
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town

from .test_operators import AT, get, give

SECRET = "f00dfeedf00dfeedf00dfeedf00dfeed"
TELL: dict[str, Any] = {"key": "AuthorizationKey", "value": SECRET}
DAY_S = 86_400.0
PLACES = (
    "commands",
    "commands/ClearCache",
    "configuration",
    "localList",
    "chargingProfiles",
    "chargingProfiles/composite",
    "compositeSchedules",
    "jobs",
    "certificates",
    "features",
    "securityEvents",
    "conformance",
    "violations",
    "messages",
    "facts",
    "events",
    "reservations",
    "transactions",
    "transactions/1",
    "transactions/1/close",
)


def everything(town: Town, admin: str) -> str:
    """Return all that operators can read of what was said and done."""
    places = ("messages", "commands", "configuration", "events", "facts")
    return json.dumps([get(town, admin, f"{AT}/{place}") for place in places])


def outcome(town: Town, charger: StandardCharger, admin: str, *answer: Any) -> Any:
    """Have the charger answer the telling of a password; return what came of it."""
    waiting = give(town, admin, "ChangeConfiguration", TELL)
    [call] = charger.asked()
    charger.peer.say(answer[0], call[1], *answer[1:])
    town.flush()
    return waiting.response().json


def kinds(town: Town) -> list[str]:
    """Return the kinds of all that has happened at the charger, in their order."""
    station = town.now(town.stores.chargers.get_station("CP001"))
    found = town.stores.book.events(station.station_id, limit=10_000)
    return sorted(event.kind for event in town.now(found))


# secrets


@pytest.mark.parametrize(
    "answer",
    [
        (4, "PropertyConstraintViolation", f"cannot set {SECRET}", {}),
        (4, "InternalError", "", {"key": "AuthorizationKey", "value": SECRET}),
        (4, "InternalError", "", {"value": SECRET}),
        (4, "InternalError", "", {"asked": [json.dumps(TELL)], SECRET: 1}),
        (3, {"status": "Rejected", "vendorInfo": f"{SECRET} is too long"}),
    ],
)
def test_a_charger_that_repeats_its_password_does_not_tell_it(
    town: Town, charger: StandardCharger, admin: str, answer: tuple[Any, ...]
) -> None:
    """Neither to whoever asked, nor in the command's record, nor in the journal."""
    told = outcome(town, charger, admin, *answer)
    assert "***" in json.dumps(told["response"])
    assert SECRET not in json.dumps(told)
    town.advance(1)
    assert SECRET not in everything(town, admin)


def test_a_password_in_other_words_is_not_told_later_either(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Not in a text that is no frame, nor where the charger speaks by itself."""
    outcome(town, charger, admin, 3, {"status": "Accepted"})
    charger.peer.say_text(f"set {SECRET}".encode())
    charger.call(
        "SecurityEventNotification",
        {"type": "X", "timestamp": charger.now(), "techInfo": f"now {SECRET}"},
    )
    town.advance(1)
    messages = get(town, admin, f"{AT}/messages")
    assert SECRET not in json.dumps(messages)
    assert json.dumps(messages).count("***") >= 3


def test_a_record_does_not_show_what_its_password_became(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Nor does an operator's Call show its payload where a value is written out."""
    outcome(town, charger, admin, 3, {"status": "Accepted"})
    record = charger.record
    assert record.credential
    assert "credential" not in repr(record)


# a password and its charger


def test_a_new_charger_has_its_password_from_the_first_moment(
    town: Town, admin: str
) -> None:
    """Without its database there is no charger, rather than one that anybody can be."""
    body = {"password": "correct-horse-stapl"}
    town.world.faults.fail_next("set_credential", before_commit=True)
    answer = town.http.request("PUT", "/admin/chargers/NEW", json=body, token=admin)
    assert answer.status == 201
    station = town.now(town.stores.chargers.get_station("NEW"))
    assert station.credential is not None


def test_what_was_not_told_is_not_expected(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """The command could not be put on record: all is as it was before."""
    for method in ("add_command", "expect_credential"):
        for before_commit in (True, False):
            town.world.faults.fail_next(method, before_commit=before_commit)
            answer = give(town, admin, "ChangeConfiguration", TELL).response()
            assert answer.status == 503
            assert charger.asked() == []
            town.advance(10)
            assert charger.record.next_credential is None, (method, before_commit)
    states = [one["status"] for one in get(town, admin, f"{AT}/commands")]
    assert states == ["lost"]  # its answer was lost, and nobody waits for it


def test_a_password_that_may_have_been_taken_is_expected_until_it_is_shown(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """It was told and not answered; that telling it again fails takes nothing back."""
    waiting = give(town, admin, "ChangeConfiguration", TELL, body={"timeout": 5})
    charger.asked()
    town.advance(5)
    assert waiting.response().json["status"] == "timeout"
    expected = charger.record.next_credential
    assert expected is not None
    told = outcome(town, charger, admin, 3, {"status": "Rejected"})
    assert told["status"] == "result"
    assert charger.record.next_credential == expected
    headers = {
        "Authorization": f"Basic {b64encode(f'CP001:{SECRET}'.encode()).decode()}"
    }
    charger.peer.lose()
    charger.connect(headers=headers)
    town.advance(1)
    assert charger.record.credential == expected


def test_nothing_is_reserved_or_under_way_that_was_not_asked_for(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Nor is anything called off later."""
    until = charger.now(-600)
    reserve = {"connectorId": 1, "idTag": "T", "expiryDate": until}
    town.world.faults.fail_next("add_command", before_commit=True)
    assert give(town, admin, "ReserveNow", reserve).response().status == 503
    town.world.faults.fail_next("add_command", before_commit=True)
    where = {"location": "ftp://up.example"}
    assert give(town, admin, "GetDiagnostics", where).response().status == 503
    town.advance(10)
    assert get(town, admin, f"{AT}/reservations") == []
    assert get(town, admin, f"{AT}/jobs") == []
    charger.call("Heartbeat", {})
    town.advance(1)
    assert charger.asked() == []


# commands


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**63, -1, 0])
def test_a_number_that_no_charge_can_have_is_sent_as_it_is(
    town: Town, charger: StandardCharger, admin: str, number: int
) -> None:
    """The charger may make of it what it likes."""
    waiting = give(town, admin, "RemoteStopTransaction", {"transactionId": number})
    [call] = charger.asked()
    assert call[3] == {"transactionId": number}
    charger.answer(call, "Rejected")
    town.flush()
    assert waiting.response().json["status"] == "result"


def test_a_command_that_cannot_be_sent_is_lost_and_not_queued_for_ever(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Whatever goes wrong on its way, which is somebody's mistake and in the log."""
    town.back_end._bus.serve(station_address("CP001"), answered_with_nonsense)
    with capturedLogs() as logs:
        answer = give(town, admin, "ClearCache", {}).response()
    assert (answer.status, answer.json["status"]) == (200, "lost")
    assert any("could not be sent" in str(entry["log_format"]) for entry in logs)
    found = get(town, admin, f"/admin/commands/{answer.json['commandId']}")
    assert (found["status"], found["sent"]) == ("lost", False)


async def answered_with_nonsense(order: object) -> str:
    """Answer as no station's actor does."""
    return "nonsense"


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 30 + b"]" * 30,
        b"[" * 300 + b"]" * 300,
        b'{"a":' * 500 + b"1" + b"}" * 500,
        b"1e400",
        b"-1e308",
        b'"\\ud800"',
        b"9" * 5000,
    ],
)
def test_a_value_that_makes_no_sense_is_a_bad_request(
    town: Town, charger: StandardCharger, admin: str, payload: bytes
) -> None:
    """400, and nothing is sent; however deep or large it is."""
    body = b'{"payload":{"type":' + payload + b"}}"
    answer = town.http.request("POST", f"{AT}/commands/Reset", body=body, token=admin)
    assert answer.status == 400
    assert charger.asked() == []


def test_the_last_of_two_fields_of_one_name_counts(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """On record stands what was sent."""
    body = b'{"payload":{"type":"Soft","type":"Hard"}}'
    path = f"{AT}/commands/Reset"
    answer = town.http.request(
        "POST", path, body=body, token=admin, prefer="respond-async"
    )
    [call] = charger.asked()
    assert call[3] == {"type": "Hard"}
    found = get(town, admin, f"/admin/commands/{answer.json['commandId']}")
    assert found["payload"] == {"type": "Hard"}


def test_more_than_can_wait_is_lost_and_was_not_sent(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """One is on the wire and 32 wait for it; each of them is answered in turn."""
    asked = [
        give(town, admin, "ClearCache", {}, prefer="respond-async") for _ in range(34)
    ]
    ids = [one.response().json["commandId"] for one in asked]

    def states() -> list[tuple[str, bool]]:
        found = [get(town, admin, f"/admin/commands/{one}") for one in ids]
        return [(one["status"], one["sent"]) for one in found]

    assert states() == [("sent", True), *[("queued", False)] * 32, ("lost", False)]
    for _ in range(33):
        [call] = charger.asked()
        charger.answer(call, "Accepted")
        town.flush()
    assert states() == [*[("result", True)] * 33, ("lost", False)]


def test_an_answer_to_a_server_that_is_gone_changes_nothing(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """What was open then is lost, was sent, and nobody asks it again."""
    waiting = give(town, admin, "ClearCache", {}, prefer="respond-async")
    [call] = charger.asked()
    number = waiting.response().json["commandId"]
    town.crash(down_for=5)
    charger.connect()
    charger.answer(call, "Accepted")
    town.advance(1)
    found = get(town, admin, f"/admin/commands/{number}")
    assert (found["status"], found["sent"]) == (CommandState.LOST, True)
    assert found["response"] is None
    assert charger.asked() == []


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nobody_but_an_administrator_sees_or_does_any_of_it(
    town: Town, charger: StandardCharger, admin: str, method: str
) -> None:
    """All routes under a station, its commands and the tags."""
    _, driver = town.driver()
    for path in (
        "/admin/chargers",
        AT,
        *(f"{AT}/{place}" for place in PLACES),
        "/admin/commands/3e5a5ba4-5f42-4b8e-9d0c-0c5a3b0c8f2e",
        "/admin/idtags/T",
    ):
        for token in (None, driver):
            answer = town.http.request(method, path, json={}, token=token)
            assert answer.status in (401, 403, 405), (method, path)
    assert charger.asked() == []


# floods


def test_a_flood_of_vendors_messages_is_counted_and_not_kept(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Five hundred an hour stand among the events; every one is answered."""
    message = {"vendorId": "V", "data": "x" * 100}
    for _ in range(MOST_AN_HOUR + 5):
        charger.call("DataTransfer", message)
    assert kinds(town).count("vendorMessage") == MOST_AN_HOUR
    town.advance(3600, step=60)
    charger.call("DataTransfer", message)
    assert kinds(town).count("vendorMessage") == MOST_AN_HOUR + 1
    assert (
        town.now(town.back_end.charging.beliefs.known.violations(charger.record))[
            TOO_MANY.format("vendorMessage")
        ]
        == 5
    )


def test_events_that_stations_cause_at_will_go_after_ninety_days(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Security events stay; so does what is younger."""
    charger.call("DataTransfer", {"vendorId": "V", "data": "old"})
    charger.call("Authorize", {"idTag": "NOBODY"})
    event = {"type": "TamperDetectionActivated", "timestamp": charger.now()}
    charger.call("SecurityEventNotification", event)
    charger.peer.lose()
    town.clock.advance(89 * DAY_S)
    charger.connect().call("DataTransfer", {"vendorId": "V", "data": "new"})
    assert kinds(town) == [
        "refusedTag",
        "securityEvent",
        "vendorMessage",
        "vendorMessage",
    ]
    town.clock.advance(DAY_S + 3600)
    assert kinds(town) == ["securityEvent", "vendorMessage"]


def test_a_charger_that_wants_one_certificate_after_the_other_gets_ten(
    town: Town, charger: StandardCharger, admin: str
) -> None:
    """Within an hour; each is a command that stays on record."""
    csr = signing_request("CP001", known_key(7))
    answers = []
    for _ in range(3 * CERTIFICATES):
        answers.append(charger.call("SignCertificate", {"csr": csr})["status"])
        town.advance(1)
        for call in charger.asked():
            charger.answer(call, "Accepted")
    assert answers == ["Accepted"] * CERTIFICATES + ["Rejected"] * 2 * CERTIFICATES
    assert kinds(town).count("certificateRefused") == CERTIFICATES
    assert len(get(town, admin, f"{AT}/commands")) == CERTIFICATES
    town.advance(3600, step=60)
    assert charger.call("SignCertificate", {"csr": csr})["status"] == "Accepted"
