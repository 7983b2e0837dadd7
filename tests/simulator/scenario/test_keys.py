"""Every key, from what is written to what it means and back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from attrs import fields
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.simulator.phrasebook import DEVELOPMENT, FIELDED
from flexicharge.simulator.scenario.complaints import Complaints, Place
from flexicharge.simulator.scenario.declaration import SECTIONS
from flexicharge.simulator.scenario.kinds import Kind
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.measures import DURATION, POWER, RATE
from flexicharge.simulator.scenario.parsing import tree_of
from flexicharge.simulator.scenario.sections import Key, Named, Section
from flexicharge.simulator.scenario.tree import Word
from flexicharge.simulator.scenario.values import (
    Arrivals,
    Cars,
    Drivers,
    Faults,
    Fleet,
    Scenario,
    Span,
)

SINGLE = [
    (section, key)
    for section in SECTIONS
    for key in section.keys
    if not isinstance(key.kind, (Section, Named))
]
HOURS = tuple(float(hour) for hour in range(24))
FULL = f"""\
about: Everything there is to say.
lasts: 1 h 30 m
fleets:
  town:
    count: 3
    protocol: flexicharge
    connectors: 1
    power: [7400 W, 22 kW]
    metering-every: 0.5 s
    behaves: development
    oddities: [two-sockets, silent-reconnect]
    reconnects-after: [0 s, 1 m]
    queues: yes
    keep-alive: never
    faults:
      drops: 4 per day
      half-opens: 1 per hour
      offline: 7 per week
      offline-for: 1 h
      outages: [[1 m, 2 m], [3 m, 5 m]]
      reboots: 0.5 per day
      reboots-in-charge: 3 %
      reboot-for: [1 s, 1 m 1 s]
      duplicates: 0.03
      slow-answers: 100 %
      slow-answer: [0 s, 1 h]
      lost-answers: 0 %
      clock-skew: [-2 h, 1 h 30 m]
  village: {{count: 1, behaves: fielded, reconnects-after: never, queues: no}}
drivers:
  count: 5
  abandons: 1 %
  gives-up: 2 %
  impatient: 3 %
  unplugs: 4 %
  watches: 5 %
  forgets-cable: 6 %
  shows-tag: 7 %
  looks-every: 5 m
cars:
  capacity: [40 kWh, 90500 Wh]
  max-power: 11 kW
  percent: [0 %, 100 %]
arrivals:
  rate: 4 per day
  regularly: false
  by-hour: [{", ".join(str(hour) for hour in range(24))}]
  stays: [1 m, 2 d]
"""


def test_a_file_with_every_key_means_what_it_says(desk: Path) -> None:
    """Each in the unit of its attribute."""
    (desk / "full.yaml").write_text(FULL)
    assert load("full.yaml") == Scenario(
        name="full",
        about="Everything there is to say.",
        lasts_s=5400.0,
        fleets=(
            Fleet(
                count=3,
                protocol="flexicharge",
                power_w=Span(7400.0, 22_000.0),
                metering_every_s=0.5,
                quirks=DEVELOPMENT,
                oddities=("two-sockets", "silent-reconnect"),
                reconnects_after_s=Span(0.0, 60.0),
                queues=True,
                keep_alive_s=0.0,
                faults=Faults(
                    drops=4.0,
                    half_opens=24.0,
                    offline=1.0,
                    offline_for_s=Span(3600.0, 3600.0),
                    outages=(Span(60.0, 120.0), Span(180.0, 300.0)),
                    reboots=0.5,
                    reboots_in_charge=0.03,
                    reboot_for_s=Span(1.0, 61.0),
                    duplicates=0.03,
                    slow_answers=1.0,
                    slow_answer_s=Span(0.0, 3600.0),
                    lost_answers=0.0,
                    clock_skew_s=Span(-7200.0, 5400.0),
                ),
            ),
            Fleet(count=1, quirks=FIELDED),
        ),
        drivers=Drivers(
            count=5,
            abandons=0.01,
            gives_up=0.02,
            impatient=0.03,
            unplugs=0.04,
            watches=0.05,
            forgets_cable=0.06,
            shows_tag=0.07,
            looks_every_s=300.0,
        ),
        cars=Cars(
            capacity_wh=Span(40_000.0, 90_500.0),
            max_power_w=Span(11_000.0, 11_000.0),
            percent=Span(0.0, 100.0),
        ),
        arrivals=Arrivals(
            per_day=4.0, regularly=False, by_hour=HOURS, stay_s=Span(60.0, 172_800.0)
        ),
    )


def test_the_file_with_every_key_has_every_key() -> None:
    """So that a key which is added is tested too; `extends` has tests of its own."""
    keys = {key.name for section in SECTIONS for key in section.keys}
    assert {key for key in keys if f"{key}:" not in FULL} == {"extends"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_every_attribute_can_be_written(section: Section) -> None:
    """But a scenario's name, which is that of its file."""
    declared = {key.attribute for key in section.keys} - {""}
    assert declared == {each.name for each in fields(section.of)} - {"name"}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_section_needs_one_key_at_most_and_says_how_to_write_it(
    section: Section,
) -> None:
    """The cure is that line."""
    required = [key.name for key in section.keys if section.requires(key)]
    assert required == re.findall(r"^`([a-z]+):", section.needs)


def reread(kind: Kind, text: str, desk: Path) -> Any:
    """Return what a kind makes of a text that stands in a file."""
    table = tree_of(f"key: {text}\n", "mine.yaml", Complaints())
    assert table
    return kind.read(table.entries["key"].node)


@pytest.mark.parametrize(
    ("section", "key"), SINGLE, ids=[f"{s.name}-{k.name}" for s, k in SINGLE]
)
def test_what_is_proposed_is_accepted_and_written_alike(
    section: Section, key: Key, desk: Path
) -> None:
    """A cure that is followed cures, and so does writing down a default."""
    kind = key.kind
    assert not isinstance(kind, (Section, Named))
    value = reread(kind, kind.example, desk)
    assert reread(kind, kind.write(value), desk) == value
    if key.attribute and key.name != "about" and not section.requires(key):
        default = section.default_of(key)
        assert reread(kind, kind.write(default), desk) == default


@given(st.integers(-(10**7), 10**7))
def test_whole_durations_are_written_and_read_alike(seconds: int) -> None:
    """In days, hours, minutes and seconds."""
    assert DURATION.read(DURATION.write(float(seconds))) == seconds


@given(st.integers(0, 10**9), st.sampled_from([DURATION, POWER, RATE]))
def test_thousandths_are_written_and_read_alike(thousandths: int, measure: Any) -> None:
    """Also of the unit that is the smallest."""
    amount = thousandths / 1000
    assert measure.read(measure.write(amount)) == pytest.approx(amount, rel=1e-12)


@pytest.mark.parametrize("text", ["5m", "5 m", " 5  m ", "300 s", "0 h 5 m", "4m60s"])
def test_blanks_in_quantities_mean_nothing(text: str) -> None:
    """Nor does the order or the number of the units of a duration."""
    assert DURATION.read(text) == 300.0


def test_a_text_in_quotes_is_the_same_text() -> None:
    """YAML's quotes only keep YAML from reading more into it."""
    kind = next(key.kind for key in SECTIONS[0].keys if key.name == "about")
    assert not isinstance(kind, (Section, Named))
    assert kind.write('a "b" \\ c') == '"a \\"b\\" \\\\ c"'
    assert kind.read(Word(Place("mine.yaml"), " a ")) == "a"
