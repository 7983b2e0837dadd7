"""Visits with a tag to a charger of OCPP 1.6, at a whole back end in simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from attrs import define, evolve

from flexicharge.model.session import Session
from flexicharge.simulator.car import Car
from flexicharge.simulator.installation import Installation
from flexicharge.simulator.naps import Naps
from flexicharge.simulator.phone import Phone
from flexicharge.simulator.scenario.values import Drivers, Faults, Span
from flexicharge.simulator.visitor import Visitor
from tests.testing.simulated.network import QUIET, Network, Networks, networks

STAY_S = 600.0


@pytest.fixture
def network() -> Iterator[Networks]:
    """Return what makes a town in simulated time."""
    with networks() as make:
        yield make


@define
class Bench:
    """A town with one charger that reads tags."""

    network: Network

    @property
    def charger(self) -> Installation:
        """The charger."""
        [charger] = self.network.population.installations
        return charger

    @property
    def station(self) -> Any:
        """What is inside of it."""
        return self.charger.charger

    @property
    def total(self) -> Any:
        """What was counted."""
        return self.network.tally.total

    @property
    def session(self) -> Session:
        """The only session that there is, as stored."""
        [session] = self.network.town.world.sessions.rows.values()
        return session

    def visited(self, **habits: Any) -> Visitor:
        """Return somebody who has come with a tag, and gone."""
        clock = self.network.clock
        tally, town = self.network.tally, self.network.town
        visitor = Visitor(
            phone=Phone(number=0, reach=town, clock=clock, tally=tally),
            stand=self.charger.stands[0],
            car=Car(),
            stay_s=STAY_S,
            habits=Drivers(**habits),
            rng=Random(7),
            clock=clock,
            tally=tally,
            naps=Naps(clock),
            shows_tag=True,
        )
        self.network.outcome_of(visitor.visit())
        return visitor


def with_tag(make: Networks, **fleet: Any) -> Bench:
    """Return a town with a charger that reads tags, which is accepted by now."""
    standard = evolve(QUIET, protocol="ocpp1.6", metering_every_s=60.0, **fleet)
    network = make(fleets=(standard,), drivers=Drivers(count=2, shows_tag=1.0))
    bench = Bench(network)
    bench.charger.switch_on()
    network.pass_time(1)
    return bench


@pytest.mark.parametrize(
    ("unplugs", "reason"), [(0.0, "Local"), (1.0, "EVDisconnected")]
)
def test_a_visit_with_a_tag_is_billed_to_its_owner(
    network: Networks, unplugs: float, reason: str
) -> None:
    """Whether it ends with the tag or with the cable."""
    bench = with_tag(network)
    visitor = bench.visited(unplugs=unplugs)
    assert visitor.bill is not None
    assert visitor.bill.is_final
    assert visitor.bill.energy_wh == bench.session.energy_wh
    assert bench.session.user_id == bench.network.town.users[0]
    assert (bench.session.id_tag, bench.session.stop_reason) == ("SIM00000", reason)
    assert bench.total["tags shown"] == 1


def test_a_tag_that_nobody_knows_begins_nothing(network: Networks) -> None:
    """The visit is over, without a bill."""
    bench = with_tag(network)
    bench.network.town.world.tags.clear()
    visitor = bench.visited()
    assert visitor.bill is None
    assert bench.total["tags refused"] == 1
    assert bench.charger.charges == []


def test_a_tag_that_is_refused_when_it_has_begun_has_no_bill(
    network: Networks,
) -> None:
    """The charger lets it in on its own, and the server does not."""
    bench = with_tag(network)
    station = bench.station
    station.configuration.change("LocalPreAuthorize", "true")
    station.tags.learn("SIM00000", {"status": "Accepted"})
    bench.network.town.world.tags.clear()
    visitor = bench.visited()
    assert visitor.bill is None
    assert bench.total["tags refused"] == 1
    [charge] = bench.charger.charges
    assert charge.is_refused
    assert charge.is_over


def test_a_charge_that_is_never_heard_of_has_no_bill(network: Networks) -> None:
    """A charger that forgets what it could not say."""
    away = Faults(outages=(Span(5.0, 86_400.0),))
    bench = with_tag(network, oddities=("no-memory",), faults=away)
    station = bench.station
    station.configuration.change("AllowOfflineTxForUnknownId", "true")
    bench.network.pass_time(10)
    visitor = bench.visited()
    assert visitor.bill is None
    assert bench.total["bills that never came"] == 1


def test_a_reset_takes_a_charger_away_for_a_while(network: Networks) -> None:
    """Then it boots, as the charger itself wants it."""
    bench = with_tag(network)
    bench.station.restart("HardReset")
    bench.network.pass_time(2)
    assert not bench.station.has_power
    bench.network.pass_time(130)
    assert bench.charger.is_ready
    assert bench.charger.connector_id == 100_000
    assert bench.network.tally.total["restarts"] == 1


def test_each_connector_has_visitors_of_its_own(network: Networks) -> None:
    """Two cars charge at one charger at a time."""
    fleet = evolve(QUIET, protocol="ocpp1.6", connectors=2)
    made = network(fleets=(fleet,), lasts_s=7200.0).live()
    [charger] = made.population.installations
    by_outlet = [outlet.charges for outlet in charger.charger.outlets]
    assert [len(charges) for charges in by_outlet] == [2, 2]
    assert charger.charges == by_outlet[0] + by_outlet[1]
    (first, _), (other, _) = by_outlet
    assert first.ended_at is not None
    assert other.began_at < first.ended_at
    assert made.tally.total["bills"] == 4


def test_a_tag_means_nothing_where_none_is_read(network: Networks) -> None:
    """A charger of the dialect has no reader."""
    made = network(drivers=Drivers(count=2, shows_tag=1.0)).live()
    [charger] = made.population.installations
    charger.show_tag("SIM00000")
    assert not charger.reads_tags
    assert made.tally.total["tags shown"] == 0
    assert made.tally.total["bills"] == 1
