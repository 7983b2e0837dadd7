"""Joins virtual chargers and drivers to a whole back end in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from attrs import define, field
from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.test.iosim import FakeTransport, IOPump, connect
from twisted.web.client import Agent
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.wire import Wire

if TYPE_CHECKING:
    from flexicharge.testing.town import Town

HTTP_URL: Final = "http://town"
WS_URL: Final = "ws://town:1337"


@implementer(IAgentEndpointFactory, IStreamClientEndpoint)
@define(eq=False)
class Lines:
    """All connections to the town's two ports."""

    town: Town = field(repr=False)  # which is long, and Twisted's pool prints us
    wires: list[Wire] = field(factory=list)
    pumps: list[IOPump] = field(factory=list)

    @property
    def clock(self) -> Clock:
        """The town's time."""
        return self.town.clock

    # HTTP

    def agent(self) -> Agent:
        """Return what makes requests to the town's site."""
        agent: Agent = Agent.usingEndpointFactory(self.clock, self)
        return agent

    def endpointForURI(self, uri: object) -> IStreamClientEndpoint:
        """Return the one way there is."""
        return self

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """Connect a client of HTTP."""
        here, there = (
            IPv4Address("TCP", "127.0.0.1", 80),
            IPv4Address("TCP", "127.0.0.1", 1),
        )
        server = self.town.back_end.site.buildProtocol(there)
        client = protocolFactory.buildProtocol(here)
        self.pumps.append(
            connect(
                server,
                FakeTransport(server, True, hostAddress=here, peerAddress=there),
                client,
                FakeTransport(client, False, hostAddress=there, peerAddress=here),
            )
        )
        return succeed(client)

    # WebSockets

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Open a socket, as `dial` does over TCP."""
        self.wires = [wire for wire in self.wires if not wire.is_lost]
        wire = Wire.connect(self.town.back_end.gateway, factory)
        self.wires.append(wire)
        socket = cast("SimulatorSocket", wire.client.protocol)
        wire.flush()
        try:
            await socket.settled
        except CancelledError:
            socket.give_up()
            raise
        if socket.trouble:
            raise socket.trouble
        return socket

    def cut(self) -> None:
        """Lose every socket, as when the server's process is killed."""
        for wire in self.wires:
            wire.lose(aborted_by=wire.server)

    # people and things

    def driver(self) -> VirtualDriver:
        """Return somebody who has signed up and signed in."""
        caller, token = self.town.driver()
        driver = VirtualDriver(url=HTTP_URL, agent=self.agent(), clock=self.clock)
        driver.user_id, driver.token = caller.user_id, token
        return driver

    def charger(self, serial_number: str = "abc117", **how: Any) -> VirtualCharger:
        """Return a charger with a car, not connected yet."""
        how.setdefault("car", Car())
        return VirtualCharger(serial_number=serial_number, clock=self.clock, **how)

    # time

    def flush(self) -> None:
        """Carry everything over."""
        for _ in range(4):  # what comes over one line may go on over another
            lines: list[Wire | IOPump] = [*self.wires, *self.pumps]
            for line in lines:
                line.flush()

    def pass_time(self, seconds: float, step_s: float = 0.125) -> None:
        """Let time pass, in eighths of a second unless another step will do."""
        self.flush()
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            self.flush()
