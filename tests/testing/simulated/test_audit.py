"""The audit: each thing that it looks for is put into the books here, and found."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from flexicharge.model.session import EndReason, Session, SessionState
from flexicharge.simulator.scenario.values import Drivers
from flexicharge.simulator.truth import Charge
from flexicharge.simulator.visitor import Visitor
from flexicharge.storage.memory.rows import FactRow
from flexicharge.testing.simulated.audit import Audit
from tests.testing.simulated.network import Network, Networks


class Bench:
    """A town after two visits, one charge each, at one charger."""

    def __init__(self, network: Network) -> None:
        self.town, self.population = network.town, network.population
        network.live()
        self.world = self.town.world
        self.first, self.second = self.world.sessions.rows
        assert self.findings() == []

    def findings(self) -> list[str]:
        """Return what the audit finds."""
        return [*Audit(self.world, self.population, self.town.users).findings()]

    def session(self, number: int) -> Session:
        """Return a session as it is in the books."""
        return self.world.sessions.rows[number]

    def rewrite(self, number: int, **changed: Any) -> None:
        """Change a session in the books, and nothing else."""
        rows = self.world.sessions.rows
        rows[number] = evolve(rows[number], **changed)

    def charge(self, number: int) -> Charge:
        """Return what really happened."""
        [charge] = [
            charge
            for charge in self.population.charges
            if charge.transaction_id == number
        ]
        return charge

    def visitor(self, number: int) -> Visitor:
        """Return who paid for it."""
        [visitor] = [
            visitor
            for visitor in self.population.visitors
            if visitor.transaction_id == number
        ]
        return visitor

    def read_as(self, number: int, energy_wh: int | None) -> None:
        """Let the last reading of a session be of an energy; without one, none is."""
        readings = self.world.readings[number]
        if energy_wh is None:
            readings.clear()
            return
        register_wh = (self.session(number).meter_start_wh or 0) + energy_wh
        readings[-1] = evolve(readings[-1], energy_wh=register_wh)
        self.charge(number).kept_wh = energy_wh

    def stop_at(self, number: int, energy_wh: int, *, billed_wh: int) -> None:
        """Let a charger say that it stopped at an energy, for which so much is billed.

        Nobody was shown a bill.
        """
        register_wh = (self.session(number).meter_start_wh or 0) + energy_wh
        self.charge(number).stop_wh = register_wh
        self.rewrite(number, meter_stop_wh=register_wh, energy_wh=billed_wh)
        self.visitor(number).bill = None


@pytest.fixture
def bench(network: Networks) -> Bench:
    """Books in order."""
    return Bench(network(lasts_s=7200.0, drivers=Drivers(count=2)))


# sessions and the ledger


@pytest.mark.parametrize(
    "state", [SessionState.OPENED, SessionState.CHARGING, SessionState.STOPPING]
)
def test_an_unfinished_session_is_found(bench: Bench, state: SessionState) -> None:
    """Whatever it waits for, it has waited too long."""
    bench.rewrite(bench.second, state=state)
    assert f"session {bench.second} is still {state}" in bench.findings()


def test_a_cancelled_session_is_finished(bench: Bench) -> None:
    """Without a charge there is nothing to pay."""
    session = evolve(
        bench.session(bench.second), session_id=99, state=SessionState.CANCELLED
    )
    bench.world.sessions.rows[99] = session
    assert bench.findings() == []


def test_a_second_row_in_the_ledger_is_found(bench: Bench) -> None:
    """One end, one row."""
    bench.world.books.ledger.append(bench.world.books.ledger[0])
    assert bench.findings() == ["2 sessions ended, 3 were charged"]


def test_a_missing_row_in_the_ledger_is_found(bench: Bench) -> None:
    """As well."""
    del bench.world.books.ledger[0]
    assert bench.findings() == ["2 sessions ended, 1 were charged"]


def test_a_row_of_another_session_is_found(bench: Bench) -> None:
    """Though their number is right."""
    ledger = bench.world.books.ledger
    ledger[0] = evolve(ledger[0], session_id=99)
    assert bench.findings() == ["2 sessions ended, 2 were charged"]


# charges


@pytest.mark.parametrize("changed", [{"serial_number": "sim00001"}, None])
def test_a_number_that_means_something_else_is_found(
    bench: Bench, changed: dict[str, Any] | None
) -> None:
    """The charger was told of a transaction that is another's, or of none."""
    if changed:
        bench.rewrite(bench.first, **changed)
    else:
        bench.charge(bench.first).transaction_id = 77
    number = bench.first if changed else 77
    assert bench.findings() == [f"sim00000 was told of transaction {number}"]


