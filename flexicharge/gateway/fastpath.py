"""The short way through Autobahn on the server's side, and when it was last taken."""

from __future__ import annotations

from typing import Any

from autobahn.twisted.websocket import WebSocketServerProtocol
from twisted.internet.interfaces import IReactorTime

from flexicharge.wire.shortway import ShortWay


class FastPath(ShortWay, WebSocketServerProtocol):  # type: ignore[misc]  # its bases disagree
    """A server protocol that takes the short way where it can.

    `heard_at` is the POSIX time of the last bytes, by the factory's clock.
    """

    hears_masked = True
    transport: Any  # TCP, TLS or in memory: more than an ITransport
    heard_at: float = 0.0
    _clock: IReactorTime

    def dataReceived(self, data: bytes) -> None:
        """Note the time, and take the short way as far as it goes."""
        self.heard_at = self._clock.seconds()
        super().dataReceived(data)
