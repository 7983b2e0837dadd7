"""What the cases act with: a charger, a driver and a stranger, and what each hears."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.task import deferLater

from flexicharge.errors import StationError
from flexicharge.model.commands import Command, RemoteStart, Verdict
from flexicharge.model.session import RESERVED_FOR_S
from flexicharge.model.site import Connector
from flexicharge.ocpp.frames import JsonObject
from flexicharge.selftests.ear import Ear, Frame, TappedCharger
from flexicharge.selftests.errors import SelfTestFailed
from flexicharge.selftests.seams import SelfTestSeams
from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.sockets import (
    SimulatorFactory,
    SimulatorSocket,
    charger_factory,
    driver_factory,
)
from flexicharge.simulator.visit import Visit

LOOK_AGAIN_S: Final = 0.05
METERING_EVERY_S: Final = 0.25
# Enough for a price of some kronor within the moment that a test charges.
POWER_W: Final = 36_000_000.0
CAPACITY_WH: Final = 10_000_000.0
REGISTER_WH: Final = 1234.0


@define(eq=False, kw_only=True)
class Stage:
    """One run's charger and people; `visit` and `bill` are the driver's own charge."""

    seams: SelfTestSeams
    connector: Connector
    password: str = field(repr=False)
    driver: VirtualDriver
    stranger: VirtualDriver
    charger: TappedCharger | None = field(default=None, init=False)
    line: SimulatorSocket | None = field(default=None, init=False)
    ear: Ear = field(init=False)
    phone: Ear = field(init=False)
    visit: Visit | None = field(default=None, init=False)
    bill: JsonObject = field(factory=dict, init=False)
    _phone_line: SimulatorSocket | None = field(default=None, init=False)
    _session_id: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self.ear, self.phone = self.new_ear(), self.new_ear()

    def new_ear(self) -> Ear:
        """Return what hears a line, and has the patience of these tests."""
        return Ear(self.seams.clock, self.seams.patience_s)

    # connecting

    async def plug_in(self) -> TappedCharger:
        """Connect a new charger as ours; it boots at once."""
        charger = self.charger = self.new_charger(self.connector.serial_number)
        self.ear = charger.ear
        pair = f"{charger.serial_number}:{self.password}".encode()
        self.line = await self.dial_charger(
            charger, Authorization=f"Basic {b64encode(pair).decode()}"
        )
        return charger

    async def dial_charger(
        self, charger: TappedCharger, **headers: str
    ) -> SimulatorSocket:
        """Open a charger's socket; its handshake has some headers more."""
        seams = self.seams
        factory = charger_factory(seams.ports.ws_url, charger, seams.clock)
        factory.headers.update(headers)
        return await self._dial(factory)

    async def charger_in_service(self) -> TappedCharger:
        """Return our charger, which shows its number; connect it if need be."""
        charger = self.charger or await self.plug_in()
        if charger.screen in (Screen.OFF, Screen.STARTING_UP):
            await charger.until(Screen.AVAILABLE, within_s=self.seams.patience_s)
        return charger

    async def watch(self) -> None:
        """Open the driver's live socket, unless it is open."""
        if self._phone_line is None:
            ear = self.phone = self.new_ear()
            self._phone_line = await self.dial_live(self.driver, ear)

    async def dial_live(self, whose: VirtualDriver, ear: Ear) -> SimulatorSocket:
        """Open the driver's live socket with somebody's token."""
        ports, clock = self.seams.ports, self.seams.clock
        factory = driver_factory(
            ports.ws_url, self.driver.user_id, whose.token, ear.hear, clock
        )
        return await self._dial(factory)

    async def _dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        factory.noisy = False
        return await self.seams.ports.dial(factory, self.seams.patience_s)

    def send(self, text: bytes) -> None:
        """Send one frame of the charger's, past what it would say by itself."""
        if self.line is not None:
            self.line.send(text)

    def hang_up(self) -> None:
        """Close every socket of ours."""
        if self.charger is not None:
            self.charger.switch_off()
        if self._phone_line is not None:
            self._phone_line.hang_up()
        self.charger = self.line = self._phone_line = None

    def new_charger(self, serial_number: str) -> TappedCharger:
        """Return a charger with a car that takes a lot at once."""
        return self.seams.make_charger(
            ear=self.new_ear(),
            serial_number=serial_number,
            clock=self.seams.clock,
            power_w=POWER_W,
            metering_every_s=METERING_EVERY_S,
            meter=Meter(REGISTER_WH),
            car=Car(capacity_wh=CAPACITY_WH, max_power_w=POWER_W, stored_wh=0.0),
        )

    # asking the charger, as the server does

    async def open_session(self) -> int:
        """Open a session of the driver, the only open one, and return its number."""
        seams, now = self.seams, self.seams.clock.seconds()
        await seams.remains.end_sessions(self.connector)
        session, _ = await seams.transactions.add_transaction(
            self.driver.user_id,
            self.connector.connector_id,
            at=now,
            reserved_until=now + RESERVED_FOR_S,
        )
        return session.session_id

    async def command(self, command: Command, action: str) -> Frame:
        """Have the server ask our charger something; return the Call that came.

        Raise `SelfTestFailed` unless the server is told that it was accepted.
        """
        seams = self.seams
        verdict: Verdict | StationError
        try:
            verdict = await seams.stations.command(
                self.connector.serial_number, command, seams.patience_s
            )
        except StationError as why:
            verdict = why
        call = await self.ear.call(action)
        if verdict is not Verdict.ACCEPTED:
            raise SelfTestFailed(f"{action} was not accepted: {verdict!r}")
        return call

    async def start_remotely(self) -> Frame:
        """Start a session of the driver's at our charger; return the Call that came."""
        session_id = await self.open_session()
        command = RemoteStart(
            connector_id=self.connector.connector_id, session_id=session_id
        )
        call = await self.command(command, "RemoteStartTransaction")
        await self.ear.result("StartTransaction")
        self._session_id = session_id
        return call

    async def running_session(self) -> int:
        """Return the session that our charger charges in; start one if need be."""
        charger = await self.charger_in_service()
        if charger.screen is not Screen.CHARGING:
            await self.start_remotely()
        await charger.until(Screen.CHARGING, within_s=self.seams.patience_s)
        return self._session_id

    # waiting

    async def until_nothing_is_left(self, look: Callable[[], tuple[str, ...]]) -> None:
        """Wait until `look` finds nothing; raise `SelfTestFailed` with what it does."""
        clock, patience_s = self.seams.clock, self.seams.patience_s
        deadline = clock.seconds() + patience_s
        while left := look():
            if clock.seconds() >= deadline:
                raise SelfTestFailed(
                    f"still there {patience_s:g} s later: {', '.join(left)}"
                )
            await deferLater(clock, LOOK_AGAIN_S)

    async def until_charger_is_gone(self) -> None:
        """Wait until the server has nothing of our charger left."""
        look = self.seams.remains.of_station
        await self.until_nothing_is_left(lambda: look(self.connector))

    async def until_driver_is_gone(self) -> None:
        """Wait until the server has nothing of our driver's socket left."""
        look = self.seams.remains.of_user
        await self.until_nothing_is_left(lambda: look(self.driver.user_id))
