"""What a bill says, in words."""

from __future__ import annotations

import pytest

from flexicharge.billing.pdf_paper import cut, kwh, sek


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (-100, "-1.00"),
        (123_456, "1234.56"),
        (2**53 - 1, "90071992547409.91"),
    ],
)
def test_kronor_have_two_decimals(ore: int, text: str) -> None:
    """Also where less than nothing is owed, and as much as an amount can be."""
    assert sek(ore) == text


@pytest.mark.parametrize(
    ("energy_wh", "text"),
    [(0, "0.000"), (7, "0.007"), (4000, "4.000"), (2**63 - 1, "9223372036854775.807")],
)
def test_energy_is_exact(energy_wh: int, text: str) -> None:
    """To the watt-hour, however much it is."""
    assert kwh(energy_wh) == text


def test_what_is_too_long_is_cut_visibly() -> None:
    """And what just fits is not."""
    assert cut("abcd", 4) == "abcd"
    assert cut("abcde", 4) == "abc…"
