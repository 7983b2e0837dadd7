"""Every case has its test and its twin, and the page of them is true."""

from __future__ import annotations

from pathlib import Path

import pytest

from .cases import is_twin, numbers_in
from .table import CASES, MIRRORED, STATES, all_tests, page, played

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", CASES)
def test_each_case_has_a_test_and_a_twin(number: str) -> None:
    """Named by its number."""
    found = played()[number]
    assert found.tests
    assert found.twins


def test_no_test_plays_a_case_that_there_is_not() -> None:
    """A number in a name is one of the table."""
    assert set(played()) == set(CASES)


def test_no_name_stands_twice() -> None:
    """In one module the second would hide the first; in two, nobody knew which."""
    names = [test.name for test in all_tests()]
    assert len(set(names)) == len(names)


def test_there_are_all_cases_of_a_central_system() -> None:
    """75 of 2024-04, and 083 and 088 since."""
    own = [case for case in CASES.values() if case.section not in (STATES, MIRRORED)]
    assert len(own) == 77


@pytest.mark.parametrize(
    ("name", "numbers", "twin"),
    [
        ("test_001_cold_boot", ("001",), False),
        ("test_r1_twin_statuses", ("R1",), True),
        ("test_005_2_3_twin_an_hour", ("005_2", "005_3"), True),
        ("test_015_016_twin_gone", ("015", "016"), True),
        ("test_050_1_reserve", ("050_1",), False),
        ("test_ground_rule_2_two_orders", (), False),
        ("test_all_actions", (), False),
    ],
)
def test_a_name_says_what_it_plays(
    name: str, numbers: tuple[str, ...], twin: bool
) -> None:
    """Its case or cases, and whether it is the scene gone wrong."""
    assert numbers_in(name) == numbers
    assert is_twin(name) is twin


def test_the_page_is_up_to_date() -> None:
    """`python -m tests.oca.table > docs/conformance.md` would change nothing."""
    assert (ROOT / "docs/conformance.md").read_text("utf-8") == page()
