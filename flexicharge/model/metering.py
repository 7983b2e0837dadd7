"""What a connector's meter said, as plain values."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from attrs import field, frozen
from attrs.validators import ge, le, optional

from flexicharge.errors import UnusableValue

MAX_WH: Final = 10**12  # a terawatt hour: no register of a charger holds more
MAX_W: Final = 10**9
MAX_BITS: Final = 128
MAX_DIGITS: Final = 40
MAX_EXPONENT: Final = 30
WH_PER_UNIT: Final = {"Wh": Decimal(1), "kWh": Decimal(1000), "MWh": Decimal(10**6)}
W_PER_UNIT: Final = {"W": Decimal(1), "kW": Decimal(1000)}


@frozen(kw_only=True)
class MeterReading:
    """One sample of an energy register, in whole Wh, at a POSIX time, in seconds."""

    energy_wh: int = field(validator=[ge(0), le(MAX_WH)])
    taken_at: float
    power_w: int | None = field(default=None, validator=optional(le(MAX_W)))
    percent: int | None = field(default=None, validator=optional([ge(0), le(100)]))


def decimal_of(value: object, what: str) -> Decimal:
    """Return a number that came as JSON number or text; raise `UnusableValue`."""
    match value:
        case bool():
            raise UnusableValue(f"{what} is not a number")
        case int() if value.bit_length() <= MAX_BITS:
            return Decimal(value)
        case float():
            number = Decimal(repr(value))
        case str() if len(value) <= MAX_DIGITS:
            number = _decimal_in(value, what)
        case int() | str():
            raise UnusableValue(f"{what} is out of range")
        case _:
            raise UnusableValue(f"{what} is not a number")
    if not number.is_finite() or abs(number.adjusted()) > MAX_EXPONENT:
        raise UnusableValue(f"{what} is out of range")
    return number


def _decimal_in(text: str, what: str) -> Decimal:
    """Return the number in a text: ASCII digits, no underscores."""
    try:
        if text.isascii() and "_" not in text:
            return Decimal(text)
    except InvalidOperation:
        pass
    raise UnusableValue(f"{what} is not a number")


def whole_wh(value: object, unit: object = "Wh", what: str = "energy") -> int:
    """Return an energy in whole Wh, rounded half up.

    Raise `UnusableValue` if it is no number, negative, over `MAX_WH`, or in a unit that
    is not one of energy.
    """
    return _scaled(value, unit, WH_PER_UNIT, MAX_WH, what)


def whole_w(value: object, unit: object = "W", what: str = "power") -> int:
    """Return a power in whole W, rounded half up; raise `UnusableValue`."""
    return _scaled(value, unit, W_PER_UNIT, MAX_W, what)


def whole_percent(value: object, unit: object = "%", what: str = "percent") -> int:
    """Return a state of charge as 0 to 100, rounded half up; raise `UnusableValue`."""
    return _scaled(value, unit, {"%": Decimal(1)}, 100, what)


def _scaled(
    value: object, unit: object, units: dict[str, Decimal], cap: int, what: str
) -> int:
    factor = units.get(unit) if isinstance(unit, str) else None
    if factor is None:
        raise UnusableValue(f"{what} has an unknown unit")
    scaled = decimal_of(value, what) * factor
    whole = int(scaled.to_integral_value(ROUND_HALF_UP))
    if not 0 <= whole <= cap:
        raise UnusableValue(f"{what} is out of range")
    return whole


@frozen
class BilledEnergy:
    """The energy that is charged for, in Wh, and whether the meter was in doubt."""

    energy_wh: int
    in_doubt: bool


def billed_energy(start_wh: int, last_wh: int | None, stop_wh: int) -> BilledEnergy:
    """Return what to bill between two registers.

    A meter that ran backwards never costs the driver: where the stop lies below the
    start or below the last reading, the lower of the energies that are not negative
    counts, and the session is marked.
    """
    if last_wh is None:
        last_wh = start_wh
    by_stop, by_last = stop_wh - start_wh, last_wh - start_wh
    if by_stop >= max(by_last, 0):
        return BilledEnergy(by_stop, in_doubt=False)
    candidates = [energy for energy in (by_stop, by_last) if energy >= 0]
    return BilledEnergy(min(candidates, default=0), in_doubt=True)
