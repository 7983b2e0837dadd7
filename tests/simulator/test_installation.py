"""Chargers that live for days at the whole back end: what befalls them, and after."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.errors import ServerHung, ServerNotThere
from flexicharge.simulator.installation import Installation
from flexicharge.simulator.oddities import UnknownOddity
from flexicharge.simulator.scenario.values import DAY_S, Faults, Fleet, Span
from flexicharge.simulator.tally import Tally
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.town import Town
from tests.simulator.on_town import WS_URL, Lines

SOON = Span(5.0, 10.0)
Install = Callable[..., Installation]


@pytest.fixture
def lines(town: Town) -> Lines:
    """The lines to a town with the demo network."""
    return Lines(town)


@pytest.fixture
def install(lines: Lines) -> Install:
    """Return what puts up a charger of a fleet with the options given."""

    def put_up(faults: Faults | None = None, **options: Any) -> Installation:
        options.setdefault("keep_alive_s", 0.0)
        return Installation(
            serial_number="abc117",
            fleet=Fleet(count=1, faults=faults or Faults(), **options),
            clock=lines.clock,
            rng=Random(7),
            dial=lines.dial,
            base_url=WS_URL,
            tally=Tally(),
        )

    return put_up


def switched_on(lines: Lines, installation: Installation) -> Installation:
    installation.switch_on()
    lines.pass_time(0.25)
    return installation


def charging(lines: Lines, installation: Installation) -> int:
    """Begin a charge; return its transaction's number."""
    installation.plug_in(Car())
    driver = lines.driver()
    reserving = fire(driver.reserve(installation.connector_id or 0))
    lines.pass_time(0.25)
    number = result_of(reserving)
    starting = fire(driver.start(number))
    lines.pass_time(0.5)
    result_of(starting)
    assert installation.screen is Screen.CHARGING
    return number


def hours(lines: Lines, count: float) -> None:
    lines.pass_time(count * 3600, step_s=5)


# being there


def test_it_connects_and_can_be_used(lines: Lines, install: Install) -> None:
    """Ready is: available, with a number, on an open line."""
    made = install()
    ready = fire(made.until_ready(5))
    assert not made.is_ready
    switched_on(lines, made)
    result_of(ready)
    assert (made.is_ready, made.connector_id) == (True, 100007)
    assert made.tally.now["connected"] == 1


def test_one_that_is_not_ready_in_time_hangs(lines: Lines, install: Install) -> None:
    """Whoever waits is told after the deadline."""
    waiting = fire(install().until_ready(5))
    lines.pass_time(5)
    with pytest.raises(ServerHung, match="within 5 s"):
        result_of(waiting)


def test_a_charge_is_kept_and_counted(lines: Lines, install: Install) -> None:
    """The truth has the server's number, its readings and its stop."""
    made = switched_on(lines, install(metering_every_s=60.0))
    number = charging(lines, made)
    assert made.tally.now["charging"] == 1
    hours(lines, 0.5)
    made.unplug()
    lines.pass_time(1)
    [charge] = made.charges
    assert (charge.transaction_id, charge.is_over) == (number, True)
    assert charge.kept_wh == pytest.approx(11_000, abs=400)
    assert charge.stop_wh == pytest.approx(11_000, abs=10)
    assert charge.stop_kept
    assert lines.town.session(number).energy_wh == charge.stop_wh
    total, now = made.tally.total, made.tally.now
    assert (total["charges begun"], total["charges ended"]) == (1, 1)
    assert (total["readings"], total["refusals"], now["charging"]) == (30, 0, 0)
    assert total["calls"] == total["answers"] == 1 + 3 + 30 + 2
    assert total["Wh charged"] == charge.stop_wh
    assert made.tally.waits["MeterValues"].count == 30


def test_switching_off_leaves_nothing_behind(lines: Lines, install: Install) -> None:
    """The line is closed, a charge cut short, and no timer of the charger is left."""
    before = len(lines.clock.getDelayedCalls())
    faults = Faults(drops=1.0, offline=1.0, reboots=1.0, half_opens=1.0)
    made = switched_on(lines, install(faults, keep_alive_s=5.0))
    charging(lines, made)
    off = fire(made.switch_off())
    lines.pass_time(1)
    result_of(off)
    assert (made.screen, made.tally.now["connected"]) == (Screen.OFF, 0)
    assert made.charges[0].cut_short
    lines.town.stop()
    lines.pass_time(20)
    assert len(lines.clock.getDelayedCalls()) <= before


