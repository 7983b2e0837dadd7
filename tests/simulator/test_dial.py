"""Opening a socket: what becomes of it when the server is away, hangs or refuses."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectingCancelledError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer

from flexicharge.simulator.charger import Screen, VirtualCharger
from flexicharge.simulator.dial import dial, open_on
from flexicharge.simulator.errors import (
    LinkLost,
    ServerHung,
    ServerNotThere,
    ServerRefused,
)
from flexicharge.simulator.sockets import SimulatorFactory, charger_factory
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.wire import Wire
from tests.simulator.toy_server import ToyServer

URL = "ws://charge.example:1337"


@implementer(IStreamClientEndpoint)
@define
class SlowEndpoint:
    """An endpoint whose connection comes when the test says so."""

    connecting: Deferred[Any] = field(
        factory=lambda: Deferred(
            lambda d: d.errback(ConnectingCancelledError("charge.example"))
        )
    )

    def connect(self, factory: SimulatorFactory) -> Deferred[Any]:
        """Wait."""
        return self.connecting


@pytest.fixture
def charger(clock: Clock) -> VirtualCharger:
    """A charger that is not connected yet."""
    return VirtualCharger(serial_number="abc118", clock=clock)


def test_an_open_socket_is_returned(clock: Clock, charger: VirtualCharger) -> None:
    """Not before the handshake is done, and the charger is on it."""
    factory = charger_factory(URL, charger, clock)
    endpoint = SlowEndpoint()
    opening = fire(open_on(endpoint, factory, 5))
    toy = ToyServer(clock)
    socket = result_of(toy.dial(factory))
    endpoint.connecting.callback(socket)
    assert result_of(opening) is socket
    assert charger.screen is Screen.AVAILABLE


def test_nobody_there_is_named_with_address(
    clock: Clock, charger: VirtualCharger
) -> None:
    """Host and port are what a person can check."""
    endpoint = SlowEndpoint()
    opening = fire(open_on(endpoint, charger_factory(URL, charger, clock), 5))
    endpoint.connecting.errback(ConnectError())
    with pytest.raises(ServerNotThere, match=r"Nobody answers at charge\.example:1337"):
        result_of(opening)


def test_a_connection_that_does_not_come_has_a_deadline(
    clock: Clock, charger: VirtualCharger
) -> None:
    """However Twisted's endpoints call their being cancelled."""
    opening = fire(open_on(SlowEndpoint(), charger_factory(URL, charger, clock), 5))
    clock.advance(5)
    with pytest.raises(ServerHung, match="opened no WebSocket within 5 s"):
        result_of(opening)


def test_a_handshake_that_is_not_answered_has_the_same_deadline(
    clock: Clock, charger: VirtualCharger
) -> None:
    """A server that accepts and then says nothing is hung up on."""
    factory = charger_factory(URL, charger, clock)
    wire = Wire.connect(Factory.forProtocol(Protocol), factory)
    endpoint = SlowEndpoint()
    opening = fire(open_on(endpoint, factory, 5))
    clock.advance(3)
    endpoint.connecting.callback(wire.client.protocol)
    clock.advance(2)
    with pytest.raises(ServerHung, match="opened no WebSocket within 5 s"):
        result_of(opening)
    assert wire.is_lost


def test_whoever_gives_up_waiting_leaves_no_connection(
    clock: Clock, charger: VirtualCharger
) -> None:
    """A cancelled dial is a cancelled dial, not an error of the network."""
    opening = fire(open_on(SlowEndpoint(), charger_factory(URL, charger, clock), 5))
    opening.cancel()
    with pytest.raises(CancelledError):
        result_of(opening)
    assert clock.getDelayedCalls() == []


def test_a_refused_handshake_says_its_status(
    clock: Clock, charger: VirtualCharger
) -> None:
    """Charger and dialler both know."""
    toy = ToyServer(clock)
    toy.refuse_handshake = 409
    with pytest.raises(ServerRefused) as refused:
        result_of(toy.dial(charger_factory(URL, charger, clock)))
    assert refused.value.status == 409
    assert charger.screen is Screen.NOT_AVAILABLE


def test_a_connection_that_breaks_in_the_handshake_is_lost(
    clock: Clock, charger: VirtualCharger
) -> None:
    """No status was heard, so it is no refusal."""
    factory = charger_factory(URL, charger, clock)
    endpoint = SlowEndpoint()
    opening = fire(open_on(endpoint, factory, 5))
    wire = Wire.connect(Factory.forProtocol(Protocol), factory)
    endpoint.connecting.callback(wire.client.protocol)
    wire.lose()
    with pytest.raises(LinkLost):
        result_of(opening)


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_host_and_port_of_the_url_are_dialled(scheme: str) -> None:
    """The reactor is asked for one TCP connection, in clear or for TLS."""
    reactor = MemoryReactorClock()
    charger = VirtualCharger(serial_number="abc118", clock=reactor)
    factory = charger_factory(f"{scheme}://127.0.0.1:1337", charger, reactor)
    opening = fire(dial(reactor, factory, 5))
    assert [client[:2] for client in reactor.tcpClients] == [("127.0.0.1", 1337)]
    opening.cancel()
    with pytest.raises(CancelledError):
        result_of(opening)
