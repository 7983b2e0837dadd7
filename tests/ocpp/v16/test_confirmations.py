"""What chargers answer is folded into what became of the command."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from flexicharge.errors import CallRefused
from flexicharge.model.charging_profiles import Period, RateUnit
from flexicharge.ocpp.v16.actions import TO_CHARGER
from flexicharge.ocpp.v16.confirmations import (
    ConfigurationKey,
    Outcome,
    composite_schedule,
    configuration,
    confirmation,
    file_name,
    installed_certificates,
    list_version,
    outcome_of_error,
)
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.security_commands import CertificateHash


@pytest.mark.parametrize(
    ("action", "status", "outcome"),
    [
        ("Reset", "Accepted", Outcome.DONE),
        ("UnlockConnector", "Unlocked", Outcome.DONE),
        ("UnlockConnector", "UnlockFailed", Outcome.REFUSED),
        ("UnlockConnector", "NotSupported", Outcome.UNSUPPORTED),
        ("UnlockConnector", "Released", Outcome.OFF_SCHEMA),
        ("ChangeConfiguration", "RebootRequired", Outcome.PENDING),
        ("ChangeAvailability", "Scheduled", Outcome.PENDING),
        ("ReserveNow", "Occupied", Outcome.REFUSED),
        ("SendLocalList", "VersionMismatch", Outcome.REFUSED),
        ("ClearChargingProfile", "Unknown", Outcome.ABSENT),
        ("DeleteCertificate", "NotFound", Outcome.ABSENT),
        ("TriggerMessage", "NotImplemented", Outcome.UNSUPPORTED),
        ("GetLog", "AcceptedCanceled", Outcome.DONE),
        ("SignedUpdateFirmware", "RevokedCertificate", Outcome.REFUSED),
        ("Reset", "Scheduled", Outcome.OFF_SCHEMA),
        ("Reset", ["Accepted"], Outcome.OFF_SCHEMA),
        ("Reset", None, Outcome.OFF_SCHEMA),
    ],
)
def test_a_status_is_folded(action: str, status: Any, outcome: Outcome) -> None:
    """Only a word of this very action counts."""
    said = confirmation(action, {"status": status})
    assert said.outcome is outcome
    assert said.status == (status if isinstance(status, str) else "")
    assert bool(said.violations) is (outcome is Outcome.OFF_SCHEMA)


@pytest.mark.parametrize("action", sorted(TO_CHARGER))
def test_every_word_of_every_action_comes_to_something(action: str) -> None:
    """No word that a schema knows is off schema."""
    rule = schemas().confirmations[action].rule_at(("status",))
    for word in rule.get("enum", ()):
        assert confirmation(action, {"status": word}).outcome is not Outcome.OFF_SCHEMA


def test_a_status_counts_though_something_beside_it_is_wrong() -> None:
    """Accepted with an extra field is accepted; the fault is kept."""
    said = confirmation("Reset", {"status": "Accepted", "odd": 1})
    assert said.outcome is Outcome.DONE
    assert [violation.where for violation in said.violations] == ["odd"]


@pytest.mark.parametrize("code", ["NotImplemented", "NotSupported"])
def test_an_error_says_the_same_as_the_status(code: str) -> None:
    """Chargers say NotSupported either way (OCA 017_2, 042_1)."""
    assert outcome_of_error(CallRefused(code)) is Outcome.UNSUPPORTED


def test_any_other_error_is_a_refusal() -> None:
    """PropertyConstraintViolation for an unknown connector, say (OCA 031)."""
    refusal = CallRefused("PropertyConstraintViolation")
    assert outcome_of_error(refusal) is Outcome.REFUSED


def test_the_version_of_a_list_may_say_that_there_is_none() -> None:
    """-1 is no version (OCA 042_1), 0 an empty list, text nothing at all."""
    none = confirmation("GetLocalListVersion", {"listVersion": -1})
    assert (none.outcome, list_version(none)) == (Outcome.UNSUPPORTED, None)
    empty = confirmation("GetLocalListVersion", {"listVersion": 0})
    assert (empty.outcome, list_version(empty)) == (Outcome.DONE, 0)
    for word in ("7", True, None):
        odd = confirmation("GetLocalListVersion", {"listVersion": word})
        assert (odd.outcome, list_version(odd)) == (Outcome.OFF_SCHEMA, None)


def test_a_configuration_is_read_whole() -> None:
    """Hundreds of keys, values that are missing, null or numbers: nothing is lost."""
    entries: list[Any] = [
        {"key": f"K{number}", "readonly": False, "value": "v" * 500}
        for number in range(200)
    ]
    entries += [
        {"key": "A", "readonly": True},
        {"key": "B", "value": None},
        {"key": "C", "value": 7},
        {"value": "nameless"},
        "odd",
    ]
    payload = {"configurationKey": entries, "unknownKey": ["X", 7]}
    told = configuration(confirmation("GetConfiguration", payload))
    assert len(told.keys) == 203
    assert told.keys[200:] == (
        ConfigurationKey(key="A", value=None, readonly=True),
        ConfigurationKey(key="B", value=None, readonly=False),
        ConfigurationKey(key="C", value="7", readonly=False),
    )
    assert told.unknown == ("X",)
    assert configuration(confirmation("GetConfiguration", {})).keys == ()


def schedule(**changes: Any) -> dict[str, Any]:
    periods = [{"startPeriod": 60, "limit": 6.0}, {"startPeriod": 0, "limit": 16.5}]
    return {"chargingRateUnit": "A", "chargingSchedulePeriod": periods, **changes}


def test_a_composite_schedule_is_read_in_time_order() -> None:
    """Whatever the order of its periods."""
    payload = {
        "status": "Accepted",
        "scheduleStart": "2027-01-15T08:00:00Z",
        "chargingSchedule": schedule(duration=120),
    }
    told = composite_schedule(confirmation("GetCompositeSchedule", payload))
    assert told is not None
    assert told.starts_at == 1_800_000_000.0
    assert told.schedule.unit is RateUnit.AMPERES
    assert told.schedule.periods == (
        Period(start_s=0, limit=Decimal("16.5")),
        Period(start_s=60, limit=Decimal("6.0")),
    )


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        "schedule",
        schedule(chargingRateUnit="hp"),
        schedule(duration="1"),
        schedule(duration=True),
        schedule(chargingSchedulePeriod=7),
        schedule(chargingSchedulePeriod=[{"startPeriod": "0", "limit": 1}]),
        schedule(chargingSchedulePeriod=[{"startPeriod": 0, "limit": "many"}]),
        schedule(startSchedule="yesterday"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_none(odd: object) -> None:
    """Accepted without one, too (OCA 066)."""
    payload = {"status": "Accepted", "chargingSchedule": odd}
    said = confirmation("GetCompositeSchedule", payload)
    assert composite_schedule(said) is None
    assert said.outcome is Outcome.DONE


def test_a_schedule_may_lack_its_start() -> None:
    """Then it begins when it came."""
    payload = {"status": "Accepted", "chargingSchedule": schedule()}
    told = composite_schedule(confirmation("GetCompositeSchedule", payload))
    assert told is not None
    assert told.starts_at is None


def test_certificates_are_told_as_the_charger_spells_them() -> None:
    """Upper case and leading zeros stay (OCA 076); half a hash is none."""
    entry = {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": "00AB",
        "issuerKeyHash": "0C",
        "serialNumber": "007",
    }
    payload = {"status": "Accepted", "certificateHashData": [entry, {"x": 1}, 7]}
    said = confirmation("GetInstalledCertificateIds", payload)
    assert installed_certificates(said) == (
        CertificateHash(
            hash_algorithm="SHA256",
            issuer_name_hash="00AB",
            issuer_key_hash="0C",
            serial_number="007",
        ),
    )
    none = confirmation("GetInstalledCertificateIds", {"status": "NotFound"})
    assert installed_certificates(none) == ()


def test_a_file_is_named_or_there_is_none() -> None:
    """Diagnostics and logs spell the field differently; empty is no name."""
    assert file_name(confirmation("GetDiagnostics", {"fileName": "d.zip"})) == "d.zip"
    log = {"status": "Accepted", "filename": "l.zip"}
    assert file_name(confirmation("GetLog", log)) == "l.zip"
    assert file_name(confirmation("GetDiagnostics", {"fileName": ""})) is None
    assert file_name(confirmation("GetDiagnostics", {})) is None
    assert confirmation("UpdateFirmware", {}).outcome is Outcome.DONE
