"""Networks for hours and days: a seed is always the same run, nothing is untrue."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from zope.interface.interface import InterfaceClass

from flexicharge.interfaces import IChargerStore, IReadingStore, ITransactionStore
from flexicharge.model.session import EndFact, Session
from flexicharge.simulator.scenario.changes import with_changes
from flexicharge.simulator.scenario.library import load
from flexicharge.simulator.scenario.values import (
    Arrivals,
    Faults,
    Fleet,
    Scenario,
    Span,
)
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryReadings,
    MemoryTransactions,
)
from flexicharge.testing.simulated.__main__ import command_of, main
from flexicharge.testing.simulated.fates import CALM, STORMY, Trouble
from flexicharge.testing.simulated.play import Run, play
from flexicharge.testing.simulated.shrink import Shrinker

HOUR_S = 3600.0
SMALL = ["everything", "--chargers", "3", "--drivers", "3", "--days", "0.05", "--storm"]


def run_of(scenario: str, hours: float, *, seed: str = "1", **how: Any) -> Run:
    """Return a run of a shipped scenario, made smaller."""
    rates = how.pop("rates", CALM)
    changed = with_changes(load(scenario), lasts_s=hours * HOUR_S, **how)
    return Run(scenario=changed, seed=seed, rates=rates)


def bent(kind: InterfaceClass, make: Callable[[Any], Any]) -> Any:
    """Return what puts a broken provider behind one seam."""
    return lambda interface, provider: make(provider) if interface is kind else provider


@pytest.mark.parametrize("seed", ["1", "2"])
def test_nothing_is_untrue_in_a_storm(seed: str) -> None:
    """With every fault there is, the server killed and more, the books stay right."""
    outcome = play(run_of("everything", 4, chargers=12, seed=seed, rates=STORMY))
    assert outcome.broken == ()
    assert outcome.lives > 1
    assert len(outcome.strikes) > 20
    assert outcome.checked["session sealed"] > 5
    assert outcome.total["bills"] > 5


@pytest.mark.parametrize(
    "scenario",
    ["calm-day", "flaky-lines", "half-open", "reboots", "offline-night", "walk-aways"],
)
def test_nothing_is_untrue_in_shipped_scenarios(scenario: str) -> None:
    """What befalls chargers, and what drivers do, never spoils the books."""
    outcome = play(run_of(scenario, 6, chargers=6, drivers=6))
    assert outcome.broken == ()
    assert outcome.total["visits"] > 0


def test_a_sample_of_the_yardstick_week() -> None:
    """The network of the published figures plays as it should: every charge is billed.

    One charge for each charger and day, with twelve readings, none of them lost.
    """
    outcome = play(run_of("thousand-week", 48, chargers=20, drivers=5))
    assert outcome.broken == ()
    assert outcome.sessions == outcome.total["bills"] == 40
    assert outcome.total["readings"] == pytest.approx(40 * 12, abs=40)


def test_the_same_seed_is_the_same_run() -> None:
    """Frames, commits and times of a seed are the same; those of another differ."""
    runs = [
        run_of("everything", 1, chargers=4, seed=seed, rates=STORMY)
        for seed in ("7", "8", "7")
    ]
    first, other, again = (play(run) for run in runs)
    assert (first.digest, first.strikes, first.total) == (
        again.digest,
        again.strikes,
        again.total,
    )
    assert other.digest != first.digest


def test_the_same_seed_is_the_same_run_in_any_process() -> None:
    """Neither hashing nor what ran before in a process plays a part."""

    def traced(hash_seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "flexicharge.testing.simulated", *SMALL],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.rpartition("trace ")[2]

    assert len({traced("1"), traced("2")}) == 1


class ChargesTwice(MemoryTransactions):
    """Writes the ledger twice."""

    async def end(self, fact: EndFact) -> tuple[Session, bool]:
        sealed = await super().end(fact)
        ledger = self._world.books.ledger
        if sealed[1]:
            ledger.append(ledger[-1])
        return sealed


class ForgetsReadings(MemoryReadings):
    """Says of every reading that it is kept, and keeps none."""

    def add(self, new: Any, done: Callable[[Exception | None], None]) -> None:
        done(None)


class BillsTooMuch(MemoryTransactions):
    """Rounds energies up to whole kWh."""

    async def end(self, fact: EndFact) -> tuple[Session, bool]:
        energy_wh = -(-fact.energy_wh // 1000) * 1000
        return await super().end(evolve(fact, energy_wh=energy_wh))


def forgetful_town() -> Run:
    """Return a day of chargers that lose their charges with their power."""
    fleet = Fleet(
        count=4,
        keep_alive_s=0.0,
        reconnects_after_s=Span(5.0, 60.0),
        faults=Faults(reboots_in_charge=0.6),
    )
    scenario = Scenario(
        name="forgetful", fleets=(fleet,), arrivals=Arrivals(per_day=6.0)
    )
    return Run(scenario=scenario, seed="1")


def test_what_was_kept_is_billed_when_a_charge_is_cut_short() -> None:
    """A charger that forgets its charge ends it at the last reading it had answered."""
    outcome = play(forgetful_town())
    assert outcome.broken == ()
    assert outcome.total["charges begun"] > outcome.total["bills"] / 2 > 4


@pytest.mark.parametrize(
    ("seam", "make", "finding"),
    [
        (ITransactionStore, ChargesTwice, "charged"),
        (IReadingStore, ForgetsReadings, "kept"),
        (ITransactionStore, BillsTooMuch, "SEK/kWh are"),
    ],
)
def test_a_broken_server_is_found_out(
    seam: InterfaceClass, make: Any, finding: str
) -> None:
    """A server that loses or invents energy or money does not get through a day."""
    bend = bent(seam, lambda provider: make(provider._world))
    outcome = play(forgetful_town(), bend)
    assert any(finding in what for what in outcome.broken), outcome.broken


class BillsAgainAfterACrash(MemoryChargers):
    """Charges the last session once more when the server starts on a ledger."""

    async def all_stations_gone(self, at: float) -> None:
        ledger = self._world.books.ledger
        ledger.extend(ledger[-1:])
        await super().all_stations_gone(at)


def test_a_failing_seed_is_cut_down_and_can_be_played_again() -> None:
    """Of all strikes of a failing run only those remain that make it fail."""
    whole = load("everything")
    small = with_changes(whole, chargers=4, drivers=4, lasts_s=2 * HOUR_S)
    run = Run(scenario=small, seed="12", rates=STORMY)
    bend = bent(IChargerStore, lambda chargers: BillsAgainAfterACrash(chargers._world))
    whole_run = play(run, bend)
    assert not whole_run.is_good
    shrinker = Shrinker(whole=whole, most_plays=15, play=lambda run: play(run, bend))
    smallest, found = shrinker.shrink(run)
    assert [strike.trouble for strike in found.strikes].count(Trouble.KILL) == 1
    assert len(found.strikes) < len(whole_run.strikes) / 2
    assert play(smallest, bend).broken == found.broken
    command = command_of("everything", smallest)
    assert command.startswith("python -m flexicharge.testing.simulated everything ")
    assert f"--seed 12 --chargers {smallest.scenario.chargers} " in command
    assert "--storm --only " in command
    assert any("life" in line for line in found.around)


def test_the_command_plays_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each seed, and the sum of what was checked."""
    assert main([*SMALL, "--seeds", "2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("seed 1: held; ")
    assert "times real time, trace " in said[1]
    assert said[2] == "2 of 2 seeds held"
    assert "session sealed" in said[3]


def test_the_command_wants_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    """Misuse is told in one line, as exit code 2."""
    assert main(["no-such-day"]) == 2
    assert "no-such-day" in capsys.readouterr().err
