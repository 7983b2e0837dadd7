"""A connection between two real protocols, carried by hand and breakable at will."""

from __future__ import annotations

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure

from flexicharge.wire.transport import MemoryTransport


class Wire:
    """Joins a server's and a client's protocol; nothing moves until `flush`.

    `severed` makes both ends believe in a connection over which nothing comes any more:
    a half-open socket.
    """

    def __init__(self, server: Protocol, client: Protocol, peer: str) -> None:
        here, there = IPv4Address("TCP", "127.0.0.1", 1337), IPv4Address("TCP", peer, 1)
        self.severed = False
        self.server = MemoryTransport(self, server, here, there)
        self.client = MemoryTransport(self, client, there, here)

    @classmethod
    def connect(
        cls, server: Factory, client: Factory, *, peer: str = "127.0.0.1"
    ) -> Wire:
        """Build both protocols, as a port and an endpoint would, and connect them."""
        wire = cls(built(server, peer), built(client, peer), peer)
        wire.begin()
        return wire

    def begin(self) -> None:
        """Tell both protocols that they are connected."""
        self.server.protocol.makeConnection(self.server)
        self.client.protocol.makeConnection(self.client)

    @property
    def is_lost(self) -> bool:
        """True once both ends have been told that it is over."""
        return self.server.lost and self.client.lost

    def stirred(self) -> None:
        """Take note that there is something to carry; whoever flushes may want it."""

    def flush(self) -> None:
        """Carry everything over, with all that this causes, until it is quiet."""
        while self._carry(self.client, self.server) | self._carry(
            self.server, self.client
        ):
            pass
        for end in (self.server, self.client):
            if end.closing and not end.outbox and not self.severed:
                self.lose()

    def lose(self, aborted_by: MemoryTransport | None = None) -> None:
        """Tell both ends that it is over; beyond a severed wire nobody learns."""
        for end in (self.server, self.client):
            if end.lost or (self.severed and end is not aborted_by):
                continue
            end.lost = True
            end.protocol.connectionLost(Failure(_reason(end, aborted_by)))

    def _carry(self, source: MemoryTransport, target: MemoryTransport) -> bool:
        moved = False
        while source.outbox and (self.severed or target.reading):
            moved, data = True, source.take()
            if data and not self.severed and not target.lost:
                target.protocol.dataReceived(data)
        return moved


def _reason(end: MemoryTransport, aborted_by: MemoryTransport | None) -> Exception:
    if aborted_by is None:
        return ConnectionDone()
    return ConnectionAborted() if end is aborted_by else ConnectionLost()


def built(factory: Factory, peer: str) -> Protocol:
    """Return a factory's protocol for a connection with `peer`."""
    address: IAddress = IPv4Address("TCP", peer, 1)
    protocol = factory.buildProtocol(address)
    if protocol is None:
        raise ConnectionLost("a factory would not build a protocol")
    if not isinstance(protocol, Protocol):
        raise TypeError("a wire joins subclasses of Protocol")
    return protocol
