"""How a car's battery fills."""

from __future__ import annotations

import pytest

from flexicharge.simulator.car import Car


def in_small_steps(car: Car, offered_w: float, seconds: float) -> float:
    """Charge by adding up power over short times, as a plain check of the formula."""
    step_s, energy_wh = seconds / 20_000, 0.0
    stored_wh = car.stored_wh
    for _ in range(20_000):
        now = Car(
            capacity_wh=car.capacity_wh,
            max_power_w=car.max_power_w,
            stored_wh=min(stored_wh + energy_wh, car.capacity_wh),
        )
        energy_wh += now.power_w(offered_w) * step_s / 3600
    return min(energy_wh, car.capacity_wh - stored_wh)


def test_below_80_percent_the_car_takes_what_is_offered() -> None:
    """An hour at 10 kW is 10 kWh, and the battery shows it."""
    car = Car(capacity_wh=50_000, max_power_w=100_000, stored_wh=10_000)
    assert car.charge(10_000, 3600) == pytest.approx(10_000)
    assert car.percent == 40


def test_a_car_takes_no_more_than_its_own_maximum() -> None:
    """A fast charger does not help a slow car."""
    car = Car(capacity_wh=50_000, max_power_w=7_400, stored_wh=0)
    assert car.power_w(150_000) == 7_400
    assert car.charge(150_000, 3600) == pytest.approx(7_400)


def test_power_falls_above_80_percent_to_a_tenth() -> None:
    """Half way up the taper a bit more than half of the power is left."""
    power_at = [
        Car(capacity_wh=100, max_power_w=1000, stored_wh=level).power_w(5000)
        for level in (80, 90, 99.9999, 100)
    ]
    assert power_at == pytest.approx([1000, 550, 100, 0], rel=1e-3)


@pytest.mark.parametrize("offered_w", [800, 5_000, 11_000, 40_000])
@pytest.mark.parametrize("seconds", [60, 1800, 14_400])
def test_energy_is_the_integral_of_power(offered_w: float, seconds: float) -> None:
    """The closed formula agrees with adding up small steps, below and above 80 %."""
    car = Car(capacity_wh=20_000, max_power_w=11_000, stored_wh=14_000)
    expected_wh = in_small_steps(car, offered_w, seconds)
    assert car.charge(offered_w, seconds) == pytest.approx(expected_wh, rel=1e-3)


def test_energy_does_not_depend_on_how_time_is_cut() -> None:
    """Sixty minutes one by one are an hour."""
    whole, cut = Car(stored_wh=35_000), Car(stored_wh=35_000)
    energy_wh = whole.charge(50_000, 3600)
    assert sum(cut.charge(50_000, 60) for _ in range(60)) == pytest.approx(energy_wh)


def test_a_full_battery_takes_nothing() -> None:
    """A day at the cable fills it to exactly its capacity, and not a Wh more."""
    car = Car(capacity_wh=50_000, stored_wh=18_000)
    assert car.charge(22_000, 86_400) == pytest.approx(32_000)
    assert (car.percent, car.charge(22_000, 3600), car.power_w(22_000)) == (100, 0, 0)


def test_no_power_is_no_energy() -> None:
    """A charger that offers nothing charges nothing."""
    assert Car().charge(0, 3600) == 0


def test_a_battery_holds_no_more_than_its_capacity() -> None:
    """A car that is overfull from the start is a mistake of whoever made it."""
    with pytest.raises(ValueError, match="stored_wh"):
        Car(capacity_wh=10, stored_wh=11)
