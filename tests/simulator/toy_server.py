"""A toy FlexiCharge server: just enough HTTP and frames for one driver's visit."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.types import ConnectionDeny
from treq.testing import RequestTraversalAgent
from twisted.internet.task import Clock
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.wire import Wire

TOKEN = "toy-token"
BOOT_DATA = '{"connectorID":100008,"chargingPrice":2.5}'


class ToySocket(WebSocketServerProtocol):
    """A server end that asks the toy what to do."""

    def onConnect(self, request: Any) -> Any:
        """Refuse the handshake if the toy was told to."""
        if self.factory.toy.refuse_handshake:
            raise ConnectionDeny(self.factory.toy.refuse_handshake, "No")
        self.request = request
        return request.protocols[0] if request.protocols else None

    def onOpen(self) -> None:
        """Remember who this is."""
        self.factory.toy.sockets[self.request.path] = self

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Hand a frame to the toy."""
        self.factory.toy.heard(self, payload)


class ToyServer(Resource):
    """Answers at once, never doubts, and remembers what it was asked."""

    isLeaf = True

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.agent = RequestTraversalAgent(self)
        self.asked: list[tuple[str, str, Any]] = []
        self.sockets: dict[str, ToySocket] = {}
        self.wires: list[Wire] = []
        self.refuse_handshake = 0
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.hangs_on = ""
        self.on_sign_up: Callable[[str], None] = lambda address: None
        self.stopped = False
        self.chargers = [{"serialNumber": "abc118", "status": "Available"}]

    # HTTP

    def render(self, request: Any) -> Any:
        """Answer a request by its method and path."""
        path = request.path.decode()
        body = json.loads(request.content.read() or b"{}")
        self.asked.append((request.method.decode(), path, body))
        self.authorization = request.getHeader("Authorization")
        if self.hangs_on and path.startswith(self.hangs_on):
            return NOT_DONE_YET
        status, content = self.answers.get(path) or self._answer(path, body)
        request.setResponseCode(status)
        return content

    def _answer(self, path: str, body: Any) -> tuple[int, bytes]:
        match path.split("/")[1:]:
            case ["auth", "sign-up"]:
                self.on_sign_up(body["username"])
                return 200, b""
            case ["auth", "verify"]:
                return 200, b""
            case ["auth", "sign-in"]:
                return 200, json.dumps({"accessToken": TOKEN, "user_id": "u1"}).encode()
            case ["chargers"]:
                return 200, json.dumps(self.chargers).encode()
            case ["transaction"]:
                self._command("ReserveNow", expiryDate=1, parentIdTag=1)
                return 201, b'{"transactionID":12,"klarnaClientToken":"bypassed"}'
            case ["transaction", "start", _]:
                self._command("RemoteStartTransaction")
                return 200, self._bill()
            case ["transaction", "stop", _]:
                self._command("RemoteStopTransaction", transactionID=12)
                self.stopped = True
                return 200, self._bill(final=False)
            case ["transaction", _]:
                return 200, self._bill(final=True)
        return 404, b""

    def _bill(self, *, final: bool = False) -> bytes:
        bill: dict[str, object] = {"transactionID": 12, "startTimestamp": 1_800_000_000}
        if self.stopped:
            bill |= {"endTimestamp": 1_800_000_010, "energyWh": 417, "price": 104}
            bill["final"] = final
        return json.dumps(bill).encode()

    # frames

    def heard(self, socket: ToySocket, payload: bytes) -> None:
        """Answer Boot as the contract says; pass metrics on to the driver."""
        frame = json.loads(payload)
        if frame[2] == "BootNotification":
            self._booted(socket)
        if frame[2] == "MeterValues" and (driver := self.sockets.get("/user/u1")):
            driver.sendMessage(payload)

    def _booted(self, socket: ToySocket) -> None:
        payload = {
            "vendorId": "com.flexicharge",
            "messageId": "BootData",
            "data": BOOT_DATA,
        }
        socket.sendMessage(json.dumps([2, "b", "DataTransfer", payload]).encode())

    def _command(self, action: str, **more: object) -> None:
        payload = {"connectorID": 1, "idTag": 1, "reservationID": "1", **more}
        text = json.dumps([2, f"id-{action}", action, payload]).encode()
        self.sockets["/charger/abc118"].sendMessage(text)
        self.flush()

    # time and wires

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Join a client end to this server, as `dial` does over TCP."""
        server = WebSocketServerFactory(reactor=self.clock)
        server.protocol, server.toy = ToySocket, self
        wire = Wire.connect(server, factory)
        self.wires.append(wire)
        wire.flush()
        socket: Any = wire.client.protocol
        if socket.trouble:
            raise socket.trouble
        return socket  # type: ignore[no-any-return]  # what the factory builds

    def flush(self) -> None:
        """Carry over everything that waits on any wire."""
        for wire in self.wires:
            wire.flush()
        self.agent.flush()

    def pass_time(self, seconds: float) -> None:
        """Let time pass in eighths of a second, and frames travel."""
        for _ in range(round(seconds * 8)):
            self.clock.advance(0.125)
            self.flush()
