"""A server end that says what the test tells it, and a charger joined to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.task import Clock

from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.sockets import charger_factory
from flexicharge.wire import Wire

BOOT_DATA = '{"connectorID":100007,"chargerId":100007,"chargingPrice":2.5}'


class ScriptedServer(WebSocketServerProtocol):
    """A server end that keeps what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []
        self.pings = 0
        self.answers_pings = True

    def onConnect(self, request: Any) -> Any:
        """Keep the handshake, and confirm the first subprotocol that is offered."""
        self.request = request
        return request.protocols[0] if request.protocols else None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Keep one frame."""
        self.heard.append(json.loads(payload))

    def onPing(self, payload: bytes) -> None:
        """Count a ping, and answer it unless the test wants a dead server."""
        self.pings += 1
        if self.answers_pings:
            self.sendPong(payload)


class Bench:
    """A virtual charger joined to a scripted server."""

    def __init__(self, clock: Clock, charger: VirtualCharger) -> None:
        self.clock, self.charger = clock, charger
        self.connect()

    def connect(self) -> list[Any]:
        """Open a line, the first or one more; return what the charger says."""
        server = WebSocketServerFactory(reactor=self.clock)
        server.protocol = ScriptedServer
        self.wire = Wire.connect(
            server, charger_factory("ws://127.0.0.1:1337", self.charger, self.clock)
        )
        self.server: ScriptedServer = self.wire.server.protocol  # type: ignore[assignment]  # what the factory builds
        self.wire.flush()
        return list(self.server.heard)

    def say(self, *frame: object) -> list[Any]:
        """Let the server send a frame; return what the charger then says."""
        return self.hear(lambda: self.server.sendMessage(json.dumps(frame).encode()))

    def hear(self, happening: Callable[[], object]) -> list[Any]:
        """Return what the charger says when something happens."""
        self.server.heard.clear()
        happening()
        self.wire.flush()
        return list(self.server.heard)

    def pass_time(self, seconds: float) -> list[Any]:
        """Let time pass in eighths of a second; return what the charger says."""
        return self.hear(lambda: [self._step() for _ in range(round(seconds * 8))])

    def _step(self) -> None:
        self.clock.advance(0.125)
        self.wire.flush()

    def boot(self, data: str = BOOT_DATA) -> list[Any]:
        """Let the server send BootData."""
        payload = {
            "vendorId": "com.flexicharge",
            "messageId": "BootData",
            "data": data,
        }
        return self.say(2, "boot", "DataTransfer", payload)

    def reserve(self, reservation: str = "r1", tag: object = 1) -> list[Any]:
        """Let the server send ReserveNow."""
        payload = {
            "connectorID": 100007,
            "expiryDate": 1_800_000_300,
            "idTag": tag,
            "reservationID": reservation,
            "parentIdTag": 1,
        }
        return self.say(2, "reserve", "ReserveNow", payload)

    def start(self, tag: object = 1) -> list[Any]:
        """Let the server send RemoteStartTransaction."""
        payload = {"connectorID": 1, "idTag": tag}
        return self.say(2, "start", "RemoteStartTransaction", payload)

    def stop(self) -> list[Any]:
        """Let the server send RemoteStopTransaction."""
        return self.say(2, "stop", "RemoteStopTransaction", {"transactionID": 7})


@pytest.fixture
def bench(clock: Clock) -> Callable[..., Bench]:
    """Return what joins a charger, made with the options given, to a server."""

    def make(**options: Any) -> Bench:
        charger = VirtualCharger(serial_number="abc117", clock=clock, **options)
        return Bench(clock, charger)

    return make
