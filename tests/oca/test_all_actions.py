"""All 39 actions of OCPP 1.6 and its security extension go over the wire somewhere."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import pytest

from flexicharge.ocpp.v16.actions import ACTIONS, FROM_CHARGER, TO_CHARGER, Profile
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.standard_charger import JsonObject

from .actions import FROM_CHARGER_IN, TO_CHARGER_IN, WITHIN, Covered, as_markdown
from .certificates import MAKERS, hash_data, maker, pem
from .profiles import profile
from .scene import TAG, CallError, Scene

ACCEPTED: Final = {"status": "Accepted"}


def test_all_actions_are_known() -> None:
    """28 of OCPP 1.6 and 11 of the security whitepaper; one goes both ways."""
    security = [one for one in ACTIONS.values() if one.profile is Profile.SECURITY]
    assert (len(ACTIONS), len(security)) == (39, 11)
    assert set(ACTIONS) == set(FROM_CHARGER) | set(TO_CHARGER)
    assert [name for name in FROM_CHARGER if name in TO_CHARGER] == ["DataTransfer"]


@pytest.mark.parametrize(
    ("actions", "covered"),
    [(FROM_CHARGER, FROM_CHARGER_IN), (TO_CHARGER, TO_CHARGER_IN)],
    ids=["from the charger", "to the charger"],
)
def test_each_direction_of_an_action_has_its_test(
    actions: frozenset[str], covered: Covered
) -> None:
    """One that is there, and that pytest runs."""
    assert actions == covered.keys()
    missing = [name for name, test in covered.items() if not is_there(test)]
    assert missing == []


def is_there(test: str) -> bool:
    """Tell whether a test exists."""
    module, _, name = test.partition("::")
    found = getattr(import_module(f"{WITHIN}.{module}"), name, None)
    return callable(found) and name.startswith("test_")


def test_the_table_names_every_action_once() -> None:
    """In the order of the standard, with the tests of both directions."""
    head, _, *rows = as_markdown().splitlines()
    assert head.count("|") == 5
    assert [row.split(" | ")[0].strip("| ") for row in rows] == list(ACTIONS)
    [both] = [row for row in rows if row.startswith("| DataTransfer |")]
    assert "test_064" in both
    assert "test_062" in both


def commands(scene: Scene) -> dict[str, tuple[JsonObject, JsonObject]]:
    """Return for each action a command, and what a willing charger answers to it."""
    root, later = maker(21), scene.charger.now(-900)
    schedule = {"connectorId": 1, "duration": 60}
    local_list = {
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [{"idTag": TAG, "idTagInfo": {"status": "Accepted"}}],
    }
    reservation = {
        "connectorId": 1,
        "expiryDate": later,
        "idTag": TAG,
        "reservationId": 1,
    }
    certificate = {"certificateType": MAKERS, "certificate": pem(root)}
    log = {"remoteLocation": "ftp://logs.example/"}
    firmware = {
        "location": "https://files.example/fw.bin",
        "retrieveDateTime": later,
        "signingCertificate": pem(root),
        "signature": "c2ln",
    }
    return {
        "CancelReservation": ({"reservationId": 1}, ACCEPTED),
        "CertificateSigned": ({"certificateChain": pem(root)}, ACCEPTED),
        "ChangeAvailability": ({"connectorId": 1, "type": "Operative"}, ACCEPTED),
        "ChangeConfiguration": ({"key": "HeartbeatInterval", "value": "9"}, ACCEPTED),
        "ClearCache": ({}, ACCEPTED),
        "ClearChargingProfile": ({}, ACCEPTED),
        "DataTransfer": ({"vendorId": "volta.example"}, ACCEPTED),
        "DeleteCertificate": (
            {"certificateHashData": hash_data(root.certificate)},
            ACCEPTED,
        ),
        "ExtendedTriggerMessage": ({"requestedMessage": "Heartbeat"}, ACCEPTED),
        "GetCompositeSchedule": (schedule, ACCEPTED),
        "GetConfiguration": ({}, {"configurationKey": [], "unknownKey": []}),
        "GetDiagnostics": ({"location": "ftp://logs.example/"}, {"fileName": "d.zip"}),
        "GetInstalledCertificateIds": ({"certificateType": MAKERS}, ACCEPTED),
        "GetLocalListVersion": ({}, {"listVersion": 0}),
        "GetLog": ({"log": log, "logType": "SecurityLog", "requestId": 1}, ACCEPTED),
        "InstallCertificate": (certificate, ACCEPTED),
        "RemoteStartTransaction": ({"idTag": TAG, "connectorId": 1}, ACCEPTED),
        "RemoteStopTransaction": ({"transactionId": 1}, ACCEPTED),
        "ReserveNow": (reservation, ACCEPTED),
        "Reset": ({"type": "Soft"}, ACCEPTED),
        "SendLocalList": (local_list, ACCEPTED),
        "SetChargingProfile": (
            {"connectorId": 1, "csChargingProfiles": profile(scene)},
            ACCEPTED,
        ),
        "SignedUpdateFirmware": ({"requestId": 2, "firmware": firmware}, ACCEPTED),
        "TriggerMessage": ({"requestedMessage": "Heartbeat"}, ACCEPTED),
        "UnlockConnector": ({"connectorId": 1}, {"status": "Unlocked"}),
        "UpdateFirmware": (
            {"location": "ftp://fw.example/", "retrieveDate": later},
            {},
        ),
    }


def test_every_command_reaches_the_charger_and_is_answered(scene: Scene) -> None:
    """What it says, or that it cannot, is on record as it came."""
    told = commands(scene)
    assert told.keys() == TO_CHARGER
    for action, (payload, answer) in told.items():
        assert schemas().confirmations[action].allows(answer), action
        done = scene.tell(action, payload, answer)
        assert (done["status"], done["response"]) == ("result", answer), action
        refused = scene.tell(action, payload, CallError("NotImplemented"))
        assert refused["status"] == "error", action
        assert refused["response"]["errorCode"] == "NotImplemented", action
    given = {command["action"] for command in scene.commands()}
    assert given == TO_CHARGER


def messages(scene: Scene) -> dict[str, JsonObject]:
    """Return for each action what a charger may say, in an order that makes sense."""
    now = scene.charger.now()
    boot = {"chargePointVendor": "Volta", "chargePointModel": "One"}
    status = {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"}
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": now}
    value = {"timestamp": now, "sampledValue": [{"value": "10"}]}
    return {
        "BootNotification": boot,
        "StatusNotification": status,
        "Heartbeat": {},
        "Authorize": {"idTag": TAG},
        "StartTransaction": start,
        "MeterValues": {"connectorId": 1, "meterValue": [value]},
        "StopTransaction": {"transactionId": 0, "meterStop": 20, "timestamp": now},
        "DataTransfer": {"vendorId": "volta.example"},
        "DiagnosticsStatusNotification": {"status": "Idle"},
        "FirmwareStatusNotification": {"status": "Idle"},
        "LogStatusNotification": {"status": "Idle", "requestId": 1},
        "SecurityEventNotification": {"type": "FirmwareUpdated", "timestamp": now},
        "SignedFirmwareStatusNotification": {"status": "Idle", "requestId": 1},
        "SignCertificate": {"csr": signing_request("CP001", known_key(7))},
    }


def test_every_message_of_the_charger_is_answered(scene: Scene) -> None:
    """With a result that fits its schema and says yes where there is a yes to say."""
    said = messages(scene)
    assert said.keys() == FROM_CHARGER
    answers: dict[str, Any] = {
        action: scene.charger.call(action, payload) for action, payload in said.items()
    }
    for action, answer in answers.items():
        assert schemas().confirmations[action].allows(answer), action
    words = {action: answer.get("status") for action, answer in answers.items()}
    assert words["BootNotification"] == words["SignCertificate"] == "Accepted"
    assert answers["Authorize"]["idTagInfo"]["status"] == "Accepted"
    assert answers["StartTransaction"]["idTagInfo"]["status"] == "Accepted"
    scene.town.advance(1)
    [handed_over] = scene.charger.asked()
    assert handed_over[2] == "CertificateSigned"
    scene.charger.answer(handed_over, ACCEPTED)
    frames = {action: scene.messages(action) for action in said}
    assert all(frame["verdict"] == "ok" for of in frames.values() for frame in of)
    assert [action for action, of in frames.items() if len(of) < 2] == []
