"""Answers of any kind: what a charger can do, how it is let in, and plain junk."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from flexicharge.charging.beliefs.features import Feature
from flexicharge.charging.beliefs.kept import CUT, as_it_came
from flexicharge.errors import DatabaseAway
from flexicharge.model.requests import Boot
from flexicharge.ocpp.v16.actions import TO_CHARGER
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.memory import SERVER_KEY

from .stage import SERIAL, Stage
from .test_certificates import ROOT
from .test_jobs import UPDATE, log, signed
from .test_profiles import profile

JsonObject = dict[str, Any]
HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "aa",
    "issuerKeyHash": "bb",
    "serialNumber": "1",
}
EACH: dict[str, JsonObject] = {
    "CancelReservation": {"reservationId": 1},
    "CertificateSigned": {"certificateChain": ROOT},
    "ChangeAvailability": {"connectorId": 1, "type": "Inoperative"},
    "ChangeConfiguration": {"key": "A", "value": "1"},
    "ClearCache": {},
    "ClearChargingProfile": {},
    "DataTransfer": {"vendorId": "V"},
    "DeleteCertificate": {"certificateHashData": HASH},
    "ExtendedTriggerMessage": {"requestedMessage": "Heartbeat"},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 60},
    "GetConfiguration": {},
    "GetDiagnostics": {"location": "https://files.example"},
    "GetInstalledCertificateIds": {"certificateType": "ManufacturerRootCertificate"},
    "GetLocalListVersion": {},
    "GetLog": log(),
    "InstallCertificate": {
        "certificateType": "ManufacturerRootCertificate",
        "certificate": ROOT,
    },
    "RemoteStartTransaction": {
        "idTag": "TAG-A",
        "chargingProfile": profile(9, "TxProfile"),
    },
    "RemoteStopTransaction": {"transactionId": 1},
    "ReserveNow": {
        "connectorId": 1,
        "expiryDate": "2027-02-01T00:00:00Z",
        "idTag": "A",
        "reservationId": 1,
    },
    "Reset": {"type": "Soft"},
    "SendLocalList": {
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [{"idTag": "A", "idTagInfo": {"status": "Accepted"}}],
    },
    "SetChargingProfile": {"connectorId": 1, "csChargingProfiles": profile()},
    "SignedUpdateFirmware": signed(),
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
    "UnlockConnector": {"connectorId": 1},
    "UpdateFirmware": UPDATE,
}


def test_every_command_is_tried() -> None:
    """What is below is of all commands, with payloads that fit their schemas."""
    assert set(EACH) == set(TO_CHARGER)
    assert all(schemas().requests[name].allows(EACH[name]) for name in EACH)


# junk

NAMES = [
    "status",
    "configurationKey",
    "unknownKey",
    "key",
    "value",
    "readonly",
    "listVersion",
    "chargingSchedule",
    "chargingSchedulePeriod",
    "chargingRateUnit",
    "startPeriod",
    "limit",
    "duration",
    "scheduleStart",
    "fileName",
    "filename",
    "certificateHashData",
    *HASH,
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["Accepted", "A", "W", "SHA256", "2027-01-01T00:00:00Z", "\0"])
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=50)
@given(
    action=st.sampled_from(sorted(EACH)),
    answer=st.dictionaries(st.sampled_from(NAMES), JUNK, max_size=5),
    says_yes=st.booleans(),
)
def test_whatever_an_answer_is_it_can_be_lived_with(
    action: str, answer: JsonObject, *, says_yes: bool
) -> None:
    """Nothing raises, and all that is believed can be read."""
    clock = Clock()
    clock.advance(1_800_000_000)
    stage = Stage(clock)
    if says_yes:
        answer["status"] = "Accepted"
    stage.command(action, EACH[action], answer)
    stage.start()
    result_of(stage.beliefs.booted(stage.station, Boot(), stage.now))
    known, station = stage.known, stage.station
    for read in (
        known.configuration,
        known.local_list,
        known.profiles,
        known.composites,
        known.reservations,
        known.jobs,
        known.certificates,
        known.roots,
        known.features,
        known.connector_states,
        known.security_events,
        known.violations,
    ):
        result_of(read(station))


@pytest.mark.parametrize("action", sorted(EACH))
def test_an_error_teaches_no_more_than_that(stage: Stage, action: str) -> None:
    """Of any code, to any command, with a word that nobody knows."""
    for code in ("InternalError", "NotSupported", "Whatever" * 100):
        stage.command(action, EACH[action], code)
    assert stage.known is not None
    assert {one.supported for one in features(stage).values()} <= {False}


def test_of_a_payload_off_its_schema_nothing_is_believed(stage: Stage) -> None:
    """Nobody knows what the station made of it."""
    command = stage.ask("ClearCache", {})
    stage.answer(command, {"odd": 1}, {"status": "Accepted"})
    assert features(stage) == {}


def test_what_is_kept_as_it_came_has_a_size() -> None:
    """Texts, numbers, lists and depth are cut."""
    deep: Any = []
    for _ in range(20):
        deep = [deep]
    kept = as_it_came(
        {
            "t" * 600: "x\0" * 600,
            "n": 10**400,
            "f": float("inf"),
            "l": [1.5, True, None] * 1000,
            "o": object(),
            "d": deep,
        }
    )
    assert kept["t" * 500] == "x" * 250
    assert (kept["n"], kept["f"], kept["o"]) == (CUT, CUT, CUT)
    assert len(kept["l"]) == 1000
    assert repr(kept["d"]).count("[") == 7


# features


def features(stage: Stage) -> dict[str, Feature]:
    known = result_of(stage.known.features(stage.station))
    return {f"{one.action} {one.subject}".strip(): one for one in known}


@pytest.mark.parametrize("answer", [{"status": "NotSupported"}, "NotImplemented"])
def test_a_feature_that_is_lacking_is_remembered(
    stage: Stage, answer: JsonObject | str
) -> None:
    """048_4: with the charger's word; until it can do it after all."""
    stage.command("SetChargingProfile", EACH["SetChargingProfile"], answer)
    known = features(stage)["SetChargingProfile"]
    assert (known.supported, known.at) == (False, stage.now)
    assert known.word in ("NotSupported", "NotImplemented")
    stage.command(
        "SetChargingProfile", EACH["SetChargingProfile"], {"status": "Rejected"}
    )
    assert features(stage)["SetChargingProfile"].supported


