"""One password of a station, however it is spelt (OCA 073, 085)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.identity.station_passwords import spelling_of

SECRET = bytes(range(0xF0, 0x100))


@pytest.mark.parametrize(
    "spelling", [SECRET, SECRET.hex(), SECRET.hex().upper(), SECRET.hex().encode()]
)
def test_digits_and_bytes_are_one_password(spelling: str | bytes) -> None:
    """A charger may show what `AuthorizationKey` said, or what it means."""
    assert spelling_of(spelling) == SECRET.hex()


@pytest.mark.parametrize("text", ["correct horse bat", "c0ffee" * 3])
def test_a_text_is_what_its_hexadecimal_means(text: str) -> None:
    """Passwords in letters are told to chargers as hexadecimal, too."""
    assert spelling_of(text) == spelling_of(text.encode().hex())


@pytest.mark.parametrize(
    "text", ["", "sesame", "f" * 30, "f" * 33, "f" * 42, "g" * 40, "x" * 15, "x" * 21]
)
def test_other_texts_are_themselves(text: str) -> None:
    """Too short, too long, or no hexadecimal."""
    assert spelling_of(text) == text


@given(st.binary(max_size=48), st.binary(max_size=48))
def test_different_passwords_stay_different(one: bytes, other: bytes) -> None:
    """Only digits and what they stand for become one."""
    meanings = [
        bytes.fromhex(each.decode()) if _is_digits(each) else each
        for each in (one, other)
    ]
    is_same = meanings[0] == meanings[1]
    assert (spelling_of(one) == spelling_of(other)) is is_same


def _is_digits(sent: bytes) -> bool:
    hexadecimal = set(b"0123456789abcdefABCDEF")
    return 32 <= len(sent) <= 40 and not len(sent) % 2 and set(sent) <= hexadecimal
