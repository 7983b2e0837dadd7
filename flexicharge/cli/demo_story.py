"""The story that `flexicharge demo` plays, step by step, with any server and clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import define
from twisted.internet.defer import CancelledError

from flexicharge.cli.demo_screen import Receipt, Screen
from flexicharge.cli.newcomer import MailRoom
from flexicharge.errors import FlexiChargeError
from flexicharge.interfaces.threads import RunInThread
from flexicharge.simulator.charger import Screen as Display
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerRefused, SimulatorError
from flexicharge.simulator.live import read_live
from flexicharge.simulator.sockets import (
    SimulatorFactory,
    SimulatorSocket,
    charger_factory,
    driver_factory,
)
from flexicharge.simulator.visit import Visit

ALREADY_CONNECTED: Final = 409
NOT_IN_USE: Final = ("Available", "Unavailable")
GONE_WITHIN_S: Final = 3.0
CURE: Final = "use --outbox, or --email and --password of an account"


class DemoFailed(FlexiChargeError):
    """The demonstration cannot go on; the message says why, and what helps."""


class Interrupted(FlexiChargeError):
    """A person broke off; `receipt` is that of the charge that was stopped, if any."""

    def __init__(self, receipt: Receipt | None) -> None:
        super().__init__("interrupted")
        self.receipt: Final = receipt


@define(eq=False, kw_only=True)
class Story:
    """Sign in, plug in, charge for some seconds, stop, read the bill.

    Without an e-mail address a fresh account is made, whose code is in the `outbox`,
    read beside the reactor by `run`. `dial` opens a socket.
    """

    driver: VirtualDriver
    charger: VirtualCharger
    screen: Screen
    dial: Callable[[SimulatorFactory], Awaitable[SimulatorSocket]]
    run: RunInThread
    outbox: Path
    ws_url: str
    seconds: float
    email: str = ""
    password: str = ""

    async def play(self) -> Receipt:
        """Return the receipt.

        Raise `DemoFailed`, `CodeNotFound` or `SimulatorError`; if cancelled,
        `Interrupted`, once what was started has been stopped.
        """
        try:
            await self._sign_in()
            await self._plug_in()
            return await self._charge()
        except CancelledError:
            raise Interrupted(None) from None
        finally:
            await self._switch_off()

    async def _sign_in(self) -> None:
        if not self.email:
            await self._sign_up()
        await self.driver.sign_in(self.email, self.password)
        self.screen.step(f"Signed in as {self.email}")

    async def _sign_up(self) -> None:
        room = MailRoom(outbox=self.outbox, run=self.run, cure=CURE)
        fresh = await room.sign_up(self.driver, "demo")
        self.email, self.password = fresh.email, fresh.password

    async def _plug_in(self) -> None:
        await self._check_not_in_use()
        serial = self.charger.serial_number
        factory = charger_factory(self.ws_url, self.charger, self.charger.clock)
        try:
            await self.dial(factory)
        except ServerRefused as why:
            if why.status == ALREADY_CONNECTED:
                words = f"{serial} is already connected; unplug it or use --serial"
                raise DemoFailed(words) from why
            raise
        within_s = self.driver.within_s
        await self.charger.until(Display.AVAILABLE, within_s=within_s)
        price = f"{self.charger.sek_per_kwh:.2f} SEK/kWh"
        self.screen.step(f"Plugged in {serial}: {self.charger.connector_id}, {price}")

    async def _check_not_in_use(self) -> None:
        """Raise `DemoFailed` if the server shows no such charger, or a busy one."""
        serial, chargers = self.charger.serial_number, await self.driver.chargers()
        shown = [each for each in chargers if each.get("serialNumber") == serial]
        if not shown:
            raise DemoFailed(
                f"the server has no charger with the serial number {serial}; use "
                f"--serial with one that {self.driver.url}/chargers shows"
            )
        if (status := shown[0].get("status")) not in NOT_IN_USE:
            raise DemoFailed(
                f"{serial} is already in use ({status}); unplug it or use --serial"
            )

    async def _charge(self) -> Receipt:
        visit = Visit(self.driver, self.charger)
        live = await self._listen()
        try:
            return await self._charge_and_pay(visit)
        except CancelledError:
            raise Interrupted(await self._let_go(visit)) from None
        except SimulatorError as why:
            if visit.transaction_id is None:
                raise self._not_reserved(why) from why
            await self._let_go(visit)
            raise
        finally:
            live.hang_up()

    def _not_reserved(self, why: SimulatorError) -> FlexiChargeError:
        serial = self.charger.serial_number
        if isinstance(why, ServerRefused):
            return DemoFailed(
                f"the server would not reserve {serial}: {why}; while it has another "
                "charge to finish, use --serial"
            )
        return why

    async def _listen(self) -> SimulatorSocket:
        driver = self.driver
        return await self.dial(
            driver_factory(
                self.ws_url, driver.user_id, driver.token, self._show, driver.clock
            )
        )

    async def _charge_and_pay(self, visit: Visit) -> Receipt:
        await visit.begin()
        self.screen.step(f"Charging for {self.seconds:g} s")
        with self.screen:
            await visit.stay(self.seconds)
        return Receipt.of(await visit.end())

    async def _let_go(self, visit: Visit) -> Receipt | None:
        """Stop what was begun, if that can still be done."""
        if visit.transaction_id is None:
            return None
        self.screen.step("Stopping")
        try:
            return Receipt.of(await visit.end())
        except SimulatorError as why:
            number = visit.transaction_id
            self.screen.step(f"Transaction {number} could not be stopped: {why}")
            return None

    async def _switch_off(self) -> None:
        """Let the server see the charger go, so that it can be plugged in again."""
        self.charger.switch_off()
        if self.charger.screen is not Display.OFF:
            with suppress(SimulatorError):
                await self.charger.until(Display.NOT_AVAILABLE, within_s=GONE_WITHIN_S)

    def _show(self, frame: bytes) -> None:
        if metrics := read_live(frame):
            self.screen.show(metrics)
