"""Money is rounded once, half up, and without ever passing through a float."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.model.money import half_up, ore

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("exact", "whole"),
    [
        (Fraction(1, 2), 1),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Fraction(-1, 2), 0),
        (Fraction(-3, 2), -1),
        (Decimal("0.4999999999999999999999"), 0),
        (Decimal("2.5"), 3),
        (Decimal("-7"), -7),
    ],
)
def test_halves_go_towards_plus_infinity(exact: Fraction | Decimal, whole: int) -> None:
    """An exact half is rounded up, whatever its sign, and nothing else is moved."""
    assert half_up(exact) == whole


@given(st.fractions())
def test_rounding_moves_a_value_by_at_most_a_half(exact: Fraction) -> None:
    """The rounded value is the nearest whole number."""
    assert -HALF <= exact - half_up(exact) < HALF


@given(st.fractions(), st.fractions())
def test_rounding_keeps_the_order(one: Fraction, other: Fraction) -> None:
    """What costs more exactly never costs less after rounding."""
    lower, higher = sorted((one, other))
    assert half_up(lower) <= half_up(higher)


@pytest.mark.parametrize(
    ("sek", "in_ore"),
    [("2.5", 250), ("0.005", 1), ("0.00499", 0), ("-0.015", -1), ("1e3", 100_000)],
)
def test_kronor_become_whole_ore(sek: str, in_ore: int) -> None:
    """A krona is a hundred öre, rounded half up."""
    assert ore(Decimal(sek)) == in_ore
