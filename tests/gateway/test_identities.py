"""One identity, however its path is spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.gateway.identities import identity_in, is_same
from flexicharge.model.site import MAX_IDENTITY


@pytest.mark.parametrize(
    ("segment", "identity"),
    [
        ("CP-7", "CP-7"),
        ("cp-7", "cp-7"),
        ("EVB%2DP1234", "EVB-P1234"),
        ("a%20b", "a b"),
        ("%20CP-7%20", "CP-7"),
        ("CP-7%0A", "CP-7"),
        ("%2541", "%41"),
        ("100%", "100%"),
        ("%C3%A5ngfors", "ångfors"),
        ("a%CC%8Angfors", "ångfors"),
        ("%E5ngfors", "ångfors"),
        ("\u00c3\u00a5ngfors", "ångfors"),  # raw UTF-8, as a request line is read
        ("urn:cp:7", "urn:cp:7"),
        ("x" * MAX_IDENTITY, "x" * MAX_IDENTITY),
        ("x" * (MAX_IDENTITY + 1), None),
        ("a%00b", None),
        ("a%0Ab", None),
        ("a%7Fb", None),
        ("a%E2%80%8Bb", None),  # of no width: two names would look the same
        ("a%E2%80%AEb", None),  # turns what follows around
        ("a%2Fb", None),
        ("a/b", None),
        ("%20", None),
        ("", None),
    ],
)
def test_a_segment_means_one_identity_or_none(
    segment: str, identity: str | None
) -> None:
    """Decoded once, composed, freed of blanks around it; letters keep their case."""
    assert identity_in(segment) == identity


@given(st.text(max_size=80))
def test_no_segment_is_a_crash(segment: str) -> None:
    """What comes out can be stored, shown, and spelt as itself again."""
    identity = identity_in(segment)
    if identity is not None:
        assert identity.isprintable()
        assert 0 < len(identity) <= MAX_IDENTITY
        raw = "".join(f"%{byte:02X}" for byte in identity.encode())
        assert identity_in(raw) == identity


@pytest.mark.parametrize(
    ("sent", "same"),
    [
        (b"CP-7", True),
        (b"cp-7", True),
        (b" CP-7 ", True),
        (b"CP%2D7", True),
        (b"CP-8", False),
        (b"\xff", False),
        (b"", False),
    ],
)
def test_a_user_name_is_compared_as_an_identity(sent: bytes, same: bool) -> None:
    """Some chargers encode it as in their path, or write it in other letters."""
    assert is_same(sent, "CP-7") is same