def test_a_start_that_was_never_answered_is_nobodys(bench: Bench) -> None:
    """Only the charger knows of it."""
    bench.charge(bench.first).transaction_id = None
    assert bench.findings() == []


def test_a_charge_that_was_cancelled_is_found(bench: Bench) -> None:
    """Energy flowed, and the books know nothing of it."""
    bench.rewrite(bench.first, state=SessionState.CANCELLED)
    assert f"transaction {bench.first} charged and is cancelled" in bench.findings()


def test_energy_that_never_flowed_is_found(bench: Bench) -> None:
    """Billed all the same."""
    charge = bench.charge(bench.first)
    charge.charged_wh, charge.stop_wh = 5000.0, None
    billed_wh = bench.session(bench.first).energy_wh
    assert bench.findings() == [
        f"transaction {bench.first}: {billed_wh} Wh billed, 5000 flowed"
    ]


def test_what_was_kept_and_is_not_billed_is_found(bench: Bench) -> None:
    """Of a charge whose end nobody said."""
    charge = bench.charge(bench.first)
    charge.stop_wh, charge.stop_kept = None, False
    bench.rewrite(bench.first, end_reason=EndReason.SILENT, energy_wh=5000)
    bench.visitor(bench.first).bill = None
    assert bench.findings() == [
        f"transaction {bench.first}: 5000 Wh billed, {charge.kept_wh} kept"
    ]


@pytest.mark.parametrize("energy_wh", [None, 100])
def test_a_reading_that_is_gone_is_found(bench: Bench, energy_wh: int | None) -> None:
    """The server said that it kept it; that all was billed is beside the point."""
    kept_wh = bench.charge(bench.first).kept_wh
    bench.read_as(bench.first, energy_wh)
    bench.charge(bench.first).kept_wh = kept_wh
    assert bench.findings() == [
        f"transaction {bench.first}: its reading of {kept_wh} Wh, kept, is gone"
    ]


# stops


def test_a_stop_that_is_not_billed_is_found(bench: Bench) -> None:
    """The charger's own register says what flowed."""
    bench.stop_at(bench.second, 7500, billed_wh=7400)
    assert bench.findings() == [
        f"transaction {bench.second}: 7400 Wh billed, stop says 7500"
    ]


@pytest.mark.parametrize("is_answered", [True, False])
@pytest.mark.parametrize(
    ("stop_wh", "right_wh"), [(7400, 7400), (7000, 7000), (0, 0), (-50, 7333)]
)
def test_of_a_meter_that_ran_backwards_the_lower_energy_counts(
    bench: Bench, stop_wh: int, right_wh: int, is_answered: bool
) -> None:
    """As long as it is not negative; anything else is found."""
    bench.rewrite(bench.first, meter_start_wh=100)
    bench.rewrite(bench.second, meter_start_wh=20_000)
    for number in (bench.first, bench.second):
        charge = bench.charge(number)
        charge.meter_start_wh = bench.session(number).meter_start_wh or 0
        charge.charged_wh = 9000.0
        bench.read_as(number, 7333)
        bench.stop_at(number, 7333, billed_wh=7333)
    bench.charge(bench.first).stop_kept = is_answered
    bench.stop_at(bench.first, stop_wh, billed_wh=right_wh)
    assert bench.findings() == []
    bench.stop_at(bench.first, stop_wh, billed_wh=right_wh + 7)
    assert bench.findings() == [
        f"transaction {bench.first}: {right_wh + 7} Wh billed, stop says {right_wh}"
    ]


