"""What samples mean: the register, the power, the state of charge. Pure rules.

Only Energy.Active.Import.Register bills. Of several samples of one quantity the one at
the outlet wins, then the one of the whole connector over those of single phases, then
the one whose context is nearest to the transaction's end; the last of equals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from attrs import frozen

from flexicharge.errors import UnusableValue
from flexicharge.model.metering import whole_percent, whole_w, whole_wh
from flexicharge.ocpp.v16.samples import CHARGE, ENERGY, POWER, MeterValue, Quantity

Read = Callable[[object, object], int]
_Number = tuple[Quantity, int]

_PLACES: Final = ("Outlet", "Cable", "Body", "Inlet", "EV")
_CONTEXTS: Final = (
    "Transaction.End",
    "Sample.Periodic",
    "Sample.Clock",
    "Trigger",
    "Transaction.Begin",
    "Interruption.End",
    "Interruption.Begin",
    "Other",
)
_LINES: Final = ("L1", "L2", "L3")


@frozen(kw_only=True)
class Reading:
    """What one meter value tells of a session; None is what it does not tell."""

    claimed_at: float
    register_wh: int | None = None
    power_w: int | None = None
    percent: int | None = None
    set_aside: int = 0  # samples of these three quantities that were spoilt

    @property
    def tells_nothing(self) -> bool:
        """Whether there is neither energy nor power nor a state of charge."""
        return (
            self.register_wh is None and self.power_w is None and (self.percent is None)
        )


def reading_of(value: MeterValue) -> Reading:
    """Return what a meter value tells; spoilt samples are counted, not used."""
    numbers: dict[str, list[_Number]] = {ENERGY: [], POWER: [], CHARGE: []}
    set_aside = 0
    for sample in value.samples:
        quantity = sample.of
        if quantity.measurand not in numbers or quantity.is_signed:
            continue
        try:
            number = _READERS[quantity.measurand](sample.value, quantity.unit)
            numbers[quantity.measurand].append((quantity, number))
        except UnusableValue:
            set_aside += 1
    return Reading(
        claimed_at=value.claimed_at,
        register_wh=_winner(numbers[ENERGY]),
        power_w=_winner(numbers[POWER]),
        percent=_winner(numbers[CHARGE]),
        set_aside=set_aside,
    )


def newest_of(values: Iterable[MeterValue]) -> Reading | None:
    """Return the latest state that several meter values tell of.

    Each quantity is the newest that there is; the time is that of the newest energy,
    or of the newest value if there is no energy. None if they tell nothing.
    """
    readings = sorted(map(reading_of, values), key=lambda reading: reading.claimed_at)
    told = [reading for reading in readings if not reading.tells_nothing]
    if not told:
        return None
    with_energy = [reading for reading in told if reading.register_wh is not None]
    return Reading(
        claimed_at=(with_energy or told)[-1].claimed_at,
        register_wh=_last(reading.register_wh for reading in told),
        power_w=_last(reading.power_w for reading in told),
        percent=_last(reading.percent for reading in told),
        set_aside=sum(reading.set_aside for reading in readings),
    )


def connector_meant(connector_id: int, connectors: int) -> int | None:
    """Return whose readings these are, of a charger with so many connectors.

    Connector 0 is the main meter, the sum of all: of a charger with one connector it
    is that connector's, of any other nobody's (OCPP 1.6 §4.7).
    """
    if connector_id == 0:
        return 1 if connectors == 1 else None
    return connector_id if 1 <= connector_id <= connectors else None


def _wh(value: object, unit: object) -> int:
    return whole_wh(value, unit or "Wh")


def _w(value: object, unit: object) -> int:
    return whole_w(value, unit or "W")


def _percent(value: object, unit: object) -> int:
    return whole_percent(value, "%" if unit in ("", "Percent") else unit)


_READERS: Final[dict[str, Read]] = {ENERGY: _wh, POWER: _w, CHARGE: _percent}


def _winner(numbers: list[_Number]) -> int | None:
    """Return the number that counts: of the whole connector, or the sum of lines."""
    for place in _PLACES if numbers else ():
        here = [pair for pair in numbers if pair[0].location == place]
        whole = [pair for pair in here if pair[0].phase is None]
        if whole:
            return _best(whole)
        if here and (total := _sum_of_lines(here)) is not None:
            return total
    return None


def _sum_of_lines(numbers: list[_Number]) -> int | None:
    """Return the sum over the lines; None unless it begins with the first.

    A charger on one phase names L1 alone; one that lost its first line is not believed.
    """
    by_line = {
        line: _best(of_line)
        for line in _LINES
        if (of_line := [pair for pair in numbers if _line(pair[0]) == line])
    }
    return sum(by_line.values()) if "L1" in by_line else None


def _line(quantity: Quantity) -> str:
    return (quantity.phase or "").removesuffix("-N")


def _best(numbers: list[_Number]) -> int:
    """Return the number with the best context; the last of equals."""
    if len(numbers) == 1:
        return numbers[0][1]
    return min(reversed(numbers), key=lambda pair: _CONTEXTS.index(pair[0].context))[1]


def _last(numbers: Iterable[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return told[-1] if told else None
