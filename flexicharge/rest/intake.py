"""Connections and requests of the HTTP side: what a client may take of us.

A request has a minute to arrive whole and may bring 1 MiB; its headers have Twisted's
limits (16 KiB, 500 lines). HTTP/1.1 only.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.replies import problem

ARRIVES_WITHIN_S: Final = 60.0
LINGER_S: Final = 5.0
# Browsers do not let `*` stand for Authorization (contract §4.0).
CORS: Final = {
    b"Access-Control-Allow-Origin": b"*",
    b"Access-Control-Allow-Methods": b"*",
    b"Access-Control-Allow-Headers": b"*, Authorization",
    b"Access-Control-Expose-Headers": b"*",
}

# Tells a client's address from that of the other end and what a proxy forwarded.
PeerOf = Callable[[str, str], str]


class EdgeRequest(Request):
    """A request whose every response may be read by scripts of any origin."""

    _log = Logger()

    def getRequestHostname(self) -> bytes:
        """Return the same name always: what the Host header says plays no part here."""
        return b"flexicharge"

    def notifyFinish(self) -> Deferred[None]:
        """Return a Deferred that fires when the response is out, or nobody reads it.

        It never fails: Klein would cancel the handler, and an app that hangs up after a
        second must not take back half of a start or a stop.
        """
        return super().notifyFinish().addErrback(lambda _: None)

    def write(self, data: bytes) -> None:
        """Write to the client; the headers common to all responses go out first."""
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b"Server")
            for name, value in CORS.items():
                self.setHeader(name, value)
        super().write(data)

    def processingFailed(self, reason: Failure) -> Failure:
        """Log what no handler foresaw; tell the client that, and no more."""
        self._log.failure(
            "{method} {path} failed",
            reason,
            method=self.method.decode("latin-1"),
            path=self.path.decode("latin-1"),
        )
        self.write(problem(self, 500, "internalError", "Internal Server Error"))
        self.finish()
        return reason


class EdgeChannel(http.HTTPChannel):
    """One client's connection; once it is refused or closed, nothing more is heard."""

    _deaf = False
    _chunked_bytes = 0

    def resetTimeout(self) -> None:
        """Let time run on: a byte now and then does not keep a connection open."""

    def lineReceived(self, line: bytes) -> None:
        """Take a line of the request's head."""
        if not self._deaf:
            super().lineReceived(line)

    def headerReceived(self, line: bytes) -> bool:
        """Take a header; False, and the end of the connection, for one we can't read.

        Twisted itself would fail on a Content-Length of thousands of digits.
        """
        try:
            return bool(super().headerReceived(line))
        except ValueError:
            self.loseConnection()
            return False

    def allHeadersReceived(self) -> None:
        """Go on to the body, unless it says that it is too large."""
        if self.length is not None and self.length > MAX_BODY:
            self._refuse()
        else:
            self._chunked_bytes = 0
            super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:
        """Take a part of the body; one of unknown length is counted as it comes."""
        if self._deaf:
            return
        if self.length is None:
            self._chunked_bytes += len(data)
            if self._chunked_bytes > MAX_BODY:
                self._refuse()
                return
        super().rawDataReceived(data)

    def loseConnection(self) -> None:
        """Close, and act on nothing that was still on its way."""
        self._deaf = True
        super().loseConnection()

    def _refuse(self) -> None:
        """Answer 413; then read into the void for a while before closing.

        Closing at once would reset the connection, and the answer could be lost.
        """
        self._deaf = True
        request = self.requests[-1]
        request.clientproto = b"HTTP/1.1"
        request.setHeader(b"Connection", b"close")
        request.write(problem(request, 413, "payloadTooLarge", "The body is too large"))
        request.finish()
        self.setTimeout(LINGER_S)


class EdgeSite(Site):
    """The site for one door; it keeps no access log, since tokens travel in URLs."""

    protocol = cast("Any", EdgeChannel)  # Twisted declares its own wrapper here
    noisy = False

    def __init__(self, door: IResource, clock: IReactorTime, peer_of: PeerOf) -> None:
        self._peer_of = peer_of
        super().__init__(
            door,
            EdgeRequest,
            timeout=ARRIVES_WITHIN_S,
            reactor=clock,
            parsePOSTFormSubmission=False,
        )

    def startFactory(self) -> None:
        """Do nothing: the base class would start to date an access log."""

    def getResourceFor(self, request: Request) -> IResource:
        """Return the door, once it is known who stands before it."""
        request.client = self._address_of(request)
        return cast("IResource", super().getResourceFor(request))

    def log(self, request: http.Request) -> None:
        """Write nothing."""

    def getContentFile(self, length: int | None) -> BytesIO:
        """Return where a body goes: memory, as no body here is worth a file."""
        return BytesIO()

    def acceptableProtocols(self) -> list[bytes]:
        """Return what TLS may negotiate."""
        return [b"http/1.1"]

    def _address_of(self, request: Request) -> object:
        address = request.getClientAddress()
        neighbour = str(getattr(address, "host", ""))
        forwarded = request.requestHeaders.getRawHeaders(b"X-Forwarded-For", ())
        peer = self._peer_of(neighbour, b",".join(forwarded).decode("latin-1"))
        if peer == neighbour:
            return address
        return (IPv6Address if ":" in peer else IPv4Address)("TCP", peer, 0)


def http_site(
    door: IResource, clock: IReactorTime, peer_of: PeerOf = lambda address, _: address
) -> Site:
    """Return the factory to listen with; it keeps time by `clock`.

    Behind proxies `peer_of` says which address limits are counted under.
    """
    return EdgeSite(door, clock, peer_of)
