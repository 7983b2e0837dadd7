"""Every rule mends the frame that it was made for, says so, and touches no other."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import BadInput
from flexicharge.ocpp.frames import Call, CallError, encode
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16.actions import FROM_CHARGER
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall, Unanswerable
from flexicharge.ocpp.v16.frames import read_frame
from flexicharge.ocpp.v16.mending import mended
from flexicharge.ocpp.v16.quirks.rules import ANYBODY, UNKNOWN_MAKE, Make
from flexicharge.ocpp.v16.quirks.table import QUIRKS
from flexicharge.ocpp.v16.requests import BootNotification, StopTransaction
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.understanding import understand
from tests.ocpp.v16.quirks.frames import ARRIVED_AT, FRAMES, KEBA, TIME, Odd

STRICT = {quirk.quirk_id for quirk in QUIRKS.values() if quirk.seen_with != ANYBODY}


def taken(odd: Odd, make: Make) -> tuple[dict[str, Any], list[Repair]]:
    text = odd.text if isinstance(odd.text, bytes) else odd.text.encode()
    heard = read_frame(text, make)
    if not isinstance(heard.frame, Call):
        is_error = isinstance(heard.frame, CallError)
        return {} if is_error else heard.frame.payload, list(heard.repairs)
    understood = understand(heard.frame, ARRIVED_AT, make)
    return understood.payload, [*heard.repairs, *understood.repairs]


def test_every_rule_has_its_frame() -> None:
    """No rule is there without a frame of the field that it mends."""
    assert FRAMES.keys() == QUIRKS.keys()


@pytest.mark.parametrize("quirk_id", FRAMES)
def test_a_rule_mends_its_frame_and_says_so(quirk_id: str) -> None:
    """What comes out is what the charger meant; raw and repaired are on record."""
    odd = FRAMES[quirk_id]
    payload, repairs = taken(odd, odd.make)
    assert payload == odd.payload
    assert quirk_id in {repair.quirk_id for repair in repairs}
    assert all(repair.where for repair in repairs)


@pytest.mark.parametrize("quirk_id", sorted(STRICT))
def test_a_makes_rule_is_for_that_make_alone(quirk_id: str) -> None:
    """Another charger's frame of the same words stays as it is."""
    payload, repairs = taken(FRAMES[quirk_id], Make(vendor="Another", model="One"))
    assert repairs == []
    assert payload != FRAMES[quirk_id].payload


@pytest.mark.parametrize("quirk_id", QUIRKS)
def test_a_rule_tells_what_it_is_and_where_it_was_seen(quirk_id: str) -> None:
    """An operator can read up what was mended, and why."""
    quirk = QUIRKS[quirk_id]
    assert quirk.quirk_id == quirk_id
    assert quirk.about
    assert "field notes" in quirk.source


def test_makes_are_told_by_the_beginning_of_their_words() -> None:
    """In any letter case; what a rule does not name may be anything."""
    assert Make(vendor="keba").covers(KEBA)
    assert not Make(vendor="keba", firmware="2").covers(KEBA)
    assert not Make(vendor="keba").covers(UNKNOWN_MAKE)


def test_habits_leave_alone_what_only_looks_like_them() -> None:
    """A tag with a name behind it, a main meter's reading, a phase's current."""
    for tag in ("04A2_B3", "_12345678", "04A2B3"):
        assert mended("Authorize", {"idTag": tag}, ARRIVED_AT, KEBA).repairs == ()
    main_meter = {
        "connectorId": 0,
        "meterValue": [{"timestamp": TIME, "sampledValue": [{"value": "1"}]}],
    }
    assert mended("MeterValues", main_meter, ARRIVED_AT, KEBA).payload == main_meter


def test_habits_stand_anything() -> None:
    """A make with habits may also send what is spoilt."""
    for make in (KEBA, Make(vendor="Schneider"), Make(vendor="Delta")):
        for values in (None, 7, [None], [{"sampledValue": 7}]):
            payload = {"connectorId": 0, "meterValue": values}
            left = mended("MeterValues", payload, ARRIVED_AT, make)
            assert left.repairs or left.violations
        assert mended("Authorize", {"idTag": 7}, ARRIVED_AT, make).payload == {
            "idTag": "7"
        }


def test_a_text_that_no_rule_can_mend_is_refused() -> None:
    """Many faults at once, one of them beyond all rules."""
    with pytest.raises(FaultyCall):
        read_frame(b'[2,"1","Heartbeat",{,"a":,"b" "c"}]')
    with pytest.raises(FaultyCall):
        read_frame(b'[2,"1","Heartbeat",{,"a":"' + b"x" * (1 << 16) + b'"}]')


