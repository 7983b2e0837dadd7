"""How a simulation's chargers and drivers get at a server, over real sockets."""

from __future__ import annotations

from typing import Any, Final

from attrs import define, field
from twisted.internet.defer import DeferredSemaphore

from flexicharge.cli.simulate_people import People
from flexicharge.simulator.dial import dial
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerRefused
from flexicharge.simulator.sockets import (
    SimulatorFactory,
    SimulatorSocket,
    driver_factory,
)

HANDSHAKES_AT_A_TIME: Final = 64
UNAUTHORIZED: Final = 401
NOBODY: Final = "nobody"


@define(eq=False, kw_only=True)
class SocketReach:
    """A server's two ports, on a reactor; a few handshakes at a time.

    A thousand chargers that are switched on at once queue here and not at the server,
    where each would have a deadline running.
    """

    reactor: Any
    ws_url: str
    within_s: float
    people: People
    _handshakes: DeferredSemaphore = field(
        factory=lambda: DeferredSemaphore(HANDSHAKES_AT_A_TIME), init=False
    )

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Return an open socket to the factory's URL; raise as `simulator.dial`.

        Its pings and its closing run in real time, as the network does.
        """
        factory.reactor = self.reactor
        async with self._handshakes:
            return await dial(self.reactor, factory, self.within_s)

    async def app(self, number: int) -> VirtualDriver:
        """Return the app of a driver, signed in for some more minutes."""
        return await self.people.app(number)

    async def tag(self, number: int) -> str:
        """Return the tag of a driver."""
        return await self.people.tag(number)


async def knock(reactor: Any, ws_url: str, within_s: float) -> None:
    """Return if chargers and drivers are received at this address.

    Somebody without a token is refused there in a certain way. Raise as `dial` does.
    """
    factory = driver_factory(ws_url, NOBODY, "", lambda _: None, reactor)
    try:
        socket = await dial(reactor, factory, within_s)
    except ServerRefused as why:
        if why.status != UNAUTHORIZED:
            raise
    else:
        socket.hang_up()
