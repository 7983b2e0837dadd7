"""Payloads are held against the schemas of their action."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.codes import ErrorCode
from flexicharge.ocpp.v16.schemas import MAX_VIOLATIONS, gravest, schemas

STOP = {"meterStop": 7, "timestamp": "2027-01-15T08:00:00Z", "transactionId": 1}


def code_of(action: str, payload: dict[str, Any]) -> ErrorCode:
    return gravest(schemas().requests[action].violations(payload)).code


@pytest.mark.parametrize("name", ACTIONS)
def test_every_action_has_both_schemas(name: str) -> None:
    """An empty payload is held against each; only some may be empty."""
    for schema in (schemas().requests[name], schemas().confirmations[name]):
        required = schema.document.get("required", [])
        assert schema.allows({}) is not bool(required)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"color": "red"}, ErrorCode.FORMATION_VIOLATION),
        ({"meterStop": "7"}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"meterStop": None}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ({"reason": "Bored"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
        ({"idTag": "x" * 21}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
        ({"timestamp": "yesterday"}, ErrorCode.PROPERTY_CONSTRAINT_VIOLATION),
    ],
)
def test_each_fault_has_its_code(change: dict[str, Any], code: ErrorCode) -> None:
    """The shape, the type, and the value are told apart."""
    assert code_of("StopTransaction", {**STOP, **change}) is code


def test_what_is_missing_is_a_matter_of_occurence() -> None:
    """Fields as well as items of a list that may not be empty."""
    occurence = ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION
    assert code_of("StopTransaction", {}) is occurence
    assert code_of("MeterValues", {"connectorId": 1, "meterValue": []}) is occurence


def test_the_gravest_fault_decides() -> None:
    """A wrong shape is told before wrong values in it."""
    payload = {**STOP, "reason": "Bored", "color": "red", "meterStop": "x"}
    assert code_of("StopTransaction", payload) is ErrorCode.FORMATION_VIOLATION


def test_a_violation_says_where_and_what_rules_there() -> None:
    """Also behind a reference to a definition."""
    payload = {"certificateHashData": {"hashAlgorithm": "MD5"}}
    violations = schemas().requests["DeleteCertificate"].violations(payload)
    by_place = {violation.where: violation for violation in violations}
    algorithm = by_place["certificateHashData.hashAlgorithm"]
    assert algorithm.rule["enum"] == ["SHA256", "SHA384", "SHA512"]
    assert by_place["certificateHashData.serialNumber"].keyword == "required"


def test_violations_are_not_counted_for_ever() -> None:
    """A payload with thousands of faults yields a bounded list."""
    payload = {**STOP, **{f"field{number}": 1 for number in range(3000)}}
    violations = schemas().requests["StopTransaction"].violations(payload)
    assert len(violations) == MAX_VIOLATIONS


@given(st.integers(0, 10**7))
def test_every_tenth_is_a_multiple_of_a_tenth(tenths: int) -> None:
    """Limits with one decimal are taken, though binary fractions are not exact."""
    period = {"startPeriod": 0, "limit": tenths / 10}
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": [period]}
    answer = {"status": "Accepted", "chargingSchedule": schedule}
    assert schemas().confirmations["GetCompositeSchedule"].allows(answer)


def test_keys_come_in_the_schemas_order() -> None:
    """In lists and objects too; what the schema does not know comes last."""
    payload = {
        "updateType": "Full",
        "localAuthorizationList": [
            {"color": 1, "idTagInfo": {"status": "Blocked"}, "idTag": "A"}
        ],
        "listVersion": 3,
    }
    ordered = schemas().requests["SendLocalList"].in_order(payload)
    assert list(ordered) == ["listVersion", "localAuthorizationList", "updateType"]
    assert list(ordered["localAuthorizationList"][0]) == ["idTag", "idTagInfo", "color"]
    assert ordered == payload
