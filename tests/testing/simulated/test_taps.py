"""Listening in: the trace of frames, and wrong answers and wrong viewers found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import frozen

from flexicharge.storage.memory import MemoryWorld
from flexicharge.testing.clock import HeapClock
from flexicharge.testing.simulated.invariants import Invariants
from flexicharge.testing.simulated.taps import Tap
from flexicharge.testing.simulated.trace import Trace


class Socket:
    """Keeps what is sent over it and what it hears."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.got: list[tuple[bytes, bool]] = []

    def send(self, text: bytes) -> None:
        """Keep it."""
        self.sent.append(text)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Keep it."""
        self.got.append((payload, isBinary))


class Sockets:
    """Makes sockets to a URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    def buildProtocol(self, addr: object) -> Any:
        """Return a new one."""
        return Socket()


@frozen
class Actor:
    """An actor with very many messages."""

    waiting: int = 10_000
    station: Any = None


@frozen
class Station:
    """A station by its name."""

    serial_number: str = "sim00000"


class Bench:
    """A tap on whatever is made."""

    def __init__(self) -> None:
        clock = HeapClock(5.0)
        self.broken: list[str] = []
        self.present: dict[str, Any] = {}
        self.trace = Trace(clock)
        self.invariants = Invariants(MemoryWorld(clock), self.broken.append)
        self.tap = Tap(
            self.trace,
            self.invariants,
            clock,
            lambda: self.present,
            self.broken.append,
        )

    def socket(self, path: str) -> Any:
        """Return a socket that is listened to."""
        factory: Any = Sockets(f"ws://there:1337/{path}")
        self.tap.on(factory)
        return factory.buildProtocol(None)


@pytest.fixture
def bench() -> Bench:
    """A tap."""
    return Bench()


@pytest.fixture
def charger(bench: Bench) -> Any:
    """A charger's socket, listened to."""
    return bench.socket("charger/sim00000")


@pytest.fixture
def driver(bench: Bench) -> Any:
    """A driver's socket, listened to."""
    return bench.socket("user/u1")


def say(socket: Any, *frame: object) -> None:
    socket.send(json.dumps(frame).encode())


def hear(socket: Any, *frame: object) -> None:
    socket.onMessage(json.dumps(frame).encode(), False)


def test_frames_pass_and_leave_a_trace(bench: Bench, charger: Any, driver: Any) -> None:
    """In both directions, of chargers and of drivers."""
    say(charger, 2, "m1", "Heartbeat", {})
    hear(charger, 3, "m1", {})
    hear(driver, 2, "x", "Hello", {})
    driver.send(b"hm")
    assert charger.sent == [b'[2, "m1", "Heartbeat", {}]']
    assert charger.got == [(b'[3, "m1", {}]', False)]
    assert (driver.got, driver.sent) == ([(b'[2, "x", "Hello", {}]', False)], [b"hm"])
    assert [*bench.trace.lines] == [
        '5.000000 sim00000 > [2, "m1", "Heartbeat", {}]',
        '5.000000 sim00000 < [3, "m1", {}]',
        '5.000000 u1 < [2, "x", "Hello", {}]',
    ]
    assert bench.broken == []


@pytest.mark.parametrize(
    "frame", [(3, "m1", {}), (3, "m1"), (4, "m1", "GenericError", "", {})]
)
def test_a_second_answer_is_found(bench: Bench, charger: Any, frame: Any) -> None:
    """Whether it is a result or an error."""
    say(charger, 2, "m1", "Heartbeat", {})
    hear(charger, *frame)
    assert bench.broken == []
    hear(charger, *frame)
    assert bench.broken == ["sim00000: m1 answered twice"]
    assert bench.invariants.checked["answer"] == 2


def test_an_answer_to_nothing_is_found(bench: Bench, charger: Any) -> None:
    """It is the second one to a Call that was never said."""
    say(charger, 2, "m1", "Heartbeat", {})
    hear(charger, 3, "m2", {})
    assert bench.broken == ["sim00000: m2 answered twice"]


def test_what_is_said_twice_may_be_answered_twice(bench: Bench, charger: Any) -> None:
    """But not three times."""
    for _ in range(2):
        say(charger, 2, "m1", "Heartbeat", {})
    for _ in range(2):
        hear(charger, 3, "m1", {})
    assert bench.broken == []
    hear(charger, 3, "m1", {})
    assert len(bench.broken) == 1


def test_sockets_do_not_answer_for_one_another(bench: Bench, charger: Any) -> None:
    """What was asked on a line that is lost is answered there or nowhere."""
    say(charger, 2, "m1", "Heartbeat", {})
    hear(bench.socket("charger/sim00000"), 3, "m1", {})
    assert len(bench.broken) == 1


@pytest.mark.parametrize(
    "frame",
    [
        (2, "s1", "ReserveNow", {}),
        (4, "InternalError", "FormationViolation", "", {}),
        (4, 1337, "FormationViolation", "", {}),
    ],
)
def test_what_answers_no_call_counts_for_none(
    bench: Bench, charger: Any, frame: Any
) -> None:
    """The server's own Calls, and its words about what is no frame."""
    hear(charger, *frame)
    hear(charger, *frame)
    assert bench.broken == []


@pytest.mark.parametrize("text", [b"", b"no", b"\xff", b"{}", b"[]", b"[3]", b"[3,[]]"])
def test_nonsense_of_a_charger_is_noted(
    bench: Bench, charger: Any, text: bytes
) -> None:
    """And goes on to the server."""
    charger.send(text)
    assert charger.sent == [text]
    assert len(bench.trace.lines) == 1
    assert bench.broken == []


def test_a_mailbox_is_looked_at_with_every_frame(bench: Bench, charger: Any) -> None:
    """That of the charger that is answered, while it is connected."""
    hear(charger, 2, "s1", "ReserveNow", {})
    assert bench.broken == []
    bench.present["sim00000"] = Actor(station=Station())
    hear(charger, 2, "s2", "ReserveNow", {})
    assert bench.broken == ["sim00000: 10000 messages wait"]


def test_a_frame_of_anothers_charge_is_found(bench: Bench, driver: Any) -> None:
    """By the connector's number that it begins with."""
    hear(driver, 2, "100007MeterValues1800000000", "MeterValues", {})
    assert bench.broken == ["u1 sees 100007, which is another's"]
    assert bench.invariants.checked["live frame"] == 1
