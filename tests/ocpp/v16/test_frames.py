"""Texts become frames, or are refused to whoever waits, or are left unanswered."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import BadInput
from flexicharge.ocpp.frames import Call, CallError, CallResult
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall, Unanswerable
from flexicharge.ocpp.v16.frames import (
    read_frame,
    write_call,
    write_error,
    write_result,
)


def read(frame: Any) -> Any:
    heard = read_frame(json.dumps(frame).encode())
    assert heard.repairs == ()
    return heard.frame


def refused(text: bytes) -> FaultyCall:
    with pytest.raises(FaultyCall) as caught:
        read_frame(text)
    return caught.value


def test_the_three_frames_are_read() -> None:
    """A Call, its result, its error with all five elements."""
    assert read([2, "1", "Heartbeat", {}]) == Call("1", "Heartbeat", {})
    assert read([3, "1", {"status": "Accepted"}]) == CallResult(
        "1", None, {"status": "Accepted"}
    )
    assert read([4, "1", "NotSupported", "no", {"why": 1}]) == CallError(
        "1", "NotSupported", "no", {"why": 1}
    )


def test_an_action_that_nobody_knows_is_a_call_all_the_same() -> None:
    """That it is not implemented is for the next to say."""
    assert read([2, "1", "Dance", {}]) == Call("1", "Dance", {})


def test_frames_are_written_compactly() -> None:
    """No spaces, keys as given, details an object."""
    assert write_call(Call("7", "Reset", {"type": "Hard"})) == (
        b'[2,"7","Reset",{"type":"Hard"}]'
    )
    assert write_result("7", {}) == b'[3,"7",{}]'
    assert write_error("7", ErrorCode.GENERIC_ERROR, "x" * 300) == (
        b'[4,"7","GenericError","' + b"x" * 255 + b'",{}]'
    )


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"  \n",
        b"hello",
        b"{}",
        b"7",
        b"[]",
        b"[2]",
        b'["2","1","Heartbeat",{}]',
        b'[true,"1","Heartbeat",{}]',
        b'[1,"1","Heartbeat",{}]',
        b'[5,"1",{}]',
        b'[null,"1"]',
        b'[2,null,"Heartbeat",{}]',
        b'[2,1.5,"Heartbeat",{}]',
        b'[2,false,"Heartbeat",{}]',
        b'[2,["1"],"Heartbeat",{}]',
        b'[2,"' + b"x" * 256 + b'","Heartbeat",{}]',
        b'[3,"1",{"a":"b',
        b'[3,"1",{}}',
        b'[4,"1",',
        b'[2,"\\ud800","Heartbeat",{',
        b'[3,"1",' + b"[" * 9,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_nobody_waits_for_an_answer_to_these(text: bytes) -> None:
    """No id to answer to, no Call, an unknown type: an answer would start a quarrel."""
    with pytest.raises(Unanswerable):
        read_frame(text)


@pytest.mark.parametrize(
    "text",
    [
        b'[2,"1","Heartbeat"',
        b'[2,"1","Heartbeat",{"a":}x]',
        b' [ 2 , "1" , "Heartbeat", {NaN}]',
        b'[2,"1"]',
        b'[2,"1",7,{}]',
        b'[2,"1","",{}]',
        b'[2,"1","Heart\\u0007beat",{}]',
        b'[2,"1","Heart\\nbeat\\u2028",{}]',
        b'[2,"1","' + b"x" * 51 + b'",{}]',
        b'[2,"1","Heartbeat",[]]',
        b'[2,"1","Heartbeat",7]',
        b'[2,"1","Heartbeat","text"]',
        b'[2,"1","Heartbeat",' + b"[" * 40 + b"]" * 40 + b"]",
        b'[2,"1","Heartbeat",{"a":"' + b"x" * (1 << 20) + b'"}]',
    ],
    ids=lambda text: repr(text[:30]),
)
def test_a_call_that_is_misshapen_is_refused_to_its_sender(text: bytes) -> None:
    """Its id can be made out, so somebody waits: FormationViolation."""
    refusal = refused(text)
    assert refusal.message_id == "1"
    assert refusal.code is ErrorCode.FORMATION_VIOLATION


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_text_does_harm(text: bytes) -> None:
    """Whatever comes is a frame or is refused in words of ours."""
    try:
        read_frame(text)
    except BadInput:
        return


def test_a_spoilt_text_is_looked_through_in_no_time() -> None:
    """Escapes without end in a string that is left open cost one look each rule."""
    spoilt = b'[2,"1","X",{"' + b'\\"' * 30_000
    began = process_time()
    assert refused(spoilt).message_id == "1"
    assert process_time() - began < 1.0


def test_what_stands_behind_a_result_is_left_out_and_told() -> None:
    """As behind a Call."""
    heard = read_frame(b'[3,"1",{},"more"]')
    assert heard.frame == CallResult("1", None, {})
    assert [repair.quirk_id for repair in heard.repairs] == ["extra-elements"]


def test_an_error_may_lack_everything_but_its_id() -> None:
    """It settles the Call all the same, as a GenericError."""
    for text in (b'[4,"1"]', b'[4,"1",7,8,9]', b'[4,"1",null,null,null]'):
        assert read_frame(text).frame == CallError("1", "GenericError", "", {})


def test_an_escaped_backslash_before_u0000_is_no_nul() -> None:
    """Text that only looks like a NUL stays as it is."""
    heard = read_frame(b'[2,"1","DataTransfer",{"vendorId":"\\\\u0000"}]')
    assert heard.repairs == ()
    assert isinstance(heard.frame, Call)
    assert heard.frame.payload == {"vendorId": "\\u0000"}


def test_nul_characters_are_left_out_wherever_they_stand() -> None:
    """In names, in lists, in the depth."""
    heard = read_frame(b'[2,"1","DataTransfer",{"a\\u0000":["\\u0000b",1,{"c":null}]}]')
    assert isinstance(heard.frame, Call)
    assert heard.frame.payload == {"a": ["b", 1, {"c": None}]}
