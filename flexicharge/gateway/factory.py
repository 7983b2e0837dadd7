"""The factory behind port 1337."""

from __future__ import annotations

from typing import Final

from autobahn.twisted.websocket import WebSocketServerFactory
from twisted.internet.interfaces import IAddress, IReactorTime

from flexicharge.gateway.security import TlsOf, tls_of
from flexicharge.gateway.socket import Hall, Socket
from flexicharge.ocpp.frames import MAX_FRAME_BYTES
from flexicharge.wire.shortway import quiet_autobahn

HANDSHAKE_S: Final = 60
CLOSE_HANDSHAKE_S: Final = 1


class GatewayFactory(WebSocketServerFactory):
    """Makes a `Socket` of every connection.

    No pings of Autobahn's (liveness is ours), no compression (110 KiB a connection), no
    page for browsers that stray here. `read_tls` reads a transport's TLS session.
    """

    noisy = False

    def __init__(
        self, hall: Hall, clock: IReactorTime, read_tls: TlsOf = tls_of
    ) -> None:
        quiet_autobahn()
        super().__init__(server="FlexiCharge", reactor=clock)
        self.hall = hall
        self._clock, self._read_tls = clock, read_tls
        self.setProtocolOptions(
            webStatus=False,
            failByDrop=False,
            maxFramePayloadSize=MAX_FRAME_BYTES,
            maxMessagePayloadSize=MAX_FRAME_BYTES,
            openHandshakeTimeout=HANDSHAKE_S,
            closeHandshakeTimeout=CLOSE_HANDSHAKE_S,
            autoPingInterval=0,
            autoPingTimeout=0,
        )

    def buildProtocol(self, addr: IAddress | None) -> Socket:
        """Return the protocol of a new connection."""
        socket = Socket(self.hall, self._clock, self._read_tls)
        socket.factory = self
        return socket
