"""Networks of two protocols: nothing is untrue, and what is broken is found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flexicharge.interfaces import IReadingStore
from flexicharge.interfaces.stores import NewMeterValues
from flexicharge.simulator.scenario.changes import with_changes
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.values import (
    Arrivals,
    Drivers,
    Faults,
    Fleet,
    Scenario,
    Span,
)
from flexicharge.simulator.standard.oddities import STANDARD_ODDITIES
from flexicharge.storage.memory import MemoryReadings
from flexicharge.testing.simulated.fates import CALM, STORMY, Rates
from flexicharge.testing.simulated.play import Outcome, Run, play

HOUR_S = 3600.0
CHATTY = {"heartbeats", "status-flood", "boot-loop"}
QUIET = [name for name in STANDARD_ODDITIES if name not in CHATTY]
PARTS = [QUIET[place::4] for place in range(4)]


def a_network(*fleets: Fleet, hours: float = 2.0, **drivers: Any) -> Scenario:
    """Return a network with a visitor every hour, who stays for half of it."""
    drivers.setdefault("shows_tag", 0.5)
    return Scenario(
        name="mixed",
        lasts_s=hours * HOUR_S,
        fleets=fleets,
        drivers=Drivers(count=8, unplugs=0.2, **drivers),
        arrivals=Arrivals(per_day=24.0, stay_s=Span(600.0, 2400.0)),
    )


def standard(*oddities: str, **how: Any) -> Fleet:
    """Return a charger of OCPP 1.6 that is odd in some ways."""
    how.setdefault("count", 1)
    how.setdefault("keep_alive_s", 0.0)
    how.setdefault("metering_every_s", 300.0)
    return Fleet(protocol="ocpp1.6", oddities=oddities, **how)


def played(
    scenario: Scenario, seed: str = "1", *, rates: Rates = CALM, **how: Any
) -> Outcome:
    """Play a network."""
    return play(Run(scenario=scenario, seed=seed, rates=rates), **how)


@pytest.mark.parametrize(
    ("name", "hours"), [("mixed-town", 4), ("mixed-everything", 2)]
)
def test_nothing_is_untrue_in_mixed_networks(name: str, hours: float) -> None:
    """Chargers of both protocols side by side, drivers with apps and with tags."""
    scenario = with_changes(load(name), chargers=8, lasts_s=hours * HOUR_S)
    outcome = played(scenario)
    assert outcome.broken == ()
    assert {fleet.protocol for fleet in scenario.fleets} == {"flexicharge", "ocpp1.6"}
    assert outcome.total["bills"] > 2
    assert outcome.total["tags shown"] > 0


@pytest.mark.parametrize("seed", ["1", "2"])
def test_nothing_is_untrue_in_a_mixed_storm(seed: str) -> None:
    """Both protocols with every fault, the server killed and its database away."""
    scenario = with_changes(load("mixed-everything"), chargers=7, lasts_s=4 * HOUR_S)
    outcome = played(scenario, seed, rates=STORMY)
    assert outcome.broken == ()
    assert outcome.lives > 1
    assert len(outcome.strikes) > 20
    assert outcome.checked["session sealed"] > 5
    assert outcome.total["bills"] > 5
    assert outcome.total["tags shown"] > 0


@pytest.mark.parametrize("names", PARTS)
def test_oddities_cost_nobody_a_bill(names: list[str]) -> None:
    """Every charge that was begun is billed as it was, or nobody's."""
    fleets = [standard(name) for name in names]
    outcome = played(a_network(*fleets))
    assert outcome.broken == ()
    assert outcome.total["bills"] > len(names) / 2


def test_a_mixed_network_is_the_same_run_twice() -> None:
    """Passwords, tags and both connectors are decided by the seed as well."""
    scenario = a_network(standard(connectors=2, count=2), Fleet(count=1), hours=1)
    first, again = played(scenario), played(scenario)
    assert first.digest == again.digest
    assert first.total["tags shown"] > 0


def test_what_happened_offline_is_billed() -> None:
    """To whoever's tag it was, once the line is back."""
    night = Faults(outages=(Span(600.0, 1.5 * HOUR_S),))
    outcome = played(a_network(standard(count=3, faults=night), shows_tag=1.0))
    assert outcome.broken == ()
    assert outcome.total["bills"] == outcome.total["charges begun"] > 0


class ForgetsMeterValues(MemoryReadings):
    """Says of all meter values that they are kept, and keeps none."""

    def add_values(
        self, new: NewMeterValues, done: Callable[[Exception | None], None]
    ) -> None:
        done(None)


def test_lost_meter_values_are_found_out() -> None:
    """A reading that the server has answered must be there."""

    def bend(interface: Any, provider: Any) -> Any:
        is_it = interface is IReadingStore
        return ForgetsMeterValues(provider._world) if is_it else provider

    outcome = played(a_network(standard(count=2)), bend=bend)
    assert any("kept, is gone" in what for what in outcome.broken), outcome.broken
