"""Virtual chargers and drivers at the real back end, in memory."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen, VirtualCharger
from flexicharge.simulator.errors import LinkLost, ServerRefused
from flexicharge.simulator.live import LiveMetrics, read_live
from flexicharge.simulator.phrasebook import FIELDED
from flexicharge.simulator.sockets import charger_factory, driver_factory
from flexicharge.simulator.visit import Visit
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town
from tests.simulator.on_town import WS_URL, Lines

T = TypeVar("T")


@pytest.fixture
def lines(town: Town) -> Lines:
    """The lines to a town with the demo network, at 2.50 SEK/kWh."""
    return Lines(town)


def after(lines: Lines, seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return what something comes to within some seconds."""
    working = fire(work)
    lines.pass_time(seconds)
    return result_of(working)


def plug_in(lines: Lines, charger: VirtualCharger) -> None:
    """Connect a charger, and let it boot."""
    factory = charger_factory(WS_URL, charger, lines.clock)
    after(lines, 0.25, lines.dial(factory))
    assert charger.screen is Screen.AVAILABLE


@pytest.fixture
def charger(lines: Lines) -> VirtualCharger:
    """A charger that shows its number."""
    made = lines.charger()
    plug_in(lines, made)
    return made


def test_a_charger_boots_and_shows_its_number(charger: VirtualCharger) -> None:
    """BootData brings the number and the price of its site in SEK."""
    assert (charger.connector_id, charger.sek_per_kwh) == (100007, 2.5)
    assert charger.refusals == []


def test_an_unknown_charger_is_told_so_and_dropped(lines: Lines) -> None:
    """SecurityError, then nothing more, and it does not come back (§3.3)."""
    stranger = lines.charger("nobody")
    factory = charger_factory(WS_URL, stranger, lines.clock)
    with pytest.raises(LinkLost):
        after(lines, 0.25, lines.dial(factory))
    assert [refusal.code for refusal in stranger.refusals] == ["SecurityError"]
    assert stranger.screen is Screen.NOT_AVAILABLE


def test_a_visit_is_billed_for_what_flowed(
    lines: Lines, charger: VirtualCharger
) -> None:
    """Energy is the meter's, the price follows from it, and nothing is refused."""
    visit = Visit(lines.driver(), charger)
    after(lines, 1, visit.begin())
    after(lines, 60, visit.stay(60))
    bill = after(lines, 2, visit.end())
    energy_wh = charger.meter.stop_wh - charger.meter.start_wh
    assert energy_wh == pytest.approx(22_000 / 60, abs=10)
    assert bill["energyWh"] == energy_wh
    assert bill["price"] == pytest.approx(energy_wh / 1000 * 250, abs=0.5)
    assert bill["endTimestamp"] - bill["startTimestamp"] == pytest.approx(60, abs=2)
    assert charger.refusals == []


def test_the_driver_sees_the_charge_live(lines: Lines, charger: VirtualCharger) -> None:
    """Every frame of the charger arrives at the driver's socket."""
    driver, frames = lines.driver(), list[LiveMetrics | None]()
    after(
        lines,
        0.25,
        lines.dial(
            driver_factory(
                WS_URL,
                driver.user_id,
                driver.token,
                lambda text: frames.append(read_live(text)),
                lines.clock,
            )
        ),
    )
    visit = Visit(driver, charger)
    after(lines, 0.5, visit.begin())
    lines.pass_time(10)
    energies = [frame.energy_wh for frame in frames if frame]
    assert len(frames) == len(energies) == 10
    assert energies == sorted(energies)


def test_a_fielded_charger_is_served_again_and_again(lines: Lines) -> None:
    """With all its oddities: one reservation for life, one id, a meter that stays 0."""
    charger = lines.charger(quirks=FIELDED, metering_every_s=0.25)
    plug_in(lines, charger)
    for _ in range(2):
        visit = Visit(lines.driver(), charger)
        after(lines, 1, visit.begin())
        after(lines, 5, visit.stay(5))
        bill = after(lines, 2, visit.end())
        assert (bill["energyWh"], bill["price"], bill["final"]) == (0, 0, True)
    assert charger.refusals == []
    assert charger.screen is Screen.AVAILABLE


def test_unplugging_bills_the_driver_unasked(
    lines: Lines, charger: VirtualCharger
) -> None:
    """A car that is simply unplugged is a finished transaction."""
    visit = Visit(lines.driver(), charger)
    after(lines, 1, visit.begin())
    lines.pass_time(10)
    charger.unplug()
    lines.pass_time(1)
    assert visit.transaction_id is not None
    bill = after(lines, 1, visit.driver.read(visit.transaction_id))
    assert bill["final"] is True
    assert bill["energyWh"] == charger.meter.stop_wh


def test_a_start_without_a_car_charges_nothing(lines: Lines) -> None:
    """The charger forgets it in silence; a stop then ends it without energy."""
    charger = lines.charger(car=None)
    plug_in(lines, charger)
    driver = lines.driver()
    number = after(lines, 1, driver.reserve(100007))
    after(lines, 1, driver.start(number))
    lines.pass_time(16)
    assert charger.screen is Screen.AVAILABLE
    bill = after(lines, 2, driver.stop(number))
    assert bill["energyWh"] == 0


def test_a_namesake_is_refused_while_the_first_lives(
    lines: Lines, charger: VirtualCharger
) -> None:
    """The old socket answers its ping, so the newcomer's handshake is a 409."""
    namesake = lines.charger()
    factory = charger_factory(WS_URL, namesake, lines.clock)
    with pytest.raises(ServerRefused) as refused:
        after(lines, 3, lines.dial(factory))
    assert refused.value.status == 409
    assert charger.screen is Screen.AVAILABLE
    assert namesake.screen is Screen.NOT_AVAILABLE


def test_a_power_cycled_charger_takes_over_from_a_dead_socket(
    lines: Lines, charger: VirtualCharger
) -> None:
    """Nothing answers on the old one, so the newcomer wins within the handshake."""
    lines.wires[0].severed = True
    again = lines.charger(car=Car(), meter=charger.meter)
    factory = charger_factory(WS_URL, again, lines.clock)
    after(lines, 3, lines.dial(factory))
    assert again.screen is Screen.AVAILABLE
