"""Chargers that are tried over the wire: good ones, bad ones, and lost ones."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.conformance.table import PROBES
from flexicharge.testing.http import Connection
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town
from tests.town.standard.conftest import TAG
from tests.town.standard.trying import AT, SILENT, Tried

PATH = f"{AT}/conformance"
HARMFUL = {
    "ChangeAvailability",
    "ClearCache",
    "RemoteStartTransaction",
    "ReserveNow",
    "Reset",
    "SendLocalList",
    "SetChargingProfile",
}


@pytest.fixture
def tried(town: Town, charger: StandardCharger) -> Tried:
    """The charger while it is tried."""
    return Tried(town, charger)


def begin(town: Town, admin: str, **how: Any) -> Connection:
    """Let an operator try the charger."""
    return town.http.begin("POST", PATH, token=admin, **how)


def run(tried: Tried, admin: str, seconds: float = 1.0) -> Any:
    """Let an operator try the charger; return the report."""
    connection = begin(tried.town, admin)
    tried.play(connection, seconds)
    answer = connection.response()
    assert answer.status == 200
    return answer.json


def features(report: Any) -> dict[str, str]:
    """Return the verdicts by action."""
    return {each["action"]: each["verdict"] for each in report["features"]}


def probes(report: Any) -> dict[str, Any]:
    """Return what each probe came to, by its name."""
    return {
        probe["name"]: probe
        for feature in report["features"]
        for probe in feature["probes"]
    }


def last(town: Town, admin: str) -> Any:
    """Return the last report."""
    answer = town.http.request("GET", PATH, token=admin)
    assert answer.status == 200
    return answer.json


def test_a_good_charger_has_every_feature(tried: Tried, admin: str) -> None:
    """The whole table is asked, once, and nothing that would change anything."""
    report = run(tried, admin)
    assert set(features(report).values()) == {"supported"}
    assert (report["status"], report["why"]) == ("done", None)
    assert report["score"]["percent"] == 100
    assert report["configuration"] == {
        "supportedFeatureProfiles": ["Core", "RemoteTrigger", "SmartCharging"],
        "missing": [],
        "wrong": [],
    }
    assert tried.asked == [probe.action for probe in PROBES]
    assert HARMFUL.isdisjoint(tried.asked)
    assert last(tried.town, admin) == report


def test_a_probe_shows_its_frames(tried: Tried, admin: str) -> None:
    """Our Call, the answer, and what came after it, as they were on the wire."""
    report = run(tried, admin)
    probe = probes(report)["TriggerMessage MeterValues"]
    call, answer, message = probe["frames"]
    payload = '{"requestedMessage":"MeterValues","connectorId":1}'
    assert call["raw"].endswith(f',"TriggerMessage",{payload}]')
    assert call["raw"].startswith('[2,"')
    message_id = call["raw"].split('"')[1]
    assert answer["raw"] == f'[3,"{message_id}",{{"status":"Accepted"}}]'
    assert '"MeterValues"' in message["raw"]
    assert [each["direction"] for each in probe["frames"]] == ["out", "in", "in"]
    assert probe["latencyMs"] == 0
    found = tried.town.http.request(
        "GET", f"/admin/commands/{probe['commandId']}", token=admin
    ).json
    assert (found["action"], found["status"]) == ("TriggerMessage", "result")


def test_a_charger_may_say_what_it_cannot_do(tried: Tried, admin: str) -> None:
    """It is as it should be, if it does not claim what it denies."""
    for action in ("GetInstalledCertificateIds", "DeleteCertificate"):
        tried.answers[action] = "NotImplemented"
    tried.answers["ExtendedTriggerMessage"] = "NotSupported"
    tried.answers["CancelReservation"] = "NotSupported"
    tried.answers["GetLocalListVersion"] = {"listVersion": -1}
    report = run(tried, admin)
    assert {name for name, found in features(report).items() if found == "refused"} == {
        "GetInstalledCertificateIds",
        "DeleteCertificate",
        "ExtendedTriggerMessage",
        "CancelReservation",
        "GetLocalListVersion",
    }
    assert report["score"]["percent"] == 100


def test_a_charger_has_to_have_what_it_claims(tried: Tried, admin: str) -> None:
    """And everything of Core."""
    tried.answers["GetCompositeSchedule"] = "NotImplemented"  # it announces the profile
    tried.answers["DataTransfer"] = "NotSupported"
    report = run(tried, admin)
    assert features(report)["GetCompositeSchedule"] == "refused"
    assert features(report)["DataTransfer"] == "refused"
    count = len(report["features"])
    assert report["score"]["percent"] == 100 * (count - 2) // count


def test_a_bad_charger_is_told_what_is_wrong(tried: Tried, admin: str) -> None:
    """Each with its frames: off schema, against the standard, or nothing follows."""
    tried.answers |= {
        "ChangeConfiguration": {"status": "Accepted"},
        "UnlockConnector": {"status": "Released"},
        "RemoteStopTransaction": "FormationViolation",
        "TriggerMessage Heartbeat": lambda call: tried.charger.answer(call, "Accepted"),
        "TriggerMessage StatusNotification": {"status": "Rejected"},
        "ClearChargingProfile": {"status": "Accepted"},
        "GetCompositeSchedule": {"status": "Accepted"},
    }
    del tried.keys["ResetRetries"]
    tried.keys["HeartbeatInterval"] = "often"
    report = run(tried, admin, 30)
    wrong = {
        name: found
        for name, found in probes(report).items()
        if found["verdict"] == "wrong"
    }
    assert {name: found["why"] for name, found in wrong.items()} == {
        "ChangeConfiguration of an unknown key": "it answered Accepted",
        "UnlockConnector of an unknown connector": "status breaks 'enum'",
        "RemoteStopTransaction of an unknown transaction": (
            "it answered with the error FormationViolation"
        ),
        "TriggerMessage Heartbeat": "it accepted, and no Heartbeat came",
        "ClearChargingProfile of an unknown profile": "it answered Accepted",
        "GetCompositeSchedule": "it accepted, and told no schedule",
    }
    assert all(len(found["frames"]) == 2 for found in wrong.values())
    off_schema = wrong["UnlockConnector of an unknown connector"]["frames"][1]
    assert off_schema["verdict"] == "offSchema"
    assert features(report)["TriggerMessage"] == "wrong"
    assert report["configuration"]["missing"] == ["ResetRetries"]
    assert report["configuration"]["wrong"] == [
        {"key": "HeartbeatInterval", "value": "often", "expected": "integer"}
    ]


def test_a_message_may_come_before_the_answer_that_promises_it(
    tried: Tried, admin: str
) -> None:
    """OCA 054's twin."""

    def early(call: list[Any]) -> None:
        tried.say("Heartbeat")
        tried.charger.answer(call, "Accepted")

    tried.answers["TriggerMessage Heartbeat"] = early
    assert (
        probes(run(tried, admin))["TriggerMessage Heartbeat"]["verdict"] == "supported"
    )