def test_a_message_that_cannot_be_triggered_is_one_of_many(stage: Stage) -> None:
    """054: the firmware's status is not there, the heartbeat is."""
    for message, word in (
        ("FirmwareStatusNotification", "NotImplemented"),
        ("Heartbeat", "Accepted"),
    ):
        stage.command("TriggerMessage", {"requestedMessage": message}, {"status": word})
    assert {name: one.supported for name, one in features(stage).items()} == {
        "TriggerMessage": True,
        "TriggerMessage FirmwareStatusNotification": False,
        "TriggerMessage Heartbeat": True,
    }


def test_a_fixed_cable_is_no_lack_of_the_charger(stage: Stage) -> None:
    """017_2: that connector cannot be unlocked; NotSupported of a key says nothing."""
    stage.command("UnlockConnector", {"connectorId": 1}, {"status": "NotSupported"})
    stage.command(
        "ChangeConfiguration", {"key": "A", "value": "1"}, {"status": "NotSupported"}
    )
    assert {name: one.supported for name, one in features(stage).items()} == {
        "ChangeConfiguration": True,
        "UnlockConnector": True,
        "UnlockConnector 1": False,
    }


def test_an_answer_off_its_schema_shows_no_feature(stage: Stage) -> None:
    """017_1: "Released" is no success."""
    stage.command("UnlockConnector", {"connectorId": 1}, {"status": "Released"})
    assert features(stage) == {}


# passwords and profiles

OLD, NEW = "old" * 6, "00112233445566778899aabbccddeeff00112233"
TELL_KEY = {"key": "authorizationKEY", "value": NEW}
OLD_HASH, NEW_HASH = map(SERVER_KEY.station_credential, (OLD, NEW))


def with_password(stage: Stage) -> Stage:
    result_of(stage.chargers.set_credential(SERIAL, OLD_HASH))
    return stage


def passwords(stage: Stage) -> tuple[bytes | None, bytes | None]:
    return stage.station.credential, stage.station.next_credential


