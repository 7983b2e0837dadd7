"""The one spelling of a station's identity."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.model.identity import spelled


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("CP-7", "CP-7"),
        (" CP 7\u3000", "CP 7"),
        ("cp/7", "cp/7"),
        ("Nässjö", "Nässjö"),
        (unicodedata.normalize("NFD", "Nässjö"), "Nässjö"),
        ("x" * 48, "x" * 48),
        ("e\u0301" * 48, "é" * 48),
        ("x" * 49, None),
        ("", None),
        ("  ", None),
        ("a\nb", None),
        ("a\0", None),
        ("\u200e", None),
    ],
)
def test_an_identity_is_spelled_in_one_way(text: str, identity: str | None) -> None:
    """Composed, without blanks around it, and such as can be printed."""
    assert spelled(text) == identity


@given(st.text(max_size=60))
def test_a_spelling_is_its_own(text: str) -> None:
    """To spell it again changes nothing."""
    identity = spelled(text)
    if identity is not None:
        assert spelled(identity) == identity
