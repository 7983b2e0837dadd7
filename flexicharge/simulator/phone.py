"""A driver's phone: the app's requests, signed in whenever one is made, and counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import BadAnswer, ServerRefused, SimulatorError
from flexicharge.simulator.sockets import (
    SimulatorFactory,
    SimulatorSocket,
    driver_factory,
)
from flexicharge.simulator.tally import Tally

Request = Callable[[VirtualDriver], Awaitable[Any]]
INTERNAL_ERROR: Final = 500


class Reach(Protocol):
    """How virtual chargers and drivers get at a server."""

    @property
    def ws_url(self) -> str:
        """Where sockets are dialled, without a path."""

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Return an open socket to a factory's URL; raise `SimulatorError`."""

    async def app(self, number: int) -> VirtualDriver:
        """Return the app of a driver, signed in for some more minutes at least.

        Raise `SimulatorError`.
        """

    async def tag(self, number: int) -> str:
        """Return the tag of a driver, which the server knows to be theirs.

        Raise `SimulatorError`.
        """


@frozen(kw_only=True)
class Bill:
    """What an app showed of a transaction; energy in Wh, price in öre."""

    transaction_id: int
    energy_wh: int
    price_ore: int | None
    is_final: bool

    @classmethod
    def of(cls, told: JsonObject) -> Bill:
        """Return what a transaction's JSON says; raise `BadAnswer`.

        A server that says nothing of finality means that what has ended is final.
        """
        try:
            price, ended = told.get("price"), told.get("endTimestamp") is not None
            return cls(
                transaction_id=int(told["transactionID"]),
                energy_wh=_energy_wh(told),
                price_ore=None if price is None else int(price),
                is_final=ended and told.get("final") is not False,
            )
        except (KeyError, TypeError, ValueError):
            raise BadAnswer("The server's bill cannot be read") from None


def _energy_wh(told: JsonObject) -> int:
    if "energyWh" in told:
        return int(told["energyWh"])
    return round(float(told.get("kwhTransferred") or 0) * 1000)


@define(eq=False, kw_only=True)
class Phone:
    """What driver `number` does with the app. Every method raises `SimulatorError`.

    Where `is_impatient` says so, a request is sent twice at once, as by a double tap.
    """

    number: int
    reach: Reach
    clock: IReactorTime
    tally: Tally
    is_impatient: Callable[[], bool] = field(default=lambda: False)

    async def reserve(self, connector_id: int) -> int:
        """Return the number of a new transaction on a charger."""
        number: int = await self._ask(
            "POST /transaction", lambda app: app.reserve(connector_id)
        )
        return number

    async def tag(self) -> str:
        """Return the driver's tag."""
        return await self.reach.tag(self.number)

    async def start(self, transaction_id: int) -> None:
        """Ask for the charge to start."""
        await self._ask("PUT start", lambda app: app.start(transaction_id))

    async def stop(self, transaction_id: int) -> Bill:
        """Ask for the charge to stop; return the bill so far."""
        return Bill.of(
            await self._ask("PUT stop", lambda app: app.stop(transaction_id))
        )

    async def read(self, transaction_id: int) -> Bill:
        """Return the bill so far."""
        app = await self.reach.app(self.number)
        told = await self._timed(
            "GET /transaction", lambda app: app.read(transaction_id), app
        )
        return Bill.of(told)

    async def watch(self, on_frame: Callable[[bytes], None]) -> SimulatorSocket:
        """Open the live socket."""
        app = await self.reach.app(self.number)
        return await self.reach.dial(
            driver_factory(
                self.reach.ws_url, app.user_id, app.token, on_frame, app.clock
            )
        )

    async def _ask(self, what: str, request: Request) -> Any:
        app = await self.reach.app(self.number)
        if not self.is_impatient():
            return await self._timed(what, request, app)
        taps = [Deferred.fromCoroutine(self._timed(what, request, app)) for _ in (1, 2)]
        answers = await DeferredList(taps, consumeErrors=True)
        for succeeded, answer in answers:
            if succeeded:
                return answer
        raise answers[0][1].value

    async def _timed(self, what: str, request: Request, app: VirtualDriver) -> Any:
        """Return the answer, and count how long it took or what went wrong."""
        self.tally.total["requests"] += 1
        asked_at = app.clock.seconds()
        try:
            answer = await request(app)
        except ServerRefused as why:
            self.tally.took(what, app.clock.seconds() - asked_at)
            if why.status >= INTERNAL_ERROR:
                self.tally.total["server errors"] += 1
            self.tally.mishaps[f"{what}: {why}"] += 1
            raise
        except SimulatorError as why:
            self.tally.mishaps[f"{what}: {type(why).__name__}"] += 1
            raise
        self.tally.took(what, app.clock.seconds() - asked_at)
        return answer
