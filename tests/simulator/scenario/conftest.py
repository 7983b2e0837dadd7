"""Scenario files in a directory of their own, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flexicharge.simulator.scenario.complaints import ScenarioWrong
from flexicharge.simulator.scenario.library import load

Told = Callable[[str], list[str]]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, where a test puts its files."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def told(desk: Path) -> Told:
    """What is told of a text that stands in `rush.yaml`, line by line."""

    def told(text: str) -> list[str]:
        (desk / "rush.yaml").write_text(text, "utf-8")
        with pytest.raises(ScenarioWrong) as caught:
            load("rush.yaml")
        return str(caught.value).splitlines()

    return told
