"""One WebSocket connection: the bytes of whoever the handshake made it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, Protocol

from autobahn.websocket.types import ConnectionDeny, ConnectionRequest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from flexicharge.gateway.denials import Denied
from flexicharge.gateway.fastpath import FastPath
from flexicharge.gateway.requests import HEAD_END, mended
from flexicharge.gateway.security import TlsOf, tls_of, tls_trouble
from flexicharge.model.entry import Tls

UNSUPPORTED_DATA: Final = 1003
MAX_REASON_BYTES: Final = 123
MAX_UNDECIDED_BYTES: Final = 1 << 16  # a handshake, and frames sent right behind it


class Role(Protocol):
    """What a connection turned out to be, once its handshake was understood."""

    def opened(self) -> None:
        """The handshake is complete."""

    def received(self, text: bytes) -> None:
        """One text frame came."""

    def ponged(self) -> None:
        """A pong came."""

    def congested(self, congested: bool) -> None:
        """The other end began or ceased to read too slowly."""

    def closed(self) -> None:
        """The connection is gone; after `opened` only."""


class Hall(Protocol):
    """Where handshakes are received."""

    async def receive(
        self, socket: Socket, request: ConnectionRequest
    ) -> tuple[Role, str | None]:
        """Return a connection's role and subprotocol; raise `ConnectionDeny`."""

    def turned_away(self, socket: Socket, why: str) -> None:
        """Take note of somebody with whom no TLS session came about."""


@implementer(IPushProducer)
class Socket(FastPath):
    """Asks the hall who this is, then passes texts to the role and back."""

    _log = Logger()  # not `log`, which Autobahn claims
    _role: Role | None = None
    _deciding: Deferred[str | None] | None = None
    _is_open = False
    _refusal_headers: tuple[tuple[str, str], ...] = ()
    mended: tuple[str, ...] = ()  # what was wrong with the request and was put right

    def __init__(self, hall: Hall, clock: Any, read_tls: TlsOf = tls_of) -> None:
        super().__init__()
        self._hall, self._clock, self._read_tls = hall, clock, read_tls

    def dataReceived(self, data: bytes) -> None:
        """Hold what comes while the handshake is being decided, within a limit."""
        if self.state == self.STATE_CONNECTING:
            if len(self.data) + len(data) > MAX_UNDECIDED_BYTES:
                self.drop()
                return
            if self._deciding is not None:
                self.data += data
                return
        super().dataReceived(data)

    def processHandshake(self) -> None:
        """Read a request, once it is whole and what can be mended of it is."""
        if HEAD_END in self.data:
            self.data, self.mended = mended(self.data)
        super().processHandshake()

    def onConnect(self, request: ConnectionRequest) -> Any:
        """Return a Deferred of the subprotocol, or of a `ConnectionDeny`."""
        self._deciding = deciding = Deferred.fromCoroutine(self._decide(request))
        if deciding.called:
            self._deciding = None
        return deciding

    async def _decide(self, request: ConnectionRequest) -> str | None:
        try:
            self._role, subprotocol = await self._hall.receive(self, request)
        except Denied as why:
            self._refusal_headers = why.headers
            raise
        except CancelledError:
            raise ConnectionDeny(ConnectionDeny.BAD_REQUEST, "gone") from None
        finally:
            self._deciding = None
        if self.state != self.STATE_CONNECTING:
            raise ConnectionDeny(ConnectionDeny.BAD_REQUEST, "gone")
        return subprotocol

    def onOpen(self) -> None:
        """Tell the role that it may speak."""
        self.heard_at = self._clock.seconds()
        self._is_open = True
        self.transport.registerProducer(self, True)
        if self._role is not None:
            self._role.opened()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Pass a text on; close on a binary message, which nobody here sends."""
        if isBinary:
            self.hang_up(UNSUPPORTED_DATA, "only text frames are understood here")
            return
        if self._role is not None:
            self._role.received(payload)

    def onPong(self, payload: bytes) -> None:
        """Pass a pong on."""
        if self._role is not None:
            self._role.ponged()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Tell the role, once, that it is over; decide no longer who this was."""
        if self._deciding is not None:
            self._deciding.cancel()
        if self._is_open and self._role is not None:
            self._is_open = False
            self._role.closed()

    def failHandshake(
        self, reason: str, code: int = 400, responseHeaders: Any = None
    ) -> None:
        """Refuse a handshake; Autobahn's own reasons may quote a token from it."""
        headers = [*(responseHeaders or ()), *self._refusal_headers]
        super().failHandshake(_phrase(code), code, headers)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note of a TLS session that never came about."""
        why = tls_trouble(reason)
        if why is not None:
            if self.state == self.STATE_CONNECTING:
                self._hall.turned_away(self, why)
            reason = Failure(ConnectionLost(why))  # which nobody logs as our error
        super().connectionLost(reason)

    # what links are made of

    @property
    def address(self) -> str:
        """Network address of the other end, without the port."""
        return str(getattr(self.transport.getPeer(), "host", "unix"))

    @property
    def tls(self) -> Tls | None:
        """The TLS session it runs over, None over plain TCP."""
        return self._read_tls(self.transport)

    @property
    def now(self) -> float:
        """POSIX time."""
        return float(self._clock.seconds())

    def ping(self) -> None:
        """Send a ping; on a closed connection do nothing."""
        if self.state == self.STATE_OPEN:
            self.sendPing()

    def hang_up(self, code: int, reason: str) -> None:
        """Begin the closing handshake; on a closed connection do nothing."""
        if self.state == self.STATE_OPEN:
            self.sendCloseFrame(code, reason.encode()[:MAX_REASON_BYTES])

    def drop(self) -> None:
        """Close the TCP connection at once, whatever still waits to be sent."""
        self.wasNotCleanReason = "dropped by us"
        self.dropConnection(abort=True)
        self.transport.abortConnection()

    def drop_gently(self) -> None:
        """Close the TCP connection after what was written, without a close frame."""
        self.wasNotCleanReason = "dropped by us"
        self.dropConnection(abort=False)

    # the transport tells how fast the other end reads

    def pauseProducing(self) -> None:
        """The transport's buffer is full."""
        if self._role is not None:
            self._role.congested(True)

    def resumeProducing(self) -> None:
        """The transport's buffer is empty again."""
        if self._role is not None:
            self._role.congested(False)

    def stopProducing(self) -> None:
        """The connection is going away; `onClose` will tell."""


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return "Bad Request"
