"""Where HTTP requests come in: what all of them and their answers have in common.

HTTP/1.1 only. `channel` says what one connection may take of us, `crowd` how many there
may be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import http
from twisted.web.resource import IResource
from twisted.web.server import Request, Site

from flexicharge.rest.channel import ARRIVES_WITHIN_S, EdgeChannel
from flexicharge.rest.clients import counted_as, is_at_home
from flexicharge.rest.crowd import MOST, Crowd
from flexicharge.rest.refusals import CORS
from flexicharge.rest.replies import problem

PREFLIGHT_KEPT_S: Final = 600
# A request for a proxy, which names the host with the path (RFC 9112 §3.2.2).
WITH_HOST: Final = re.compile(rb"\Ahttps?://[^/?#]+/?", re.IGNORECASE)
SOMEBODY: Final = "192.0.2.1"  # nobody's address (RFC 5737)

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

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Go on to the handler; a host before the path plays no part either."""
        super().requestReceived(command, WITH_HOST.sub(b"/", path, count=1), version)

    def write(self, data: bytes) -> None:
        """Write to the client; the headers common to all responses go out first."""
        if not self.startedWriting:
            self.responseHeaders.removeHeader(b"Server")
            for name, value in CORS.items():
                self.setHeader(name, value)
            if self.method == b"OPTIONS":
                self.setHeader(b"Access-Control-Max-Age", b"%d" % PREFLIGHT_KEPT_S)
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


class EdgeSite(Site):
    """The site for one door; it keeps no access log, since tokens travel in URLs."""

    protocol = cast("Any", EdgeChannel)  # Twisted declares its own wrapper here
    noisy = False

    def __init__(
        self, door: IResource, clock: IReactorTime, peer_of: PeerOf, most: int
    ) -> None:
        self._peer_of = peer_of
        self.crowd = Crowd(most)
        super().__init__(
            door,
            EdgeRequest,
            timeout=ARRIVES_WITHIN_S,
            reactor=clock,
            parsePOSTFormSubmission=False,
        )

    def startFactory(self) -> None:
        """Do nothing: the base class would start to date an access log."""

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """Return a connection, or None to close it: all others are being answered."""
        channel = cast("EdgeChannel", super().buildProtocol(addr))
        channel.crowd = self.crowd
        return channel if self.crowd.arrive(channel, self._guest_of(addr)) else None

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

    def _guest_of(self, addr: IAddress | None) -> str | None:
        """Return what a connection is counted under, None if it stands for many."""
        host = str(getattr(addr, "host", ""))
        if is_at_home(host) or self._peer_of(host, SOMEBODY) == SOMEBODY:
            return None
        return counted_as(host)

    def _address_of(self, request: Request) -> object:
        address = request.getClientAddress()
        neighbour = str(getattr(address, "host", ""))
        forwarded = request.requestHeaders.getRawHeaders(b"X-Forwarded-For", ())
        peer = self._peer_of(neighbour, b",".join(forwarded).decode("latin-1"))
        if peer == neighbour:
            return address
        return (IPv6Address if ":" in peer else IPv4Address)("TCP", peer, 0)


def http_site(
    door: IResource,
    clock: IReactorTime,
    peer_of: PeerOf = lambda address, _: address,
    most: int = MOST,
) -> EdgeSite:
    """Return the factory to listen with; it keeps time by `clock`.

    Behind proxies `peer_of` says which address limits are counted under. `most`
    connections are open at a time.
    """
    return EdgeSite(door, clock, peer_of, most)
