"""One connector of a charger of OCPP 1.6: its cable, its meter, its transaction."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.bell import Bell
from flexicharge.simulator.book import Book
from flexicharge.simulator.car import Car
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.screen import Screen
from flexicharge.simulator.standard import phrases
from flexicharge.simulator.standard.cabinet import Cabinet
from flexicharge.simulator.standard.configuration import (
    CONNECTION_TIMEOUT,
    SAMPLE_INTERVAL,
    STOP_ON_INVALID,
    STOP_ON_UNPLUG,
)
from flexicharge.simulator.standard.flow import Flow
from flexicharge.simulator.standard.reports import Reports, Transaction
from flexicharge.simulator.standard.reservation import Reservation
from flexicharge.simulator.standard.tags import ACCEPTED
from flexicharge.simulator.standard.welcome import Welcome
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Ticks
from flexicharge.simulator.truth import Charge

LOCAL: Final = "Local"
UNPLUGGED: Final = "EVDisconnected"
DEAUTHORIZED: Final = "DeAuthorized"
SCREEN_OF: Final = {
    ConnectorStatus.AVAILABLE: Screen.AVAILABLE,
    ConnectorStatus.RESERVED: Screen.AVAILABLE,
    ConnectorStatus.PREPARING: Screen.AWAITING_CAR,
    ConnectorStatus.FINISHING: Screen.AWAITING_CAR,
    ConnectorStatus.CHARGING: Screen.CHARGING,
    ConnectorStatus.SUSPENDED_EV: Screen.CHARGING,
    ConnectorStatus.SUSPENDED_EVSE: Screen.CHARGING,
}


@define(eq=False, kw_only=True)
class Outlet:
    """A connector, numbered from 1 on its charger.

    `connector_id` is the public number on its sticker.
    """

    number: int
    cabinet: Cabinet
    clock: IReactorTime
    book: Book
    tally: Tally
    bell: Bell
    on_begun: Callable[[Charge], None]
    connector_id: int | None = None
    reads_tags: bool = True
    car: Car | None = field(default=None, init=False)
    transaction: Transaction | None = field(default=None, init=False)
    reservation: Reservation | None = field(default=None, init=False)
    is_operative: bool = field(default=True, init=False)
    goes_out_of_service: bool = field(default=False, init=False)
    _is_finishing: bool = field(default=False, init=False)
    _metering: Ticks | None = field(default=None, init=False)
    _flow: Flow = field(init=False)
    _welcome: Welcome = field(init=False)
    _reports: Reports = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._flow = Flow(self.clock)
        self._welcome = Welcome(self.clock, self.tell)
        self._reports = Reports(self.number, self.cabinet)

    # what can be seen

    @property
    def status(self) -> ConnectorStatus:
        """What the connector is doing."""
        if self.transaction is not None:
            return self._charging_status()
        if not self.is_operative:
            return ConnectorStatus.UNAVAILABLE
        if self._is_finishing:
            return ConnectorStatus.FINISHING
        if self.car is not None or self._welcome.tag is not None:
            return ConnectorStatus.PREPARING
        if self.reservation is not None:
            return ConnectorStatus.RESERVED
        return ConnectorStatus.AVAILABLE

    @property
    def screen(self) -> Screen:
        """What the display shows beside the cable."""
        if not self.cabinet.has_power:
            return Screen.OFF
        return SCREEN_OF.get(self.status, Screen.NOT_AVAILABLE)

    @property
    def meter(self) -> Meter:
        """What counts its energy."""
        return self._flow.meter

    @property
    def charges(self) -> list[Charge]:
        """What really happened here, oldest first."""
        return self.book.charges

    @property
    def is_ready(self) -> bool:
        """True while a driver can begin with an app."""
        return self.is_free and self.cabinet.is_online and self.connector_id is not None

    @property
    def is_free(self) -> bool:
        """True while nobody charges, has reserved or stands here."""
        return self.cabinet.has_power and self.status is ConnectorStatus.AVAILABLE

    async def until_ready(self, within_s: float) -> None:
        """Wait until a driver can begin; raise `ServerHung`."""
        await self.bell.until(lambda: self.is_ready, within_s, self.clock)

    # the person's side

    def plug_in(self, car: Car) -> None:
        """Put the cable into a car; a start that waited for it goes on."""
        self.car = car
        self._go_on()

    def unplug(self) -> None:
        """Pull the cable; a charge ends, unless the charger is set otherwise."""
        had_car = self.car is not None
        stops = self.cabinet.configuration.flag(STOP_ON_UNPLUG)
        if had_car and self.transaction is not None and stops:
            self.stop(UNPLUGGED)
        self._take_energy()
        self.car, self._is_finishing = None, False
        self.tell()

    def show_tag(self, tag: str) -> None:
        """Hold a tag to the reader: it begins a charge, or ends the one that runs."""
        if not self.cabinet.has_power:
            return
        running = self.transaction
        if running is None:
            if self._welcome.tag is None and self.is_operative:
                self.cabinet.authorize(tag, lambda good: self._decided(tag, good))
        elif running.tag.casefold() == tag.casefold():
            self.stop(LOCAL, tag)
        else:
            self.cabinet.authorize(tag, lambda good: self._of_family(tag, good))

    # what the server asks for

    def authorize(self, tag: str) -> None:
        """Let a tag charge here as soon as there is a car, for a while."""
        timeout_s = self.cabinet.configuration.whole(CONNECTION_TIMEOUT)
        self._welcome.give(tag, timeout_s)
        self._go_on()

    def is_open_to(self, tag: str) -> bool:
        """Tell whether a tag could begin a charge here now."""
        free = self.transaction is None and self._welcome.tag is None
        usable = free and self.is_operative and not self._is_finishing
        held = self.reservation
        return usable and (held is None or held.is_for(tag, self.cabinet.tags))

    def reserve(self, reservation: Reservation) -> None:
        """Hold the connector for a tag."""
        self.reservation = reservation
        self.tell()

    def cancel_reservation(self) -> None:
        """Hold it for nobody."""
        self.reservation = None
        self.tell()

    def change_availability(self, *, operative: bool) -> bool:
        """Go in or out of service; return False if a charge has to end first."""
        if self.transaction is not None and not operative:
            self.goes_out_of_service = True
            return False
        self.goes_out_of_service = False
        self.is_operative = operative
        self.tell()
        return True

    def stop(self, reason: str, tag: str | None = None) -> None:
        """End the charge, and say so."""
        running = self.transaction
        if running is None:
            return
        self._take_energy()
        self._reports.stopped(running, self.sampled(), reason, tag)
        self.book.end(self.clock.seconds())
        self._over()
        self.tell()

    def tell(self, *, anyway: bool = False, was_asked_for: bool = False) -> None:
        """Say what the connector is doing, if that is news."""
        status = self.status
        if anyway or not self._reports.knows(status):
            self._reports.status(status, was_asked_for=was_asked_for)
        self.bell.ring()

    def say_metered(
        self, context: str = phrases.PERIODIC, *, was_asked_for: bool = False
    ) -> None:
        """Say what the meter shows, of the charge if one runs."""
        self._take_energy()
        self._reports.metered(
            self.sampled(), self.transaction, context, was_asked_for=was_asked_for
        )

    def sampled(self) -> phrases.Sampled:
        """Return what the instruments show."""
        charging = self.transaction is not None
        return phrases.Sampled(
            at=self.cabinet.now(),
            register_wh=self.meter.stop_wh
            if charging
            else round(self.meter.register_wh),
            power_w=self._flow.power_w if charging else 0.0,
            percent=None if self.car is None else self.car.percent,
        )

    def offered_w(self) -> float:
        """Return the power that a car could have."""
        limit_w = self.cabinet.limit_w(self.number)
        power_w = self.cabinet.power_w
        return power_w if limit_w is None else min(power_w, limit_w)

    # the power's side

    def cut_power(self, reason: str) -> None:
        """Stand in the dark: a charge is over, which is said when there is a line."""
        self._welcome.end()
        running = self.transaction
        if running is not None:
            self._take_energy()
            self._reports.stopped(running, self.sampled(), reason, None)
            self.book.end(self.clock.seconds(), cut_short=True)
            self._over()
        self._reports.forget()
        self.bell.ring()

    # how a charge goes

    def _decided(self, tag: str, good: bool) -> None:
        if good and self.is_open_to(tag):
            self.authorize(tag)

    def _of_family(self, tag: str, good: bool) -> None:
        """Let another tag end a charge if both have one parent."""
        running, tags = self.transaction, self.cabinet.tags
        if not good or running is None:
            return
        parent = tags.parent(tag)
        if parent is not None and parent == tags.parent(running.tag):
            self.stop(LOCAL, tag)

    def _go_on(self) -> None:
        """Begin if there is both a car and somebody who may charge."""
        tag = self._welcome.tag
        ready = self.car is not None and self.transaction is None
        if tag is not None and ready and self.is_operative:
            self._welcome.end()
            self._begin(tag)
        self.tell()

    def _begin(self, tag: str) -> None:
        if not self._reports.knows(self.status):
            self.tell()  # Preparing, before all else
        self._flow.begin()
        charge = self.book.begin(self.meter.start_wh, self.clock.seconds())
        self.transaction = running = Transaction(
            tag=tag, charge=charge, began_at=self.cabinet.now(), begin=self.sampled()
        )
        self._say_start(running)
        self.tally.now["charging"] += 1
        if self.car is not None:
            self._flow.turn_on(self.car, self.offered_w())
        self._meter_regularly()
        self.on_begun(charge)

    def _say_start(self, running: Transaction) -> None:
        held, self.reservation = self.reservation, None
        number = None if held is None else held.reservation_id
        self._reports.started(running, number, partial(self._started, running))

    def _started(self, begun: Transaction, answer: JsonObject) -> None:
        """Take in what the server says of the tag of a transaction."""
        is_good = self.cabinet.learn(begun.tag, answer) == ACCEPTED
        stops = self.cabinet.configuration.flag(STOP_ON_INVALID)
        if self.transaction is begun and stops and not is_good:
            self.stop(DEAUTHORIZED)

    def _over(self) -> None:
        """Stand with a cable in a car that has charged, if it still is in."""
        self.transaction = None
        self._flow.turn_off()
        self.tally.now["charging"] -= 1
        if self._metering is not None:
            self._metering.stop()
        self._is_finishing = self.car is not None
        if self.goes_out_of_service:
            self.is_operative, self.goes_out_of_service = False, False
        self.cabinet.transaction_over(self.number)

    def _meter_regularly(self) -> None:
        every_s = self.cabinet.configuration.whole(SAMPLE_INTERVAL)
        if every_s:
            self._metering = Ticks(self.clock, every_s, self._tick)
            self._metering.start()

    def _tick(self) -> None:
        self.say_metered()
        self.tell()

    def _take_energy(self) -> None:
        """Let the energy since the last look flow into the car, if it is charging."""
        running = self.transaction
        if running is not None:
            charged_wh = self._flow.look(self.car, self.offered_w())
            running.charge.charged_wh = charged_wh

    def _charging_status(self) -> ConnectorStatus:
        if self._flow.power_w > 0:
            return ConnectorStatus.CHARGING
        if self.car is not None and self.offered_w() <= 0:
            return ConnectorStatus.SUSPENDED_EVSE
        return ConnectorStatus.SUSPENDED_EV
