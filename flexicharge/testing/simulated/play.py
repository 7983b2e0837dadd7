"""Plays one run from its beginning to its audit."""

from __future__ import annotations

import gc
import math
import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import txaio
from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, LogEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import provider

from flexicharge.service.back_end import Reach, as_it_is
from flexicharge.simulator.scenario.values import Scenario
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.simulated.audit import Audit
from flexicharge.testing.simulated.fates import CALM, Rates, Strike
from flexicharge.testing.simulated.mischief import Sabotaged
from flexicharge.testing.simulated.nosy import Nosy
from flexicharge.testing.simulated.town import SimulatedTown

BEGAN_AT: Final = 1_800_000_000.0
BEFORE_S: Final = 10.0
AFTER_S: Final = 1200.0
SETTLES_WITHIN_S: Final = 3 * 3600.0  # longer than any grace, retry and deadline


@frozen(kw_only=True)
class Run:
    """What decides everything that happens: the same run is always the same."""

    scenario: Scenario
    seed: str
    rates: Rates = CALM
    only: tuple[int, ...] | None = None


@frozen(kw_only=True)
class Outcome:
    """How a run went; `around` are the lines of the trace before the first fault."""

    broken: tuple[str, ...]
    strikes: tuple[Strike, ...]
    digest: str
    lines: int
    checked: Counter[str]
    total: Counter[str]
    mishaps: Counter[str]
    sessions: int
    lives: int
    around: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """True if nothing was untrue."""
        return not self.broken


@define(eq=False, repr=False)
class Player:
    """One run under way."""

    run: Run
    bend: Reach = as_it_is
    clock: HeapClock = field(factory=lambda: HeapClock(BEGAN_AT), init=False)
    town: SimulatedTown = field(init=False)
    _is_over: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        run = self.run
        self.town = SimulatedTown(
            scenario=run.scenario,
            seed=run.seed,
            clock=self.clock,
            rates=run.rates,
            only=None if run.only is None else frozenset(run.only),
            bend=self.bend,
        )

    def play(self) -> Outcome:
        """Play it all; stop at the first thing that is not true."""
        town = self.town
        with _watched(town):
            nosy = Nosy(town) if town.is_stormy else None
            self._until(Deferred.fromCoroutine(town.population.run()))
            if nosy is not None:
                nosy.stop()
            town.fates.is_calm = True
            self._for(SETTLES_WITHIN_S)
            self._stop()
        if not town.broken:
            self._audit()
        return self._outcome()

    def _until(self, over: Deferred[Any]) -> None:
        """Let time pass until something is over, or something is untrue."""
        failed: list[Failure] = []
        over.addErrback(failed.append)
        town, clock = self.town, self.clock
        town.lines.settle()
        while not over.called and not town.broken:
            if not clock.step():
                town.broke("nothing will ever happen any more")
            town.lines.settle()
        for failure in failed:
            town.broke(f"the population failed: {failure.value!r}")

    def _for(self, seconds: float) -> None:
        """Let some time pass."""
        end: Deferred[None] = Deferred()
        self.clock.callLater(seconds, end.callback, None)
        self._until(end)

    def _stop(self) -> None:
        """Stop the server in order, and look for what it leaves behind."""
        town = self.town
        if town.broken:
            return
        process = town.process
        if process is None:
            town.broke("the server did not come back")
            return
        for what in process.back_end.background.unfinished:
            town.broke(f"never finished in the background: {what}")
        self._until(Deferred.fromCoroutine(process.back_end.stop()))
        self._for(1.0)
        for what in process.back_end.background.unfinished:
            town.broke(f"left behind in the background: {what}")
        for call in process.clock.getDelayedCalls():
            town.broke(f"left behind on the clock: {call.args[0]!r}")  # type: ignore[attr-defined]
        for line in town.lines.open.values():
            town.broke(f"left behind: a line, {line.ends}")

    def _audit(self) -> None:
        town, self._is_over = self.town, True
        for finding in Audit(town.world, town.population, town.users).findings():
            town.broke(finding)

    def _around(self) -> Iterator[str]:
        """Yield the trace around what is untrue, of the chargers that it names."""
        town, text = self.town, " ".join(self.town.broken)
        stations, from_at, until_at = {*re.findall(r"sim\d{5}", text)}, math.inf, 0.0
        for number in re.findall(r"(?:session|transaction)s? (\d+)", text):
            if session := town.world.sessions.rows.get(int(number)):
                stations.add(session.serial_number)
                from_at = min(from_at, session.opened_at - BEFORE_S)
                until_at = max(until_at, session.ended_at or math.inf)
        words = (*sorted(stations), " ! ", " * ", " # ") if stations else ()
        since = 0.0 if math.isinf(from_at) else from_at
        is_of_books = self._is_over and until_at > 0
        until = until_at + AFTER_S if is_of_books else math.inf
        yield from town.trace.between(since, until, *words)

    def _outcome(self) -> Outcome:
        town = self.town
        return Outcome(
            broken=tuple(town.broken),
            strikes=tuple(town.fates.struck),
            digest=town.trace.digest,
            lines=town.trace.count,
            checked=town.invariants.checked,
            total=town.population.tally.total,
            mishaps=town.population.tally.mishaps,
            sessions=len(town.world.sessions.rows),
            lives=town.lives,
            around=tuple(self._around()) if town.broken else (),
        )


def play(run: Run, bend: Reach = as_it_is) -> Outcome:
    """Play a run and return how it went; `bend` may break the server on purpose."""
    player = Player(run, bend)
    try:
        return player.play()
    finally:
        del player
        _bury()


@contextmanager
def _watched(town: SimulatedTown) -> Iterator[None]:
    """Have everything on the run's clock, and see every failure that is logged."""

    @provider(ILogObserver)
    def observe(event: LogEvent) -> None:
        failure = event.get("log_failure")
        if not town.is_up:
            return  # what a killed server says has no meaning
        if failure is not None and not failure.check(Sabotaged):
            town.broke(f"unforeseen: {failure.value!r} ({_where(failure)})")
        elif "Unhandled error" in str(event.get("log_format", "")):
            town.broke("an error in a Deferred that nobody took")

    timers: Any = txaio.config  # type: ignore[attr-defined]  # made when it is imported
    before, timers.loop = timers.loop, town.clock
    chance = random.getstate()
    random.seed(town.seed)  # Autobahn's closing handshakes and Twisted's DNS draw here
    globalLogPublisher.addObserver(observe)
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(observe)
        random.setstate(chance)
        timers.loop = before


def _bury() -> None:
    """Let go of what a run leaves, unheard: what killed servers say has no meaning.

    Their coroutines end when they are collected, and complain of one another.
    `LogPublisher` has no public way to be silent.
    """
    observers = tuple(globalLogPublisher._observers)
    for observer in observers:
        globalLogPublisher.removeObserver(observer)
    gc.collect()
    for observer in observers:
        globalLogPublisher.addObserver(observer)


def _where(failure: Failure) -> str:
    frames = failure.frames or [("?", "?", 0, (), ())]
    name, path, line = frames[-1][:3]
    return f"{str(path).rpartition('flexicharge/')[2]}:{line} in {name}"