def test_a_message_that_cannot_be_understood_is_wrong(tried: Tried, admin: str) -> None:
    """It came, but nobody can do anything with it."""

    def spoilt(call: list[Any]) -> None:
        tried.charger.answer(call, "Accepted")
        tried.charger.send("MeterValues", {"connectorId": 1})

    tried.answers["TriggerMessage MeterValues"] = spoilt
    probe = probes(run(tried, admin))["TriggerMessage MeterValues"]
    assert probe["verdict"] == "wrong"
    assert probe["why"].startswith("its MeterValues is wrong: ")
    assert probe["frames"][-1]["verdict"] == "refused"


def test_who_does_not_answer_is_not_asked_the_like_again(
    tried: Tried, admin: str
) -> None:
    """An action that it does not know is not held against the others."""
    tried.answers["TriggerMessage"] = tried.answers["GetLocalListVersion"] = SILENT
    report = run(tried, admin, 60)
    assert report["status"] == "done"
    found = probes(report)
    assert found["TriggerMessage Heartbeat"]["why"] == "it was not answered in time"
    assert len(found["TriggerMessage Heartbeat"]["frames"]) == 1
    assert found["TriggerMessage MeterValues"]["verdict"] == "skipped"
    assert tried.asked.count("TriggerMessage") == 1
    assert features(report)["GetLocalListVersion"] == "wrong"
    assert features(report)["GetCompositeSchedule"] == "supported"
    assert tried.charger.peer.is_open


@pytest.mark.parametrize("answered", [0, 5])
def test_who_answers_nothing_is_left_alone(
    tried: Tried, admin: str, answered: int
) -> None:
    """The run is aborted, before the charger is taken for deaf and disconnected."""
    for probe in PROBES:
        tried.answers[probe.action] = SILENT

    def good_at_first(call: list[Any]) -> None:
        if len(tried.asked) <= answered:
            tried.charger.answer(call, tried._good(call[2], call[3]))

    for action in ("GetConfiguration", "ChangeConfiguration", "DataTransfer"):
        tried.answers[action] = good_at_first
    report = run(tried, admin, 90)
    assert (report["status"], report["why"]) == (
        "aborted",
        "it answers nothing any more",
    )
    assert tried.charger.peer.is_open
    assert report["score"]["skipped"] > 5
    assert last(tried.town, admin) == report


