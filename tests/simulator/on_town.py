"""Joins virtual chargers and drivers to a whole back end in memory."""

from __future__ import annotations

from typing import Any, cast

from attrs import define, field
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.test.iosim import FakeTransport, IOPump, connect
from twisted.web.client import Agent
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.testing.town import Town
from flexicharge.wire import Wire

WS_URL = "ws://town:1337"


@implementer(IAgentEndpointFactory, IStreamClientEndpoint)
@define(eq=False)
class Lines:
    """All connections to the town's two ports."""

    town: Town
    wires: list[Wire] = field(factory=list)
    pumps: list[IOPump] = field(factory=list)

    @property
    def clock(self) -> Clock:
        """The town's time."""
        return self.town.clock

    # HTTP

    def agent(self) -> Agent:
        """Return what makes requests to the town's site."""
        return Agent.usingEndpointFactory(self.clock, self)

    def endpointForURI(self, uri: object) -> IStreamClientEndpoint:
        """Return the one way there is."""
        return self

    def connect(self, factory: Factory) -> Deferred[Any]:
        """Connect a client of HTTP."""
        here, there = (
            IPv4Address("TCP", "127.0.0.1", 80),
            IPv4Address("TCP", "127.0.0.1", 1),
        )
        server = self.town.back_end.site.buildProtocol(there)
        client = factory.buildProtocol(here)
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
        wire = Wire.connect(self.town.back_end.gateway, factory)
        self.wires.append(wire)
        socket = cast("SimulatorSocket", wire.client.protocol)
        wire.flush()
        await socket.settled
        if socket.trouble:
            raise socket.trouble
        return socket

    # people and things

    def driver(self) -> VirtualDriver:
        """Return somebody who has signed up and signed in."""
        caller, token = self.town.driver()
        driver = VirtualDriver(url="http://town", agent=self.agent(), clock=self.clock)
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
            for line in (*self.wires, *self.pumps):
                line.flush()

    def pass_time(self, seconds: float) -> None:
        """Let time pass in eighths of a second."""
        self.flush()
        for _ in range(round(seconds * 8)):
            self.clock.advance(0.125)
            self.flush()
