"""Meter values as 1.6 has them: every quantity, phase, context, unit and place."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.times import posix_of

ENERGY: Final = "Energy.Active.Import.Register"
POWER: Final = "Power.Active.Import"
CHARGE: Final = "SoC"
SIGNED: Final = "SignedData"


@frozen(kw_only=True)
class Quantity:
    """What was sampled; what the frame left out has 1.6's defaults (§7.43).

    `unit` is '' for quantities that have none.
    """

    context: str = "Sample.Periodic"
    format: str = "Raw"
    measurand: str = ENERGY
    phase: str | None = None
    location: str = "Outlet"
    unit: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether values are signed data, no numbers."""
        return self.format == SIGNED


@frozen
class Sample:
    """One sampled value, as text: a number, or data that only a verifier reads."""

    value: str
    of: Quantity


@frozen
class MeterValue:
    """Samples of one moment, in POSIX seconds by the charger's clock."""

    claimed_at: float
    samples: tuple[Sample, ...]


def meter_values_in(values: Any) -> tuple[MeterValue, ...]:
    """Return the meter values of a payload that fits its schema, in its order."""
    return tuple(_meter_value(value) for value in values or ())


def _meter_value(value: JsonObject) -> MeterValue:
    samples = tuple(
        Sample(sample["value"], _quantity(*map(sample.get, _FIELDS)))
        for sample in value["sampledValue"]
    )
    return MeterValue(posix_of(value["timestamp"]), samples)


_FIELDS: Final = ("context", "format", "measurand", "phase", "location", "unit")


@lru_cache(maxsize=4096)
def _quantity(*given: str | None) -> Quantity:
    """Return a quantity; a charger samples the same few all its life."""
    fields = {
        name: word
        for name, word in zip(_FIELDS, given, strict=True)
        if word is not None
    }
    if "unit" not in fields and fields.get("measurand", ENERGY).startswith("Energy"):
        fields["unit"] = "Wh"
    return Quantity(**fields)
