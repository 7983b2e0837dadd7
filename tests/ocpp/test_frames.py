"""Frames are strict JSON within limits."""

from __future__ import annotations

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.frames import (
    MAX_DEPTH,
    MAX_FRAME_BYTES,
    read_array,
    read_object,
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=5))
def test_what_other_json_writers_write_is_read(array: list[object]) -> None:
    """Any JSON array within the depth comes out as it went in."""
    assert read_array(json.dumps(array).encode()) == array


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[",
        b"{}",
        b"7",
        b'"[2]"',
        b"[1,]",
        b"[NaN]",
        b"[Infinity]",
        b"[1e999]",
        b'["\\ud800"]',
        b'["\xff"]',
        b'["\x00"]',
        b"\xef\xbb\xbf[1]",
        b"[" + b"9" * 5000 + b"]",
        b"[" * 1000 + b"]" * 1000,
        b"[" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b"[" + b" " * MAX_FRAME_BYTES + b"]",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_what_is_no_frame_is_refused(text: bytes) -> None:
    """Broken, foreign, huge and deep texts raise, and nothing else happens."""
    with pytest.raises(MalformedFrame):
        read_array(text)


def test_the_deepest_frame_that_is_allowed_is_read() -> None:
    """Thirty-two levels are fine; brackets inside strings are no levels."""
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert read_array(deep)
    quoted = json.dumps(['[{"\\' * 100]).encode()
    assert read_array(quoted) == ['[{"\\' * 100]


def test_an_object_inside_a_text_field_is_read() -> None:
    """DataTransfer carries JSON inside JSON."""
    assert read_object('{"transactionId":57}') == {"transactionId": 57}


@pytest.mark.parametrize(
    "text", ["[]", "1", "", "{", "{},{}", None, 7, "{}]", "\ud800"], ids=repr
)
def test_what_is_no_object_is_refused(text: object) -> None:
    """Anything but the text of one JSON object raises."""
    with pytest.raises(MalformedFrame):
        read_object(text)


def test_a_text_left_open_is_refused_in_no_time() -> None:
    """A string that never ends is looked through once, however many signs it has."""
    spoilt = b"[" * (MAX_DEPTH + 1) + b'"' + b'\\"' * 200_000
    began = process_time()
    with pytest.raises(MalformedFrame):
        read_array(spoilt)
    assert process_time() - began < 2.0
