"""One client's HTTP connection: what it may take of us, in bytes and in time.

A request has a minute to arrive whole and may bring 1 MiB; its headers have Twisted's
limits (16 KiB, 500 lines). Requests are answered one at a time, and none more while the
client does not read.
"""

from __future__ import annotations

from typing import Any, Final

from twisted.internet.interfaces import IDelayedCall
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web import http

from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.crowd import Crowd
from flexicharge.rest.refusals import (
    BODY_TOO_LARGE,
    HEAD_TOO_LARGE,
    NO_HTTP,
    TARGET_TOO_LONG,
    Refusal,
)

ARRIVES_WITHIN_S: Final = 60.0
TAKEN_WITHIN_S: Final = 30.0  # what is still unread when a connection is to end
LINGER_S: Final = 5.0


class EdgeChannel(http.HTTPChannel):
    """One client's connection; once it is refused or closed, nothing more is heard."""

    crowd: Crowd
    transport: Any
    _deaf = False
    _body_bytes = 0
    _turn: IDelayedCall | None = None

    def resetTimeout(self) -> None:
        """Let time run on: a byte now and then does not keep a connection open."""

    def timeoutConnection(self) -> None:
        """Close: a request did not come in time."""
        self.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Take bytes, unless nothing more is heard."""
        if not self._deaf:
            super().dataReceived(data)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse a line longer than all lines together may be."""
        self._refuse(HEAD_TOO_LARGE if self._receivedHeaderSize else TARGET_TOO_LONG)

    def headerReceived(self, line: bytes) -> bool:
        """Take a header; False for one that is refused.

        Twisted itself would fail on a Content-Length of thousands of digits.
        """
        try:
            return bool(super().headerReceived(line))
        except ValueError:
            self._refuse(BODY_TOO_LARGE)
            return False

    def allHeadersReceived(self) -> None:
        """Go on to the body, unless it is clear already that it cannot be taken."""
        headers = self.requests[-1].requestHeaders
        codings = headers.getRawHeaders(b"Transfer-Encoding", ())
        if any(coding.lower() != b"chunked" for coding in codings):
            self._refuse(NO_HTTP)  # Twisted ignores `identity`; others may not
        elif self.length is not None and self.length > MAX_BODY:
            self._refuse(BODY_TOO_LARGE)
        else:
            self._body_bytes = 0
            super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:
        """Take a part of the body; one of unknown length is counted as it comes."""
        if not self._handlingRequest:
            self._body_bytes += len(data)
            if self.length is None and self._body_bytes > MAX_BODY:
                self._refuse(BODY_TOO_LARGE)
            else:
                self.crowd.bring(self, len(data))
        if not self._deaf:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        """Have the request answered."""
        if not self._deaf:
            self.crowd.ask(self)
            super().allContentReceived()

    def requestDone(self, request: http.Request) -> None:
        """Go on to a request that waits already, in a turn of its own.

        Otherwise thousands in one segment would keep everybody else waiting.
        """
        self.crowd.answered(self)
        self.paused = True
        super().requestDone(request)
        if not self._deaf:
            self._go_on_soon()

    def resumeProducing(self) -> None:
        """Go on once the client has read what it was sent."""
        super().resumeProducing()
        if self.paused and not self._deaf:
            self._go_on_soon()

    def loseConnection(self) -> None:
        """Close, and act on nothing that was still on its way.

        A client that does not even read to the end is cut off.
        """
        self._deaf = True
        self.setTimeout(None)
        self._abortingCall = self.callLater(TAKEN_WITHIN_S, self.forceAbortClient)
        super().loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Make room for others."""
        self._deaf = True
        self.crowd.leave(self)
        if self._turn is not None:
            self._turn.cancel()
        super().connectionLost(reason)

    def turn_out(self) -> None:
        """Be gone at once, in favour of another client."""
        self._deaf = True
        self.transport.abortConnection()

    def _go_on_soon(self) -> None:
        """Take what has come already in the next turn, and nothing more until then."""
        if self._waitingForTransport:
            self._networkProducer.pauseProducing()
        elif not self._buffer:
            self.paused = False
        elif self._turn is None:
            self._networkProducer.pauseProducing()
            self._turn = self.callLater(0, self._go_on)

    def _go_on(self) -> None:
        self._turn = None
        if self._deaf or self._waitingForTransport:
            return
        self.paused = False
        self._networkProducer.resumeProducing()
        self.dataReceived(b"")

    def _respondToBadRequestAndDisconnect(self) -> None:
        """Refuse what Twisted refuses, in our own words."""
        too_much = (
            self._receivedHeaderSize > self.totalHeadersSize
            or self._receivedHeaderCount > self.maxHeaders
        )
        self._refuse(HEAD_TOO_LARGE if too_much else NO_HTTP)

    def _refuse(self, refusal: Refusal) -> None:
        """Say why; then read into the void for a while before closing.

        Closing at once would reset the connection, and the answer could be lost.
        """
        self._deaf = True
        self.clearLineBuffer()
        self.transport.write(bytes(refusal))
        self.setTimeout(LINGER_S)
