"""Everybody of a scenario at one server: chargers, cars, drivers, and their days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.simulator.arrivals import arrival_times
from flexicharge.simulator.car import Car
from flexicharge.simulator.enrolment import UNKNOWN, Enrolment
from flexicharge.simulator.installation import Installation
from flexicharge.simulator.machine import Stand
from flexicharge.simulator.naps import Naps
from flexicharge.simulator.phone import Phone, Reach
from flexicharge.simulator.scenario.values import Cars, Drivers, Fleet, Scenario
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.truth import Charge
from flexicharge.simulator.visitor import Visitor

SWITCHED_ON_WITHIN_S: Final = 60.0
SWITCHED_ON_PER_S: Final = 5.0  # unless there are so many that it would take longer
WAITS_FOR_CHARGER_S: Final = 5.0
PERCENT: Final = 100


@define(eq=False, kw_only=True)
class Population:
    """Plays a scenario; `serials` name its chargers, in the order of its fleets.

    Every charger and every visit has a chance of its own, made of `seed` and its
    place, so that what one does never shifts what another draws. `clock` is their own
    time, and `calendar` that by which times of day are told, if it is another. Of each
    serial number `enrolments` tell what an installer has to know.
    """

    scenario: Scenario
    seed: str
    clock: IReactorTime
    reach: Reach
    serials: Sequence[str]
    enrolments: Mapping[str, Enrolment] = field(factory=dict)
    calendar: IReactorTime | None = None
    tally: Tally = field(factory=Tally)
    installations: list[Installation] = field(factory=list, init=False)
    visitors: list[Visitor] = field(factory=list, init=False)
    _days: list[Deferred[None]] = field(factory=list, init=False)
    _naps: Naps = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._naps = Naps(self.clock)
        fleets = [each for each in self.scenario.fleets for _ in range(each.count)]
        for serial_number, fleet in zip(self.serials, fleets, strict=True):
            self.installations.append(self._installation(serial_number, fleet))

    async def run(self) -> None:
        """Let everybody live until the scenario's time is over, then send them home.

        Returns when the last one has left and every charger is switched off.
        """
        from_at = self.clock.seconds()
        closing = self.clock.callLater(self.scenario.lasts_s, self._naps.wake)
        for number, each in enumerate(self.installations):
            for stand_no, stand in enumerate(each.stands):
                place = f"{number}:{stand_no}" if stand_no else str(number)
                days = self._days_of(place, each, stand, from_at)
                self._days.append(Deferred.fromCoroutine(days).addErrback(self._failed))
        await DeferredList(self._days)
        if closing.active():
            closing.cancel()
        off = [Deferred.fromCoroutine(each.switch_off()) for each in self.installations]
        await DeferredList(off)

    def close(self) -> None:
        """Let nobody come any more, and everybody who is here leave; `run` returns."""
        self._naps.wake()

    @property
    def charges(self) -> Iterator[Charge]:
        """What really happened at every charger so far, charger by charger."""
        for installation in self.installations:
            yield from installation.charges

    @property
    def _switched_on_within_s(self) -> float:
        """How long it takes until everything is switched on: not all at one moment."""
        return min(len(self.installations) / SWITCHED_ON_PER_S, SWITCHED_ON_WITHIN_S)

    async def _days_of(
        self, place: str, installation: Installation, stand: Stand, from_at: float
    ) -> None:
        """Live a stand's days: its charger is on, and one car comes after another.

        Who would come while another one is there drives on. Times are those that were
        drawn, not when a real clock, which is always a little late, came round to them.
        """
        rng = self._chance("days", _name(installation, place))
        until_at = from_at + self.scenario.lasts_s
        on_after_s = rng.uniform(0.0, self._switched_on_within_s)
        if not await self._naps.nap(on_after_s):
            return
        installation.switch_on()
        begins_at = from_at + on_after_s
        times = arrival_times(self.scenario.arrivals, begins_at, until_at, rng)
        for visit, at in enumerate(times):
            if at + WAITS_FOR_CHARGER_S < self.clock.seconds():
                self.tally.total["drove on"] += 1
                continue
            if not await self._naps.nap(at - self.clock.seconds()):
                return
            visitor = self._visitor(f"{place}.{visit}", stand)
            self.visitors.append(visitor)
            await visitor.visit()
        await self._naps.nap(until_at - self.clock.seconds())

    def _visitor(self, place: str, stand: Stand) -> Visitor:
        scenario, rng = self.scenario, self._chance("visit", place)
        phone = Phone(
            number=rng.randrange(scenario.drivers.count),
            reach=self.reach,
            clock=self.clock,
            tally=self.tally,
            is_impatient=lambda: rng.random() < scenario.drivers.impatient,
        )
        return Visitor(
            phone=phone,
            stand=stand,
            car=_car(scenario.cars, rng),
            stay_s=scenario.arrivals.stay_s.draw(rng),
            habits=scenario.drivers,
            rng=rng,
            clock=self.clock,
            tally=self.tally,
            naps=self._naps,
            shows_tag=_shows_tag(stand, scenario.drivers, rng),
        )

    def _installation(self, serial_number: str, fleet: Fleet) -> Installation:
        return Installation(
            serial_number=serial_number,
            fleet=fleet,
            clock=self.clock,
            rng=self._chance("charger", serial_number),
            dial=self.reach.dial,
            base_url=self.reach.ws_url,
            tally=self.tally,
            calendar=self.calendar,
            enrolment=self.enrolments.get(serial_number, UNKNOWN),
        )

    def _chance(self, what: str, place: str) -> Random:
        return Random(f"{self.seed} {what} {place}")  # noqa: S311  # played, not secret

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError):  # by whoever cannot wait for the end
            return
        self._log.failure("a simulated charger's days ended early", failure)
        self.tally.mishaps[f"simulator: {type(failure.value).__name__}"] += 1


def _name(installation: Installation, place: str) -> str:
    """Return what a stand's days are drawn by: the first one's are its charger's."""
    stand_no = place.partition(":")[2]
    serial_number = installation.serial_number
    return f"{serial_number} {stand_no}" if stand_no else serial_number


def _shows_tag(stand: Stand, drivers: Drivers, rng: Random) -> bool:
    """Draw whether a visitor has a tag; nothing is drawn where no tag is read."""
    chance = drivers.shows_tag if stand.reads_tags else 0.0
    return chance > 0 and rng.random() < chance


def _car(cars: Cars, rng: Random) -> Car:
    capacity_wh = cars.capacity_wh.draw(rng)
    return Car(
        capacity_wh=capacity_wh,
        max_power_w=cars.max_power_w.draw(rng),
        stored_wh=capacity_wh * (cars.percent.draw(rng) / PERCENT),
    )
