"""HTTP requests in simulated time, without the generality of Twisted's own client.

What the server reads is what any client sends. Its responses always say how long they
are and are read whole, which is all that the drivers' apps need.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast
from urllib.parse import urlsplit

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IConsumer, IProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IBodyProducer, IResponse
from zope.interface import implementer

END_OF_HEAD: Final = b"\r\n\r\n"
HTTP: Final = (b"HTTP", 1, 1)


@implementer(IAgent)
@define(eq=False, repr=False)
class LineAgent:
    """Makes each request over a connection of its own, which `connect` opens.

    One that keeps connections makes the next request over one that is idle, if any.
    """

    _connect: Callable[[Factory], Deferred[Any]]
    _keeps: bool = False
    _idle: list[_Exchange] = field(factory=list, init=False)

    def request(
        self,
        method: bytes,
        uri: bytes,
        headers: Headers | None = None,
        bodyProducer: IBodyProducer | None = None,
    ) -> Deferred[IResponse]:
        """Fire with the response once it is there whole."""
        body = _Body()
        if bodyProducer is not None:
            bodyProducer.startProducing(cast("IConsumer", body))
        headers = headers or Headers()
        if not self._keeps:
            headers.setRawHeaders(b"Connection", [b"close"])
        request = _request(method, uri, headers, body.content)
        if self._idle:
            return self._idle.pop().again(request)
        exchange = _Exchange(request, self._idle if self._keeps else None)
        opened = self._connect(cast("Factory", _Once(exchange)))
        opened.addErrback(exchange.failed)
        return exchange.answered


class _Body:
    """What a body is written to."""

    def __init__(self) -> None:
        self.content = b""

    def write(self, data: bytes) -> None:
        self.content += data


def _request(method: bytes, uri: bytes, headers: Headers, body: bytes) -> bytes:
    parts = urlsplit(uri)
    target = parts.path + (b"?" + parts.query if parts.query else b"")
    lines = [b"%b %b HTTP/1.1" % (method, target), b"Host: " + parts.netloc]
    for name, values in headers.getAllRawHeaders():
        lines += [b"%b: %b" % (name, value) for value in values]
    lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(lines) + END_OF_HEAD + body


@define(eq=False, repr=False)
class _Once:
    """A factory of one protocol."""

    _protocol: Protocol

    def buildProtocol(self, addr: object) -> Protocol:
        return self._protocol


class _Exchange(Protocol):
    """Sends a request and reads its response; is then `idle`, or closes."""

    def __init__(self, request: bytes, idle: list[_Exchange] | None) -> None:
        self.answered: Deferred[IResponse] = Deferred(self._given_up)
        self._request, self._received, self._idle = request, b"", idle

    def again(self, request: bytes) -> Deferred[IResponse]:
        """Send another request; fire with its response."""
        self.answered, self._received = Deferred(self._given_up), b""
        self._transport.write(request)
        return self.answered

    def connectionMade(self) -> None:
        if self.answered.called:  # given up while it was being connected
            self._transport.abortConnection()
        else:
            self._transport.write(self._request)

    def dataReceived(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(END_OF_HEAD)
        if not found or self.answered.called:
            return
        status_line, *lines = head.split(b"\r\n")
        headers = Headers()
        for line in lines:
            name, _, value = line.partition(b": ")
            headers.addRawHeader(name, value)
        lengths = headers.getRawHeaders(b"Content-Length") or [b"0"]
        if len(body) >= int(lengths[0]):
            status = int(status_line.split()[1])
            if self._idle is None:
                self._transport.loseConnection()
            else:
                self._idle.append(self)
            self.answered.callback(_Response(status, headers, body))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._idle is not None and self in self._idle:
            self._idle.remove(self)
        if not self.answered.called:
            self.answered.errback(ResponseFailed([reason]))

    def failed(self, why: Failure) -> None:
        """Tell whoever asked that there was no connection."""
        if not self.answered.called:
            self.answered.errback(why)

    def _given_up(self, _: Deferred[IResponse]) -> None:
        if self.transport is not None:
            self._transport.abortConnection()

    @property
    def _transport(self) -> Any:
        return self.transport


@implementer(IResponse)
@define(eq=False, repr=False)
class _Response:
    """A whole response."""

    code: int
    headers: Headers
    _body: bytes
    version: tuple[bytes, int, int] = HTTP
    phrase: bytes = b""
    request: Any = None
    previousResponse: Any = None
    length: int = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.length = len(self._body)

    def deliverBody(self, protocol: IProtocol) -> None:
        """Hand over the body at once."""
        protocol.dataReceived(self._body)
        protocol.connectionLost(Failure(ResponseDone()))

    def setPreviousResponse(self, response: IResponse) -> None:
        """Keep what led here."""
        self.previousResponse = response