def test_a_result_is_closed_only_where_nothing_else_is_wrong() -> None:
    """Brackets that do not match, or too many of them, are not guessed at."""
    for text in (b'[3,"1",{"a":[}', b'[3,"1",{}]]', b'[3,"1",' + b"[" * 20):
        with pytest.raises(Unanswerable):
            read_frame(text)


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Authorize", {}, ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION),
        ("Authorize", {"idTag": ["A"]}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ("Authorize", {"idTag": True}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ("Authorize", {"idTag": False}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        (
            "StatusNotification",
            {"connectorId": 1, "errorCode": 7, "status": ["x"]},
            ErrorCode.TYPE_CONSTRAINT_VIOLATION,
        ),
        (
            "SecurityEventNotification",
            {"type": "Odd"},
            ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
        ),
        ("MeterValues", {"meterValue": 7}, ErrorCode.TYPE_CONSTRAINT_VIOLATION),
        ("Reset", {"type": "Hard"}, ErrorCode.NOT_SUPPORTED),
        ("Dance", {}, ErrorCode.NOT_IMPLEMENTED),
    ],
)
def test_what_no_rule_is_for_is_refused(
    action: str, payload: dict[str, Any], code: ErrorCode
) -> None:
    """With the code of the gravest fault; no number is made up."""
    with pytest.raises(FaultyCall) as refused:
        understand(Call("1", action, payload), ARRIVED_AT)
    assert refused.value.code is code
    assert refused.value.message_id == "1"


def test_the_payload_given_stays_as_it_came() -> None:
    """The journal's raw payload is not the one that is mended."""
    payload = {"transactionId": "5", "timestamp": TIME, "meterStop": "7", "x": [1]}
    before = json.dumps(payload)
    assert mended("StopTransaction", payload, ARRIVED_AT).repairs
    assert json.dumps(payload) == before


def test_a_time_that_was_made_up_is_nobodys_claim() -> None:
    """A stop whose time is the arrival's claims no time of its own."""
    for quirk_id in ("impossible-time", "time-missing"):
        frame = read_frame(str(FRAMES[quirk_id].text).encode()).frame
        assert isinstance(frame, Call)
        request = understand(frame, ARRIVED_AT).request
        assert isinstance(request, StopTransaction)
        assert request.timestamp_at is None


def test_two_faults_in_one_sample_cost_no_other_sample() -> None:
    """What is taken out moves nothing under the next remedy."""
    samples = [{"value": str(number)} for number in range(12)]
    for number in (0, 4, 5, 11):
        samples[number] = {"unit": "Hz", "phase": "Q", "context": ["?"]}
    payload = {
        "connectorId": 1,
        "meterValue": [{"timestamp": TIME, "sampledValue": samples}],
    }
    left = mended("MeterValues", payload, ARRIVED_AT)
    values = [s["value"] for s in left.payload["meterValue"][0]["sampledValue"]]
    assert values == ["1", "2", "3", "6", "7", "8", "9", "10"]
    assert not left.violations
    assert sum(repair.quirk_id == "bad-sample" for repair in left.repairs) == 4


def test_names_of_any_length_are_left_out() -> None:
    """One that is far too long to be meant for another is not even compared."""
    left = mended("Heartbeat", {"x" * 100_000: 1}, ARRIVED_AT)
    assert (left.payload, left.violations) == ({}, ())


def test_mending_has_an_end() -> None:
    """Thousands of spoilt samples are refused rather than mended for ever."""
    samples = [{"value": "1", "unit": "Hz"}] * 5000
    payload = {
        "connectorId": 1,
        "meterValue": [{"timestamp": TIME, "sampledValue": samples}],
    }
    began = process_time()
    assert mended("MeterValues", payload, ARRIVED_AT).violations
    assert process_time() - began < 2.0


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.data(), st.sampled_from(sorted(FROM_CHARGER)))
def test_mending_never_fails_and_never_lies(data: st.DataObject, action: str) -> None:
    """Any payload is mended into one that fits, or is refused; nothing else."""
    names = list(schemas().requests[action].document["properties"]) or ["x"]
    keys = st.sampled_from(names) | st.text(max_size=4)
    payload = data.draw(st.dictionaries(keys, json_values, max_size=8))
    try:
        understood = understand(Call("1", action, payload), ARRIVED_AT, KEBA)
    except BadInput:
        return
    allowed = schemas().requests[action].violations(understood.payload)
    assert {violation.keyword for violation in allowed} <= {"minItems"}
    if understood.payload != payload:
        assert understood.repairs


boot_fields = st.sampled_from(
    [*schemas().requests["BootNotification"].document["properties"], "firmware", ""]
)


@given(st.dictionaries(boot_fields, json_values, max_size=6) | json_values)
def test_a_boot_is_never_refused(payload: object) -> None:
    """Whatever it says of itself: an error would make the charger loop (Core#31)."""
    frame = read_frame(encode([2, "1", "BootNotification", payload])).frame
    assert isinstance(frame, Call)
    assert isinstance(understand(frame, ARRIVED_AT).request, BootNotification)