def test_both_passwords_are_good_until_the_answer(stage: Stage) -> None:
    """073: and after a lost one; accepted, the old one is no more."""
    with_password(stage)
    command = stage.ask("ChangeConfiguration", TELL_KEY)
    assert passwords(stage) == (OLD_HASH, NEW_HASH)
    stage.answer(command, TELL_KEY, {"status": "Accepted"}, late=True)
    assert passwords(stage) == (NEW_HASH, None)
    assert NEW not in repr(stage.world.notebooks)


@pytest.mark.parametrize("answer", [{"status": "Rejected"}, "InternalError"])
def test_a_refused_password_is_none(stage: Stage, answer: JsonObject | str) -> None:
    """073: only the old one works."""
    with_password(stage)
    stage.command("ChangeConfiguration", TELL_KEY, answer)
    assert passwords(stage) == (OLD_HASH, None)


def test_a_password_for_the_next_boot_is_expected(stage: Stage) -> None:
    """RebootRequired: whichever comes."""
    with_password(stage)
    stage.command("ChangeConfiguration", TELL_KEY, {"status": "RebootRequired"})
    assert passwords(stage) == (OLD_HASH, NEW_HASH)


def test_a_password_that_was_not_sent_is_not_expected(stage: Stage) -> None:
    """Nor is one that a later one has replaced touched by the first one's refusal."""
    with_password(stage)
    command = stage.ask("ChangeConfiguration", TELL_KEY)
    result_of(stage.beliefs.not_sent(stage.station, command, TELL_KEY))
    assert passwords(stage) == (OLD_HASH, None)
    command = stage.ask("ChangeConfiguration", TELL_KEY)
    later = {**TELL_KEY, "value": "later" * 4}
    stage.ask("ChangeConfiguration", later)
    stage.answer(command, TELL_KEY, {"status": "Rejected"})
    assert passwords(stage)[1] == SERVER_KEY.station_credential("later" * 4)


def raise_to(stage: Stage, value: str, answer: JsonObject | str = "") -> None:
    payload = {"key": "SecurityProfile", "value": value}
    command = stage.ask("ChangeConfiguration", payload)
    if answer:
        stage.answer(command, payload, answer)


def test_a_higher_profile_is_expected_and_not_demanded_yet(stage: Stage) -> None:
    """083: a failed rise does not lose the charger."""
    raise_to(stage, "2", {"status": "Accepted"})
    assert stage.station.next_security_profile == 2
    assert stage.station.security_profile == 0


def test_a_refused_rise_is_none(stage: Stage) -> None:
    """083: nothing is expected any more."""
    raise_to(stage, "2", {"status": "Rejected"})
    assert stage.station.next_security_profile is None


@pytest.mark.parametrize("value", ["0", "1", "4", "-1", "two", "", "22"])
def test_a_profile_is_never_lowered(stage: Stage, value: str) -> None:
    """084: whatever a lax charger accepts; nor is one that does not exist expected."""
    result_of(stage.chargers.profile_shown(SERIAL, 1))
    raise_to(stage, value, {"status": "Accepted"})
    assert stage.station.security_profile == 1
    assert stage.station.next_security_profile is None


# order, and trouble


def test_what_is_said_later_is_learnt_later(stage: Stage) -> None:
    """Two who learn of one station do not overwrite each other."""
    station, at = stage.station, stage.now
    stage.world.faults.slow(1.0)
    waiting = [
        fire(stage.beliefs.security_event(station, "A", None, "", at + number))
        for number in range(3)
    ]
    stage.clock.pump([1.0] * 20)
    stage.world.faults.slow(0.0)
    assert all(one.called for one in waiting)
    (only,) = result_of(stage.known.security_events(station))
    assert (only.count, only.at) == (3, at + 2)


def test_a_database_that_is_away_is_told_of(stage: Stage) -> None:
    """Whoever learns decides whether to wait; the next one is not held up."""
    stage.world.faults.fail_next("beliefs", before_commit=True)
    with pytest.raises(DatabaseAway):
        result_of(stage.beliefs.booted(stage.station, Boot(), stage.now))
    result_of(stage.beliefs.booted(stage.station, Boot(), stage.now))


def test_nobody_to_give_commands_is_a_mistake_of_ours(stage: Stage) -> None:
    """It is said plainly, at the first push."""
    stage.beliefs.give = None
    with pytest.raises(RuntimeError):
        result_of(stage.beliefs.push_list(stage.station))
