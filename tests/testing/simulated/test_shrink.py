"""Cutting a failing run down: to what it takes, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.simulator.scenario.values import DAY_S, Drivers, Fleet, Scenario
from flexicharge.testing.simulated.fates import STORMY, Strike, Trouble
from flexicharge.testing.simulated.play import Outcome, Run
from flexicharge.testing.simulated.shrink import SHORTEST_S, Shrinker

STRIKES = range(100, 140)
WHOLE = Scenario(
    name="test",
    lasts_s=DAY_S,
    fleets=(Fleet(count=9), Fleet(count=3)),
    drivers=Drivers(count=10),
)
RUN = Run(scenario=WHOLE, seed="1", rates=STORMY)


class Play:
    """Plays runs that fail if they have all that it takes."""

    def __init__(
        self, takes: Collection[int], also: Callable[[Run], bool] = lambda run: True
    ) -> None:
        self.takes, self.also = {*takes}, also
        self.runs: list[Run] = []

    def __call__(self, run: Run) -> Outcome:
        """Play one."""
        self.runs.append(run)
        struck = [no for no in STRIKES if run.only is None or no in run.only]
        fails = self.takes.issubset(struck) and self.also(run)
        return Outcome(
            broken=("untrue",) if fails else (),
            strikes=tuple(Strike(number, Trouble.SLOW, 1.0) for number in struck),
            digest="",
            lines=0,
            checked=Counter(),
            total=Counter(),
            mishaps=Counter(),
            sessions=0,
            lives=1,
        )


@given(st.sets(st.sampled_from(STRIKES), max_size=4))
def test_exactly_the_strikes_that_it_takes_are_left(takes: set[int]) -> None:
    """However many there are, and wherever."""
    run, outcome = Shrinker(whole=WHOLE, play=Play(takes)).shrink(RUN)
    assert {*(run.only or ())} == takes
    assert [strike.number for strike in outcome.strikes] == sorted(takes)
    assert not outcome.is_good


def test_what_has_no_part_in_it_is_left_out() -> None:
    """Chargers, drivers and hours, as far as they can be."""
    run, _ = Shrinker(whole=WHOLE, play=Play(())).shrink(RUN)
    scenario = run.scenario
    assert (scenario.chargers, scenario.drivers.count, run.only) == (1, 1, ())
    assert SHORTEST_S <= scenario.lasts_s < 2 * SHORTEST_S


def test_what_it_takes_stays() -> None:
    """Five chargers, three drivers, six hours."""

    def needs(run: Run) -> bool:
        scenario = run.scenario
        return (
            scenario.chargers >= 5
            and scenario.drivers.count >= 3
            and scenario.lasts_s >= 6 * 3600
        )

    run, _ = Shrinker(whole=WHOLE, play=Play({105}, needs)).shrink(RUN)
    scenario = run.scenario
    assert (scenario.chargers, run.only) == (5, (105,))
    assert 3 <= scenario.drivers.count <= 5
    assert scenario.lasts_s == 6 * 3600


def test_everything_else_is_as_it_was() -> None:
    """Seed and rates decide what happens."""
    play = Play({105})
    Shrinker(whole=WHOLE, play=play).shrink(RUN)
    assert {(run.seed, run.rates) for run in play.runs} == {("1", STORMY)}


def test_a_run_that_does_not_fail_cannot_be_cut_down() -> None:
    """After it was played once."""
    play = Play({1})
    with pytest.raises(ValueError, match="nothing is untrue"):
        Shrinker(whole=WHOLE, play=play).shrink(RUN)
    assert play.runs == [RUN]


@pytest.mark.parametrize("most", [1, 2, 5, 9, 17])
def test_patience_has_an_end(most: int) -> None:
    """What was found by then still fails."""
    play = Play({100, 139})
    shrinker = Shrinker(whole=WHOLE, play=play, most_plays=most)
    run, outcome = shrinker.shrink(RUN)
    assert len(play.runs) == shrinker.plays == most
    assert not outcome.is_good
    assert not Play({100, 139})(run).is_good


def test_every_success_is_told() -> None:
    """As it is found, the smallest last."""
    told: list[Run] = []
    shrinker = Shrinker(
        whole=WHOLE, play=Play({105}), told=lambda run, outcome: told.append(run)
    )
    run, _ = shrinker.shrink(RUN)
    assert told[-1] == run
    assert 3 < len(told) < shrinker.plays


def test_a_run_without_strikes_loses_none() -> None:
    """Some things fail in any weather."""
    only_none = Run(scenario=WHOLE, seed="1", only=())
    run, outcome = Shrinker(whole=WHOLE, play=Play(())).shrink(only_none)
    assert (run.only, outcome.strikes) == ((), ())
