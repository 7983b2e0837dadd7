"""The password policy, in the words that apps show to people."""

from __future__ import annotations

import pytest
from argon2 import extract_parameters

from flexicharge.errors import PasswordTooWeak
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.passwords import (
    NOBODYS_HASH,
    ThreadedHasher,
    check_policy,
    made_up_password,
)
from flexicharge.identity.threads import at_once
from flexicharge.testing.deferreds import result_of

PREFIX_IOS_CUTS = 38


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "Password not long enough"),
        ("Aa1!aaa", "Password not long enough"),
        ("AA11!!AA", "Password must have lowercase characters"),
        ("aa11!!aa", "Password must have uppercase characters"),
        ("aaAA!!aa", "Password must have numeric characters"),
        ("aaAA11aa", "Password must have symbol characters"),
        ("aaAA11a a", "Password must have symbol characters"),
        ("Aa1!" * 64 + "x", "Password too long"),
    ],
)
def test_a_weak_password_is_told_what_it_lacks(password: str, reason: str) -> None:
    """What remains after the 38 characters that one app cuts off is the reason."""
    with pytest.raises(PasswordTooWeak) as caught:
        check_policy(password)
    assert str(caught.value) == f"Password did not conform with policy: {reason}"
    assert str(caught.value)[PREFIX_IOS_CUTS:] == reason


@pytest.mark.parametrize(
    "password", ["Aa1!aaaa", "Aa1!" * 64, "åÄ1§xxxx", "pass Word_1", "P@ssw0rd 123"]
)
def test_a_strong_password_passes(password: str) -> None:
    """Eight characters to 256 of all four classes, in any alphabet, are enough."""
    check_policy(password)


def test_a_password_is_made_up_as_the_policy_wants_it() -> None:
    """Another one each time, too long to guess."""
    entropy = SystemEntropy()
    made_up = {made_up_password(entropy) for _ in range(100)}
    assert len(made_up) == 100
    for password in made_up:
        check_policy(password)
        assert len(password) == 28


@pytest.mark.parametrize("typed", ["Aa1!\ud800aaa", "Aa1!\0aaaa", "Aa1!" * 64])
def test_whatever_was_typed_can_be_a_password(typed: str) -> None:
    """Half a surrogate pair, too; it fits itself alone."""
    hasher = ThreadedHasher(at_once)
    stored = result_of(hasher.hash(typed))
    assert result_of(hasher.verify(stored, typed))
    assert not result_of(hasher.verify(stored, typed + "x"))


def test_nothing_fits_where_there_is_no_hash() -> None:
    """An account may have no password at all."""
    assert not result_of(ThreadedHasher(at_once).verify("", ""))


def test_nobodys_hash_costs_as_much_as_anybodys() -> None:
    """An unknown account is checked with the very parameters of a known one."""
    hasher = ThreadedHasher(at_once)
    real = result_of(hasher.hash("Passw0rd!"))
    assert extract_parameters(NOBODYS_HASH) == extract_parameters(real)
    assert result_of(hasher.verify(NOBODYS_HASH, "Passw0rd!")) is False
