"""Whatever stands in a file, it loads or is refused with complaints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from flexicharge.simulator.scenario.complaints import ScenarioWrong
from flexicharge.simulator.scenario.declaration import SECTIONS
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.values import Scenario
from tests.simulator.scenario.test_keys import FULL

PLACED = re.compile(r"any\.yaml(:\d+:\d+)?: .+\. .+\.")
WORDS = [key.name for section in SECTIONS for key in section.keys]
QUANTITIES = [
    "5 m", "-2 h", "3 %", "120 %", "4 per day", "22 kW", "0", "", "never", "yes", "~",
    "1e999", ".inf", ".nan", "calm-day", "any.yaml", "./", "two-sockets", "fielded",
    "1" * 80,
]  # fmt: skip
LEAVES = st.sampled_from(QUANTITIES) | st.text(max_size=8) | st.integers() | st.floats()
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=6
        )
    ),
    max_leaves=20,
)
NOT_TOO_SLOW = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def any_file(desk: Path) -> Iterator[Path]:
    """A file whose content does not matter."""
    yield desk / "any.yaml"


def check(file: Path, data: bytes) -> None:
    """Load what stands in a file; each complaint is one line, with a cure."""
    file.write_bytes(data)
    try:
        scenario = load("any.yaml")
    except ScenarioWrong as why:
        lines = str(why).split("\n")
        assert len(lines) == len(why.complaints)
        for line in lines:
            assert line.isprintable()
            assert PLACED.match(line) or line.startswith("calm-day.yaml:"), line
    else:
        assert isinstance(scenario, Scenario)


@NOT_TOO_SLOW
@given(st.binary(max_size=200))
@example(b"%YAML " + b"9" * 5000 + b".1\n---\na: 1")
@example(b'"\\UFFFFFFFF": 1')
@example(b"!<%ff> a")
@example(b"%TAG ! !a%ff\n--- !b c")
@example(b"a: |9999999999999999\n b")
@example(b"\xef\xbb\xbf\xef\xbb\xbf")
@example(b"? \n: \n? \n: ")
@example(b'extends: "a\\0.yaml"')
@example(b'extends: "\\ud800.yaml"')
@example(b"extends: ''")
def test_any_bytes_load_or_are_refused(any_file: Path, data: bytes) -> None:
    """No other error comes out of it."""
    check(any_file, data)


@NOT_TOO_SLOW
@given(st.text(alphabet="ab:-?[]{}&*!|>'\"%@` \n\t#,0\\Ux", max_size=80))
def test_any_text_that_looks_like_yaml_loads_or_is_refused(
    any_file: Path, text: str
) -> None:
    """Signs that mean something to YAML, in any order."""
    check(any_file, text.encode())


@NOT_TOO_SLOW
@given(TREES)
def test_any_tree_loads_or_is_refused(any_file: Path, tree: object) -> None:
    """Keys that exist, with values that may not."""
    check(any_file, yaml.safe_dump(tree, allow_unicode=True).encode())


@NOT_TOO_SLOW
@given(st.data())
def test_any_change_of_a_good_file_loads_or_is_refused(
    any_file: Path, data: st.DataObject
) -> None:
    """Values of one key at another, lines that are gone or here twice."""
    lines = FULL.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        key, _, _ = lines[place].partition(":")
        other = data.draw(st.sampled_from(lines + QUANTITIES))
        lines[place] = data.draw(
            st.sampled_from([other, f"{key}: {other.split(':')[-1]}", "", f" {key}:"])
        )
    check(any_file, "\n".join(lines).encode())


@pytest.mark.parametrize(
    "text",
    [
        "[" * (1 << 20),
        "{" * (1 << 20),
        "- " * (1 << 19),
        "? " * (1 << 19),
        "".join(f"k{number}: v\n" for number in range(80_000)),
        f"{'k' * 900}: v\n" * 300,
        "a:\n" + "".join(f" {'k' * 500}{number}: v\n" for number in range(400)),
    ],
    ids=["lists", "tables", "items", "keys", "lines", "twice", "long"],
)
def test_the_worst_files_are_refused_in_time(any_file: Path, text: str) -> None:
    """A megabyte of what costs PyYAML most takes seconds at most."""
    before = process_time()
    check(any_file, text.encode())
    assert process_time() - before < 5
