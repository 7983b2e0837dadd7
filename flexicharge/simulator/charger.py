"""A virtual charger that behaves as the fielded FlexiCharge charger does.

It knows frames and its injected clock, not sockets: whoever carries its frames tells it
`connected`, `heard` and `disconnected`. Like the real one it never connects again; a
power cycle is a new `VirtualCharger`, which may take over the car and the register.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from flexicharge.errors import FlexiChargeError, MalformedFrame
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.dialect import read_frame
from flexicharge.ocpp.dialect_requests import VENDOR_ID
from flexicharge.ocpp.frames import (
    Call,
    CallError,
    CallResult,
    JsonObject,
    read_object,
)
from flexicharge.simulator.bell import Bell
from flexicharge.simulator.car import Car
from flexicharge.simulator.errors import SimulatorError
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.phrasebook import TAG, Phrasebook, Quirks
from flexicharge.simulator.speech import Line, Speech

CAR_WITHIN_S: Final = 15.0
RESERVATION_KEYS: Final = ("reservationID", "connectorID", "idTag", "expiryDate")


class Screen(StrEnum):
    """What the charger's display shows."""

    OFF = "off"
    STARTING_UP = "starting up"
    AVAILABLE = "available"
    AWAITING_CAR = "awaiting car"
    CHARGING = "charging"
    NOT_AVAILABLE = "not available"


