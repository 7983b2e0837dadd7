"""A virtual charger of OCPP 1.6J that does what the specification says.

It knows frames and clocks, not sockets: whoever carries its frames tells it
`connected`, `heard` and `disconnected`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from attrs import define, evolve, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import CallError, JsonObject
from flexicharge.simulator.bell import Bell
from flexicharge.simulator.book import Book
from flexicharge.simulator.car import Car
from flexicharge.simulator.enrolment import UNKNOWN, Enrolment
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.oddities.twist import STATUS
from flexicharge.simulator.outgoing import Line
from flexicharge.simulator.scenario.values import NO_FAULTS, Faults, Span
from flexicharge.simulator.screen import Screen
from flexicharge.simulator.standard import configuration as keys
from flexicharge.simulator.standard import phrases
from flexicharge.simulator.standard.authorizing import Authorizing
from flexicharge.simulator.standard.configuration import Configuration
from flexicharge.simulator.standard.ears import Ears
from flexicharge.simulator.standard.jobs import Jobs
from flexicharge.simulator.standard.oddities import (
    ANSWERS_LATE,
    BOOT_ON_RECONNECT,
    MANY_CONNECTORS,
    NEEDS_CONNECTOR,
    OLD_SESSIONS,
    SILENT_RECONNECT,
)
from flexicharge.simulator.standard.orders import Orders
from flexicharge.simulator.standard.outlet import Outlet
from flexicharge.simulator.standard.panel import Panel
from flexicharge.simulator.standard.past import old_charges
from flexicharge.simulator.standard.presence import Presence
from flexicharge.simulator.standard.smart import SmartCharging
from flexicharge.simulator.standard.tags import Tags
from flexicharge.simulator.standard.triggers import Triggers
from flexicharge.simulator.standard.trust import Trust
from flexicharge.simulator.standard.voice import Voice, made_voice, unheard, unminded
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Timers
from flexicharge.simulator.truth import Charge

POWER_LOSS: Final = "PowerLoss"
FIRMWARE: Final = "1.0"
UNNOTICED_S: Final = 301.0  # a server need not mind a clock that is so much off
SO_LATE_S: Final = Span(61.0, 90.0)
RESTARTS_AFTER_S: Final = 1.0  # so that the answer is out
SO_MANY: Final = 1_634_030_126


@define(eq=False, kw_only=True)
class VirtualStation:
    """One charger with `connectors` connectors, each of which can give `power_w`.

    `calendar` is the clock that its times of day are told by, if that is not the
    `clock` that all else runs by; its own is `skew_s` ahead of it. `on_restart` is
    told when it wants to start up again. It counts in `tally`, and tells `on_begun` of
    every charge. `trouble` is why its line was lost.
    """

    serial_number: str
    clock: IReactorTime
    calendar: IReactorTime | None = None
    enrolment: Enrolment = UNKNOWN
    connectors: int = 1
    oddities: tuple[str, ...] = ()
    power_w: float = 22_000.0
    metering_every_s: float = 60.0
    faults: Faults = NO_FAULTS
    skew_s: float = 0.0
    rng: Random = field(factory=lambda: Random(0))  # noqa: S311  # played, not secret
    tally: Tally = field(factory=Tally)
    on_begun: Callable[[Charge], None] = lambda charge: None
    on_restart: Callable[[], None] = lambda: None

    firmware: str = field(default=FIRMWARE, init=False)
    configuration: Configuration = field(factory=Configuration, init=False)
    tags: Tags = field(init=False)
    smart: SmartCharging = field(init=False)
    jobs: Jobs = field(init=False)
    trust: Trust = field(init=False)
    panel: Panel = field(init=False)
    trouble: SimulatorError | None = field(default=None, init=False)
    has_power: bool = field(default=True, init=False)

    _presence: Presence = field(init=False)
    _voice: Voice = field(init=False)
    _authorizing: Authorizing = field(init=False)
    _orders: Orders = field(init=False)
    _triggers: Triggers = field(init=False)
    _ears: Ears = field(init=False)
    _soon: Timers = field(init=False)
    _bell: Bell = field(factory=Bell, init=False)

    def __attrs_post_init__(self) -> None:
        self._configure()
        self._soon = Timers(self.clock)
        if ANSWERS_LATE in self.oddities:
            self.faults = evolve(self.faults, slow_answers=1.0, slow_answer_s=SO_LATE_S)
        self.panel = self._made_panel()
        self.tags, self.trust = Tags(self.configuration), Trust(self.serial_number)
        self.smart = SmartCharging(
            self.configuration, self.now, lambda: self.panel.running
        )
        self.jobs = Jobs(self, self.clock)
        self._presence = Presence(self, self.clock)
        self._voice = self._made_voice()
        self._authorizing = Authorizing(self.tags, self._voice, lambda: self.is_online)
        self._triggers = Triggers(self)
        self._orders = Orders(self, self.calendar or self.clock)
        self._ears = Ears(
            voice=self._voice, orders=self._orders, tally=self.tally, bell=self._bell
        )
        if OLD_SESSIONS in self.oddities:
            self._remember()

    def _made_voice(self) -> Voice:
        return made_voice(
            clock=self.clock,
            faults=self.faults,
            oddities=self.oddities,
            rng=self.rng,
            configuration=self.configuration,
            may_say=self._presence.may_say,
            tally=self.tally,
            book_of=self.panel.book_of,
        )

    def _made_panel(self) -> Panel:
        outlets = [self._outlet(no) for no in range(1, self.connectors + 1)]
        return Panel(outlets, self._tell_own)

    def _configure(self) -> None:
        told = SO_MANY if MANY_CONNECTORS in self.oddities else self.connectors
        self.configuration.preset(
            **{
                keys.SAMPLE_INTERVAL: max(round(self.metering_every_s), 1),
                keys.CONNECTORS: told,
            }
        )

    def _remember(self) -> None:
        for each in old_charges(self.outlets[0], self.now()):
            self.say(each.action, each.payload, each.charge)

    def _outlet(self, number: int) -> Outlet:
        return Outlet(
            number=number,
            cabinet=self,
            clock=self.clock,
            book=Book(self.serial_number, self.tally, abs(self.skew_s) + UNNOTICED_S),
            tally=self.tally,
            bell=self._bell,
            on_begun=self.on_begun,
            connector_id=self.enrolment.number_of(number),
        )

    # what can be seen

    @property
    def refusals(self) -> Sequence[CallError]:
        """The newest CallErrors of the server, in order."""
        return self._ears.refusals

    @property
    def outlets(self) -> Sequence[Outlet]:
        """Its connectors, in the order of their numbers."""
        return self.panel.outlets

    @property
    def screen(self) -> Screen:
        """What the display shows of its first connector."""
        return self.outlets[0].screen

    @property
    def has_given_up(self) -> bool:
        """False: it dials for ever."""
        return False

    @property
    def number(self) -> int | None:
        """The public number of its first connector, once the server has taken it in."""
        return self.enrolment.number_of(1) if self._presence.was_taken_in else None

    @property
    def charges(self) -> list[Charge]:
        """What really happened here, connector by connector."""
        return self.panel.charges

    @property
    def is_ready(self) -> bool:
        """True while a driver can begin at its first connector."""
        return self.outlets[0].is_ready

    @property
    def is_online(self) -> bool:
        """True while the server has taken it in and can be asked."""
        return self._presence.is_accepted and self._voice.line is not None

    @property
    def needs_connector(self) -> bool:
        """True if it starts only where a connector is named."""
        return NEEDS_CONNECTOR in self.oddities

    @property
    def password(self) -> bytes | None:
        """What it shows in the next handshake, if anything."""
        told = self.configuration.text(keys.PASSWORD)
        return bytes.fromhex(told) if told else self.enrolment.password

    async def until_ready(self, within_s: float) -> None:
        """Wait until a driver can begin; raise `ServerHung`."""
        await self.outlets[0].until_ready(within_s)

    async def until_online(self, within_s: float) -> None:
        """Wait until the server has taken it in; raise `ServerHung`."""
        await self._bell.until(lambda: self.is_online, within_s, self.clock)

    def now(self) -> float:
        """Return what its own clock shows."""
        return round((self.calendar or self.clock).seconds() + self.skew_s, 3)

    def limit_w(self, connector: int) -> float | None:
        """Return what charging profiles leave a connector; None if they say nothing."""
        return self.smart.limit_w(connector)

    # the line's side

    def connected(self, line: Line) -> None:
        """Boot on a line that has just opened, or go on if that was done before."""
        if not self.has_power:
            line.vanish()
            return
        self._voice.open(line)
        if not self._presence.is_accepted:
            self._presence.ask()
            return
        if BOOT_ON_RECONNECT in self.oddities:
            self._presence.boot()
        if SILENT_RECONNECT not in self.oddities:
            self.panel.tell()
        self._online()

    def heard(self, text: bytes) -> None:
        """Take one text frame; what is none is ignored, or refused to its sender."""
        self._ears.hear(text)

    def disconnected(self, why: SimulatorError, line: Line | None = None) -> None:
        """Go on alone, unless the `line` that has ended is not the present one."""
        is_other = line is not None and self._voice.line not in (None, line)
        if is_other or not self.has_power:
            return
        self._lose()
        self.trouble = why
        self._bell.ring()

    # the person's side: at the first connector

    def plug_in(self, car: Car) -> None:
        """Put the first cable into a car."""
        self.outlets[0].plug_in(car)

    def unplug(self) -> None:
        """Pull the first cable."""
        self.outlets[0].unplug()

    def switch_off(self) -> None:
        """Close the line, and say nothing more."""
        self._soon.cancel()
        line = self._lose()
        if line is not None:
            line.hang_up()

    def cut_power(self, reason: str = POWER_LOSS) -> None:
        """Stand without power; charges have ended, which is said when there is a line.

        The line is gone without a word, the cables stay in the cars.
        """
        self._soon.cancel()
        line = self._lose()
        self.panel.cut_power(reason)
        self.jobs.cut_power()
        self._orders.cut_power()
        self._presence.forget()
        self.has_power = False
        self._bell.ring()
        if line is not None:
            line.vanish()

    def power_up(self) -> None:
        """Start up; a line can be opened again."""
        self.has_power = True
        self._bell.ring()

    # what is said

    def say(
        self,
        action: str,
        payload: JsonObject,
        charge: Charge | None = None,
        *,
        was_asked_for: bool = False,
        when_answered: Callable[[JsonObject], None] = unheard,
        when_failed: Callable[[], None] = unminded,
    ) -> None:
        """Say something about a charge, or about none, as the oddities have it."""
        self._voice.say(
            action,
            payload,
            charge,
            was_asked_for=was_asked_for,
            when_answered=when_answered,
            when_failed=when_failed,
        )

    def authorize(self, tag: str, decided: Callable[[bool], None]) -> None:
        """Have it decided whether a tag may charge."""
        self._authorizing.decide(tag, decided)

    def learn(self, tag: str, answer: JsonObject) -> str:
        """Return what an answer says of a tag, which is remembered."""
        return self._authorizing.learn(tag, answer)

    def boot(self) -> None:
        """Say that it has started up."""
        self._presence.boot()

    def beat(self, *, was_asked_for: bool = False) -> None:
        """Say that it is there."""
        self._presence.beat(was_asked_for=was_asked_for)

    def trigger(self, message: str, connector: int | None) -> None:
        """Say something because the server wants to hear it."""
        self._triggers.pull(message, connector)

    # what its orders come to

    def restart(self, reason: str) -> None:
        """Start up again: charges end, and the line is gone for a while."""
        self.tally.total["restarts"] += 1
        if reason == "SoftReset":
            self.panel.stop(reason)
        self._soon.after(RESTARTS_AFTER_S, lambda: self._restart(reason))

    def _restart(self, reason: str) -> None:
        self.cut_power(reason)
        self.on_restart()

    def reconfigured(self, key: str) -> None:
        """Go by a key that was just set."""
        line = self._voice.line
        if key == keys.PASSWORD and line is not None:
            line.hang_up()
        if key == keys.HEARTBEAT:
            self._presence.change_pace()

    def transaction_over(self, connector: int) -> None:
        """Forget what held for the transaction of a connector."""
        self.smart.transaction_over(connector)

    def taken_in(self, *, is_new: bool) -> None:
        """Say how everything stands, if the server `is_new` to it, and go on."""
        if is_new:
            self.panel.tell()
            self.jobs.started_up()
        self._online()

    def _online(self) -> None:
        """Go on where the server can be asked again."""
        self._presence.begin()
        self._voice.turns.go_on()
        self._bell.ring()

    def _tell_own(self, was_asked_for: bool) -> None:
        """Say that the charger as a whole is well."""
        payload = phrases.status(0, ConnectorStatus.AVAILABLE, self.now())
        self.say(STATUS, payload, was_asked_for=was_asked_for)

    def _lose(self) -> Line | None:
        """Return the line, over which nothing more is said."""
        line = self._voice.lose()
        self._presence.lost()
        return line
