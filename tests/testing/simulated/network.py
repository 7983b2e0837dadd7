"""A simulated town whose time a test lets pass."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import txaio
from twisted.internet.defer import Deferred

from flexicharge.simulator.scenario.values import (
    Arrivals,
    Drivers,
    Fleet,
    Scenario,
    Span,
)
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.simulated.town import SimulatedTown

T = TypeVar("T")
NOW = 1_800_000_000.0
QUIET = Fleet(count=1, keep_alive_s=0.0, metering_every_s=300.0)
ONE_VISIT = Arrivals(per_day=24, regularly=True, stay_s=Span(1200.0, 1200.0))


def a_scenario(**how: Any) -> Scenario:
    """Return an hour of one charger with one visit of twenty minutes."""
    how.setdefault("lasts_s", 3600.0)
    how.setdefault("fleets", (QUIET,))
    how.setdefault("arrivals", ONE_VISIT)
    how.setdefault("drivers", Drivers(count=2))
    return Scenario(name="test", **how)


class Network:
    """A simulated town on a clock of its own."""

    def __init__(self, scenario: Scenario, seed: str, **how: Any) -> None:
        self.clock = HeapClock(NOW)
        self.town = SimulatedTown(scenario=scenario, seed=seed, clock=self.clock, **how)
        self.population = self.town.population
        self.tally = self.population.tally

    def outcome_of(self, work: Awaitable[T]) -> T:
        """Let time pass until something is over; return what it came to."""
        over = fire(work)
        self.town.lines.settle()
        while not over.called:
            assert self.clock.step(), "nothing will ever happen any more"
            self.town.lines.settle()
        return result_of(over)

    def pass_time(self, seconds: float) -> None:
        """Let some time pass."""
        end: Deferred[None] = Deferred()
        self.clock.callLater(seconds, end.callback, None)
        self.outcome_of(end)

    def live(self) -> Network:
        """Let everybody live until they have all gone home."""
        self.outcome_of(self.population.run())
        return self

    def stop(self) -> None:
        """Stop the server in order."""
        assert self.town.process is not None
        self.outcome_of(self.town.process.back_end.stop())


Networks = Callable[..., Network]


@contextmanager
def networks() -> Iterator[Networks]:
    """Give what makes networks, one after another."""
    before = txaio.config.loop

    def make(*, seed: str = "1", town: dict[str, Any] | None = None, **how: Any) -> Any:
        network = Network(a_scenario(**how), seed, **(town or {}))
        txaio.config.loop = network.clock
        return network

    yield make
    txaio.config.loop = before
