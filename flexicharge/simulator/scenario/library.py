"""Scenarios by the name under which they ship, or from a file of one's own."""

from __future__ import annotations

from pathlib import Path

from flexicharge.simulator.scenario.complaints import Complaints, printable
from flexicharge.simulator.scenario.declaration import SCENARIO
from flexicharge.simulator.scenario.lineage import Lineage
from flexicharge.simulator.scenario.reading import Reading
from flexicharge.simulator.scenario.sources import shipped_names
from flexicharge.simulator.scenario.values import Scenario


def load(name_or_path: str | Path) -> Scenario:
    """Return a scenario; raise `ScenarioWrong` with everything that is wrong with it.

    A text with a directory or the ending `.yaml` in it is a path, any other the name of
    a shipped scenario.
    """
    complaints = Complaints()
    lineage = Lineage(complaints)
    table = lineage.merged(name_or_path)
    reading = Reading(complaints, lineage.whole)
    name = printable(Path(name_or_path).stem)
    scenario: Scenario = reading.section(SCENARIO, table, name=name)
    complaints.raise_any()
    return scenario


def shipped() -> tuple[tuple[str, str], ...]:
    """Return the name of each scenario that ships, and what it is for."""
    return tuple((name, load(name).about) for name in shipped_names())