def test_a_run_that_is_lost_keeps_what_is_known(tried: Tried, admin: str) -> None:
    """What was tried stands; the rest was not."""
    tried.answers["DataTransfer"] = lambda call: tried.charger.peer.lose()
    report = run(tried, admin)
    assert (report["status"], report["why"]) == ("aborted", "the connection was lost")
    assert features(report)["GetConfiguration"] == "supported"
    assert features(report)["DataTransfer"] == "skipped"
    assert features(report)["TriggerMessage"] == "skipped"
    assert report["endedAt"] is not None
    assert last(tried.town, admin) == report
    again = tried.town.http.request("POST", PATH, token=admin)
    assert (again.status, again.json) == (409, ["chargerOffline"])


def test_a_server_that_is_killed_leaves_an_aborted_run(
    tried: Tried, admin: str, town: Town
) -> None:
    """It is not said to run for ever."""
    tried.answers["DataTransfer"] = SILENT
    begin(town, admin)
    tried.answer()
    assert last(town, admin)["status"] == "running"
    town.crash()
    report = last(town, admin)
    assert report["status"] == "aborted"
    assert report["why"] == "the server was stopped before it was over"
    assert features(report)["ChangeConfiguration"] == "supported"
    assert features(report)["UnlockConnector"] == "skipped"


def test_a_charger_is_tried_once_at_a_time(
    tried: Tried, admin: str, town: Town
) -> None:
    """409; after that, again, and the new report takes the place of the old."""
    connection = begin(town, admin)
    again = town.http.request("POST", PATH, token=admin)
    assert (again.status, again.json) == (409, ["conformanceUnderWay"])
    tried.play(connection)
    first = connection.response().json
    town.advance(10)
    tried.answers["DataTransfer"] = "NotSupported"
    second = run(tried, admin)
    assert second["startedAt"] > first["startedAt"]
    assert last(town, admin) == second
    events = town.http.request("GET", f"{AT}/events?kind=conformance", token=admin).json
    assert [each["body"]["refused"] for each in events] == [1, 0]


def test_who_would_rather_not_wait_reads_it_later(
    tried: Tried, admin: str, town: Town
) -> None:
    """202, and where; likewise for whoever has waited long enough."""
    answer = begin(town, admin, prefer="respond-async").response()
    assert (answer.status, answer.json["status"]) == (202, "running")
    where = answer.header("Location") or ""
    assert where == PATH
    assert answer.header("Preference-Applied") == "respond-async"
    tried.answer()
    done = town.http.request("GET", where, token=admin).json
    assert (done["status"], done["score"]["percent"]) == ("done", 100)
    tried.answers["DataTransfer"] = SILENT
    connection = begin(town, admin, json={"timeout": 3})
    tried.play(connection, 5)
    late = connection.response()
    assert (late.status, late.json["status"]) == (202, "running")
    assert late.header("Location") == PATH
    assert late.json["score"]["supported"] == 2


def test_nothing_is_put_at_risk_while_a_car_charges(
    tried: Tried, admin: str, town: Town
) -> None:
    """A careless charger could unlock, stop, or forget the limits of the charge."""
    number = tried.charger.start(TAG)["transactionId"]
    report = run(tried, admin)
    skipped = {name for name, one in features(report).items() if one == "skipped"}
    assert skipped == {
        "UnlockConnector",
        "RemoteStopTransaction",
        "ClearChargingProfile",
    }
    assert skipped.isdisjoint(tried.asked)
    unlock = probes(report)["UnlockConnector of an unknown connector"]
    assert unlock["why"] == "a charge is open, or a car is connected"
    assert (unlock["commandId"], unlock["frames"]) == (None, [])
    assert town.session(number).state == "charging"