@define(eq=False, kw_only=True)
class VirtualCharger:
    """One charger with one connector; it offers `power_w` to the car at its cable.

    Between two MeterValues of a charge lie `metering_every_s` seconds. `refusals` are
    the CallErrors that the server sent, in order; `trouble` is why its line was lost.
    """

    serial_number: str
    clock: IReactorTime
    quirks: Quirks = field(factory=Quirks)
    power_w: float = 22_000.0
    metering_every_s: float = 1.0
    meter: Meter = field(factory=Meter)
    car: Car | None = None

    screen: Screen = field(default=Screen.OFF, init=False)
    sek_per_kwh: float = field(default=0.0, init=False)
    reservation: str | None = field(default=None, init=False)
    refusals: list[CallError] = field(factory=list, init=False)
    trouble: SimulatorError | None = field(default=None, init=False)

    _log = Logger()
    _speech: Speech = field(init=False)
    _bell: Bell = field(factory=Bell, init=False)
    _leave: Callable[[], None] = field(default=lambda: None, init=False)
    _tag: int = field(default=TAG, init=False)
    _metered_at: float = field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        phrases = Phrasebook(self.serial_number, self.quirks)
        self._speech = Speech(phrases, self.clock)

    @property
    def connector_id(self) -> int | None:
        """The public number on the display, once the server has told it."""
        return self._speech.connector_id

    # the line's side

    def connected(self, line: Line) -> None:
        """Say BootNotification on a line that has just opened."""
        self._speech.line = line
        self._speech.booted()
        self._show(Screen.STARTING_UP)

    def heard(self, text: bytes) -> None:
        """Take one text frame; what makes no sense to the charger it ignores."""
        try:
            frame = read_frame(text)
        except MalformedFrame:
            return
        match frame:
            case Call():
                self._asked(frame)
            case CallResult(action="StartTransaction"):
                self._numbered(frame.payload.get("transactionId"))
            case CallError():
                self.refusals.append(frame)
                self._bell.ring()

    def disconnected(self, why: SimulatorError) -> None:
        """Give up for good: a fielded charger does not connect again (§3.3)."""
        self._speech.line, self.trouble = None, why
        self._show(Screen.NOT_AVAILABLE)

    # the person's side

    def plug_in(self, car: Car) -> None:
        """Put the cable into a car; a start that waited for it goes on."""
        self.car = car
        if self.screen is Screen.AWAITING_CAR:
            self._begin_charging()

    def unplug(self) -> None:
        """Pull the cable; a charge ends, and the charger says so on its own."""
        if self.screen is Screen.CHARGING:
            self._stop("EVDisconnected")
        self.car = None

    def switch_off(self) -> None:
        """Cut the power: the line closes, and nothing more is said."""
        line, self._speech.line = self._speech.line, None
        if line:
            line.hang_up()

    async def until(self, *screens: Screen, within_s: float) -> None:
        """Wait until the display shows one of `screens`.

        Raise `ServerHung` after `within_s` seconds, and if the line is lost what became
        of it: `LinkLost` or `ServerRefused`.
        """
        wanted = {*screens, Screen.NOT_AVAILABLE}
        await self._bell.until(lambda: self.screen in wanted, within_s, self.clock)
        if self.trouble and self.screen not in screens:
            raise self.trouble

    # what the server asks; every other Call is ignored (§3.6)

    def _asked(self, call: Call) -> None:
        match call.action:
            case "DataTransfer":
                self._boot_data(call)
            case "ReserveNow":
                self._reserve(call)
            case "RemoteStartTransaction":
                self._remote_start(call)
            case "RemoteStopTransaction":
                self._remote_stop(call)

    def _boot_data(self, call: Call) -> None:
        """Learn number and price; the number alone ends the start-up screen (§3.4)."""
        answer = "Rejected"
        try:
            data = _boot_data_in(call.payload)
            self._speech.connector_id = int(data["connectorID"])
            self.sek_per_kwh = float(data["chargingPrice"])
            answer = "Accepted"
        except (KeyError, TypeError, ValueError, ArithmeticError, FlexiChargeError):
            self._log.info(
                "{serial}: BootData makes no sense", serial=self.serial_number
            )
        self._speech.answer(call, answer)
        if self.screen is Screen.STARTING_UP and self.connector_id is not None:
            self._show(Screen.AVAILABLE)

    def _reserve(self, call: Call) -> None:
        """Hold the first reservation until the power goes (§3.5)."""
        tag = _whole(call.payload.get("idTag"))
        if tag is None or any(key not in call.payload for key in RESERVATION_KEYS):
            return  # it does not answer at all then
        asked_for = str(call.payload["reservationID"])
        if self.reservation is None:
            self.reservation, self._tag = asked_for, tag
        if self.reservation != asked_for:
            self._speech.answer(call, "Occupied")
            return
        self._speech.status(ConnectorStatus.RESERVED)
        self._speech.answer(call, "Accepted")

    def _remote_start(self, call: Call) -> None:
        tag = _whole(call.payload.get("idTag"))
        if tag is None:
            return
        if tag != self._tag or self.screen is not Screen.AVAILABLE:
            self._speech.answer(call, "Rejected")
            return
        self._speech.answer(call, "Accepted")
        self.meter.begin()
        self._speech.started(self.meter, self.reservation)
        self._speech.status(ConnectorStatus.CHARGING)
        self._await_car()

    def _remote_stop(self, call: Call) -> None:
        if "transactionID" not in call.payload:
            return
        if self.screen is not Screen.CHARGING:
            self._speech.answer(call, "Rejected")
            return
        self._speech.answer(call, "Accepted")
        self._stop("Remote")

    def _numbered(self, transaction_id: object) -> None:
        if isinstance(transaction_id, int):
            self._speech.transaction_id = transaction_id

    # the charge

    def _await_car(self) -> None:
        """Wait for the cable; without one the charge is forgotten in silence (§3.5)."""
        patience = self.clock.callLater(CAR_WITHIN_S, self._show, Screen.AVAILABLE)
        self._show(
            Screen.AWAITING_CAR,
            lambda: patience.cancel() if patience.active() else None,
        )
        if self.car:
            self._begin_charging()

    def _begin_charging(self) -> None:
        self._metered_at = self.clock.seconds()
        metering = LoopingCall(self._say_metered)
        metering.clock = self.clock
        metering.start(self.metering_every_s, now=False).addErrback(
            lambda why: self._log.failure("Metering stopped", why)
        )
        self._show(Screen.CHARGING, lambda: _end(metering))

    def _say_metered(self) -> None:
        self._take_energy()
        if self.car:
            power_w = self.car.power_w(self.power_w)
            self._speech.metered(self.meter, self.car, power_w)

    def _take_energy(self) -> None:
        """Let the energy since the last look flow into the car."""
        now = self.clock.seconds()
        if self.car:
            self.meter.count(self.car.charge(self.power_w, now - self._metered_at))
        self._metered_at = now

    def _stop(self, reason: str) -> None:
        self._take_energy()
        self._speech.status(ConnectorStatus.AVAILABLE)
        self._speech.stopped(self.meter, reason)
        self._show(Screen.AVAILABLE)

    def _show(self, screen: Screen, leave: Callable[[], None] = lambda: None) -> None:
        """Change the display; `leave` ends what the new state started."""
        self._leave()
        self._leave, self.screen = leave, screen
        self._bell.ring()


def _boot_data_in(payload: JsonObject) -> JsonObject:
    """Return what BootData holds; raise `MalformedFrame` or `KeyError`."""
    if payload["vendorId"] != VENDOR_ID or payload["messageId"] != "BootData":
        raise MalformedFrame("Not BootData")
    return read_object(payload["data"])


def _cancel(call: IDelayedCall) -> None:
    if call.active():
        call.cancel()


def _end(loop: LoopingCall) -> None:
    if loop.running:
        loop.stop()


def _whole(value: object) -> int | None:
    """Return what the charger's own conversion to a whole number makes of it."""
    if not isinstance(value, (int, float, str)):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None
