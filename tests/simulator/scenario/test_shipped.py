"""The scenarios that ship."""

from __future__ import annotations

import pytest

from flexicharge.simulator.oddities import ODDITIES
from flexicharge.simulator.phrasebook import DEVELOPMENT, FIELDED
from flexicharge.simulator.scenario.library import load, shipped
from flexicharge.simulator.scenario.sources import SHIPPED, shipped_names
from flexicharge.simulator.scenario.values import DAY_S, EVEN, Faults, Span
from flexicharge.simulator.standard.oddities import STANDARD_ODDITIES

NAMES = shipped_names()


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_scenario_loads_and_says_what_it_is_for(name: str) -> None:
    """To whoever plays it, and to whoever opens the file."""
    scenario = load(name)
    assert scenario.name == name
    assert scenario.about.endswith(".")
    assert (SHIPPED / f"{name}.yaml").read_text().startswith("# ")


def test_all_that_ship_are_listed_with_what_they_are_for() -> None:
    """A dozen at least, each once, in the order of their names."""
    listed = shipped()
    assert len(listed) >= 12
    assert [name for name, _ in listed] == sorted(NAMES)
    assert dict(listed)["calm-day"] == load("calm-day").about


def test_the_yardstick_is_the_network_of_the_published_figures() -> None:
    """A charge of an hour per charger and day, read every 5 minutes, no keep-alives."""
    week, day = load("thousand-week"), load("big-day")
    for scenario in (week, day):
        [fleet] = scenario.fleets
        assert (fleet.metering_every_s, fleet.keep_alive_s) == (300.0, 0.0)
        assert fleet.faults == Faults()
        assert scenario.arrivals.regularly
        assert scenario.arrivals.per_day == 1.0
        assert scenario.arrivals.stay_s == Span(3600.0, 3600.0)
        assert scenario.arrivals.by_hour == EVEN
        assert 0 < scenario.drivers.watches <= 0.1
    assert (week.chargers, week.lasts_s) == (1000, 7 * DAY_S)
    assert (day.chargers, day.lasts_s) == (10_000, DAY_S)


def test_everything_has_every_fault_and_every_habit() -> None:
    """The invariants are checked over it, so nothing may be left out."""
    scenario = load("everything")
    assert (scenario.chargers, scenario.lasts_s) == (20, DAY_S)
    faults = [fleet.faults for fleet in scenario.fleets]
    for name in (
        "drops", "half_opens", "offline", "outages", "reboots", "reboots_in_charge",
        "duplicates", "slow_answers", "lost_answers",
    ):  # fmt: skip
        assert any(getattr(fault, name) for fault in faults), name
    assert any(fault.clock_skew_s != Span(0.0, 0.0) for fault in faults)
    assert {FIELDED, DEVELOPMENT} <= {fleet.quirks for fleet in scenario.fleets}
    assert {fleet.queues for fleet in scenario.fleets} == {True, False}
    drivers = scenario.drivers
    assert all(
        (
            drivers.abandons,
            drivers.gives_up,
            drivers.impatient,
            drivers.unplugs,
            drivers.watches,
            drivers.forgets_cable,
            drivers.looks_every_s,
        )
    )


def test_every_oddity_is_played_by_a_shipped_scenario() -> None:
    """An oddity that is added is added to a fleet as well."""
    played = {name for fleet in load("oddities").fleets for name in fleet.oddities}
    assert played == set(ODDITIES)


def test_every_oddity_of_the_standard_is_played_by_a_shipped_scenario() -> None:
    """An oddity that is added is added to a fleet as well."""
    fleets = load("standard-oddities").fleets
    assert {fleet.protocol for fleet in fleets} == {"ocpp1.6"}
    played = {name for fleet in fleets for name in fleet.oddities}
    assert played == set(STANDARD_ODDITIES)


def test_a_mixed_network_has_both_protocols_and_several_cables() -> None:
    """Drivers there have apps and tags."""
    for name in ("mixed-town", "mixed-everything"):
        scenario = load(name)
        protocols = {fleet.protocol for fleet in scenario.fleets}
        assert protocols == {"flexicharge", "ocpp1.6"}
        assert max(fleet.connectors for fleet in scenario.fleets) == 2
        assert scenario.drivers.shows_tag > 0


def test_a_newcomer_is_done_in_two_minutes() -> None:
    """With one charger, one driver, and a charge that begins at once."""
    scenario = load("first-charge")
    assert (scenario.chargers, scenario.drivers.count) == (1, 1)
    assert scenario.lasts_s == 120.0


def test_five_thousand_are_connected_and_hardly_anybody_charges() -> None:
    """The figure of the command line's simulation."""
    scenario = load("idle-5000")
    assert scenario.chargers == 5000
    assert scenario.chargers * scenario.arrivals.per_day / 24 < 50
