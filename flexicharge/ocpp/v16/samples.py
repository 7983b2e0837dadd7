"""Meter values as 1.6 has them: every quantity, phase, context, unit and place."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.times import posix_of

ENERGY: Final = "Energy.Active.Import.Register"
POWER: Final = "Power.Active.Import"
CHARGE: Final = "SoC"
SIGNED: Final = "SignedData"


@frozen(kw_only=True)
class Sample:
    """One sampled value; what the frame left out has 1.6's defaults (§7.43).

    `value` is the text as it came: a number, or signed data that only a verifier reads.
    `unit` is '' for quantities that have none.
    """

    value: str
    context: str = "Sample.Periodic"
    format: str = "Raw"
    measurand: str = ENERGY
    phase: str | None = None
    location: str = "Outlet"
    unit: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether the value is signed data, no number."""
        return self.format == SIGNED


@frozen
class MeterValue:
    """Samples of one moment, in POSIX seconds by the charger's clock."""

    claimed_at: float
    samples: tuple[Sample, ...]


def meter_values_in(values: Any) -> tuple[MeterValue, ...]:
    """Return the meter values of a payload that fits its schema, in its order."""
    return tuple(_meter_value(value) for value in values or ())


def _meter_value(value: JsonObject) -> MeterValue:
    samples = tuple(_sample(sample) for sample in value["sampledValue"])
    return MeterValue(posix_of(value["timestamp"]), samples)


def _sample(sample: JsonObject) -> Sample:
    given = dict(sample)
    if "unit" not in given and given.get("measurand", ENERGY).startswith("Energy"):
        given["unit"] = "Wh"
    return Sample(**given)
