"""Which of many samples tells the energy, the power and the state of charge."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.ocpp.v16.readings import (
    Reading,
    connector_meant,
    newest_of,
    reading_of,
)
from flexicharge.ocpp.v16.samples import MeterValue, Quantity, Sample, meter_values_in

AT = 1_800_000_000.0


def reading(*samples: Sample, at: float = AT) -> Reading:
    return reading_of(MeterValue(at, samples))


def sampled(value: str, **of: Any) -> Sample:
    return Sample(value, Quantity(**of))


def energy(value: str, **others: Any) -> Sample:
    return sampled(value, **{"unit": "Wh", **others})


def power(value: str, **others: Any) -> Sample:
    others = {"unit": "W", **others}
    return sampled(value, measurand="Power.Active.Import", **others)


@pytest.mark.parametrize(
    ("sample", "register_wh"),
    [
        (energy("1500"), 1500),
        (energy("1500.5"), 1501),
        (energy("1.5", unit="kWh"), 1500),
        (energy("0"), 0),
        (energy(""), None),
        (energy("-1"), None),
        (energy("n/a"), None),
        (energy("1e400"), None),
        (energy("1500", unit="varh"), None),
        (energy("1500", format="SignedData"), None),
        (energy("1500", measurand="Energy.Active.Export.Register"), None),
        (energy("1500", measurand="Energy.Active.Import.Interval"), None),
    ],
)
def test_the_import_register_alone_tells_energy(
    sample: Sample, register_wh: int | None
) -> None:
    """In whole Wh, half up; intervals, export and signed data are something else."""
    assert reading(sample).register_wh == register_wh


def test_spoilt_samples_are_counted_and_the_others_used() -> None:
    """An empty value costs that value."""
    told = reading(energy(""), energy("10"), power("x"), power("7", unit="kW"))
    assert (told.register_wh, told.power_w, told.set_aside) == (10, 7000, 2)


def test_the_outlet_wins_over_the_inlet() -> None:
    """What the car gets is billed, not what the charger draws."""
    told = reading(energy("120", location="Inlet"), energy("100"))
    assert told.register_wh == 100
    assert reading(energy("120", location="Inlet")).register_wh == 120


def test_the_whole_wins_over_its_lines() -> None:
    """A total beside its parts is not added to them."""
    lines = [energy(n, phase=p) for n, p in (("1", "L1"), ("2", "L2"), ("3", "L3"))]
    assert reading(*lines, energy("7")).register_wh == 7
    assert reading(*lines).register_wh == 6


def test_lines_are_added_up_however_they_are_named() -> None:
    """Against neutral or not; one line alone is a charger of one phase."""
    assert reading(power("5", phase="L1-N"), power("6", phase="L2")).power_w == 11
    assert reading(power("5", phase="L1-N")).power_w == 5


def test_lines_without_the_first_are_not_believed() -> None:
    """What lies between two lines is no part of a sum either."""
    assert reading(energy("5", phase="L2"), energy("5", phase="L3")).register_wh is None
    assert reading(energy("5", phase="L1-L2")).register_wh is None


def test_the_end_of_the_transaction_wins() -> None:
    """Of several contexts the nearest to the end; of equals the last."""
    told = reading(
        energy("30", context="Transaction.End"),
        energy("20"),
        energy("10", context="Transaction.Begin"),
    )
    assert told.register_wh == 30
    assert reading(energy("20"), energy("21")).register_wh == 21


def test_the_state_of_charge_is_told_in_percent() -> None:
    """With its unit or without; over a hundred is none."""

    def percent(value: str, unit: str = "") -> int | None:
        sample = sampled(value, measurand="SoC", unit=unit, location="EV")
        return reading(sample).percent

    assert percent("41.5") == 42
    assert percent("41", "Percent") == 41
    assert percent("101") is None
    assert percent("41", "Wh") is None


def test_the_newest_of_several_values_is_told() -> None:
    """A backlog in any order; what only an older one tells is told too."""
    values = [
        MeterValue(AT + 60, (energy("200"), energy("x"))),
        MeterValue(AT, (energy("100"), power("5"))),
        MeterValue(AT + 90, (sampled("230", measurand="Voltage"),)),
    ]
    assert newest_of(values) == Reading(
        claimed_at=AT + 60, register_wh=200, power_w=5, set_aside=1
    )


def test_values_that_tell_nothing_are_no_reading() -> None:
    """Voltages alone, or no samples."""
    assert newest_of([]) is None
    assert newest_of([MeterValue(AT, ())]) is None
    soc = sampled("4", measurand="SoC")
    told = newest_of([MeterValue(AT, (soc,))])
    assert told is not None
    assert (told.percent, told.register_wh, told.claimed_at) == (4, None, AT)


@given(st.permutations([("a", 1), ("b", 2), ("c", 3), ("d", 4)]))
def test_the_order_of_a_backlog_does_not_matter(order: list[tuple[str, int]]) -> None:
    """Time tells, not the place in the frame."""
    values = [MeterValue(AT + n, (energy(str(100 * n)),)) for _, n in order]
    newest = newest_of(values)
    assert newest is not None
    assert newest.register_wh == 400


def test_connector_zero_is_the_main_meter() -> None:
    """Of one connector it is that one's; of several nobody's."""
    assert connector_meant(0, 1) == 1
    assert connector_meant(0, 2) is None
    assert connector_meant(2, 2) == 2
    assert connector_meant(3, 2) is None
    assert connector_meant(-1, 2) is None
    assert connector_meant(1_634_030_126, 2) is None


def test_energy_without_a_unit_is_in_watt_hours() -> None:
    """As the specification has it; other quantities have none."""
    sampled = [{"value": "1"}, {"value": "2", "measurand": "Current.Import"}]
    value = {"timestamp": "2027-01-15T08:00:00Z", "sampledValue": sampled}
    (read,) = meter_values_in([value])
    assert [sample.of.unit for sample in read.samples] == ["Wh", ""]
    assert meter_values_in(None) == ()
