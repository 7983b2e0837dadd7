"""The short way and Autobahn's own way say the same about every byte."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from attrs import define, field
from autobahn.twisted.websocket import WebSocketClientFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from flexicharge.gateway.factory import GatewayFactory
from flexicharge.gateway.socket import Role, Socket
from flexicharge.ocpp.frames import MAX_FRAME_BYTES
from flexicharge.testing.peers import PeerProtocol
from flexicharge.testing.peers import masked_frame as frame
from flexicharge.wire import Wire


@define(eq=False)
class Diary:
    """A role that writes down what it is told."""

    socket: Socket
    texts: list[bytes] = field(factory=list)
    congestion: list[bool] = field(factory=list)
    closed_times: int = 0

    def opened(self) -> None:
        pass

    def received(self, text: bytes) -> None:
        self.texts.append(text)

    def ponged(self) -> None:
        pass

    def congested(self, congested: bool) -> None:
        self.congestion.append(congested)

    def closed(self) -> None:
        self.closed_times += 1


@define(eq=False)
class OpenHouse:
    """A hall that lets everybody in."""

    guests: list[Diary] = field(factory=list)

    async def receive(self, socket: Socket, request: Any) -> tuple[Role, str | None]:
        self.guests.append(Diary(socket))
        return self.guests[-1], None


@define(eq=False)
class Visit:
    """A connection whose bytes the test writes itself."""

    clock: Clock
    house: OpenHouse = field(factory=OpenHouse)
    wire: Wire = field(init=False)

    def __attrs_post_init__(self) -> None:
        client = WebSocketClientFactory("ws://127.0.0.1:1337/x", reactor=self.clock)
        client.protocol = PeerProtocol
        client.setProtocolOptions(failByDrop=False, openHandshakeTimeout=0)
        self.wire = Wire.connect(GatewayFactory(self.house, self.clock), client)
        self.wire.flush()

    @property
    def diary(self) -> Diary:
        return self.house.guests[0]

    @property
    def peer(self) -> Any:
        return self.wire.client.protocol

    @property
    def stats(self) -> dict[str, Any]:
        return self.diary.socket.trafficStats.__json__()

    def deliver(self, *chunks: bytes) -> None:
        for chunk in chunks:
            if not self.wire.server.lost:
                self.wire.server.protocol.dataReceived(chunk)
        self.wire.flush()


@pytest.fixture
def visit(clock: Clock) -> Visit:
    return Visit(clock)


@given(
    texts=st.lists(st.text(st.characters(codec="utf-8"), max_size=200), max_size=6),
    cuts=st.lists(st.integers(0, 1200), max_size=6),
    mask=st.binary(min_size=4, max_size=4),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_chunking_gives_the_same_texts(
    clock: Clock, texts: list[str], cuts: list[int], mask: bytes
) -> None:
    """However TCP cuts the stream, every message arrives once and in order."""
    visit = Visit(clock)
    stream = b"".join(frame(text.encode(), mask=mask) for text in texts)
    edges = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    visit.deliver(*[stream[a:b] for a, b in pairwise(edges)])
    assert visit.diary.texts == [text.encode() for text in texts]
    assert visit.stats["incomingWebSocketMessages"] == len(texts)
    assert visit.stats["incomingOctetsWireLevel"] == len(stream)


def test_the_short_way_is_taken(visit: Visit) -> None:
    """Whole small frames never reach Autobahn's parser, which would remember them."""
    visit.deliver(frame(b"[2]") + frame(b"x" * 300))
    assert visit.diary.texts == [b"[2]", b"x" * 300]
    assert not hasattr(visit.diary.socket, "message_is_binary")
    visit.deliver(frame(b"[", fin=False) + frame(b"]", "more"))
    assert hasattr(visit.diary.socket, "message_is_binary")


def test_fragments_and_pings_in_between_are_joined(visit: Visit) -> None:
    """What is not one whole text frame takes the long way, and then back."""
    visit.deliver(
        frame(b"one, ", fin=False)
        + frame(b"?", "ping")
        + frame(b"two", "more")
        + frame(b"three")
    )
    assert visit.diary.texts == [b"one, two", b"three"]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 300_000])
def test_every_length_form_arrives(visit: Visit, size: int) -> None:
    """All three length encodings, on either way."""
    visit.deliver(frame(b"x" * size))
    assert [len(text) for text in visit.diary.texts] == [size]


def test_text_that_is_no_utf8_closes_with_1007(visit: Visit) -> None:
    """The close code is Autobahn's own."""
    visit.deliver(frame(b"before"), frame(b"\xff\xfe"))
    assert visit.diary.texts == [b"before"]
    assert visit.peer.close_code == 1007


def test_a_huge_message_closes_with_1009(visit: Visit) -> None:
    """One byte over a megabyte is too much; nothing of it is handed over."""
    visit.deliver(frame(b"x" * MAX_FRAME_BYTES))
    visit.deliver(frame(b"x" * (MAX_FRAME_BYTES + 1)))
    assert [len(text) for text in visit.diary.texts] == [MAX_FRAME_BYTES]
    assert visit.peer.close_code == 1009


def test_an_unmasked_frame_closes_with_1002(visit: Visit) -> None:
    """Clients must mask (RFC 6455 §5.1)."""
    visit.deliver(b"\x81\x02[]")
    assert visit.diary.texts == []
    assert visit.peer.close_code == 1002


def test_a_binary_message_closes_with_1003(visit: Visit) -> None:
    """Only text is spoken here."""
    visit.deliver(frame(b"[2]", "binary"))
    assert visit.diary.texts == []
    assert visit.peer.close_code == 1003


def test_nothing_is_handed_over_after_a_close(visit: Visit) -> None:
    """Frames behind a close frame in the same packet are dropped."""
    visit.deliver(frame(b"last") + frame(b"\x03\xe8", "close") + frame(b"after"))
    assert visit.diary.texts == [b"last"]
    assert visit.diary.closed_times == 1


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_what_is_sent_arrives(visit: Visit, size: int) -> None:
    """A stock client reads every length form we write."""
    visit.diary.socket.send_text(b'"' + b"x" * size + b'"')
    visit.wire.flush()
    assert visit.peer.texts == [b'"' + b"x" * size + b'"']
    assert visit.stats["outgoingWebSocketMessages"] == 1


def test_sending_on_a_closed_socket_does_nothing(visit: Visit) -> None:
    """An actor may answer after its station has gone."""
    visit.deliver(frame(b"\x03\xe8", "close"))
    visit.diary.socket.send_text(b"[3]")
    visit.diary.socket.ping()
    visit.diary.socket.hang_up(1001, "late")
    assert visit.peer.texts == []


def test_a_slow_reader_is_noticed(visit: Visit) -> None:
    """The role is told when the other end stops reading, and when it goes on."""
    visit.wire.client.pauseProducing()
    for _ in range(10):
        visit.diary.socket.send_text(b'"' + b"x" * 10_000 + b'"')
    visit.wire.flush()
    assert visit.diary.congestion == [True]
    visit.wire.client.resumeProducing()
    visit.wire.flush()
    assert visit.diary.congestion == [True, False]
    assert len(visit.peer.texts) == 10
