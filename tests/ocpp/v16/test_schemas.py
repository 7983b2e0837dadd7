"""Payloads are held against the schemas of their action."""

from __future__ import annotations

from time import process_time
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.codes import ErrorCode
from flexicharge.ocpp.v16.schemas import MAX_VIOLATIONS, Schema, gravest, schemas

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


def sample(**more: Any) -> dict[str, Any]:
    return {"value": "1", **more}


def metered(*samples: Any) -> dict[str, Any]:
    value = {"timestamp": "2027-01-15T08:00:00Z", "sampledValue": list(samples)}
    return {"connectorId": 1, "meterValue": [value]}


def told(*periods: Any) -> dict[str, Any]:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": list(periods)}
    return {"status": "Accepted", "chargingSchedule": schedule}


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        (schemas().requests["MeterValues"], payload)
        for payload in (
            metered(sample(), sample(unit="zz", x=1), 7, sample(value=1.5), {}),
            metered(),
            {"connectorId": 1, "meterValue": []},
            {"connectorId": 1, "meterValue": [[], None, {"sampledValue": {}}]},
            {"connectorId": 1, "meterValue": {"0": 1}, "more": [1, 2]},
            {"connectorId": [1], "meterValue": "none"},
        )
    ]
    + [
        (schemas().confirmations["GetCompositeSchedule"], payload)
        for payload in (
            told({"startPeriod": 0, "limit": 1}, {"startPeriod": "0"}, 5),
            told(),
            {"status": "Accepted", "chargingSchedule": [1]},
        )
    ]
    + [
        (
            schemas().requests["DeleteCertificate"],
            {"certificateHashData": {"hashAlgorithm": "MD5", "x": 1}},
        )
    ],
)
def test_faults_are_found_wherever_they_stand(schema: Schema, payload: Any) -> None:
    """In lists and in objects in lists: those that the validator finds in all of it."""
    validator = jsonschema_rs.validator_for(schema.document, validate_formats=True)
    found = [(v.keyword, v.path) for v in schema.violations(payload)]
    assert len(found) == len(set(found))
    assert set(found) == {
        (error.kind.name, place)
        for error in validator.iter_errors(payload)
        for place in places_of(error)
    }


def places_of(error: Any) -> list[tuple[str | int, ...]]:
    path, kind = tuple(error.instance_path), error.kind
    if kind.name == "additionalProperties":
        return [(*path, name) for name in kind.unexpected]
    return [(*path, kind.property)] if kind.name == "required" else [path]


@pytest.mark.parametrize(
    "payload",
    [
        metered(*[1] * 300_000),
        {"connectorId": 1, "meterValue": [1] * 300_000},
        {"connectorId": [1] * 300_000, "meterValue": []},
        {f"k{number}": [1] for number in range(80_000)},
    ],
)
def test_a_megabyte_of_faults_is_not_looked_through(payload: dict[str, Any]) -> None:
    """Whoever sends it does not hold up everybody else."""
    began = process_time()
    assert schemas().requests["MeterValues"].violations(payload)
    assert process_time() - began < 0.5
