"""One run of a simulation at a server, from the first look to the report."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, Final, TypeVar

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from flexicharge.cli.simulate_books import check_books
from flexicharge.cli.simulate_chargers import Chargers
from flexicharge.cli.simulate_pace import last_noon
from flexicharge.cli.simulate_people import People
from flexicharge.cli.simulate_report import Report, duration
from flexicharge.cli.simulate_screen import Screen, View
from flexicharge.cli.simulate_standard import Stations
from flexicharge.cli.simulate_trouble import Interrupted, explained
from flexicharge.simulator.makes import make_of
from flexicharge.simulator.paced import PacedClock
from flexicharge.simulator.phone import Reach
from flexicharge.simulator.population import Population
from flexicharge.simulator.scenario.values import NO_FAULTS, Fleet, Scenario

T = TypeVar("T")
WIND_DOWN_S: Final = 30.0


@define(eq=False, kw_only=True)
class Simulation:
    """Plays a scenario at a server.

    `clock` is real time, of which every second is `pace` seconds of the scenario.
    `knock` tells whether the WebSocket port receives anybody. `find_people` finds some
    accounts at most; `reach_of` is how they and the chargers get at the server.
    """

    scenario: Scenario
    seed: str
    pace: float
    clock: IReactorTime
    chargers: Chargers
    knock: Callable[[], Awaitable[None]]
    find_people: Callable[[int], Awaitable[People]]
    reach_of: Callable[[People], Reach]
    ws_url: str
    screen: Screen
    stations: Stations = field(init=False)
    _population: Population | None = field(default=None, init=False)
    _work: Deferred[Any] | None = field(default=None, init=False)
    _is_interrupted: bool = field(default=False, init=False)

    def __attrs_post_init__(self) -> None:
        self.stations = Stations(
            operator=self.chargers.operator, seed=self.seed, tell=self.chargers.tell
        )

    async def play(self) -> Report:
        """Return the report; what was made is removed in any case.

        Raise `Interrupted` if nothing had begun by then, `CannotSimulate` or whatever
        else stands against it before it begins.
        """
        began_at = self.clock.seconds()
        try:
            population = await self._at_work(self._prepare())
            lasted_s = await self._live(population)
        except CancelledError:
            raise Interrupted from None
        finally:
            removed, left = await self._remove()
        return self._report(
            population,
            lasted_s=lasted_s,
            took_s=self.clock.seconds() - began_at,
            removed=removed,
            left=left,
        )

    async def _remove(self) -> tuple[int, int]:
        """Remove what was made; return how many are gone, and how many are left."""
        gone, left = await self.chargers.remove()
        more_gone, more_left = await self.stations.remove()
        return gone + more_gone, left + more_left

    def interrupt(self) -> None:
        """Bring it to an end: charges are stopped first, in half a minute at most."""
        self._is_interrupted = True
        if self._work is None or self._work.called:
            return
        if self._population is None:
            self._work.cancel()
            return
        self.screen.leave()
        self.screen.step("Stopping what has begun; Ctrl-C again to leave at once")
        self._population.close()
        patience = self.clock.callLater(WIND_DOWN_S, self._work.cancel)
        self._work.addBoth(_cancelled, patience)

    async def _at_work(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something that `interrupt` may have to cut short."""
        self._work = Deferred.fromCoroutine(work)
        done: T = await self._work
        return done

    async def _prepare(self) -> Population:
        """See that the server serves, and find everybody."""
        scenario, operator = self.scenario, self.chargers.operator
        fleets = scenario.fleets
        with explained(operator.url, "--url"):
            await operator.shown()
        with explained(self.ws_url, "--ws"):
            await self.knock()
        people = People([])
        with explained(operator.url, "--url"):
            if scenario.arrivals.per_day:
                people = await self.find_people(scenario.drivers.count)
                people.new_tag = self.stations.tag
            enrolments = await self.stations.make(f for f in fleets if _is_standard(f))
            wanted = sum(fleet.count for fleet in fleets if not _is_standard(fleet))
            found = await self.chargers.find(wanted) if wanted else []
        return Population(
            scenario=scenario,
            seed=self.seed,
            clock=PacedClock(self.clock, self.pace, last_noon(self.clock.seconds())),
            reach=self.reach_of(people),
            serials=_in_order(fleets, found, enrolments),
            enrolments=enrolments,
            calendar=self.clock,
        )

    async def _live(self, population: Population) -> float:
        """Let the scenario's time pass; return how much of it there was."""
        self._population = population
        view = View(
            title=f"{self.scenario.name}, seed {self.seed}, {self.pace:g} × real time",
            tally=population.tally,
            clock=population.clock,
            lasts_s=self.scenario.lasts_s,
            pace=self.pace,
        )
        self.screen.step(self._beginning())
        self.screen.follow(view)
        try:
            await self._at_work(population.run())
        finally:
            self.screen.leave()
        return view.passed_s

    def _beginning(self) -> str:
        scenario = self.scenario
        real_s = scenario.lasts_s / self.pace
        return (
            f"Simulating {duration(scenario.lasts_s)} of {scenario.name} in about "
            f"{duration(real_s)} (--pace {self.pace:g} --seed {self.seed})"
        )

    def _report(self, population: Population, **figures: Any) -> Report:
        visitors = [each for each in population.visitors if each.transaction_id]
        bills = {each.transaction_id: each.bill for each in visitors}
        charges = list(population.charges)
        seen = [each.connector_id for each in population.installations]
        prices = [bill.price_ore or 0 for bill in bills.values() if bill]
        fleets = self.scenario.fleets
        return Report(
            scenario=self.scenario.name,
            seed=self.seed,
            pace=self.pace,
            chargers=len(seen),
            connected=sum(number is not None for number in seen),
            energy_wh=round(sum(each.charged_wh for each in charges)),
            price_ore=sum(prices),
            tally=population.tally,
            books=check_books(
                charges,
                bills,
                faultless=all(each.faults == NO_FAULTS for each in fleets),
            ),
            interrupted=self._is_interrupted,
            **figures,
        )


def _is_standard(fleet: Fleet) -> bool:
    return make_of(fleet.protocol).is_standard


def _in_order(
    fleets: Sequence[Fleet], dialect: Iterable[str], standard: Iterable[str]
) -> list[str]:
    """Return serial numbers in the order of the fleets that they are for."""
    of_dialect, of_standard = iter(dialect), iter(standard)
    return [
        next(of_standard if _is_standard(fleet) else of_dialect)
        for fleet in fleets
        for _ in range(fleet.count)
    ]


def _cancelled(outcome: T, call: IDelayedCall) -> T:
    """Call off what was only to come if it took too long."""
    if call.active():
        call.cancel()
    return outcome
