"""Somebody who looks at what is not theirs, and finds nothing there."""

from __future__ import annotations

import pytest

from flexicharge.simulator.scenario.values import Drivers
from flexicharge.testing.deferreds import fire
from flexicharge.testing.simulated.nosy import EVERY_S, Nosy
from tests.testing.simulated.network import Network, Networks


@pytest.fixture
def town(network: Networks) -> Network:
    """Two hours of one charger and many drivers."""
    return network(lasts_s=7200.0, drivers=Drivers(count=5))


def test_what_is_anothers_is_not_there(town: Network) -> None:
    """Each look is counted: at what is hidden, and at what is one's own."""
    nosy = Nosy(town.town)
    town.live()
    town.pass_time(20 * EVERY_S)
    nosy.stop()
    checked = town.town.invariants.checked
    assert checked["transaction hidden"] > 10
    assert checked["transaction hidden"] + checked["transaction shown"] > 20
    assert town.town.broken == []


def test_there_may_be_nothing_to_look_at(town: Network) -> None:
    """Before the first visit."""
    nosy = Nosy(town.town)
    town.pass_time(3 * EVERY_S)
    nosy.stop()
    assert not town.town.invariants.checked
    assert town.tally.total["requests"] == 0


def test_a_server_that_is_away_hides_everything(town: Network) -> None:
    """That is not counted; the next look is as good as this one."""
    fire(town.population.run())
    town.pass_time(3700)
    town.town.kill(3 * EVERY_S)
    nosy = Nosy(town.town)
    town.pass_time(2.5 * EVERY_S)
    assert not town.town.invariants.checked["transaction hidden"]
    town.pass_time(10 * EVERY_S)
    nosy.stop()
    assert town.town.invariants.checked["transaction hidden"] > 0
