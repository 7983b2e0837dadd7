"""The charger's energy meter: a register that only grows, and a charge's share."""

from __future__ import annotations

from decimal import Decimal

from attrs import define, field

from flexicharge.model.money import half_up


@define
class Meter:
    """Counts in fractions of a Wh and shows whole ones, so that its figures agree."""

    register_wh: float = 0.0
    start_wh: int = field(default=0, init=False)
    _charged_wh: float = field(default=0.0, init=False)

    def begin(self) -> None:
        """Start a new charge at what the register shows."""
        self.start_wh, self._charged_wh = _shown(self.register_wh), 0.0

    def count(self, energy_wh: float) -> None:
        """Let energy flow through."""
        self.register_wh += energy_wh
        self._charged_wh += energy_wh

    @property
    def charged_wh(self) -> float:
        """Energy since the start of the charge, to a thousandth of a Wh."""
        return round(self._charged_wh, 3)

    @property
    def stop_wh(self) -> int:
        """What the charge's last register shows: its start and the energy since."""
        return self.start_wh + _shown(self.charged_wh)


def _shown(energy_wh: float) -> int:
    return half_up(Decimal(str(round(energy_wh, 3))))