def test_what_lies_on_a_charger_is_left_there(
    tried: Tried, admin: str, town: Town
) -> None:
    """Reservations, profiles, and settings that wait for a boot to prove them."""

    def give(action: str, payload: dict[str, Any], answer: str) -> None:
        path = f"{AT}/commands/{action}"
        town.http.begin("POST", path, json={"payload": payload}, token=admin)
        [call] = tried.charger.asked()
        tried.charger.answer(call, answer)

    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
        },
    }
    give(
        "ReserveNow",
        {"connectorId": 2, "expiryDate": tried.charger.now(-900), "idTag": TAG},
        "Accepted",
    )
    give(
        "SetChargingProfile",
        {"connectorId": 0, "csChargingProfiles": profile},
        "Accepted",
    )
    give("ChangeConfiguration", {"key": "ResetRetries", "value": "5"}, "RebootRequired")
    report = run(tried, admin)
    assert features(report)["CancelReservation"] == "skipped"
    assert features(report)["ClearChargingProfile"] == "skipped"
    assert probes(report)["TriggerMessage BootNotification"]["verdict"] == "skipped"
    assert features(report)["TriggerMessage"] == "supported"


def test_only_a_connected_charger_of_ocpp_is_tried(
    tried: Tried, admin: str, town: Town
) -> None:
    """404 for none, 400 for one of another protocol, 409 for one that is away."""

    def post(serial: str) -> Any:
        path = f"/admin/chargers/{serial}/conformance"
        answer = town.http.request("POST", path, token=admin)
        return answer.status

    assert post("nobody") == 404
    assert post("abc113") == 400
    tried.charger.peer.lose()
    town.advance(1)
    assert post("CP001") == 409
    assert town.http.request("GET", PATH, token=admin).status == 404


def test_a_charger_that_is_retired_meanwhile_ends_the_run(
    tried: Tried, admin: str, town: Town
) -> None:
    """It is hung up on."""

    def retire(_: list[Any]) -> None:
        assert town.http.request("DELETE", AT, token=admin).status == 204

    tried.answers["DataTransfer"] = retire
    connection = begin(town, admin)
    tried.play(connection)
    report = connection.response().json
    assert report["status"] == "aborted"


def test_what_else_is_said_meanwhile_is_shown(tried: Tried, admin: str) -> None:
    """What cannot be read, and answers to nothing; the first message counts."""

    def confused(call: list[Any]) -> None:
        peer = tried.charger.peer
        peer.say_text(b"what?")
        peer.say(3, "another", {"status": "Accepted"})
        tried.say("Heartbeat")
        tried.say("Heartbeat")
        tried.charger.answer(call, "Accepted")

    tried.answers["TriggerMessage Heartbeat"] = confused
    probe = probes(run(tried, admin))["TriggerMessage Heartbeat"]
    assert probe["verdict"] == "supported"
    _, *said = [(each["verdict"], each["raw"][:4]) for each in probe["frames"]]
    assert len(said) == 4
    assert {verdict for verdict, _ in said} == {"ok", "unreadable", "unexpected"}


def test_only_some_of_what_is_said_is_kept(tried: Tried, admin: str) -> None:
    """A charger that babbles fills no report."""

    def babble(call: list[Any]) -> None:
        for _ in range(20):
            tried.charger.peer.say_text(b"[" + b"x" * 70_000)
        tried.charger.answer(call, {"listVersion": 0})

    tried.answers["GetLocalListVersion"] = babble
    probe = probes(run(tried, admin))["GetLocalListVersion"]
    strays = [one for one in probe["frames"] if one["verdict"] == "unreadable"]
    assert len(strays) == 5
    assert all(len(one["raw"]) <= 65_536 for one in strays)


def test_a_score_is_kept_of_what_a_charger_does_wrong(
    tried: Tried, admin: str, town: Town
) -> None:
    """By rule, with its text and source; an answer off its schema counts once."""
    tried.answers["UnlockConnector"] = {"status": "Released"}
    run(tried, admin)
    tried.charger.peer.say(2, "odd", "Heartbeat", None)
    tried.charger.peer.say_text(b"what?")
    tried.charger.peer.say(3, "nobody asked", {})
    town.advance(6)
    found = town.http.request("GET", f"{AT}/violations", token=admin).json
    rules = {each["rule"]: each for each in found["rules"]}
    assert rules["off-schema answer to UnlockConnector"]["count"] == 1
    assert rules["off-schema answer to UnlockConnector"]["source"] is None
    assert rules["unexpected"]["about"] == "an answer to nothing that was asked"
    assert rules["unreadable"]["count"] == 1
    (mended,) = [each for each in found["rules"] if each["source"]]
    assert (mended["count"], bool(mended["about"])) == (1, True)
    assert found["total"] == sum(each["count"] for each in found["rules"]) == 4