def test_switching_off_one_that_was_never_on(lines: Lines, install: Install) -> None:
    """There is nothing to wait for."""
    result_of(install().switch_off())


def test_unknown_oddities_are_named(install: Install) -> None:
    """With all that there are."""
    with pytest.raises(
        UnknownOddity, match=r"no oddity 'fancy'; there are .*two-sockets"
    ):
        install(oddities=("fancy",))


# losing the line


def test_a_fielded_one_stays_dark_until_somebody_comes(
    lines: Lines, install: Install
) -> None:
    """Ten minutes to an hour, and it is the same charger as before."""
    made = switched_on(lines, install())
    lines.wires[0].lose()
    assert made.screen is Screen.NOT_AVAILABLE
    lines.pass_time(590, step_s=5)
    assert made.screen is Screen.NOT_AVAILABLE
    hours(lines, 1)
    assert made.is_ready
    assert made.tally.total["power cycles"] == 1
    assert sum(made.tally.mishaps.values()) == 1


def test_a_lost_line_cuts_a_fielded_ones_charge_short(
    lines: Lines, install: Install
) -> None:
    """Energy flows no more, and it never says that it stopped."""
    made = switched_on(lines, install(metering_every_s=60.0))
    number = charging(lines, made)
    lines.pass_time(150, step_s=10)
    lines.wires[0].lose()
    [charge] = made.charges
    assert (charge.cut_short, charge.stop_wh) == (True, None)
    assert charge.charged_wh == pytest.approx(22_000 * 150 / 3600, abs=10)
    hours(lines, 0.5)
    assert lines.town.session(number).energy_wh == charge.kept_wh


def test_one_that_reconnects_goes_on_charging(lines: Lines, install: Install) -> None:
    """Without a boot; it says what its connector is doing."""
    made = switched_on(lines, install(reconnects_after_s=SOON, metering_every_s=10.0))
    number = charging(lines, made)
    lines.wires[0].lose()
    assert made.screen is Screen.CHARGING
    lines.pass_time(30)
    assert made.tally.now["connected"] == 1
    assert made.tally.total["reconnects"] == 1
    made.unplug()
    lines.pass_time(1)
    [charge] = made.charges
    assert charge.stop_kept
    assert lines.town.session(number).energy_wh == charge.stop_wh


def test_pauses_grow_while_nobody_answers(lines: Lines, install: Install) -> None:
    """So that a fleet does not hammer a server that is down."""
    made = install(reconnects_after_s=SOON)
    dialled_at: list[float] = []

    async def nobody(factory: object) -> Any:
        dialled_at.append(lines.clock.seconds())
        raise ServerNotThere("Nobody answers at town:1337")

    made._connection.dial = nobody
    made.switch_on()
    hours(lines, 2)
    gaps = [b - a for a, b in pairwise(dialled_at)]
    assert gaps[0] <= 30 < gaps[4] < gaps[-1] <= 630
    assert dict(made.tally.mishaps) == {"Nobody answers at town:1337": len(dialled_at)}


