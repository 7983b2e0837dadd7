"""One visit of one driver with one car, and the bill that comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Final, TypeVar

from attrs import define, field
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from flexicharge.simulator.car import Car
from flexicharge.simulator.errors import ServerRefused, SimulatorError
from flexicharge.simulator.machine import Stand
from flexicharge.simulator.naps import Naps
from flexicharge.simulator.phone import Bill, Phone
from flexicharge.simulator.scenario.values import Drivers
from flexicharge.simulator.screen import Screen
from flexicharge.simulator.sockets import SimulatorSocket
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.truth import Charge

T = TypeVar("T")
READY_WITHIN_S: Final = 60.0
CHARGES_WITHIN_S: Final = 60.0
LOOKS_AT_DISPLAY_S: Final = 15.0
NOTICES_END_S: Final = 900.0  # a full car, or a charge that ended, is noticed so late
WALKS_AWAY_S: Final = 20.0
PAUSES_S: Final = (1.0, 2.0, 5.0, 20.0)  # between looks for the bill, then the last
BILL_WITHIN_S: Final = 4 * 3600.0


@define(eq=False, kw_only=True)
class Visitor:
    """Somebody who comes to charge, with the habits that `rng` draws for this visit.

    Whatever the server or the line does, the visit ends, with the car gone. It stays no
    longer than its `naps` last.
    """

    phone: Phone
    stand: Stand
    car: Car
    stay_s: float
    habits: Drivers
    rng: Random
    clock: IReactorTime
    tally: Tally
    naps: Naps
    shows_tag: bool = False
    bill: Bill | None = field(default=None, init=False)
    transaction_id: int = field(default=0, init=False)
    _asks_to_stop: bool = field(default=True, init=False)

    async def visit(self) -> None:
        """Come, charge, and leave with a bill, or without."""
        self.tally.total["visits"] += 1
        try:
            if self.shows_tag:
                await self._charge_with_tag()
            else:
                await self.stand.until_ready(READY_WITHIN_S)
                await self._charge()
        except SimulatorError as why:
            self._could_not("charge", why)
        finally:
            self.stand.unplug()

    async def _charge(self) -> None:
        if not self._does(self.habits.forgets_cable):
            self.stand.plug_in(self.car)
        await self._reserve()
        if self._does(self.habits.abandons):
            self.tally.total["walked away"] += 1
            return
        live = await self._watch() if self._does(self.habits.watches) else None
        try:
            await self._start_and_stay()
        finally:
            if live is not None:
                live.hang_up()
        await self._see_the_bill()

    async def _charge_with_tag(self) -> None:
        """Show a tag at the charger, and again when it is time to go."""
        tag = await self.phone.tag()
        charges_before = len(self.stand.charges)
        self.tally.total["tags shown"] += 1
        self.stand.plug_in(self.car)
        self.stand.show_tag(tag)
        await self._stay()
        begun = self.stand.charges[charges_before:]
        if not begun:
            self.tally.total["tags refused"] += 1
            return
        self._leave(begun[0], tag)
        await self._find_the_bill(begun[0])

    def _leave(self, charge: Charge, tag: str) -> None:
        """End a charge with its tag, or by pulling the cable."""
        if not charge.is_over and not self._does(self.habits.unplugs):
            self.stand.show_tag(tag)
        self.stand.unplug()

    async def _find_the_bill(self, charge: Charge) -> None:
        """Look for a charge in the app until the server has heard of it."""
        self._asks_to_stop = False
        give_up_at = self.clock.seconds() + BILL_WITHIN_S
        while charge.transaction_id is None:
            if self.clock.seconds() >= give_up_at:
                self.tally.total["bills that never came"] += 1
                return
            await deferLater(self.clock, PAUSES_S[-1])
        if charge.is_refused:
            self.tally.total["tags refused"] += 1
            return
        self.transaction_id = charge.transaction_id
        await self._see_the_bill()

    async def _reserve(self) -> None:
        connector_id = self.stand.connector_id
        if connector_id is None:
            raise SimulatorError("the charger shows no number")
        self.transaction_id = await self._insist(
            lambda: self.phone.reserve(connector_id)
        )
        self.tally.total["reservations"] += 1

    async def _start_and_stay(self) -> None:
        """Start and stay; whatever goes wrong, the visit goes on to its bill."""
        try:
            await self._insist(lambda: self.phone.start(self.transaction_id))
            if not self._does(self.habits.gives_up):
                await self._stay()
        except SimulatorError as why:
            self._could_not("start", why)
        if self._does(self.habits.unplugs):
            self.stand.unplug()
            self._asks_to_stop = False
            await deferLater(self.clock, WALKS_AWAY_S)

    async def _stay(self) -> None:
        """Wait until the charge is over, or the driver's time is."""
        clock = self.clock
        until_at = clock.seconds() + self.stay_s
        look_at = clock.seconds() + self.habits.looks_every_s
        charges_by = clock.seconds() + CHARGES_WITHIN_S
        while (left_s := until_at - clock.seconds()) > 0:
            pause_s = NOTICES_END_S
            if self.stand.screen is not Screen.CHARGING:
                if clock.seconds() >= charges_by:
                    return
                pause_s = LOOKS_AT_DISPLAY_S
            if self.habits.looks_every_s:
                if clock.seconds() >= look_at:
                    look_at += self.habits.looks_every_s
                    await self._look()
                pause_s = min(pause_s, max(look_at - clock.seconds(), 1.0))
            if not await self.naps.nap(min(pause_s, left_s)):
                return

    async def _look(self) -> None:
        """Look at the running charge; what goes wrong with that changes nothing."""
        if not self.transaction_id:
            return
        try:
            self.bill = await self.phone.read(self.transaction_id)
        except SimulatorError:
            self.tally.total["looks in vain"] += 1

    async def _watch(self) -> SimulatorSocket | None:
        try:
            return await self.phone.watch(self._live)
        except SimulatorError as why:
            self._could_not("watch", why)
            return None

    def _live(self, text: bytes) -> None:
        self.tally.total["live frames"] += 1

    async def _see_the_bill(self) -> None:
        """Ask for the stop until the server takes it, then look until it is final.

        Who has pulled the cable asks for no stop: the charger says that it is over.
        """
        give_up_at = self.clock.seconds() + BILL_WITHIN_S
        pauses = iter(PAUSES_S)
        ask = self.phone.stop if self._asks_to_stop else self.phone.read
        while self.clock.seconds() < give_up_at:
            try:
                self.bill = await ask(self.transaction_id)
                ask = self.phone.read
                if self.bill.is_final:
                    self.tally.total["bills"] += 1
                    return
            except SimulatorError:
                self.tally.total["looks in vain"] += 1
            await deferLater(self.clock, next(pauses, PAUSES_S[-1]))
        self.tally.total["bills that never came"] += 1

    async def _insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer; ask again a few times when none came at all."""
        for pause_s in PAUSES_S:
            try:
                return await ask()
            except ServerRefused:
                raise
            except SimulatorError:
                await deferLater(self.clock, pause_s)
        return await ask()

    def _does(self, chance: float) -> bool:
        return chance > 0 and self.rng.random() < chance

    def _could_not(self, what: str, why: SimulatorError) -> None:
        self.tally.total[f"could not {what}"] += 1
        if not isinstance(why, ServerRefused):  # which the phone has counted
            self.tally.mishaps[f"{what}: {type(why).__name__}"] += 1
