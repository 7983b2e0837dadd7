"""Listening in on every socket, to keep the trace and to look for wrong answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, field

from flexicharge.simulator.sockets import SimulatorFactory, SimulatorSocket
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.simulated.invariants import Invariants
from flexicharge.testing.simulated.trace import Trace

CHARGERS: Final = ("charger", "ocpp")  # what their paths begin with
CALL: Final = b"2"
ANSWERS: Final = (b"3", b"4")
UNASKED: Final = (b"InternalError", b"1337")  # ids of what answers no frame's own id


@define(eq=False, repr=False)
class Tap:
    """Listens to the sockets that a factory makes, from their first frame on."""

    trace: Trace
    invariants: Invariants
    clock: HeapClock
    present: Callable[[], dict[str, Any]]
    broke: Callable[[str], None]

    def on(self, factory: SimulatorFactory) -> None:
        """Listen in on what a factory will make."""
        build = factory.buildProtocol
        kind, _, who = urlsplit(factory.url).path.strip("/").partition("/")
        listen = ChargerEar if kind in CHARGERS else DriverEar

        def tapped(addr: Any) -> SimulatorSocket:
            socket = build(addr)
            ear = listen(self, who)
            send, heard = socket.send, socket.onMessage

            def say(text: bytes) -> None:
                ear.said(text)
                send(text)

            def hear(payload: bytes, isBinary: bool) -> None:
                ear.heard(payload)
                heard(payload, isBinary)

            socket.send, socket.onMessage = say, hear  # type: ignore[method-assign]
            return socket

        factory.buildProtocol = tapped  # type: ignore[method-assign]


@define(eq=False, repr=False)
class ChargerEar:
    """Listens to one charger's socket."""

    _tap: Tap
    _serial_number: str
    _unanswered: Counter[bytes] = field(factory=Counter, init=False)

    def said(self, text: bytes) -> None:
        """Note what the charger says; count its Calls."""
        self._tap.trace.note(self._serial_number, b"> " + text)
        kind, message_id = _head(text)
        if kind == CALL:
            self._unanswered[message_id] += 1

    def heard(self, text: bytes) -> None:
        """Note what the server says; no Call of the charger is answered twice."""
        tap = self._tap
        tap.trace.note(self._serial_number, b"< " + text)
        kind, message_id = _head(text)
        if kind in ANSWERS and message_id not in UNASKED:
            self._unanswered[message_id] -= 1
            if self._unanswered[message_id] < 0:
                shown = message_id.decode(errors="replace")
                tap.broke(f"{self._serial_number}: {shown} answered twice")
            tap.invariants.checked["answer"] += 1
        actor = tap.present().get(self._serial_number)
        if actor is not None:
            tap.invariants.mailbox(actor)


@define(eq=False, repr=False)
class DriverEar:
    """Listens to one driver's socket."""

    _tap: Tap
    _user_id: str

    def said(self, text: bytes) -> None:
        """Drivers say nothing."""

    def heard(self, text: bytes) -> None:
        """Note a live frame; it must be of the driver's own charge."""
        tap = self._tap
        tap.trace.note(self._user_id, b"< " + text)
        who = _head(text)[1].partition(b"MeterValues")[0]
        if who.isdigit():
            tap.invariants.seen_live(self._user_id, int(who), tap.clock.seconds())


def _head(text: bytes) -> tuple[bytes, bytes]:
    """Return the type and the id of a frame as they are written, as far as it has them.

    Both ends have read the frame; here it is only told apart from others.
    """
    kind, _, rest = text.partition(b",")
    return kind.lstrip(b"[ "), rest.partition(b",")[0].strip(b' "]')
