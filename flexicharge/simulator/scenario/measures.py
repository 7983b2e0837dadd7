"""Quantities as people write them: `1 h 30 m`, `22 kW`, `3 %`, `4 per day`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from attrs import field, frozen

LONGEST: Final = 60  # characters of a quantity
FINEST: Final = 1000  # parts of a unit, before a smaller one is written
NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)"


class NotMeasured(ValueError):
    """A text is no such quantity; the message says why, to follow a comma."""


@frozen(kw_only=True)
class Measure:
    """What is measured in `units`, the largest first, each by what it is of `base`.

    A number that stands `alone` counts as that much; None: it needs a unit. Several
    numbers with their units make one `compound` quantity.
    """

    what: str
    units: Mapping[str, Decimal] = field(factory=dict)
    base: str = ""
    alone: Decimal | None = None
    compound: bool = False

    def read(self, text: str) -> float:
        """Return the quantity in the base unit; raise `NotMeasured`."""
        text = text.strip()
        if re.fullmatch(f"-?{NUMBER}", text) and self.alone is None:
            raise NotMeasured("which has no unit")
        sign, amount = (-1, text[1:]) if text.startswith("-") else (1, text)
        if len(text) > LONGEST or not (parts := self._parts(amount)):
            raise NotMeasured(f"which is not {self.what}{self._in_units()}")
        total = sum(Decimal(number) * each for number, each in parts)
        return float(sign * total + 0)  # which makes 0 of -0

    def write(self, value: float) -> str:
        """Return a quantity as `read` takes it."""
        amount = Decimal(repr(value))
        if self.compound and amount == int(amount):
            return self._in_parts(int(amount))
        for unit, each in self.units.items():
            share = amount / each
            if abs(share) >= 1 and share * FINEST == int(share * FINEST):
                return f"{_plain(share)} {unit}"
        return f"{_plain(amount / self._each(self.base))} {self.base}".rstrip()

    def _parts(self, amount: str) -> list[tuple[str, Decimal]]:
        """Return numbers and their units; none if it is anything else."""
        names = "|".join(map(re.escape, self.units))
        unit = rf"\s*({names})" + ("?" if self.alone is not None else "")
        part = NUMBER + unit if self.units else f"{NUMBER}()"
        if not re.fullmatch(rf"{part}(?:\s*{part})*", amount):
            return []
        found = re.findall(part, amount)
        if len(found) > 1 and not self.compound:
            return []
        return [(number, self._each(name)) for number, name in found]

    def _in_units(self) -> str:
        *units, last = self.units or [""]
        return f" in {', '.join(units)} or {last}" if units else ""

    def _each(self, unit: str) -> Decimal:
        return self.units.get(unit) or self.alone or Decimal(1)

    def _in_parts(self, amount: int) -> str:
        written, left = [], abs(amount)
        for unit, each in self.units.items():
            count, left = divmod(left, int(each))
            written += [f"{count} {unit}"] * bool(count)
        return ("-" if amount < 0 else "") + (" ".join(written) or f"0 {self.base}")


def _plain(number: Decimal) -> str:
    """Return a number without an exponent and without idle noughts."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


DURATION: Final = Measure(
    what="a duration",
    units={"d": Decimal(86_400), "h": Decimal(3600), "m": Decimal(60), "s": Decimal(1)},
    base="s",
    compound=True,
)
POWER: Final = Measure(
    what="a power", units={"kW": Decimal(1000), "W": Decimal(1)}, base="W"
)
ENERGY: Final = Measure(
    what="an energy", units={"kWh": Decimal(1000), "Wh": Decimal(1)}, base="Wh"
)
PERCENT: Final = Measure(what="a percentage", units={"%": Decimal(1)}, base="%")
CHANCE: Final = Measure(
    what="a chance", units={"%": Decimal("0.01")}, base="%", alone=Decimal(1)
)
RATE: Final = Measure(
    what="a rate",
    units={
        "per hour": Decimal(24),
        "per day": Decimal(1),
        "per week": Decimal(1) / Decimal(7),
    },
    base="per day",
)
PURE: Final = Measure(what="a number", alone=Decimal(1))
