"""WebSocket ends for virtual chargers and drivers, real Autobahn clients both.

Autobahn's own timers are switched off, because they run on a clock of the process:
deadlines are kept by `dial` and here, on the factory's reactor. The same factories work
on a TCP endpoint and on the in-memory wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import quote

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.errors import LinkLost, ServerRefused, SimulatorError

CLOSE_WITHIN_S: Final = 2.0
PING_EVERY_S: Final = 5.0
PONG_WITHIN_S: Final = 20.0
SWITCHING_PROTOCOLS: Final = 101


class SimulatorSocket(WebSocketClientProtocol):
    """A client's end; `settled` fires when it is open or has failed to open.

    `trouble` says what became of a connection that failed or is lost.
    """

    reactor: IReactorTime

    def __init__(self) -> None:
        super().__init__()
        self.settled: Deferred[None] = Deferred()
        self.trouble: SimulatorError | None = None
        self._closing: IDelayedCall | None = None

    def onOpen(self) -> None:
        """Tell whoever waits for the connection."""
        self.settled.callback(None)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Keep why it is over, and tell whoever still waits for the connection."""
        if self._closing and self._closing.active():
            self._closing.cancel()
        self.trouble = self._trouble_of(code, reason)
        if not self.settled.called:
            self.settled.callback(None)

    def send(self, text: bytes) -> None:
        """Send one text frame; on a closed socket do nothing."""
        if self.state == self.STATE_OPEN:
            self.sendMessage(text)

    def hang_up(self) -> None:
        """Close politely; a server that does not play along is dropped after 2 s."""
        self.sendClose(1000)
        self._closing = self.reactor.callLater(CLOSE_WITHIN_S, self.give_up)

    def give_up(self) -> None:
        """Drop the connection at once."""
        self.dropConnection(abort=True)

    def _trouble_of(self, code: int | None, reason: str | None) -> SimulatorError:
        words = getattr(self, "http_status_line", "").split(maxsplit=2)
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        if status not in (0, SWITCHING_PROTOCOLS):
            return ServerRefused(status, " ".join(words[2:]))
        return LinkLost(f"The connection was closed: {code} {reason or ''}".rstrip())


class ChargerSocket(SimulatorSocket):
    """A charger's end: pings every 5 s, gives up 20 s after the last pong (§3.1)."""

    _reporter = Logger()  # not `log`, which Autobahn claims

    def __init__(self, charger: VirtualCharger) -> None:
        super().__init__()
        self._charger = charger
        self._pinging = LoopingCall(self._ping)
        self._pong_at = 0.0

    def onOpen(self) -> None:
        """Start pinging, and hand the line to the charger."""
        self._pong_at = self.reactor.seconds()
        self._pinging.clock = self.reactor
        self._pinging.start(PING_EVERY_S, now=False).addErrback(
            lambda why: self._reporter.failure("Pinging stopped", why)
        )
        super().onOpen()
        self._charger.connected(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Hand one frame to the charger."""
        self._charger.heard(payload)

    def onPong(self, payload: bytes) -> None:
        """Note that the server is alive."""
        self._pong_at = self.reactor.seconds()

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Stop pinging, and tell the charger."""
        if self._pinging.running:
            self._pinging.stop()
        super().onClose(wasClean, code, reason)
        self._charger.disconnected(self._trouble_of(code, reason))

    def _ping(self) -> None:
        if self.reactor.seconds() - self._pong_at > PONG_WITHIN_S:
            self.give_up()
        else:
            self.sendPing()


class DriverSocket(SimulatorSocket):
    """A driver's end: listens to live frames, and never answers (§3.8)."""

    def __init__(self, on_frame: Callable[[bytes], None]) -> None:
        super().__init__()
        self._on_frame = on_frame

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Hand one frame to whoever watches."""
        self._on_frame(payload)


class SimulatorFactory(WebSocketClientFactory):
    """Makes one client end to `url` on a reactor's time."""

    def __init__(
        self,
        url: str,
        make_socket: Callable[[], SimulatorSocket],
        reactor: IReactorTime,
        *,
        protocols: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            url, protocols=list(protocols), headers=dict(headers or {}), reactor=reactor
        )
        self._make_socket = make_socket
        self.setProtocolOptions(
            openHandshakeTimeout=0,
            closeHandshakeTimeout=0,
            serverConnectionDropTimeout=0,
        )

    def buildProtocol(self, addr: IAddress | None) -> SimulatorSocket:
        """Return a new client end."""
        socket = self._make_socket()
        socket.factory, socket.reactor = self, self.reactor
        return socket


def charger_factory(
    base_url: str, charger: VirtualCharger, reactor: IReactorTime
) -> SimulatorFactory:
    """Return what connects a charger to `<base_url>/charger/<serial>` as CHG does."""
    url = f"{base_url.rstrip('/')}/charger/{quote(charger.serial_number, safe='')}"
    return SimulatorFactory(
        url, lambda: ChargerSocket(charger), reactor, protocols=("ocpp1.6",)
    )


def driver_factory(
    base_url: str,
    user_id: str,
    token: str,
    on_frame: Callable[[bytes], None],
    reactor: IReactorTime,
) -> SimulatorFactory:
    """Return what connects a driver to `<base_url>/user/<userID>`."""
    return SimulatorFactory(
        f"{base_url.rstrip('/')}/user/{quote(user_id, safe='')}",
        lambda: DriverSocket(on_frame),
        reactor,
        headers={"Authorization": f"Bearer {token}"},
    )