def test_a_stop_that_was_forgotten_is_found(bench: Bench) -> None:
    """It was answered, and is neither in the session nor on record."""
    bench.rewrite(bench.first, end_reason=EndReason.SILENT, meter_stop_wh=7000)
    assert bench.findings() == [
        f"transaction {bench.first}: its stop was answered and forgotten"
    ]


@pytest.mark.parametrize("kind", ["adjustment", "stopAgain"])
def test_a_stop_that_came_late_is_on_record(bench: Bench, kind: str) -> None:
    """That is all that can be done with it."""
    bench.rewrite(bench.first, end_reason=EndReason.SILENT, meter_stop_wh=7000)
    fact = FactRow(station_id=1, session_id=bench.first, kind=kind, at=1.0, claimed="")
    bench.world.books.facts.append(fact)
    assert bench.findings() == []
    bench.world.books.facts[-1] = evolve(fact, session_id=bench.second)
    assert len(bench.findings()) == 1


def test_a_stop_that_was_not_answered_may_be_forgotten(bench: Bench) -> None:
    """Perhaps it never arrived."""
    bench.rewrite(bench.first, end_reason=EndReason.SILENT, meter_stop_wh=7000)
    bench.charge(bench.first).stop_kept = False
    assert bench.findings() == []


# the same energy twice


def test_energy_that_is_billed_twice_is_found(bench: Bench) -> None:
    """Two sessions of a connector that cover the same part of its register."""
    start_wh = bench.session(bench.second).meter_start_wh or 0
    bench.rewrite(bench.second, meter_start_wh=start_wh - 100)
    assert (
        f"transactions {bench.first} and {bench.second} bill the same energy"
        in bench.findings()
    )


def test_other_connectors_have_other_registers(bench: Bench) -> None:
    """They count from zero, each of them."""
    bench.rewrite(bench.second, meter_start_wh=0, connector_id=7)
    bench.charge(bench.second).stop_wh = None
    bench.charge(bench.second).kept_wh = None
    assert bench.findings() == []


# bills


@pytest.mark.parametrize("changed", [{"energy_wh": 1}, {"price_ore": 1}])
def test_a_bill_that_differs_is_found(bench: Bench, changed: dict[str, int]) -> None:
    """From the session's energy or from its price."""
    visitor = bench.visitor(bench.first)
    assert visitor.bill is not None
    visitor.bill = evolve(visitor.bill, **changed)
    assert bench.findings() == [f"the bill of {bench.first} is not what the books say"]


def test_a_bill_that_is_not_final_says_nothing_yet(bench: Bench) -> None:
    """Nor does none."""
    visitor = bench.visitor(bench.first)
    assert visitor.bill is not None
    visitor.bill = evolve(visitor.bill, energy_wh=1, is_final=False)
    bench.visitor(bench.second).bill = None
    assert bench.findings() == []


def test_a_bill_of_another_user_is_found(bench: Bench) -> None:
    """By whose transaction it is in the books."""
    bench.rewrite(bench.first, user_id="somebody-else")
    assert bench.findings() == [f"transaction {bench.first} was billed to another"]


@pytest.mark.parametrize("number", [77, None])
def test_a_bill_of_another_transaction_is_found(
    bench: Bench, number: int | None
) -> None:
    """One that there is, or none."""
    visitor = bench.visitor(bench.first)
    other = number or bench.second
    assert visitor.bill is not None
    visitor.bill = evolve(visitor.bill, transaction_id=other)
    assert bench.findings() == [
        f"transaction {other} was billed to who asked for that of {bench.first}"
    ]
