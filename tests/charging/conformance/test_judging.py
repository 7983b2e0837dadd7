"""What an answer to a probe comes to."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.conformance.judging import judged
from flexicharge.charging.conformance.probe import Probe
from flexicharge.charging.conformance.table import (
    NO_KEY,
    NO_NUMBER,
    PROBES,
)
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.secrets import masked

BY_NAME = {probe.name: probe for probe in PROBES}
ALL = "GetConfiguration of all keys"
ONE = "GetConfiguration of one key"
NONE = "GetConfiguration of an unknown key"
CHANGE = "ChangeConfiguration of an unknown key"
VENDOR = "DataTransfer to an unknown vendor"
UNLOCK = "UnlockConnector of an unknown connector"
STOP = "RemoteStopTransaction of an unknown transaction"
CANCEL = "CancelReservation of an unknown reservation"
CLEAR = "ClearChargingProfile of an unknown profile"
DELETE = "DeleteCertificate of an unknown certificate"
BEAT = "TriggerMessage Heartbeat"
LISTED = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "a",
    "issuerKeyHash": "b",
    "serialNumber": "1",
}
SCHEDULE = {
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
}


def answered(
    probe: Probe, state: CommandState, response: dict[str, Any] | None
) -> StationCommand:
    """Return a command with what became of it."""
    return StationCommand(
        command_id="c",
        station_id=7,
        serial_number="CP001",
        action=probe.action,
        payload=probe.payload,
        asked_at=0,
        deadline_at=20,
        state=state,
        response=response,
    )


def key(name: str) -> dict[str, Any]:
    """Return a key as it is told."""
    return {"key": name, "readonly": True, "value": "Core"}


@pytest.mark.parametrize(
    ("name", "answer", "verdict"),
    [
        (ALL, {"configurationKey": [key("HeartbeatInterval")]}, "supported"),
        (ALL, {"configurationKey": []}, "wrong"),
        (ALL, {}, "wrong"),
        (ALL, {"configurationKey": [key("A")], "unknownKey": ["B"]}, "wrong"),
        (ONE, {"configurationKey": [key("supportedfeatureprofiles")]}, "supported"),
        (ONE, {"unknownKey": ["SupportedFeatureProfiles"]}, "wrong"),
        (
            ONE,
            {"configurationKey": [key("SupportedFeatureProfiles"), key("A")]},
            "wrong",
        ),
        (NONE, {"unknownKey": [NO_KEY.upper()]}, "supported"),
        (NONE, {"configurationKey": [key(NO_KEY)]}, "wrong"),
        (NONE, {}, "wrong"),
        (CHANGE, {"status": "NotSupported"}, "supported"),
        (CHANGE, {"status": "Rejected"}, "supported"),
        (CHANGE, {"status": "RebootRequired"}, "wrong"),
        (VENDOR, {"status": "UnknownVendorId"}, "supported"),
        (VENDOR, {"status": "Accepted"}, "wrong"),
        (UNLOCK, {"status": "UnlockFailed"}, "supported"),
        (UNLOCK, {"status": "Unlocked"}, "wrong"),
        (STOP, {"status": "Rejected"}, "supported"),
        (STOP, {"status": "Accepted"}, "wrong"),
        (CANCEL, {"status": "Accepted"}, "wrong"),
        (CLEAR, {"status": "Unknown"}, "supported"),
        (CLEAR, {"status": "Accepted"}, "wrong"),
        (BEAT, {"status": "Accepted"}, "supported"),
        (BEAT, {"status": "NotImplemented"}, "refused"),
        (BEAT, {"status": "Rejected"}, "refused"),
        (BEAT, {"status": "OK"}, "wrong"),
        (BEAT, {}, "wrong"),
        ("GetLocalListVersion", {"listVersion": 7}, "supported"),
        ("GetLocalListVersion", {"listVersion": -1}, "refused"),
        ("GetLocalListVersion", {"listVersion": -2}, "wrong"),
        ("GetLocalListVersion", {"listVersion": "7"}, "wrong"),
        (
            "GetCompositeSchedule",
            {"status": "Accepted", "chargingSchedule": SCHEDULE},
            "supported",
        ),
        ("GetCompositeSchedule", {"status": "Rejected"}, "refused"),
        ("GetCompositeSchedule", {"status": "Accepted"}, "wrong"),
        ("GetInstalledCertificateIds", {"status": "NotFound"}, "supported"),
        (
            "GetInstalledCertificateIds",
            {"status": "Accepted", "certificateHashData": [LISTED]},
            "supported",
        ),
        ("GetInstalledCertificateIds", {"status": "Accepted"}, "wrong"),
        (DELETE, {"status": "NotFound"}, "supported"),
        (DELETE, {"status": "Failed"}, "refused"),
        (DELETE, {"status": "Accepted"}, "wrong"),
    ],
)
def test_a_result_is_judged(name: str, answer: dict[str, Any], verdict: str) -> None:
    """By its schema, its status, and what the standard wants of it."""
    probe = BY_NAME[name]
    judgement = judged(probe, answered(probe, CommandState.RESULT, answer))
    assert judgement.verdict == verdict
    assert bool(judgement.why) is (verdict != "supported")


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [
        (STOP, "NotImplemented", "refused"),
        (STOP, "NotSupported", "refused"),
        (STOP, "not_supported_error", "refused"),
        (STOP, "SecurityError", "refused"),
        (STOP, "whatever", "refused"),
        (STOP, "PropertyConstraintViolation", "supported"),
        (BEAT, "PropertyConstraintViolation", "wrong"),
        (STOP, "FormationViolation", "wrong"),
        (STOP, "InternalError", "wrong"),
        (STOP, "OccurrenceConstraintViolation", "wrong"),
    ],
)
def test_an_error_is_judged(name: str, code: str, verdict: str) -> None:
    """It may say no, or that there is no such thing; our Calls are well formed."""
    probe = BY_NAME[name]
    error = {"errorCode": code, "errorDescription": "", "errorDetails": {}}
    judgement = judged(probe, answered(probe, CommandState.ERROR, error))
    assert judgement.verdict == verdict
    if verdict != "supported":
        assert judgement.why == f"it answered with the error {code}"


def test_no_answer_is_wrong() -> None:
    """Every Call is owed one, if only an error."""
    probe = BY_NAME[VENDOR]
    judgement = judged(probe, answered(probe, CommandState.TIMEOUT, None))
    assert (judgement.verdict, judgement.why) == (
        "wrong",
        "it was not answered in time",
    )


def test_every_probe_can_be_sent() -> None:
    """It fits its schema, hides nothing, and is one of those that change nothing."""
    assert len({probe.name for probe in PROBES}) == len(PROBES)
    for probe in PROBES:
        assert schemas().requests[probe.action].allows(probe.payload)
        assert probe.harmless
        assert masked(probe.action, probe.payload, is_request=True) == probe.payload
        words = schemas().confirmations[probe.action].rule_at(("status",))
        statuses = set(words.get("enum", [""]))
        assert probe.good | probe.refusing <= statuses
    assert {probe.action for probe in PROBES} == {
        "GetConfiguration",
        "ChangeConfiguration",
        "DataTransfer",
        "UnlockConnector",
        "RemoteStopTransaction",
        "TriggerMessage",
        "GetLocalListVersion",
        "CancelReservation",
        "GetCompositeSchedule",
        "ClearChargingProfile",
        "GetInstalledCertificateIds",
        "DeleteCertificate",
        "ExtendedTriggerMessage",
    }
    numbers = [
        value
        for probe in PROBES
        for name, value in probe.payload.items()
        if name in ("id", "reservationId", "transactionId")
    ]
    assert numbers == [NO_NUMBER] * 3
