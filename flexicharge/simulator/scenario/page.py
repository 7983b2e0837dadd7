"""The format of scenario files as a page to read, made of its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from flexicharge.simulator.makes import DIALECT, MAKES, OCPP_1_6
from flexicharge.simulator.scenario.declaration import (
    ARRIVALS,
    CARS,
    DRIVERS,
    FAULTS,
    FLEET,
    SCENARIO,
)
from flexicharge.simulator.scenario.kinds import advice
from flexicharge.simulator.scenario.library import shipped
from flexicharge.simulator.scenario.measures import (
    CHANCE,
    DURATION,
    ENERGY,
    PERCENT,
    POWER,
    RATE,
)
from flexicharge.simulator.scenario.sections import Key, Named, Section

EXAMPLE: Final = """\
# friday.yaml: how will the car park do when the new chargers with the bad modems come?
extends: rush-hour
about: Our car park on a Friday.
fleets:
  town:                     # of rush-hour, which extends calm-day; all else is theirs
    count: 30
  new:
    count: 10
    power: [50 kW, 150 kW]
    metering-every: 30 s
    reconnects-after: [5 s, 2 m]
    queues: yes
    faults:
      drops: 2 per hour
      duplicates: 3 %
drivers:
  count: 80
arrivals:
  stays: [15 m, 1 h 30 m]
"""
WRONG: Final = """\
extends: rush-hour
lasts: 1 day
fleets:
  town:
    count: 0
    powr: 22 kW
    faults:
      duplicates: 120 %
"""
COMPLAINED: Final = """\
monday.yaml:2:8: lasts is '1 day', which is not a duration in d, h, m or s. Write a duration from 1 s to 366 d, such as `7 d`.
monday.yaml:5:12: count is '0', which is less than 1. Write a whole number from 1 to 100000, such as `20`.
monday.yaml:6:5: a fleet has no key 'powr'. Did you mean power? Known here are count, protocol, connectors, power, metering-every, behaves, oddities, reconnects-after, queues, keep-alive, faults.
monday.yaml:8:19: duplicates is '120 %', which is more than 100 %. Write a chance from 0 % to 100 %, such as `3 %`.
"""  # noqa: E501 - as it is printed
INTRODUCTION: Final = """\
# Scenarios

<!-- Made by `python -m flexicharge.simulator.scenario`; edit declaration or files. -->

A scenario is a network of virtual chargers and drivers in one small YAML file: who is
there, what they do, and what goes wrong. A number of scenarios ship with FlexiCharge
and are known by name; a file of your own is known by its path, which has a directory or
the ending `.yaml` in it. `flexicharge simulate rush-hour` plays the one, and
`flexicharge simulate friday.yaml` the other.
"""
UNITS: Final = """\
## How values are written

A number is written with its unit. Of durations several can stand together, as in
`1 h 30 m`, and they can be negative where that makes sense. A chance can be a number
from 0 to 1 instead.
"""
REST: Final = """\
A range is a list of two, the lower one first: `[11 kW, 22 kW]`. Values are drawn from
it evenly, for each charger, car or event anew. One value alone is a range of its own.

`extends` names another scenario, of which everything holds that the file itself does
not say. They are laid over each other key by key, so a fleet of the same name is
changed, and a fleet of another name is added; lists are replaced. Several generations
may extend each other, at most 16.

A file has one document of at most 1 MiB in UTF-8. Anchors, aliases and tags of YAML are
not used. Everything that is wrong with a file is told at once, each with line, column
and cure.
"""


def scenarios_page() -> str:
    """Return `docs/scenarios.md`."""
    return "\n".join(
        (
            INTRODUCTION,
            "## Those that ship\n",
            *_table(("Name", "What it is for"), _shipped()),
            "",
            _block("An example", EXAMPLE, "yaml"),
            UNITS,
            *_table(("For", "Units"), _units()),
            "",
            REST,
            *_sections(),
            *_oddities("Oddities of FlexiCharge's dialect", DIALECT),
            *_oddities("Oddities of OCPP 1.6", OCPP_1_6),
            _block("What is told of a file that is wrong", WRONG, "yaml"),
            f"```text\n{COMPLAINED}```",
            "",
        )
    )


def _sections() -> Iterator[str]:
    for title, section in (
        ("The file", SCENARIO),
        ("Each fleet", FLEET),
        ("Its `faults`", FAULTS),
        ("`drivers`", DRIVERS),
        ("`cars`", CARS),
        ("`arrivals`", ARRIVALS),
    ):
        yield f"## {title}\n"
        rows = (_key(section, key) for key in section.keys)
        yield from _table(("Key", "Write", "Without it", "What it does"), rows)
        yield ""


def _key(section: Section, key: Key) -> tuple[str, ...]:
    return f"`{key.name}`", _expected(key), _default(section, key), key.means


def _expected(key: Key) -> str:
    match key.kind:
        case Named(most=most):
            return f"a name, and under it the keys of a fleet; at most {most} of them"
        case Section():
            return "its keys, see below"
        case kind:
            return advice(kind)


def _default(section: Section, key: Key) -> str:
    if section.requires(key):
        return "an error"
    if isinstance(key.kind, (Section, Named)):
        return "the defaults of its keys"
    return key.otherwise or f"`{key.kind.write(section.default_of(key))}`"


def _units() -> Iterator[tuple[str, str]]:
    for measure in (DURATION, POWER, ENERGY, PERCENT, CHANCE, RATE):
        units = ", ".join(f"`{unit}`" for unit in measure.units)
        yield measure.what, units


def _oddities(title: str, protocol: str) -> Iterator[str]:
    yield f"## {title}\n"
    oddities = MAKES[protocol].oddities.values()
    rows = ((f"`{oddity.name}`", oddity.about) for oddity in oddities)
    yield from _table(("Name", "A charger that"), rows)
    yield ""


def _shipped() -> Iterator[tuple[str, str]]:
    return ((f"`{name}`", about) for name, about in shipped())


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = tuple(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    yield from (f"| {' | '.join(cells)} |" for cells in rows)


def _block(title: str, text: str, language: str) -> str:
    return f"## {title}\n\n```{language}\n{text}```\n"
