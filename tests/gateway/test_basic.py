"""HTTP Basic authentication as chargers send it (OCA 085)."""

from __future__ import annotations

import base64

import pytest

from flexicharge.actors.arrivals import Shown
from flexicharge.gateway.basic import shown_in


def header(pair: bytes) -> str:
    """Return the header that shows a name and a password."""
    return f"Basic {base64.b64encode(pair).decode()}"


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        (b"CP-7:secret", Shown(b"secret", True)),
        (b"cp-7:secret", Shown(b"secret", True)),
        (b"CP-7:a:b:c", Shown(b"a:b:c", True)),
        (b"CP-7:\x00\xff:\x80", Shown(b"\x00\xff:\x80", True)),
        (b"CP-7:", Shown(b"", True)),
        (b"CP-7", Shown(b"", True)),
        (b"CP-8:secret", Shown(b"secret", False)),
        (b":secret", Shown(b"secret", False)),
        (b"\xff:secret", Shown(b"secret", False)),
    ],
)
def test_a_name_and_a_password_are_read(pair: bytes, shown: Shown) -> None:
    """The password is bytes, and may have colons."""
    assert shown_in(header(pair), "CP-7") == shown


def test_a_name_may_have_colons_if_it_is_the_identity() -> None:
    """Where the name ends is known then."""
    assert shown_in(header(b"urn:cp:7:secret"), "urn:cp:7") == Shown(b"secret", True)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "Basic !!!",
        "Basic Q1AtNzpzZWNyZXQ",  # its padding is missing
        "Basic Q1AtNzpzZWNyZXQ=, Basic Q1AtNzpzZWNyZXQ=",
        "Bearer Q1AtNzpzZWNyZXQ=",
        "Basic \u00e5",
    ],
)
def test_what_cannot_be_read_shows_nothing(sent: str | None) -> None:
    """A header that is broken, sent twice, or of another kind."""
    assert shown_in(sent, "CP-7") is None


def test_a_password_is_in_no_text_of_it() -> None:
    """What is shown may end up in a log."""
    assert "hush" not in repr(Shown(b"hush", under_own_name=True))
