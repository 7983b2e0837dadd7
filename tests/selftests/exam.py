"""A town whose server tests itself, and what of it may be broken for that."""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field

from flexicharge.interfaces.selftests import SelfTestReport
from flexicharge.selftests.catalogue import SELF_TESTS
from flexicharge.selftests.runs import SelfTests
from flexicharge.selftests.seams import SelfTestSeams
from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.deferreds import fire
from flexicharge.testing.town import Town

NAMES = tuple(test.name for test in SELF_TESTS)
STEP_S = 0.125
LONGEST_S = 300.0


@define(eq=False)
class Exam:
    """The self tests of a town's server, with some of their seams replaced."""

    town: Town
    seams: SelfTestSeams = field(init=False)
    took_s: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.seams = self.own.seams

    @property
    def own(self) -> SelfTests:
        """The server's own tests."""
        tests = self.town.back_end.self_tests
        assert tests is not None
        return tests

    def replace(self, **seams: Any) -> Exam:
        """Break something; return the same exam."""
        self.seams = evolve(self.seams, **seams)
        return self

    def dial_through(self, tamper: Any) -> Exam:
        """Let `tamper` see the factory of every socket before it is opened."""
        ports = self.seams.ports

        def dial(factory: Any, within_s: float) -> Any:
            tamper(factory)
            return ports.dial(factory, within_s)

        return self.replace(ports=evolve(ports, dial=dial))

    def run(self) -> SelfTestReport:
        """Run all tests; nothing of them is left when this returns."""
        report = self.outcome(SelfTests(self.seams).run())
        assert (*sorted(report.failed), *sorted(report.successful)) != ()
        assert {*report.failed, *report.successful} == {*NAMES}
        assert leftovers(self.town.world) == []
        return report

    def failed(self) -> list[str]:
        """Run all tests; return the names of those that failed."""
        return list(self.run().failed)

    def outcome(self, work: Any) -> Any:
        """Return what something comes to, letting time pass until it does."""
        got: list[Any] = []
        fire(work).addBoth(got.append)
        began = self.town.clock.seconds()
        while not got:
            self.town.lines.pass_time(STEP_S)
            self.took_s = self.town.clock.seconds() - began
            assert self.took_s < LONGEST_S, "the run does not end"
        if hasattr(got[0], "raiseException"):
            got[0].raiseException()
        return got[0]


def leftovers(world: MemoryWorld) -> list[str]:
    """Return what of self tests is in a world, but the station that is kept."""
    station = world.network.self_test_station
    assert station is not None
    found = {
        "sessions": world.sessions.at_station(station.station_id),
        "readings": world.readings.keys() - world.sessions.rows.keys(),
        "payments": [
            row
            for row in world.books.payments.values()
            if row.session_id not in world.sessions.rows
        ],
        "ledger": [
            row
            for row in world.books.ledger
            if row.session_id not in world.sessions.rows
        ],
        "facts": [
            fact for fact in world.books.facts if fact.station_id == station.station_id
        ],
        "accounts": [
            account
            for account in world.accounts.values()
            if account.email.endswith("@self-test.invalid")
        ],
        "connectors": world.network.connectors_of(station.station_id),
    }
    return [what for what, rows in found.items() if rows]
