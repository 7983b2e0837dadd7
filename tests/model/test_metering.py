"""What a meter says is read strictly, and one that ran backwards costs nobody."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import UnusableValue
from flexicharge.model.metering import (
    MAX_W,
    MAX_WH,
    BilledEnergy,
    MeterReading,
    billed_energy,
    decimal_of,
    whole_percent,
    whole_w,
    whole_wh,
)

REGISTERS = st.integers(min_value=0, max_value=MAX_WH)
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


@pytest.mark.parametrize(
    ("value", "unit", "wh"),
    [
        (0, "Wh", 0),
        (1234, "Wh", 1234),
        (1.5, "Wh", 2),
        (1.4999999999, "Wh", 1),
        ("12.25", "kWh", 12_250),
        (" 7 ", "Wh", 7),
        (1.2345, "kWh", 1235),
        (0.1, "MWh", 100_000),
        (MAX_WH, "Wh", MAX_WH),
        (1e6, "MWh", MAX_WH),
    ],
)
def test_energy_becomes_whole_wh(value: object, unit: str, wh: int) -> None:
    """A number or its text, in any unit of energy, is rounded half up to Wh."""
    assert whole_wh(value, unit) == wh


@pytest.mark.parametrize("value", [None, True, False, [], {}, b"5", "", "five", "1,5"])
def test_what_is_no_number_is_refused(value: object) -> None:
    """Only JSON numbers and their text count; a boolean is not a number."""
    with pytest.raises(UnusableValue, match="not a number"):
        whole_wh(value)


@pytest.mark.parametrize(
    "value",
    [
        -1,
        -0.6,
        MAX_WH + 1,
        1e300,
        float("inf"),
        float("nan"),
        "NaN",
        "1e999999999",
        "1e-999999999",
        "9" * 41,
    ],
)
def test_what_no_register_can_show_is_refused(value: object) -> None:
    """Negative, endless and absurd numbers are refused without costing time."""
    with pytest.raises(UnusableValue, match="out of range"):
        whole_wh(value)


def test_a_number_of_thousands_of_digits_is_refused() -> None:
    """An integer too long for Python to write out is refused like any other."""
    with pytest.raises(UnusableValue, match="out of range"):
        whole_wh(10**5000)


@pytest.mark.parametrize("unit", ["W", "wh", "", "VAh", None, 1, ["Wh"]])
def test_a_unit_that_is_not_of_energy_is_refused(unit: object) -> None:
    """A number of an unknown unit is never guessed to be Wh."""
    with pytest.raises(UnusableValue, match="unknown unit"):
        whole_wh(1, unit)


@given(ANYTHING, ANYTHING)
def test_reading_a_number_yields_it_or_says_why_not(
    value: object, unit: object
) -> None:
    """Whatever a station sends, the outcome is a register or `UnusableValue`."""
    try:
        wh = whole_wh(value, unit)
    except UnusableValue:
        return
    assert 0 <= wh <= MAX_WH


@given(st.integers(min_value=-(10**29), max_value=10**29))
def test_a_whole_number_is_read_exactly(number: int) -> None:
    """An integer and its text mean the same and lose no digit."""
    assert decimal_of(number, "x") == Decimal(number) == decimal_of(str(number), "x")


def test_the_message_names_the_field() -> None:
    """An operator sees which field was unusable."""
    with pytest.raises(UnusableValue, match="meterStart"):
        whole_wh("x", what="meterStart")


@pytest.mark.parametrize(
    ("value", "unit", "watts"), [(11, "kW", 11_000), (0.5, "W", 1), ("3680", "W", 3680)]
)
def test_power_becomes_whole_w(value: object, unit: str, watts: int) -> None:
    """Power comes in W or kW."""
    assert whole_w(value, unit) == watts


def test_power_beyond_any_charger_is_refused() -> None:
    """A gigawatt is the most that is believed."""
    with pytest.raises(UnusableValue, match="out of range"):
        whole_w(MAX_W + 1)


@pytest.mark.parametrize(
    ("value", "percent"), [(0, 0), (36, 36), (99.5, 100), ("42.4", 42)]
)
def test_a_state_of_charge_becomes_whole_percent(value: object, percent: int) -> None:
    """A percentage is rounded half up."""
    assert whole_percent(value) == percent


@pytest.mark.parametrize("value", [-1, 100.5, 101, None])
def test_a_state_of_charge_outside_0_to_100_is_refused(value: object) -> None:
    """No battery is fuller than full."""
    with pytest.raises(UnusableValue):
        whole_percent(value)


@pytest.mark.parametrize(
    "impossible",
    [
        {"energy_wh": -1},
        {"energy_wh": MAX_WH + 1},
        {"energy_wh": 0, "percent": 101},
        {"energy_wh": 0, "percent": -1},
        {"energy_wh": 0, "power_w": MAX_W + 1},
    ],
)
def test_an_impossible_reading_can_not_be_made(impossible: dict[str, int]) -> None:
    """A reading checks its own limits."""
    with pytest.raises(ValueError, match="must be"):
        MeterReading(taken_at=0.0, **impossible)


@pytest.mark.parametrize(
    ("start", "last", "stop", "billed", "in_doubt"),
    [
        (100, 150, 200, 100, False),
        (100, None, 200, 100, False),
        (100, 200, 200, 100, False),
        (100, 250, 200, 100, True),
        (100, 150, 50, 50, True),
        (100, None, 50, 0, True),
        (100, 90, 50, 0, True),
        (100, 90, 130, 30, False),
    ],
)
def test_a_meter_that_ran_backwards_never_costs_the_driver(
    start: int, last: int | None, stop: int, billed: int, in_doubt: bool
) -> None:
    """The lower energy that is not negative is billed, and the session is marked."""
    assert billed_energy(start, last, stop) == BilledEnergy(billed, in_doubt)


@given(REGISTERS, st.none() | REGISTERS, REGISTERS)
def test_billed_energy_is_never_negative_nor_more_than_the_highest_register(
    start: int, last: int | None, stop: int
) -> None:
    """No order of registers bills more than any two of them differ."""
    billed = billed_energy(start, last, stop).energy_wh
    highest = max(start, stop, start if last is None else last)
    assert 0 <= billed <= highest - start


@given(REGISTERS, REGISTERS, REGISTERS)
def test_a_meter_that_only_rises_is_billed_by_its_stop(
    one: int, other: int, third: int
) -> None:
    """An honest meter's energy is its stop less its start, and not in doubt."""
    start, last, stop = sorted((one, other, third))
    assert billed_energy(start, last, stop) == BilledEnergy(
        stop - start, in_doubt=False
    )
