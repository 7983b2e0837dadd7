"""Frames as bytes: every length form, masks on and off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.wire.frames import (
    NO_MASK,
    is_text,
    masked,
    masked_text_frame,
    text_frame,
)


@given(body=st.binary(max_size=300), mask=st.binary(min_size=4, max_size=4))
def test_a_mask_put_on_twice_is_off(body: bytes, mask: bytes) -> None:
    """Byte by byte it is what RFC 6455 §5.3 says."""
    expected = bytes(byte ^ mask[at % 4] for at, byte in enumerate(body))
    assert masked(body, mask) == expected
    assert masked(expected, mask) == body


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x80"),
        (125, b"\x81\xfd"),
        (126, b"\x81\xfe\x00\x7e"),
        (65_535, b"\x81\xfe\xff\xff"),
        (65_536, b"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_lengths_are_written_as_short_as_can_be(size: int, head: bytes) -> None:
    """With the mask bit from a client, without from a server."""
    body = b"x" * size
    assert masked_text_frame(body, NO_MASK) == head + NO_MASK + body
    plain = bytes((head[0], head[1] & 0x7F)) + head[2:]
    assert text_frame(body) == plain + body


def test_text_is_utf8() -> None:
    """And nothing else is."""
    assert is_text(b"[2]")
    assert is_text("å".encode())
    assert not is_text(b"\xff\xfe")
