"""One visit to a charger: reserve, start, charge for a while, stop, see the bill."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.task import deferLater

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.charger import Screen, VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import BadAnswer, ServerHung

LOOK_AGAIN_S: Final = 0.2


@define(eq=False)
class Visit:
    """A signed-in driver at a virtual charger that shows its number.

    Each step raises what `VirtualDriver` raises, and `ServerHung` if the server does
    not bring it about within the driver's deadline.
    """

    driver: VirtualDriver
    charger: VirtualCharger
    transaction_id: int | None = field(default=None, init=False)

    async def begin(self) -> None:
        """Reserve and start; return when energy flows."""
        if self.charger.connector_id is None:
            raise BadAnswer("The server gave the charger no number")
        self.transaction_id = await self.driver.reserve(self.charger.connector_id)
        await self.driver.start(self.transaction_id)
        await self.charger.until(Screen.CHARGING, within_s=self.driver.within_s)

    async def stay(self, seconds: float) -> None:
        """Let time pass, but not longer than the charge goes on.

        Raise what became of the charger if its line is lost.
        """
        clock = self.driver.clock
        until = clock.seconds() + seconds
        while self.charger.screen is Screen.CHARGING:
            left_s = until - clock.seconds()
            if left_s <= 0:
                return
            await deferLater(clock, min(left_s, LOOK_AGAIN_S))
        if self.charger.trouble:
            raise self.charger.trouble

    async def end(self) -> JsonObject:
        """Stop, and return the transaction once its price is final.

        A visit whose start failed is stopped alike, which cancels it.
        """
        if self.transaction_id is None:
            raise BadAnswer("Nothing was reserved")
        clock, within_s = self.driver.clock, self.driver.within_s
        deadline = clock.seconds() + within_s
        bill = await self.driver.stop(self.transaction_id)
        while not _is_final(bill):
            if clock.seconds() >= deadline:
                raise ServerHung(f"the price was not final within {within_s:g} s")
            await deferLater(clock, LOOK_AGAIN_S)
            bill = await self.driver.read(self.transaction_id)
        return bill


def _is_final(bill: JsonObject) -> bool:
    """Tell whether a bill is sealed; a server that says nothing of it means yes."""
    return bill.get("endTimestamp") is not None and bill.get("final") is not False
