"""The in-memory wire carries bytes as TCP would, and breaks as TCP does."""

from __future__ import annotations

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IConsumer, IPushProducer, ITransport
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from flexicharge.wire import Wire


class Talker(Protocol):
    def __init__(self) -> None:
        self.heard = b""
        self.over: type[BaseException] | None = None

    def dataReceived(self, data: bytes) -> None:
        self.heard += data
        if data == b"ping":
            self.transport.write(b"pong")  # type: ignore[union-attr]  # connected

    def connectionLost(self, reason: Failure = None) -> None:  # type: ignore[assignment]  # twisted's own default
        self.over = reason.type


def connect() -> tuple[Wire, Talker, Talker]:
    factory = Factory.forProtocol(Talker)
    wire = Wire.connect(factory, factory, peer="192.0.2.7")
    server, client = wire.server.protocol, wire.client.protocol
    assert isinstance(server, Talker)
    assert isinstance(client, Talker)
    return wire, server, client


def test_both_ends_believe_in_tcp() -> None:
    """The transports promise what protocols ask of them."""
    wire, _, _ = connect()
    for interface in (ITransport, IConsumer, IPushProducer):
        assert verifyObject(interface, wire.server)
    assert wire.server.getPeer().host == "192.0.2.7"


def test_nothing_moves_before_a_flush() -> None:
    """And a flush carries what it causes, too."""
    wire, server, client = connect()
    wire.client.write(b"ping")
    assert server.heard == b""
    wire.flush()
    assert (server.heard, client.heard) == (b"ping", b"pong")


def test_closing_delivers_what_was_written() -> None:
    """Both ends then learn that it is over."""
    wire, server, client = connect()
    wire.client.write(b"bye")
    wire.client.loseConnection()
    wire.client.write(b"too late")
    wire.flush()
    assert server.heard == b"bye"
    assert (server.over, client.over) == (ConnectionDone, ConnectionDone)
    assert wire.is_lost


def test_aborting_loses_what_was_written() -> None:
    """The other end sees a connection that was lost."""
    wire, server, _ = connect()
    wire.client.write(b"bye")
    wire.client.abortConnection()
    assert server.heard == b""
    assert server.over is ConnectionLost


def test_a_severed_wire_is_half_open() -> None:
    """Each end goes on believing; only the one that aborts knows."""
    wire, server, client = connect()
    wire.severed = True
    wire.client.write(b"ping")
    wire.flush()
    assert (server.heard, client.heard) == (b"", b"")
    wire.server.abortConnection()
    assert server.over is not None
    assert client.over is None


def test_a_paused_end_hears_nothing_until_it_resumes() -> None:
    """What was written meanwhile is not lost."""
    wire, server, _ = connect()
    wire.server.pauseProducing()
    wire.client.write(b"ping")
    wire.flush()
    assert server.heard == b""
    wire.server.resumeProducing()
    wire.flush()
    assert server.heard == b"ping"
