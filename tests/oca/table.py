"""Which tests play each case, as a page: `python -m tests.oca.table`."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from attrs import field, frozen

from .actions import as_markdown
from .cases import CASES_FIRST, Case, is_twin, numbers_in
from .cases_second import CASES_SECOND

TLS: Final = "integration/test_oca_tls.py"
TESTS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
HERE: Final = Path(__file__).parent
# Those of TLS need real sockets.
PLACES: Final = (*sorted(HERE.glob("test_*.py")), HERE.parent / TLS)
CASES: Final[Mapping[str, Case]] = {**CASES_FIRST, **CASES_SECOND}
STATES: Final = 0
MIRRORED: Final = 19
SECTIONS: Final = {
    0: "States that cases start from",
    1: "Core: cold boot",
    2: "Core: regular charging",
    3: "Core: cache",
    4: "Core: remote start and stop",
    5: "Core: resetting",
    6: "Core: unlocking",
    7: "Core: configuration",
    8: "Core: refusals and faults",
    9: "Core: power failure and offline",
    10: "Data transfer",
    11: "Local authorisation list",
    12: "Firmware and diagnostics",
    13: "Reservation",
    14: "Remote trigger",
    15: "Smart charging",
    16: "Security: password and profile",
    17: "Security: certificates and TLS",
    18: "Security: log and signed firmware",
    MIRRORED: "Asked of chargers only, mirrored by us",
}
INTRODUCTION: Final = """\
# OCPP 1.6: the cases that are tested

The Open Charge Alliance tests a central system of OCPP 1.6J by numbered cases. Each has
a test here that plays the charger on an in-memory wire and the operator on the HTTP
API, and looks at what is said and at what is on record afterwards; and at least one
twin, the same scene gone wrong. After every test all that the server said is held
against the schemas: no CALLERROR, and no CALL that nobody had it send.

We play these cases ourselves, after public sources: this is no certificate. What those
do not establish is not claimed, and the test's docstring says so. For a run of the
Alliance's own tester set `SETTLE_DOUBTS=0`, so that nothing goes out that it did not
ask for, and `CSR_STRICT=0` if its certificate requests name nobody.

Made by `python -m tests.oca.table > docs/conformance.md`; run the tests with
`tox -e tests -- tests/oca`.
"""


@frozen
class Test:
    """A test by its name, and the module that it stands in."""

    module: str
    name: str


@frozen
class Played:
    """The tests of a case, and those of its twin."""

    tests: list[Test] = field(factory=list)
    twins: list[Test] = field(factory=list)

    @property
    def modules(self) -> set[str]:
        """The modules that they stand in."""
        return {one.module for one in (*self.tests, *self.twins)}


def all_tests() -> Iterator[Test]:
    """Yield all tests of this package, and those of TLS."""
    for path in PLACES:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, TESTS) and node.name.startswith("test_"):
                yield Test(path.name, node.name)


@cache
def played() -> Mapping[str, Played]:
    """Return the tests of each case that is in any test's name, by its number."""
    found: dict[str, Played] = defaultdict(Played)
    for test in all_tests():
        for number in numbers_in(test.name):
            of_case = found[number]
            (of_case.twins if is_twin(test.name) else of_case.tests).append(test)
    return found


def page() -> str:
    """Return all cases with their tests, then all actions with theirs, for people."""
    tests = played()
    sections = [_section(number, title, tests) for number, title in SECTIONS.items()]
    actions = f"## All actions\n\n{as_markdown()}"
    return "\n".join([INTRODUCTION, *sections, actions])


def _section(section: int, title: str, tests: Mapping[str, Played]) -> str:
    cases = {number: one for number, one in CASES.items() if one.section == section}
    modules = sorted({module for number in cases for module in tests[number].modules})
    where = ", ".join(f"`{module}`" for module in modules)
    rows = [
        f"| {number} | {case.title} | {_cell(tests[number].tests)} "
        f"| {_cell(tests[number].twins)} |"
        for number, case in cases.items()
    ]
    head = ["| case | title | tests | twins |", "|---|---|---|---|"]
    return "\n".join(
        [f"## {section}. {title}", "", f"In {where}.", "", *head, *rows, ""]
    )


def _cell(tests: list[Test]) -> str:
    return "<br>".join(f"`{test.name}`" for test in tests)


if __name__ == "__main__":
    sys.stdout.write(page())