def test_a_new_one_that_is_not_let_in_is_switched_on_again_soon(
    lines: Lines, install: Install
) -> None:
    """Its installer stands beside it."""
    made = install()
    dial, refusals = made._connection.dial, [ServerNotThere("Nobody there")]

    async def not_at_first(factory: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await dial(factory)

    made._connection.dial = not_at_first
    switched_on(lines, made)
    assert made.screen is Screen.NOT_AVAILABLE
    lines.pass_time(16)
    assert made.is_ready


def test_switching_on_twice_is_switching_on(lines: Lines, install: Install) -> None:
    """There is one line."""
    made = switched_on(lines, install())
    switched_on(lines, made)
    assert (made.tally.total["dials"], len(lines.wires)) == (1, 1)


def test_a_second_line_takes_over_from_a_dead_one(
    lines: Lines, install: Install
) -> None:
    """It is kept as the first was, and nobody dials while it is open."""
    made = switched_on(
        lines, install(oddities=("two-sockets",), reconnects_after_s=SOON)
    )
    made._half_open()
    lines.pass_time(1200, step_s=1)
    assert made.tally.total["second lines"] == 1
    assert (made.tally.total["dials"], made.is_ready) == (1, True)
    made._drop()
    lines.pass_time(15, step_s=1)
    assert (made.tally.total["dials"], made.is_ready) == (2, True)


# what befalls it


@pytest.mark.parametrize("reconnects_after_s", [None, SOON])
@pytest.mark.parametrize(
    ("fault", "word"),
    [
        ("drops", "drops"),
        ("half_opens", "half-opens"),
        ("offline", "offline"),
        ("reboots", "reboots"),
    ],
)
def test_it_comes_back_from_everything(
    lines: Lines, install: Install, fault: str, word: str, reconnects_after_s: Any
) -> None:
    """A few times a day, and the evening finds it ready, the server without errors."""
    faults = Faults(**{fault: 24.0}, offline_for_s=Span(60.0, 120.0))
    made = install(faults, reconnects_after_s=reconnects_after_s, keep_alive_s=30.0)
    switched_on(lines, made)
    lines.pass_time(4 * 3600, step_s=30)
    made._timers.cancel()
    lines.pass_time(5400, step_s=30)
    assert made.tally.total[word] >= 2
    assert made.is_ready
    assert made.tally.total["refusals"] == 0


def test_a_half_open_line_ends_without_keep_alives(
    lines: Lines, install: Install
) -> None:
    """TCP gives up after a quarter of an hour."""
    made = switched_on(lines, install(reconnects_after_s=SOON))
    made._half_open()
    lines.pass_time(900, step_s=10)
    assert made.tally.total["reconnects"] == 0
    lines.pass_time(60, step_s=1)
    assert made.tally.total["reconnects"] == 1
    assert made.is_ready


def test_a_power_cut_forgets_the_charge_but_not_the_meter(
    lines: Lines, install: Install
) -> None:
    """The car is still at the cable; the next charge begins at the register."""
    made = switched_on(lines, install(metering_every_s=10.0))
    number = charging(lines, made)
    lines.pass_time(60, step_s=1)
    made._reboot()
    assert (made.screen, made.connector_id) == (Screen.OFF, 100007)
    [charge] = made.charges
    assert (charge.cut_short, charge.is_over) == (True, True)
    hours(lines, 0.5)
    assert lines.town.session(number).energy_wh == charge.kept_wh
    charging(lines, made)
    assert made.charges[1].meter_start_wh == round(charge.charged_wh)


def test_charges_are_cut_short_at_a_given_chance(
    lines: Lines, install: Install
) -> None:
    """Within a quarter of an hour of their beginning."""
    made = switched_on(lines, install(Faults(reboots_in_charge=1.0)))
    charging(lines, made)
    lines.pass_time(901, step_s=1)
    assert made.charges[0].cut_short
    assert made.tally.total["reboots"] == 1


def test_a_charge_that_is_over_is_not_cut_short(lines: Lines, install: Install) -> None:
    """Power stays on then."""
    made = switched_on(lines, install(Faults(reboots_in_charge=1.0)))
    charging(lines, made)
    made.unplug()
    lines.pass_time(901, step_s=1)
    assert made.tally.total["reboots"] == 0


def test_an_outage_is_at_its_time(lines: Lines, install: Install) -> None:
    """From its beginning to its end, in seconds since the scenario began."""
    made = install(Faults(outages=(Span(600.0, 1200.0),)), reconnects_after_s=SOON)
    switched_on(lines, made)
    lines.pass_time(590, step_s=1)
    assert made.is_ready
    lines.pass_time(20, step_s=1)
    assert not made.is_ready
    lines.pass_time(585, step_s=1)
    assert not made.is_ready
    lines.pass_time(10, step_s=1)
    assert made.is_ready


def test_an_outage_during_a_reboot_outlasts_it(lines: Lines, install: Install) -> None:
    """Power without a line, then both."""
    made = install(Faults(reboot_for_s=Span(60.0, 60.0)), reconnects_after_s=SOON)
    switched_on(lines, made)
    made._reboot()
    made._reboot()
    made._be_offline(120.0)
    lines.pass_time(90)
    assert made.screen is Screen.STARTING_UP
    lines.pass_time(34)
    assert made.is_ready
    assert made.tally.total["reboots"] == 1


def test_the_same_chance_gives_the_same_days(lines: Lines, install: Install) -> None:
    """Two days of everything, and all figures agree."""
    faults = Faults(drops=4, half_opens=2, offline=2, reboots=2)
    days = []
    for _ in range(2):
        made = install(faults, reconnects_after_s=SOON)
        switched_on(lines, made)
        lines.pass_time(DAY_S / 4, step_s=30)
        off = fire(made.switch_off())
        lines.pass_time(3)
        result_of(off)
        days.append({**made.tally.total})
    assert days[0] == days[1]
