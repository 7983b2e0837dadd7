"""Everybody of a scenario: their days, and that all of it can be had again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import asdict, evolve

from flexicharge.simulator.charger import Screen
from flexicharge.simulator.population import Population
from flexicharge.simulator.scenario.values import (
    Arrivals,
    Cars,
    Drivers,
    Faults,
    Fleet,
    Span,
)
from flexicharge.simulator.visitor import BILL_WITHIN_S
from flexicharge.testing.deferreds import fire
from tests.testing.simulated.network import QUIET, Network, Networks, networks

BAD = Faults(drops=6, reboots=6, offline=3, duplicates=0.1, slow_answers=0.2)
ROUGH = Fleet(
    count=2,
    metering_every_s=120.0,
    reconnects_after_s=Span(2.0, 9.0),
    queues=True,
    faults=BAD,
)
ALL_SORTS: dict[str, Any] = {
    "lasts_s": 2 * 3600.0,
    "fleets": (QUIET, ROUGH),
    "arrivals": Arrivals(per_day=50, stay_s=Span(600.0, 1800.0)),
    "drivers": Drivers(
        count=3, abandons=0.1, impatient=0.2, unplugs=0.2, watches=0.3, gives_up=0.1
    ),
}


@pytest.fixture
def network() -> Iterator[Networks]:
    """Return what makes a town in simulated time."""
    with networks() as make:
        yield make


def is_over(network: Network) -> bool:
    """Tell whether everybody is gone, and nothing left on the clock."""
    population = network.population
    network.stop()
    network.pass_time(61)  # until the server closes connections that are kept
    return (
        all(each.charger.car is None for each in population.installations)
        and all(each.screen is Screen.OFF for each in population.installations)
        and population.tally.now["charging"] == 0
        and network.town.lines.open == {}
        and network.clock.getDelayedCalls() == []
    )


def story_of(population: Population) -> list[Any]:
    """Return all that can be told of a population."""
    tally = population.tally
    waits = {what: (each.count, each.longest_s) for what, each in tally.waits.items()}
    return [
        dict(tally.total),
        dict(tally.mishaps),
        waits,
        [asdict(charge) for charge in population.charges],
        [(each.phone.number, each.bill) for each in population.visitors],
    ]


def test_a_scenario_is_played_to_its_end(network: Networks) -> None:
    """All visits, then everybody goes home."""
    made = network(lasts_s=6 * 3600.0).live()
    assert 0 <= made.clock.seconds() - 1_800_000_000 - 6 * 3600 < 60
    assert made.tally.total["visits"] == made.tally.total["bills"] == 6
    assert is_over(made)


def test_who_is_there_at_the_end_is_sent_home(network: Networks) -> None:
    """A stay that would go on for a day more ends with the scenario."""
    stays = Arrivals(per_day=24, regularly=True, stay_s=Span(90_000.0, 90_000.0))
    made = network(arrivals=stays).live()
    assert made.clock.seconds() - 1_800_000_000 == pytest.approx(3600, abs=5)
    assert made.tally.total["bills"] == 1
    assert is_over(made)


def test_nobody_has_to_come(network: Networks) -> None:
    """Chargers without drivers are switched on, and off at the end."""
    made = network(arrivals=Arrivals(per_day=0), fleets=(QUIET, ROUGH)).live()
    assert made.tally.total["dials"] >= 3
    assert made.tally.total["visits"] == 0
    assert is_over(made)


def test_who_would_come_to_a_taken_charger_drives_on(network: Networks) -> None:
    """One car after another, however many there are."""
    many = Arrivals(per_day=200, stay_s=Span(1200.0, 1200.0))
    made = network(arrivals=many).live()
    total = made.tally.total
    assert total["drove on"] > total["visits"] > 1
    assert total["visits"] == total["charges begun"] == total["bills"]


def test_a_full_car_may_come(network: Networks) -> None:
    """Of whatever capacity; a part of it is never more than it."""
    full = Cars(percent=Span(100.0, 100.0))
    made = network(cars=full, lasts_s=20 * 3600.0).live()
    assert made.tally.total["visits"] == 20
    assert not made.tally.mishaps


# ending it early


def test_closing_sends_everybody_home(network: Networks) -> None:
    """Within seconds, with their bills, and leaves nothing on the clock."""
    made = network(lasts_s=7 * 86_400.0, fleets=(QUIET, ROUGH))
    running = fire(made.population.run())
    made.pass_time(1800)
    made.population.close()
    made.pass_time(30)
    assert running.called
    assert made.tally.total["bills"] == made.tally.total["charges begun"] > 0
    assert is_over(made)


def test_closing_at_once_switches_nothing_on(network: Networks) -> None:
    """Not a line is dialled for a charger that nobody will come to."""
    made = network()
    running = fire(made.population.run())
    made.population.close()
    made.pass_time(1)
    assert running.called
    assert made.tally.total["dials"] == 0
    assert made.clock.seconds() - 1_800_000_000 == 1
    assert is_over(made)


def test_closing_twice_is_closing(network: Networks) -> None:
    """Also when it is over."""
    made = network().live()
    made.population.close()
    made.population.close()
    assert is_over(made)


def test_a_server_that_never_comes_back_holds_nobody_for_ever(
    network: Networks,
) -> None:
    """Those who wait for a bill give up after some hours."""
    made = network()
    running = fire(made.population.run())
    made.pass_time(3000)
    made.town.kill(30 * 86_400.0)
    made.population.close()
    made.pass_time(BILL_WITHIN_S + 120)
    assert running.called
    [charger] = made.population.installations
    assert (charger.charger.car, charger.screen) == (None, Screen.OFF)


def test_who_cannot_wait_cancels(network: Networks) -> None:
    """Then everybody leaves at once, without a bill, and that is no mishap."""
    made = network(fleets=(QUIET, ROUGH), lasts_s=86_400.0)
    running = fire(made.population.run())
    made.pass_time(3000)
    assert made.tally.now["charging"] > 0
    running.cancel()
    made.pass_time(5)
    assert running.called
    assert not [word for word in made.tally.mishaps if word.startswith("simulator")]
    assert all(each.charger.car is None for each in made.population.installations)
    made.pass_time(1200)
    assert is_over(made)


def test_what_nobody_foresaw_ends_the_days_of_one_charger(network: Networks) -> None:
    """It is counted, and the others live on."""
    made = network(fleets=(QUIET, QUIET), lasts_s=6 * 3600.0)
    town, asked = made.town, []

    class Reach:
        ws_url, dial = town.ws_url, town.dial

        async def app(self, number: int) -> Any:
            """Break once."""
            asked.append(number)
            if len(asked) == 1:
                raise ZeroDivisionError
            return await town.app(number)

    made.population.reach = Reach()
    made.live()
    assert made.tally.mishaps["simulator: ZeroDivisionError"] == 1
    assert made.tally.total["bills"] == 6
    assert is_over(made)


# having it again


def test_a_seed_is_a_story_and_another_seed_another(network: Networks) -> None:
    """Alike in every figure, every charge and every bill, or not."""
    first, again, other = (
        story_of(network(seed=seed, **ALL_SORTS).live().population) for seed in "112"
    )
    assert first == again
    assert first != other
    assert first[0]["visits"] > 5


def test_what_one_does_shifts_nothing_that_another_draws(network: Networks) -> None:
    """A charger's days are the same beside rough ones as beside quiet ones."""
    quiet = evolve(QUIET, count=2)
    stories = []
    for others in (quiet, ROUGH):
        made = network(lasts_s=3 * 3600.0, fleets=(QUIET, others)).live().population
        own = made.installations[0].charges
        stories.append([(charge.began_at, charge.ended_at) for charge in own])
    assert stories[0] == stories[1]
    assert len(stories[0]) == 3


def test_serials_and_fleets_go_together(network: Networks) -> None:
    """In the scenario's order; one serial number too few is a mistake."""
    made = network(fleets=(QUIET, ROUGH)).population
    serials = [each.serial_number for each in made.installations]
    assert serials == ["sim00000", "sim00001", "sim00002"]
    assert [each.fleet for each in made.installations] == [QUIET, ROUGH, ROUGH]
    with pytest.raises(ValueError, match="zip"):
        Population(
            scenario=made.scenario,
            seed="1",
            clock=made.clock,
            reach=made.reach,
            serials=serials[:-1],
        )
