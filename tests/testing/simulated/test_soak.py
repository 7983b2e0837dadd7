"""The published figures, and the invariants over two hundred seeds (`tox -e soak`)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from flexicharge.simulator.scenario.changes import with_changes
from flexicharge.simulator.scenario.library import load
from flexicharge.testing.simulated.fates import STORMY
from flexicharge.testing.simulated.play import Run, play

pytestmark = pytest.mark.soak

MIXTURES = ("double-senders", "offline-night", "oddities", "reboots", "walk-aways")
MIXED = ("mixed-everything", "mixed-town")


@pytest.mark.parametrize(
    ("name", "charges"), [("thousand-week", 7000), ("big-day", 10_000)]
)
def test_the_yardsticks(
    name: str, charges: int, record_property: Callable[[str, object], None]
) -> None:
    """A thousand chargers for a week, ten thousand for a day: all is billed."""
    began = time.process_time()
    outcome = play(Run(scenario=load(name), seed="1"))
    record_property("cpu_s", time.process_time() - began)
    assert outcome.broken == ()
    assert outcome.sessions == outcome.total["bills"] == charges


@pytest.mark.parametrize("seed", range(1, 201))
def test_everything_in_a_storm(seed: int) -> None:
    """Twenty chargers for a day with every fault there is: nothing is untrue."""
    outcome = play(Run(scenario=load("everything"), seed=str(seed), rates=STORMY))
    assert outcome.broken == ()
    assert outcome.checked["session sealed"] > 0


@pytest.mark.parametrize("name", MIXTURES + MIXED)
@pytest.mark.parametrize("seed", range(1, 4))
def test_other_scenarios_in_a_storm(name: str, seed: int) -> None:
    """Other mixtures of trouble, for half a day each."""
    scenario = with_changes(load(name), chargers=12, lasts_s=43_200)
    outcome = play(Run(scenario=scenario, seed=str(seed), rates=STORMY))
    assert outcome.broken == ()


@pytest.mark.parametrize("seed", range(1, 4))
def test_the_oddities_of_a_standard_in_a_storm(seed: int) -> None:
    """Every family of oddities of OCPP 1.6 has a charger here, or two."""
    scenario = with_changes(load("standard-oddities"), chargers=48, lasts_s=14_400)
    outcome = play(Run(scenario=scenario, seed=str(seed), rates=STORMY))
    assert outcome.broken == ()
    assert outcome.total["bills"] > 5
