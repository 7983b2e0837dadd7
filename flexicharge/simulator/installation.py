"""A charger where it stands: its power, its line, its meter, and what befalls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.simulator.car import Car
from flexicharge.simulator.connection import Connection, Dial
from flexicharge.simulator.enrolment import UNKNOWN, Enrolment
from flexicharge.simulator.machine import Machine, Stand
from flexicharge.simulator.makes import Setting, make_of
from flexicharge.simulator.scenario.values import DAY_S, Fleet
from flexicharge.simulator.screen import Screen
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Timers
from flexicharge.simulator.truth import Charge

CUT_SHORT_WITHIN_S: Final = 900.0  # of its beginning


@define(eq=False, kw_only=True)
class Installation:
    """One charger of a fleet from its first day on, at the server at `base_url`.

    `dial` opens a socket. Everything that is left to chance is drawn from `rng`. Counts
    in `tally`. `calendar` is the clock that times of day are told by, if that is not
    `clock`; `enrolment` is what its installer was told of it. Raise `SimulatorError` if
    nothing is known of the fleet's protocol or oddities.
    """

    serial_number: str
    fleet: Fleet
    clock: IReactorTime
    rng: Random
    dial: Dial
    base_url: str
    tally: Tally
    calendar: IReactorTime | None = None
    enrolment: Enrolment = UNKNOWN
    charger: Machine = field(init=False)

    _connection: Connection = field(init=False)
    _timers: Timers = field(init=False)
    _began_at: float = field(init=False)
    _is_on: bool = field(default=False, init=False)
    _has_power: bool = field(default=True, init=False)
    _outages: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        fleet, make = self.fleet, make_of(self.fleet.protocol)
        self._began_at = self.clock.seconds()
        self._timers = Timers(self.clock)
        self.charger = make.charger(
            serial_number=self.serial_number,
            clock=self.clock,
            oddities=fleet.oddities,
            power_w=fleet.power_w.draw(self.rng),
            metering_every_s=fleet.metering_every_s,
            faults=fleet.faults,
            skew_s=fleet.faults.clock_skew_s.draw(self.rng),
            rng=self._chance(),
            tally=self.tally,
            on_begun=self._begun,
            **make.own(self._setting()),
        )
        self._connection = Connection(
            charger=self.charger,
            factory=partial(
                make.factory,
                self.base_url,
                self.charger,
                self.clock,
                keep_alive_s=fleet.keep_alive_s,
            ),
            dial=self.dial,
            reconnects_after_s=fleet.reconnects_after_s or make.reconnects_after_s,
            clock=self.clock,
            rng=self._chance(),
            tally=self.tally,
        )

    def _setting(self) -> Setting:
        return Setting(
            fleet=self.fleet,
            enrolment=self.enrolment,
            calendar=self.calendar or self.clock,
            on_restart=self._restart,
        )

    @property
    def stands(self) -> Sequence[Stand]:
        """Where cars charge: its connectors, or if it has but one cable itself."""
        return self.charger.outlets or (self,)

    @property
    def reads_tags(self) -> bool:
        """False: where it has but one cable it has no reader."""
        return False

    @property
    def screen(self) -> Screen:
        """What the display shows."""
        return self.charger.screen

    @property
    def connector_id(self) -> int | None:
        """The public number, once it is known, with or without power."""
        return self.charger.number

    @property
    def charges(self) -> list[Charge]:
        """What really happened here, oldest first."""
        return self.charger.charges

    @property
    def is_ready(self) -> bool:
        """True while a driver can begin: available, with a number, on an open line."""
        return self.charger.is_ready

    async def until_ready(self, within_s: float) -> None:
        """Wait until a driver can begin; raise `ServerHung` when it takes longer."""
        await self.charger.until_ready(within_s)

    # the person's side

    def show_tag(self, tag: str) -> None:
        """Hold a tag to where there is no reader."""

    def plug_in(self, car: Car) -> None:
        """Put the cable into a car, whether there is power or not."""
        self.charger.plug_in(car)

    def unplug(self) -> None:
        """Pull the cable."""
        self.charger.unplug()

    def switch_on(self) -> None:
        """Connect, and let things befall it from now on."""
        if self._is_on:
            return
        self._is_on = True
        faults = self.fleet.faults
        self._expect(faults.drops, self._drop)
        self._expect(faults.half_opens, self._half_open)
        self._expect(faults.offline, self._go_offline)
        self._expect(faults.reboots, self._reboot)
        since_s = self.clock.seconds() - self._began_at
        for outage in faults.outages:
            if outage.high > since_s:
                begin = partial(self._be_offline, outage.high - outage.low)
                self._timers.after(max(outage.low - since_s, 0.0), begin)
        self._connection.keep()

    async def switch_off(self) -> None:
        """Close the line, cut the power; nothing is left on the clock."""
        self._is_on = False
        self._timers.cancel()
        await self._connection.close()
        self.charger.cut_power()

    # what befalls it

    def _expect(self, per_day: float, befall: Callable[[], None]) -> None:
        """Let something befall it at random, so many times a day."""

        def befallen() -> None:
            befall()
            self._expect(per_day, befall)

        if per_day:
            self._timers.after(self.rng.expovariate(per_day / DAY_S), befallen)

    def _drop(self) -> None:
        self.tally.total["drops"] += self._connection.drop()

    def _half_open(self) -> None:
        self.tally.total["half-opens"] += self._connection.fall_silent()

    def _go_offline(self) -> None:
        self._be_offline(self.fleet.faults.offline_for_s.draw(self.rng))

    def _be_offline(self, for_s: float) -> None:
        self.tally.total["offline"] += 1
        self._outages += 1
        self._connection.rest()
        self._connection.vanish()
        self._timers.after(for_s, self._line_is_back)

    def _line_is_back(self) -> None:
        self._outages -= 1
        self._go_on()

    def _begun(self, charge: Charge) -> None:
        """Perhaps cut a charge short some time after it began."""
        chance = self.fleet.faults.reboots_in_charge
        if self._is_on and chance and self.rng.random() < chance:
            self._timers.after(
                self.rng.uniform(0.0, CUT_SHORT_WITHIN_S),
                lambda: None if charge.is_over else self._reboot(),
            )

    def _reboot(self) -> None:
        """Cut the power for a while, unless there is none."""
        if not self._has_power:
            return
        self.tally.total["reboots"] += 1
        self._has_power = False
        self._connection.rest()
        self.charger.cut_power()
        self._connection.vanish()
        self._timers.after(
            self.fleet.faults.reboot_for_s.draw(self.rng), self._power_is_back
        )

    def _restart(self) -> None:
        """Be dark for a while, as the charger itself wants it."""
        if self._is_on and self._has_power:
            self._has_power = False
            self._connection.rest()
            self._connection.vanish()
            pause_s = self.fleet.faults.reboot_for_s.draw(self.rng)
            self._timers.after(pause_s, self._power_is_back)

    def _power_is_back(self) -> None:
        self._has_power = True
        self.charger.power_up()
        self._go_on()

    def _go_on(self) -> None:
        if self._has_power and not self._outages:
            self._connection.keep()

    def _chance(self) -> Random:
        """Return chance of its own for a part, drawn from ours."""
        return Random(self.rng.getrandbits(64))  # noqa: S311  # played, not secret
