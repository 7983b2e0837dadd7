"""Cutting a failing run down to what it takes to fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import define, evolve, field

from flexicharge.simulator.scenario.changes import with_changes
from flexicharge.simulator.scenario.values import Scenario
from flexicharge.testing.simulated.play import Outcome, Run, play

MOST_PLAYS: Final = 200
SHORTEST_S: Final = 600.0


@define(eq=False, kw_only=True)
class Shrinker:
    """Plays a failing run again with less in it, as long as something is still untrue.

    `whole` is the scenario as it was loaded: smaller ones are made of that in one step,
    so that a command line can make them too. First without chargers and hours that have
    no part in it, then without strikes; at most `most_plays` times in all. `told` hears
    of every success.
    """

    whole: Scenario
    most_plays: int = MOST_PLAYS
    told: Callable[[Run, Outcome], None] = lambda run, outcome: None
    _play: Callable[[Run], Outcome] = play
    plays: int = field(default=0, init=False)

    def shrink(self, run: Run) -> tuple[Run, Outcome]:
        """Return the smallest run found that fails, and how it goes.

        Raise `ValueError` for one that does not fail.
        """
        outcome = self._played(run)
        if outcome.is_good:
            raise ValueError("nothing is untrue in this run")
        found = run, outcome
        while (smaller := self._first_that_fails(self._smaller(found[0]))) is not None:
            found = smaller
        return self._fewest_strikes(*found)

    def _fewest_strikes(self, run: Run, outcome: Outcome) -> tuple[Run, Outcome]:
        """Leave out ever smaller parts of the strikes (delta debugging)."""
        parts = 2
        while len(outcome.strikes) > 0 and self.plays < self.most_plays:
            numbers = [strike.number for strike in outcome.strikes]
            fewer = self._first_that_fails(
                evolve(run, only=tuple(kept))
                for kept in _without_a_part(numbers, parts)
            )
            if fewer is not None:
                run, outcome = fewer
                parts = max(parts - 1, 2)
            elif parts >= len(numbers):
                break
            else:
                parts = min(2 * parts, len(numbers))
        return run, outcome

    def _smaller(self, run: Run) -> Iterator[Run]:
        """Yield runs of fewer chargers, of fewer drivers, and of less time."""
        scenario = run.scenario
        chargers, drivers = scenario.chargers, scenario.drivers.count
        lasts_s = scenario.lasts_s
        for fewer in sorted({1, chargers // 2, chargers - 1} & {*range(1, chargers)}):
            yield self._changed(run, fewer, drivers, lasts_s)
        for fewer in sorted({1, drivers // 2} & {*range(1, drivers)}):
            yield self._changed(run, chargers, fewer, lasts_s)
        if lasts_s / 2 >= SHORTEST_S:
            yield self._changed(run, chargers, drivers, lasts_s / 2)

    def _changed(self, run: Run, chargers: int, drivers: int, lasts_s: float) -> Run:
        changed = with_changes(
            self.whole, chargers=chargers, drivers=drivers, lasts_s=lasts_s
        )
        return evolve(run, scenario=changed)

    def _first_that_fails(self, runs: Iterator[Run]) -> tuple[Run, Outcome] | None:
        for run in runs:
            if self.plays >= self.most_plays:
                return None
            outcome = self._played(run)
            if not outcome.is_good:
                self.told(run, outcome)
                return run, outcome
        return None

    def _played(self, run: Run) -> Outcome:
        self.plays += 1
        return self._play(run)


def _without_a_part(numbers: Sequence[int], parts: int) -> Iterator[Sequence[int]]:
    """Yield all numbers but one of so many equal parts, for each part."""
    size = -(-len(numbers) // parts)
    for start in range(0, len(numbers), size):
        yield [*numbers[:start], *numbers[start + size :]]
