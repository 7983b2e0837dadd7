"""A client's end: what it hears and sends, the short way or Autobahn's, and silence."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from attrs import define, field
from autobahn.twisted.websocket import WebSocketServerFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.test.iosim import FakeTransport, IOPump, connect

from flexicharge.simulator.sockets import DriverSocket, SimulatorFactory
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.peers import OPCODES
from flexicharge.wire import Wire
from flexicharge.wire.frames import masked_text_frame, text_frame
from tests.simulator.conftest import ScriptedServer

MASK = b"mask"


@define(eq=False)
class Line:
    """A client's end whose bytes the test writes itself."""

    clock: Clock
    texts: list[bytes] = field(factory=list)
    wire: Wire = field(init=False)

    def __attrs_post_init__(self) -> None:
        server = WebSocketServerFactory(reactor=self.clock)
        server.protocol = ScriptedServer
        client = SimulatorFactory(
            "ws://127.0.0.1:1337/x", lambda: DriverSocket(self.texts.append), self.clock
        )
        self.wire = Wire.connect(server, client)
        self.wire.flush()

    @property
    def client(self) -> Any:
        return self.wire.client.protocol

    @property
    def server(self) -> Any:
        return self.wire.server.protocol

    def deliver(self, *chunks: bytes) -> None:
        for chunk in chunks:
            if not self.wire.client.lost:
                self.client.dataReceived(chunk)
        self.wire.flush()


@pytest.fixture
def line(clock: Clock) -> Line:
    return Line(clock)


def frame(payload: bytes, kind: str, *, fin: bool = True) -> bytes:
    return bytes((0x80 * fin | OPCODES[kind], len(payload))) + payload


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=200), max_size=6),
    cuts=st.lists(st.integers(0, 1200), max_size=6),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_chunking_gives_the_same_texts(
    clock: Clock, texts: list[str], cuts: list[int]
) -> None:
    """However TCP cuts the stream, every message arrives once and in order."""
    line = Line(clock)
    stream = b"".join(text_frame(text.encode()) for text in texts)
    edges = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    line.deliver(*[stream[a:b] for a, b in pairwise(edges)])
    assert line.texts == [text.encode() for text in texts]


def test_the_short_way_is_taken_and_left(line: Line) -> None:
    """Whole small frames never reach Autobahn's parser; fragments do."""
    line.deliver(text_frame(b"[2]") + text_frame(b"x" * 300))
    assert not hasattr(line.client, "message_is_binary")
    line.deliver(
        frame(b"one, ", "text", fin=False) + frame(b"two", "more") + text_frame(b"[3]")
    )
    assert line.texts == [b"[2]", b"x" * 300, b"one, two", b"[3]"]


def test_a_server_that_masks_is_closed(line: Line) -> None:
    """Servers must not (RFC 6455 §5.1)."""
    line.deliver(masked_text_frame(b"[2]", MASK))
    assert line.texts == []
    assert line.wire.is_lost


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_what_is_sent_arrives(line: Line, size: int) -> None:
    """A stock server reads every length form we write."""
    line.client.send(json.dumps("x" * size).encode())
    line.wire.flush()
    assert line.server.heard == ["x" * size]


def test_outside_of_memory_frames_are_masked(clock: Clock) -> None:
    """By chance, as the standard demands; the server reads them all the same."""
    factory = WebSocketServerFactory(reactor=clock)
    factory.protocol = ScriptedServer
    server = factory.buildProtocol(None)
    client = SimulatorFactory(
        "ws://127.0.0.1:1337/x", lambda: DriverSocket(lambda _: None), clock
    ).buildProtocol(None)
    pump: IOPump = connect(
        server, FakeTransport(server, True), client, FakeTransport(client, False)
    )
    pump.flush()
    client.send(b'["a text of some length"]')
    client.send(b'["a text of some length"]')
    first, second = client.transport.stream
    assert first != second
    pump.flush()
    assert server.heard == [["a text of some length"]] * 2


def test_sending_on_a_closed_socket_does_nothing(line: Line) -> None:
    """A charger may speak after its line has gone."""
    line.wire.lose()
    line.client.send(b"[2]")
    line.client.hang_up()
    assert line.clock.getDelayedCalls() == []


def test_hanging_up_twice_is_hanging_up(line: Line) -> None:
    """One closing handshake, and no timer is left."""
    line.client.hang_up()
    line.client.hang_up()
    line.wire.flush()
    assert line.server.wasClean
    assert line.clock.getDelayedCalls() == []


def test_a_silent_line_carries_nothing(line: Line) -> None:
    """Neither way, and nobody is told; giving up is known only here."""
    line.client.go_silent()
    line.client.send(b'["lost"]')
    line.server.sendMessage(b'["lost too"]')
    line.wire.flush()
    assert (line.server.heard, line.texts) == ([], [])
    assert not line.wire.client.lost
    line.client.give_up()
    assert (line.wire.client.lost, line.wire.server.lost) == (True, False)


def test_a_silent_line_of_tcp_is_not_read(clock: Clock) -> None:
    """Not even its end, and what would be written is dropped."""
    client = SimulatorFactory(
        "ws://127.0.0.1:1337/x", lambda: DriverSocket(lambda _: None), clock
    ).buildProtocol(None)
    transport = StringTransport()
    client.makeConnection(transport)
    transport.clear()
    client.go_silent()
    client.sendData(b"nothing")
    assert (transport.value(), transport.producerState) == (b"", "paused")


def test_whoever_waits_for_the_end_is_told(line: Line) -> None:
    """Before and after it; who waits no longer is left alone."""
    waiting, gone = line.client.when_closed(), line.client.when_closed()
    gone.addErrback(lambda _: None)
    gone.cancel()
    assert not waiting.called
    line.wire.lose()
    assert waiting.called
    result_of(line.client.when_closed())
