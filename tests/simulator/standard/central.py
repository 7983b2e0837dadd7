"""A central system of OCPP 1.6 that answers as it is told, and keeps what it hears."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from attrs import define, field
from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet.task import Clock

from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.times import text_of
from flexicharge.simulator.car import Car
from flexicharge.simulator.enrolment import Enrolment
from flexicharge.simulator.standard.outlet import Outlet
from flexicharge.simulator.standard.sockets import standard_factory
from flexicharge.simulator.standard.station import VirtualStation
from flexicharge.wire import Wire

PASSWORD = b"0123456789abcdef"
CALL = re.compile(rb'\[2,"([^"]*)"')


class CentralSocket(WebSocketServerProtocol):
    """The central system's end of one line."""

    central: Central

    def onConnect(self, request: Any) -> Any:
        """Keep the handshake, and take the subprotocol."""
        self.central.handshakes.append(request)
        return "ocpp1.6" if "ocpp1.6" in request.protocols else None

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Hand a text to the central system."""
        self.central.hear(self, payload)


@define(eq=False)
class Central:
    """Accepts everything, unless `answers` or `mute` say otherwise.

    `answers` has for an action a payload, a function of its payload, or an error code;
    what is `mute` is not answered.
    """

    clock: Clock
    answers: dict[str, Any] = field(factory=dict)
    mute: set[str] = field(factory=set)
    handshakes: list[Any] = field(factory=list)
    texts: list[bytes] = field(factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(factory=list)
    ids: list[Any] = field(factory=list)
    results: dict[str, Any] = field(factory=dict)
    held: list[tuple[Any, str, dict[str, Any]]] = field(factory=list)
    transactions: int = 100
    socket: CentralSocket | None = None

    def hear(self, socket: CentralSocket, text: bytes) -> None:
        """Take one text, and answer it if it is a Call."""
        self.socket = socket
        self.texts.append(text)
        try:
            frame = json.loads(text)
        except ValueError:
            self.refuse(text)
            return
        if not isinstance(frame, list):
            return
        if frame[0] == 2:
            self.calls.append((frame[2], frame[3]))
            self.ids.append(frame[1])
            self.answer(frame[1], frame[2], frame[3])
        elif frame[0] in (3, 4):
            self.results[frame[1]] = frame[2:]

    def refuse(self, text: bytes) -> None:
        """Refuse what begins like a Call."""
        if begins := CALL.match(text):
            self.say(4, begins.group(1).decode(), "FormationViolation", "", {})

    def answer(self, message_id: Any, action: str, payload: Any) -> None:
        """Answer a Call, or keep it."""
        if action in self.mute:
            self.held.append((message_id, action, payload))
            return
        answer = self.answers.get(action, getattr(self, f"_{action}", None))
        answer = answer(payload) if callable(answer) else answer
        if isinstance(answer, str):
            self.say(4, message_id, answer, "", {})
        else:
            self.say(3, message_id, answer or {})

    def say(self, *frame: Any) -> None:
        """Send a frame."""
        assert self.socket is not None
        self.socket.sendMessage(json.dumps(frame).encode())

    def _BootNotification(self, payload: Any) -> dict[str, Any]:
        now = text_of(self.clock.seconds())
        return {"status": "Accepted", "currentTime": now, "interval": 300}

    def _Heartbeat(self, payload: Any) -> dict[str, Any]:
        return {"currentTime": text_of(self.clock.seconds())}

    def _Authorize(self, payload: Any) -> dict[str, Any]:
        return {"idTagInfo": {"status": "Accepted"}}

    def _StartTransaction(self, payload: Any) -> dict[str, Any]:
        self.transactions += 1
        info = {"status": "Accepted"}
        return {"transactionId": self.transactions, "idTagInfo": info}

    def _DataTransfer(self, payload: Any) -> dict[str, Any]:
        return {"status": "UnknownVendorId"}


class Bench:
    """A charger, and the central system that it talks to."""

    def __init__(self, clock: Clock, **how: Any) -> None:
        how.setdefault("enrolment", Enrolment(numbers=(100_007, 100_008)))
        self.clock = clock
        self.central = Central(clock)
        self.restarts = 0
        self.charger = VirtualStation(
            serial_number="CP-7", clock=clock, on_restart=self._restarted, **how
        )
        self.wire: Wire | None = None

    @property
    def outlet(self) -> Outlet:
        """The first connector."""
        return self.charger.outlets[0]

    @property
    def actions(self) -> list[str]:
        """What the charger has said so far, by action."""
        return [action for action, _ in self.central.calls]

    @property
    def said(self) -> Counter[str]:
        """How often each action was said."""
        return Counter(self.actions)

    @property
    def statuses(self) -> list[str]:
        """The words for connector 1 so far."""
        return [
            payload["status"]
            for action, payload in self.central.calls
            if action == "StatusNotification" and payload["connectorId"] == 1
        ]

    def payloads(self, action: str) -> list[dict[str, Any]]:
        """What was said under an action."""
        return [payload for each, payload in self.central.calls if each == action]

    def connect(self) -> None:
        """Open a line."""
        server = WebSocketServerFactory(reactor=self.clock, protocols=["ocpp1.6"])
        server.protocol = type("Socket", (CentralSocket,), {"central": self.central})
        self.wire = Wire.connect(
            server,
            standard_factory(
                "ws://127.0.0.1:1337", self.charger, self.clock, keep_alive_s=0.0
            ),
        )
        self.wire.flush()

    def lose(self) -> None:
        """Break the line."""
        assert self.wire is not None
        self.wire.client.abortConnection()
        self.flush()

    def flush(self) -> None:
        """Carry what there is."""
        if self.wire is not None:
            self.wire.flush()

    def pass_time(self, seconds: float, step_s: float = 1.0) -> None:
        """Let time pass."""
        left_s = seconds
        while left_s > 0:
            self.clock.advance(min(step_s, left_s))
            self.flush()
            left_s -= step_s

    def order(self, action: str, **payload: Any) -> Any:
        """Ask the charger for something; return its answer, as its schema has it."""
        self.central.say(2, f"order-{action}", action, payload)
        self.flush()
        answer = self.central.results.pop(f"order-{action}", None)
        if answer and len(answer) == 1:
            assert not schemas().confirmations[action].violations(answer[0]), answer
            return answer[0]
        return answer

    def plug_in(self, **how: Any) -> Car:
        """Put the first cable into a car."""
        car = Car(**how)
        self.outlet.plug_in(car)
        self.flush()
        return car

    def show(self, tag: str = "TAG1") -> None:
        """Hold a tag to the reader."""
        self.outlet.show_tag(tag)
        self.flush()

    def charge(self, seconds: float = 600.0) -> None:
        """Begin a charge with a tag, and let it go on for a while."""
        self.plug_in()
        self.show()
        self.pass_time(seconds, 10.0)

    def unplug(self) -> None:
        """Pull the first cable."""
        self.outlet.unplug()
        self.flush()

    def cut_power(self) -> None:
        """Cut it."""
        self.charger.cut_power()
        self.flush()
        self.wire = None

    def power_up(self) -> None:
        """Switch it on, and connect."""
        self.charger.power_up()
        self.connect()

    def _restarted(self) -> None:
        self.restarts += 1
        self.wire = None
