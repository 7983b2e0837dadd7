"""Codes and ids have the forms that others rely on."""

from __future__ import annotations

from uuid import UUID

import pytest
from zope.interface.verify import verifyObject

from flexicharge.identity.entropy import SystemEntropy
from flexicharge.interfaces.people import IEntropy
from flexicharge.testing.identity import SeededEntropy

BOTH = pytest.mark.parametrize("entropy", [SystemEntropy(), SeededEntropy()])


@BOTH
def test_a_code_is_six_digits(entropy: IEntropy) -> None:
    """Small numbers keep their leading zeros."""
    assert verifyObject(IEntropy, entropy)
    codes = {entropy.code() for _ in range(2000)}
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert len(codes) > 1900


@BOTH
def test_a_uuid_is_a_random_one(entropy: IEntropy) -> None:
    """Ids are version 4 in their canonical spelling, and differ."""
    first, second = entropy.uuid(), entropy.uuid()
    assert UUID(first).version == 4
    assert str(UUID(first)) == first
    assert first != second


@BOTH
def test_a_token_has_the_length_asked_for(entropy: IEntropy) -> None:
    """Random bytes come in any number."""
    assert len(entropy.token(20)) == 20
    assert entropy.token(20) != entropy.token(20)


def test_seeded_chance_repeats_itself() -> None:
    """The same seed gives the same run, another seed another one."""
    first, same, other = SeededEntropy("a"), SeededEntropy("a"), SeededEntropy("b")
    assert first.uuid() == same.uuid() != other.uuid()
