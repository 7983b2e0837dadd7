"""The page on scenario files says what is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.page import (
    COMPLAINED,
    EXAMPLE,
    WRONG,
    scenarios_page,
)
from flexicharge.simulator.scenario.values import Span
from tests.simulator.scenario.test_lineage import lines_of

ROOT = Path(__file__).parents[3]


def test_the_page_is_up_to_date() -> None:
    """`python -m flexicharge.simulator.scenario` prints `docs/scenarios.md`."""
    assert (ROOT / "docs/scenarios.md").read_text("utf-8") == scenarios_page()


def test_the_page_is_printed() -> None:
    """By the command that it names itself."""
    done = subprocess.run(
        [sys.executable, "-m", "flexicharge.simulator.scenario"],
        check=True,
        capture_output=True,
        env={"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.decode() == scenarios_page()


def test_the_example_loads(desk: Path) -> None:
    """It means what its comments say."""
    (desk / "friday.yaml").write_text(EXAMPLE)
    friday, calm = load("friday.yaml"), load("calm-day")
    town, new = friday.fleets
    assert (town.count, new.count) == (30, 10)
    assert town.power_w == calm.fleets[0].power_w
    assert friday.arrivals.by_hour == load("rush-hour").arrivals.by_hour
    assert friday.arrivals.stay_s == Span(900.0, 5400.0)


def test_the_wrong_example_is_told_as_it_is_shown(desk: Path) -> None:
    """Word for word."""
    (desk / "monday.yaml").write_text(WRONG)
    assert lines_of("monday.yaml") == COMPLAINED.splitlines()
