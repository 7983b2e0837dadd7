"""Which e-mail addresses an account may have."""

from __future__ import annotations

import pytest

from flexicharge.errors import ParameterInvalid
from flexicharge.identity.addresses import email_of

LONGEST_LABEL = "d" * 63


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("driver@example.com", "driver@example.com"),
        ("  Driver@Example.COM\n", "driver@example.com"),
        ("a.b+tag@sub.domain.example", "a.b+tag@sub.domain.example"),
        ("o'neil_99@x-y.se", "o'neil_99@x-y.se"),
        ("a@xn--jnkping-90a5a.se", "a@xn--jnkping-90a5a.se"),
        (f"{'a' * 64}@{LONGEST_LABEL}.se", f"{'a' * 64}@{LONGEST_LABEL}.se"),
    ],
)
def test_a_usable_address_is_kept_in_lower_case(text: str, email: str) -> None:
    """Blanks around an address and its case make no difference."""
    assert email_of(text) == email


@pytest.mark.parametrize(
    "text",
    [
        "",
        "driver",
        "driver@",
        "@example.com",
        "driver@localhost",
        "driver@example.",
        "driver@.com",
        "driver@-x.com",
        "dri ver@example.com",
        "driver@exam ple.com",
        "driver@@example.com",
        "a@b@example.com",
        ".driver@example.com",
        "dri..ver@example.com",
        "driver.@example.com",
        "driver\0@example.com",
        "driver\n@example.com",
        "driver@example.com\r\nBcc: all@example.com",
        "Driver <driver@example.com>",
        "a,b@example.com",
        "förare@example.com",
        f"{'a' * 65}@example.com",
        f"a@{LONGEST_LABEL}d.se",
        f"a@{'d.' * 130}se",
        "a" * 1_000_000 + "@example.com",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """Nothing that a mail server or a header could misread becomes an account."""
    with pytest.raises(ParameterInvalid):
        email_of(text)
