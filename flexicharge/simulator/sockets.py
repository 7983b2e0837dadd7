"""WebSocket ends for virtual chargers and drivers, real Autobahn clients both.

Autobahn's own timers are switched off, because they run on a clock of the process:
deadlines are kept by `dial` and here, on the factory's reactor. The same factories work
on a TCP endpoint and on the in-memory wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import urandom
from typing import Any, Final
from urllib.parse import quote

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime

from flexicharge.simulator.errors import LinkLost, ServerRefused, SimulatorError
from flexicharge.simulator.machine import Machine
from flexicharge.simulator.timers import Ticks
from flexicharge.wire import MemoryTransport
from flexicharge.wire.frames import NO_MASK
from flexicharge.wire.shortway import ShortWay, quiet_autobahn

CLOSE_WITHIN_S: Final = 2.0
PING_EVERY_S: Final = 5.0
PINGS_UNANSWERED: Final = 4
SWITCHING_PROTOCOLS: Final = 101


class SimulatorSocket(ShortWay, WebSocketClientProtocol):  # type: ignore[misc]  # its bases disagree
    """A client's end; `settled` fires when it is open or has failed to open.

    `trouble` says what became of a connection that failed or is lost.
    """

    hears_masked = False
    reactor: IReactorTime
    transport: Any  # TCP, TLS or in memory: more than an ITransport

    def __init__(self) -> None:
        super().__init__()
        self.settled: Deferred[None] = Deferred()
        self._mourners: list[Deferred[None]] = []
        self.trouble: SimulatorError | None = None
        self._closing: IDelayedCall | None = None
        self._is_silent = False

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
        mourners, self._mourners = self._mourners, []
        for each in mourners:
            if not each.called:
                each.callback(None)

    def when_closed(self) -> Deferred[None]:
        """Return what fires when the connection is over, in whichever way."""
        over: Deferred[None] = Deferred()
        if self.trouble:
            over.callback(None)
        else:
            self._mourners.append(over)
        return over

    def send(self, text: bytes) -> None:
        """Send one text frame; on a closed socket do nothing."""
        if not self._is_silent:
            in_memory = isinstance(self.transport, MemoryTransport)
            self.send_text(text, NO_MASK if in_memory else urandom(len(NO_MASK)))

    def hang_up(self) -> None:
        """Close politely; a server that does not play along is dropped after 2 s."""
        if self._closing is None and not self.trouble:
            self.sendClose(1000)
            self._closing = self.reactor.callLater(CLOSE_WITHIN_S, self.give_up)

    def give_up(self) -> None:
        """Drop the connection at once."""
        self.dropConnection(abort=True)

    def go_silent(self) -> None:
        """Believe in the line, over which nothing more comes or goes: half-open."""
        self._is_silent = True
        if isinstance(self.transport, MemoryTransport):
            self.transport.wire.severed = True
        else:
            self.transport.pauseProducing()

    def vanish(self) -> None:
        """Be gone without a word, as far as the network allows."""
        self.go_silent()
        self.give_up()

    def sendData(self, data: bytes, *how: Any, **more: Any) -> None:
        """Write bytes, unless the line is silent."""
        if not self._is_silent:
            super().sendData(data, *how, **more)

    def _trouble_of(self, code: int | None, reason: str | None) -> SimulatorError:
        words = getattr(self, "http_status_line", "").split(maxsplit=2)
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
        if status not in (0, SWITCHING_PROTOCOLS):
            return ServerRefused(status, " ".join(words[2:]))
        return LinkLost(f"The connection was closed: {code} {reason or ''}".rstrip())


class ChargerSocket(SimulatorSocket):
    """A charger's end: pings, and gives up four pings after the last pong (§3.1)."""

    def __init__(self, charger: Machine, keep_alive_s: float = PING_EVERY_S) -> None:
        super().__init__()
        self._charger = charger
        self._keep_alive_s = keep_alive_s
        self._pinging: Ticks | None = None
        self._pong_at = 0.0

    def onOpen(self) -> None:
        """Start pinging, and hand the line to the charger."""
        if self._keep_alive_s:
            self._pong_at = self.reactor.seconds()
            self._pinging = Ticks(self.reactor, self._keep_alive_s, self._ping)
            self._pinging.start()
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
        if self._pinging:
            self._pinging.stop()
        trouble = self._trouble_of(code, reason)
        self._charger.disconnected(trouble, self)
        super().onClose(wasClean, code, reason)

    def _ping(self) -> None:
        silent_s = self.reactor.seconds() - self._pong_at
        if silent_s > PINGS_UNANSWERED * self._keep_alive_s:
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

    noisy = False

    def __init__(
        self,
        url: str,
        make_socket: Callable[[], SimulatorSocket],
        reactor: IReactorTime,
        *,
        protocols: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        quiet_autobahn()
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
    base_url: str,
    charger: Machine,
    reactor: IReactorTime,
    *,
    keep_alive_s: float = PING_EVERY_S,
) -> SimulatorFactory:
    """Return what connects a charger to `<base_url>/charger/<serial>` as CHG does.

    It pings every `keep_alive_s` seconds, 0 for never.
    """
    url = f"{base_url.rstrip('/')}/charger/{quote(charger.serial_number, safe='')}"
    return SimulatorFactory(
        url,
        lambda: ChargerSocket(charger, keep_alive_s),
        reactor,
        protocols=("ocpp1.6",),
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
