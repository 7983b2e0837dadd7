"""The network between everybody and the server, on simulated time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

from attrs import define, field
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectError, ConnectionLost
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.protocol import Protocol as BaseProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.testing.clock import HeapClock
from flexicharge.wire import MemoryTransport, Wire
from flexicharge.wire.wire import built

PEER: Final = "127.0.0.1"


class Weather(Protocol):
    """What becomes of bytes on their way."""

    def delay_s(self, line: Line) -> float | None:
        """Return how long the next bytes take, or None if they never arrive.

        Whoever returns None has done to the line what it wants done.
        """


class Line(Wire):
    """A connection to the server whose bytes take their time, in order.

    Without weather everything is carried over at once, when the network settles.
    """

    def __init__(
        self, lines: Lines, server: BaseProtocol, client: BaseProtocol, peer: str
    ) -> None:
        super().__init__(server, client, peer)
        self._lines = lines
        self._is_ready = False
        self._ways = (_Way(self.client, self.server), _Way(self.server, self.client))

    @property
    def ends(self) -> str:
        """What both ends know of it, for a person to read."""
        return "; ".join(
            f"{name} {'has lost it' if end.lost else 'holds it'}"
            for name, end in (("server", self.server), ("client", self.client))
        )

    def stirred(self) -> None:
        """Have the network carry what there is."""
        if not self._is_ready:
            self._is_ready = True
            self._lines.ready.append(self)

    def carry(self) -> None:
        """Carry what there is, or put it on its way."""
        self._is_ready = False
        if self._lines.weather is None:
            self.flush()
        else:
            for way in self._ways:
                self._deliver(way)
                self._put_on_its_way(way, self._lines.weather)

    def lose(self, aborted_by: MemoryTransport | None = None) -> None:
        """Tell both ends that it is over; beyond a severed wire nobody learns."""
        super().lose(aborted_by)
        if self.is_lost:
            self._lines.forget(self)

    def break_off(self) -> None:
        """Let both ends lose the connection, with all that was on its way."""
        self.severed = False
        self.server.outbox.clear()
        self.client.outbox.clear()
        for end in (self.server, self.client):
            if not end.lost:
                end.lost = True
                end.protocol.connectionLost(Failure(ConnectionLost()))
        self._lines.forget(self)

    def server_died(self) -> None:
        """Let the client lose the connection; the server's end is no more."""
        self.server.lost = True
        self.break_off()

    def _put_on_its_way(self, way: _Way, weather: Weather) -> None:
        clock, source = self._lines.clock, way.source
        while (data := source.take()) is not None:
            delay_s = weather.delay_s(self)
            if delay_s is None or self.severed or way.target.lost:
                continue
            way.due_at = max(clock.rightNow + delay_s, way.due_at)
            way.bytes.append(data)
            clock.callLater(way.due_at - clock.rightNow, self._arrive, way)
        if source.closing and not source.lost and not way.is_ending:
            way.is_ending = True
            wait_s = max(way.due_at - clock.rightNow, 0.0)
            clock.callLater(wait_s, self._deliver, way)

    def _arrive(self, way: _Way) -> None:
        """Deliver the oldest of what is on its way, whichever it was sent for."""
        way.arrived += 1
        self._deliver(way)

    def _deliver(self, way: _Way) -> None:
        """Let an end read what has arrived, if it reads; close after the last of it.

        On a dead line only the end that closes learns of that.
        """
        target = way.target
        while way.arrived and target.reading and not self.severed and not target.lost:
            way.arrived -= 1
            target.protocol.dataReceived(way.bytes.popleft())
        if way.is_ending and (self.severed or not way.bytes):
            self.lose(aborted_by=way.source if self.severed else None)


@define(eq=False)
class _Way:
    """What is on its way to one end: so many of the oldest have `arrived` there."""

    source: MemoryTransport
    target: MemoryTransport
    bytes: deque[bytes] = field(factory=deque, init=False)
    arrived: int = field(default=0, init=False)
    due_at: float = field(default=0.0, init=False)
    is_ending: bool = field(default=False, init=False)


@define(eq=False, repr=False)
class Lines:
    """All connections there are, to a server that may be down for a while."""

    clock: HeapClock
    weather: Weather | None = None
    ready: deque[Line] = field(factory=deque, init=False)
    open: dict[int, Line] = field(factory=dict, init=False)

    def settle(self) -> None:
        """Carry everything that can be carried now, with all that this causes."""
        while self.ready:
            self.ready.popleft().carry()

    def connect(self, server: Factory, client: Factory) -> Any:
        """Connect a client; return its protocol."""
        line = Line(self, built(server, PEER), built(client, PEER), PEER)
        self.open[id(line)] = line
        line.begin()
        return line.client.protocol

    def forget(self, line: Line) -> None:
        """Drop a line whose ends are gone."""
        self.open.pop(id(line), None)

    def server_died(self) -> None:
        """Let every client lose its connection."""
        for line in list(self.open.values()):
            line.server_died()


@implementer(IStreamClientEndpoint)
@define(eq=False, repr=False)
class Door:
    """The way to a server's port, while there is a server."""

    _lines: Lines
    _server: Callable[[], Factory | None]

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        """Connect a client, or fail as where nobody listens."""
        server = self._server()
        if server is None:
            return fail(ConnectError(string="nobody listens"))
        return succeed(self._lines.connect(server, protocolFactory))
