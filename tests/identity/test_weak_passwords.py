"""Passwords of stations that are easy to guess, and those that are not."""

from __future__ import annotations

import pytest

from flexicharge.identity.weak_passwords import is_weak


@pytest.mark.parametrize(
    "password",
    [
        "a" * 16,
        "aAaAaAaAaAaAaAaA",
        "abcabcabcabcabca",
        "9f3kq7zx9f3kq7zx",
        "abcdefghijklmnop",
        "1234567890123456",
        "zyxwvutsrqponmlk",
        "aabbccddeeffgghh",
        "password12345678",
        "Passw0rd!Passw0rd!",
        "FlexiChargeAdmin",
        "qwertyuiopasdfgh",
        "CP-00042-CP-00042",
        "CP-00042password!",
        "00" * 20,
        "0102030405060708090a0b0c0d0e0f1011121314",
        "deadbeef" * 4,
        b"abcdefghijklmnop".hex(),
    ],
)
def test_what_is_easy_to_guess_is_weak(password: str) -> None:
    """Few bytes, the same ones again, a row, words and the station's own name."""
    assert is_weak(password, "CP-00042")


@pytest.mark.parametrize(
    "password",
    [
        "kJ8!vQ2#mZ5&xW9r",
        "Tr0ub4dor&3-xkcd",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
        "9F86D081884C7D659A2FEAA0C55AD015",
        "my adminkJ8!vQ2#mZ5",
    ],
)
def test_what_is_by_chance_is_not(password: str) -> None:
    """As they are, or in hexadecimal digits."""
    assert not is_weak(password, "CP-00042")
    assert not is_weak(password, "x")


def test_a_short_name_says_nothing() -> None:
    """It may stand in a password by chance."""
    assert not is_weak("kJ8!vQ2#mZ5&xW9r", "kJ8")
