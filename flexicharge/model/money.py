"""Money as whole minor units (öre), rounded once and half up."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Final

ORE_PER_SEK: Final = 100
MAX_ORE: Final = 2**53 - 1  # what every JSON reader still holds exactly


def half_up(value: Fraction | Decimal) -> int:
    """Return the nearest whole number; exact halves go towards plus infinity."""
    return math.floor(Fraction(value) + Fraction(1, 2))


def ore(sek: Decimal) -> int:
    """Return kronor as whole öre."""
    return half_up(sek * ORE_PER_SEK)
