"""A virtual charger that behaves as the fielded FlexiCharge charger does.

It knows frames and its injected clock, not sockets: whoever carries its frames tells it
`connected`, `heard` and `disconnected`. Like the real one it never connects again of
itself; an `Installation` does what befalls its line and its power.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import MalformedFrame
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.dialect import read_frame
from flexicharge.ocpp.frames import Call, CallError, CallResult
from flexicharge.simulator.bell import Bell
from flexicharge.simulator.book import Book, number_in, was_kept
from flexicharge.simulator.calls import AtOnce, OneByOne
from flexicharge.simulator.car import Car
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.machine import Stand
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.oddities import (
    BOOT_ON_RECONNECT,
    SILENT_RECONNECT,
    START,
    quirks_with,
    twists_of,
)
from flexicharge.simulator.orders import Orders
from flexicharge.simulator.outgoing import Line, Outgoing
from flexicharge.simulator.phrasebook import Phrasebook, Quirks
from flexicharge.simulator.scenario.values import NO_FAULTS, Faults
from flexicharge.simulator.screen import STATUS_OF, Screen
from flexicharge.simulator.speech import Speech
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Ticks
from flexicharge.simulator.truth import Charge

__all__ = ["Screen", "VirtualCharger"]

CAR_WITHIN_S: Final = 15.0
REMEMBERED_REFUSALS: Final = 100


@define(eq=False, kw_only=True)
class VirtualCharger:
    """One charger with one connector; it offers `power_w` to the car at its cable.

    Between two MeterValues of a charge lie `metering_every_s` seconds. One that
    `reconnects` goes on with its charge when its line is lost; one that `queues` has a
    memory for what it could not say, which outlasts the power. One that
    `stops_when_full` ends a charge once the car takes no more. Its own clock is
    `skew_s` ahead. It counts in `tally`, and tells `on_begun` of every charge.

    `number` is the public one that it was last told, ever. `refusals` are the newest
    CallErrors of the server, in order; `trouble` is why its line was lost.
    """

    serial_number: str
    clock: IReactorTime
    quirks: Quirks = field(factory=Quirks)
    oddities: tuple[str, ...] = ()
    power_w: float = 22_000.0
    metering_every_s: float = 1.0
    meter: Meter = field(factory=Meter)
    car: Car | None = None
    reconnects: bool = False
    queues: bool = False
    stops_when_full: bool = False
    faults: Faults = NO_FAULTS
    skew_s: float = 0.0
    rng: Random = field(factory=lambda: Random(0))  # noqa: S311  # played, not secret
    tally: Tally = field(factory=Tally)
    on_begun: Callable[[Charge], None] = lambda charge: None

    screen: Screen = field(default=Screen.OFF, init=False)
    number: int | None = field(default=None, init=False)
    refusals: list[CallError] = field(factory=list, init=False)
    trouble: SimulatorError | None = field(default=None, init=False)

    _book: Book = field(init=False)
    _speech: Speech = field(init=False)
    _orders: Orders = field(init=False)
    _metering: Ticks = field(init=False)
    _bell: Bell = field(factory=Bell, init=False)
    _leave: Callable[[], None] = field(default=lambda: None, init=False)
    _has_power: bool = field(default=True, init=False)
    _metered_at: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        self._book = Book(self.serial_number, self.tally)
        self._speech = self._made_speech()
        self._orders = Orders(self, self._speech)
        self._metering = Ticks(self.clock, self.metering_every_s, self._say_metered)

    def _made_speech(self) -> Speech:
        quirks = quirks_with(self.quirks, self.oddities)
        twists = twists_of(self.oddities)
        outgoing = Outgoing(
            faults=self.faults, twists=twists, rng=self.rng, clock=self.clock
        )
        calls = OneByOne if self.queues else AtOnce
        return Speech(
            phrases=Phrasebook(self.serial_number, quirks),
            clock=self.clock,
            skew_s=self.skew_s,
            twists=twists,
            outgoing=outgoing,
            calls=calls(outgoing, self.clock),
            book=self._book,
            tally=self.tally,
        )

    # what can be seen

    @property
    def connector_id(self) -> int | None:
        """The public number on the display, once the server has told it."""
        return self._speech.connector_id

    @property
    def sek_per_kwh(self) -> float:
        """The price on the display."""
        return self._orders.sek_per_kwh

    @property
    def reservation(self) -> str | None:
        """The reservation that it holds until its power goes."""
        return self._orders.reservation

    @property
    def charges(self) -> list[Charge]:
        """What really happened here, oldest first."""
        return self._book.charges

    @property
    def outlets(self) -> Sequence[Stand]:
        """None: it has but one cable."""
        return ()

    @property
    def has_given_up(self) -> bool:
        """True once it will not connect again of itself."""
        return self.screen is Screen.NOT_AVAILABLE

    @property
    def is_ready(self) -> bool:
        """True while a driver can begin: available, with a number, on an open line."""
        has_number = self.connector_id is not None
        return self.screen is Screen.AVAILABLE and has_number and self._speech.is_heard

    async def until(self, *screens: Screen, within_s: float) -> None:
        """Wait until the display shows one of `screens`.

        Raise `ServerHung` after `within_s` seconds, and if the line is lost what became
        of it: `LinkLost` or `ServerRefused`.
        """
        wanted = {*screens, Screen.NOT_AVAILABLE}
        await self._bell.until(lambda: self.screen in wanted, within_s, self.clock)
        if self.trouble and self.screen not in screens:
            raise self.trouble

    async def until_ready(self, within_s: float) -> None:
        """Wait until a driver can begin; raise `ServerHung`."""
        await self._bell.until(lambda: self.is_ready, within_s, self.clock)

    async def until_kept(self, charge: Charge, within_s: float) -> None:
        """Wait until the server has taken the end of a charge; raise `ServerHung`."""
        await self._bell.until(lambda: charge.stop_kept, within_s, self.clock)

    # the line's side

    def connected(self, line: Line) -> None:
        """Say BootNotification on a line that has just opened.

        One that reconnects boots only when it has started up, and otherwise says what
        its connector is doing.
        """
        if not self._has_power:
            line.vanish()
            return
        goes_on = self.reconnects and self.screen in STATUS_OF
        self._speech.open(line)
        if not goes_on or BOOT_ON_RECONNECT in self.oddities:
            self._speech.booted()
        if not goes_on:
            self._show(Screen.STARTING_UP)
            return
        self._speech.go_on()
        if SILENT_RECONNECT not in self.oddities:
            self._speech.status(STATUS_OF[self.screen])
        self._bell.ring()

    def heard(self, text: bytes) -> None:
        """Take one text frame; what makes no sense to the charger it ignores."""
        try:
            frame = read_frame(text)
        except MalformedFrame:
            return
        match frame:
            case CallResult():
                self._answered(frame)
            case Call():
                self.tally.total["commands"] += 1
                self._orders.take(frame)
            case CallError():
                self._refused(frame)

    def disconnected(self, why: SimulatorError, line: Line | None = None) -> None:
        """Give up for good: a fielded charger does not connect again (§3.3).

        One that reconnects shows nothing of it. The end of a `line` that is not the
        present one means nothing.
        """
        is_other = line is not None and self._speech.line not in (None, line)
        if is_other or not self._has_power:
            return
        self._speech.lose()
        self.trouble = why
        if self.reconnects:
            self._bell.ring()
            return
        self._cut_short()
        self._show(Screen.NOT_AVAILABLE)

    def _answered(self, result: CallResult) -> None:
        said = self._speech.answered(result)
        if said is None or said.charge is None:
            return
        was_kept(said.charge, said.call, result)
        if said.charge.stop_kept:
            self._bell.ring()
        if said.call.action == START and said.charge is self._book.present:
            self._speech.transaction_id = number_in(result) or 1

    def _refused(self, error: CallError) -> None:
        self._speech.answered(error)
        self.refusals.append(error)
        del self.refusals[:-REMEMBERED_REFUSALS]
        self._bell.ring()

    # the person's side

    def plug_in(self, car: Car) -> None:
        """Put the cable into a car; a start that waited for it goes on."""
        self.car = car
        if self.screen is Screen.AWAITING_CAR:
            self._begin_charging()

    def unplug(self) -> None:
        """Pull the cable; a charge ends, and the charger says so on its own."""
        if self.screen is Screen.CHARGING:
            self.stop("EVDisconnected")
        self.car = None

    def switch_off(self) -> None:
        """Close the line, and say nothing more."""
        line = self._speech.lose()
        if line:
            line.hang_up()

    def cut_power(self) -> None:
        """Forget everything but the meter, and with `queues` what is still to be said.

        The line is gone without a word, the cable stays in the car. One that queues has
        noted before that the charge stopped.
        """
        line = self._speech.lose()
        if self.queues and self._book.present:
            self._take_energy()
            self._speech.stopped(self.meter, "PowerLoss")
            self._book.end(self.clock.seconds())
        self._cut_short()
        self._has_power = False
        self._orders.forget()
        self._speech.forget()
        self._show(Screen.OFF)
        if line:
            line.vanish()

    def power_up(self) -> None:
        """Start up; a line can be opened again."""
        self._has_power = True
        self._show(Screen.STARTING_UP)

    def recall(self, transaction_id: int) -> None:
        """Find in the memory that a charge was under way when the power failed.

        What the register shows now is where it stopped; one that queues says so when
        there is a line.
        """
        self.meter.begin()
        self._speech.transaction_id = transaction_id
        self._speech.stopped(self.meter, "PowerLoss")

    # what its orders come to

    def welcomed(self, connector_id: int | None) -> None:
        """Show the number, if it is one."""
        if connector_id is not None:
            self.number = self._speech.connector_id = connector_id
        if self.screen is Screen.STARTING_UP and self.connector_id is not None:
            self._show(Screen.AVAILABLE)
            if self.reconnects:
                self._speech.status(ConnectorStatus.AVAILABLE)

    def begin(self) -> None:
        """Say that a charge starts, and wait for the cable."""
        self.meter.begin()
        charge = self._book.begin(self.meter.start_wh, self.clock.seconds())
        self._speech.started(self.meter, self.reservation)
        self._speech.status(ConnectorStatus.CHARGING)
        self._await_car()
        self.on_begun(charge)

    def stop(self, reason: str) -> None:
        """End the charge, and say so."""
        self._take_energy()
        self._speech.status(ConnectorStatus.AVAILABLE)
        self._speech.stopped(self.meter, reason)
        self._book.end(self.clock.seconds())
        self._show(Screen.AVAILABLE)

    # the charge

    def _await_car(self) -> None:
        """Wait for the cable; without one the charge is forgotten in silence (§3.5)."""
        patience = self.clock.callLater(CAR_WITHIN_S, self._forget_charge)
        self._show(
            Screen.AWAITING_CAR,
            lambda: patience.cancel() if patience.active() else None,
        )
        if self.car:
            self._begin_charging()

    def _forget_charge(self) -> None:
        self._book.end(self.clock.seconds())
        self._show(Screen.AVAILABLE)

    def _begin_charging(self) -> None:
        self._metered_at = self.clock.seconds()
        self._show(Screen.CHARGING, self._end_charging)
        self.tally.now["charging"] += 1
        self._metering.start()

    def _end_charging(self) -> None:
        self.tally.now["charging"] -= 1
        self._metering.stop()

    def _say_metered(self) -> None:
        self._take_energy()
        if self.car:
            power_w = self.car.power_w(self.power_w)
            self._speech.metered(self.meter, self.car, power_w)
            if self.stops_when_full and not power_w:
                self.stop("Other")

    def _take_energy(self) -> None:
        """Let the energy since the last look flow into the car, if it is charging."""
        now, charge = self.clock.seconds(), self._book.present
        if self.car and self.screen is Screen.CHARGING:
            self.meter.count(self.car.charge(self.power_w, now - self._metered_at))
        if charge:
            charge.charged_wh = self._speech.phrases.charged(self.meter.charged_wh)
        self._metered_at = now

    def _cut_short(self) -> None:
        """Forget the present charge, of which nothing more will be said."""
        self._take_energy()
        self._book.end(self.clock.seconds(), cut_short=True)

    def _show(self, screen: Screen, leave: Callable[[], None] = lambda: None) -> None:
        """Change the display; `leave` ends what the new state started."""
        self._leave()
        self._leave, self.screen = leave, screen
        self._bell.ring()
