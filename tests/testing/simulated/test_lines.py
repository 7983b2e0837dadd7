"""Lines whose bytes take their time: order, endings, and every way to break."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost
from twisted.internet.protocol import Factory, Protocol
from twisted.python.failure import Failure

from flexicharge.testing.clock import HeapClock
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.simulated.lines import Door, Line, Lines

DELAYS = st.floats(0.0, 20.0)


class End(Protocol):
    """Keeps what it hears, with the time, and how it ended."""

    def __init__(self, clock: HeapClock) -> None:
        self.clock = clock
        self.heard: list[tuple[float, bytes]] = []
        self.why_lost: Exception | None = None

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        assert self.why_lost is None
        self.heard.append((self.clock.seconds(), data))

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        """Keep why; nobody is told twice."""
        assert self.why_lost is None
        self.why_lost = reason.value

    @property
    def text(self) -> bytes:
        """All that was heard."""
        return b"".join(data for _, data in self.heard)


class Weather:
    """Delays as the test gives them, then none; may lose bytes."""

    def __init__(self, *delays: float | None) -> None:
        self.delays = list(delays)

    def delay_s(self, line: Line) -> float | None:
        """Return the next one."""
        return self.delays.pop(0) if self.delays else 0.0


class Bench:
    """A client and a server with a line between them."""

    def __init__(self, weather: Weather | None) -> None:
        self.clock = HeapClock(10.1)
        self.lines = Lines(self.clock, weather)
        self.server, self.client = End(self.clock), End(self.clock)
        assert self.lines.connect(maker(self.server), maker(self.client)) is self.client
        [self.line] = self.lines.open.values()

    def say(self, *texts: bytes) -> None:
        """Let the client say something, each text as bytes of its own."""
        for text in texts:
            self.client.transport.write(text)
        self.lines.settle()

    def pass_time(self, seconds: float) -> None:
        """Let time pass, call by call."""
        until = self.clock.seconds() + seconds
        while (at := self.clock.next_at) is not None and at <= until:
            self.clock.step()
            self.lines.settle()
        self.clock.rightNow = until


def maker(end: End) -> Factory:
    return Factory.forProtocol(lambda: end)  # type: ignore[arg-type]


@pytest.fixture
def calm() -> Bench:
    """A line without weather."""
    return Bench(None)


@pytest.fixture
def slow() -> Bench:
    """A line on which everything takes two seconds."""
    return Bench(Weather(*[2.0] * 9))


# bytes


def test_without_weather_everything_is_there_at_once(calm: Bench) -> None:
    """With all that this causes, when the network settles."""
    calm.client.transport.write(b"one")
    assert calm.server.text == b""
    calm.lines.settle()
    assert calm.server.text == b"one"
    assert calm.clock.next_at is None


def test_weather_takes_time(slow: Bench) -> None:
    """As much as it says, both ways."""
    slow.say(b"one")
    slow.server.transport.write(b"two")
    slow.lines.settle()
    slow.pass_time(1.9)
    assert (slow.server.text, slow.client.text) == (b"", b"")
    slow.pass_time(0.2)
    assert (slow.server.text, slow.client.text) == (b"one", b"two")


@given(st.lists(st.tuples(DELAYS, DELAYS), max_size=20))
def test_bytes_keep_their_order(sent: list[tuple[float, float]]) -> None:
    """Whatever each takes, and whenever it is sent: none overtakes, none is lost."""
    bench = Bench(Weather(*(delay for delay, _ in sent)))
    for number, (_, pause_s) in enumerate(sent):
        bench.say(b"%d," % number)
        bench.pass_time(pause_s / 4)
    bench.pass_time(30)
    assert bench.server.text == b"".join(b"%d," % number for number in range(len(sent)))


@given(st.lists(st.tuples(DELAYS, DELAYS), max_size=20))
def test_closing_comes_after_the_last_byte(sent: list[tuple[float, float]]) -> None:
    """Whatever is still on its way is delivered first."""
    bench = Bench(Weather(*(delay for delay, _ in sent)))
    for _, pause_s in sent:
        bench.say(b"x")
        bench.pass_time(pause_s / 4)
    bench.client.transport.loseConnection()
    bench.lines.settle()
    bench.pass_time(30)
    assert bench.server.text == b"x" * len(sent)
    for end in (bench.server, bench.client):
        assert isinstance(end.why_lost, ConnectionDone)
    assert bench.lines.open == {}


def test_lost_bytes_are_lost_alone() -> None:
    """What weather says never arrives does not; the rest does."""
    bench = Bench(Weather(1.0, None, 1.0))
    bench.say(b"one", b"two", b"three")
    bench.pass_time(2)
    assert bench.server.text == b"onethree"


# an end that does not read


@pytest.mark.parametrize("kind", ["calm", "slow"])
def test_a_paused_end_holds_its_bytes(
    kind: str, request: pytest.FixtureRequest
) -> None:
    """It gets them when it reads again, in order, with those that come then."""
    bench = request.getfixturevalue(kind)
    bench.server.transport.pauseProducing()
    bench.say(b"one", b"two")
    bench.pass_time(5)
    assert bench.server.text == b""
    bench.server.transport.resumeProducing()
    bench.say(b"three")
    bench.pass_time(5)
    assert bench.server.text == b"onetwothree"


def test_an_end_may_pause_in_the_middle(slow: Bench) -> None:
    """Of what it is given after it read again."""
    slow.server.transport.pauseProducing()
    slow.say(b"one", b"two")
    slow.pass_time(5)
    take = slow.server.dataReceived

    def take_one(data: bytes) -> None:
        take(data)
        slow.server.transport.pauseProducing()

    slow.server.dataReceived = take_one  # type: ignore[method-assign]
    slow.server.transport.resumeProducing()
    slow.lines.settle()
    assert slow.server.text == b"one"


def test_a_paused_end_reads_all_before_it_is_closed(slow: Bench) -> None:
    """As from a kernel's buffer."""
    slow.server.transport.pauseProducing()
    slow.say(b"one", b"two")
    slow.client.transport.loseConnection()
    slow.lines.settle()
    slow.pass_time(60)
    assert (slow.server.text, slow.server.why_lost) == (b"", None)
    slow.server.transport.resumeProducing()
    slow.lines.settle()
    assert slow.server.text == b"onetwo"
    assert isinstance(slow.server.why_lost, ConnectionDone)
    assert slow.lines.open == {}


def test_a_paused_end_may_close_itself(slow: Bench) -> None:
    """What it never read is gone then."""
    slow.server.transport.pauseProducing()
    slow.say(b"one")
    slow.client.transport.loseConnection()
    slow.lines.settle()
    slow.pass_time(60)
    slow.server.transport.loseConnection()
    slow.lines.settle()
    slow.pass_time(1)
    assert slow.server.text == b""
    assert isinstance(slow.client.why_lost, ConnectionDone)
    assert slow.lines.open == {}


# breaking


@pytest.mark.parametrize("kind", ["calm", "slow"])
def test_aborting_is_at_once(kind: str, request: pytest.FixtureRequest) -> None:
    """What was on its way never arrives."""
    bench = request.getfixturevalue(kind)
    bench.client.transport.write(b"one")
    bench.client.transport.abortConnection()
    bench.lines.settle()
    bench.pass_time(5)
    assert bench.server.text == b""
    assert isinstance(bench.server.why_lost, ConnectionLost)
    assert bench.lines.open == {}


def test_breaking_off_loses_what_was_on_its_way(slow: Bench) -> None:
    """Both ends learn of it, once."""
    slow.say(b"one")
    slow.server.transport.write(b"two")
    slow.line.break_off()
    slow.line.break_off()
    slow.pass_time(5)
    for end in (slow.server, slow.client):
        assert (end.text, type(end.why_lost)) == (b"", ConnectionLost)
    assert slow.lines.open == {}
    assert slow.line.is_lost


def test_a_dead_server_learns_of_nothing(slow: Bench) -> None:
    """Its clients lose their connections."""
    slow.say(b"one")
    slow.lines.server_died()
    slow.pass_time(5)
    assert (slow.server.text, slow.server.why_lost) == (b"", None)
    assert isinstance(slow.client.why_lost, ConnectionLost)
    assert slow.lines.open == {}


def test_a_dead_line_carries_nothing(slow: Bench) -> None:
    """Neither what is sent over it nor what was on its way; nobody learns of it."""
    slow.say(b"one")
    slow.line.severed = True
    slow.say(b"two")
    slow.pass_time(60)
    assert slow.server.text == b""
    assert (slow.server.why_lost, slow.client.why_lost) == (None, None)
    assert slow.lines.open == {id(slow.line): slow.line}
    assert slow.line.ends == "server holds it; client holds it"


@pytest.mark.parametrize("how", ["loseConnection", "abortConnection"])
def test_on_a_dead_line_each_end_closes_for_itself(slow: Bench, how: str) -> None:
    """The other one goes on believing in it, until it closes too."""
    slow.line.severed = True
    slow.say(b"one")
    getattr(slow.client.transport, how)()
    slow.lines.settle()
    slow.pass_time(60)
    assert slow.client.why_lost is not None
    assert slow.server.why_lost is None
    assert slow.line.ends == "server holds it; client has lost it"
    getattr(slow.server.transport, how)()
    slow.lines.settle()
    slow.pass_time(60)
    assert slow.server.why_lost is not None
    assert slow.lines.open == {}


def test_a_dead_line_breaks_with_the_server(slow: Bench) -> None:
    """The client's system is told when it asks the dead one's."""
    slow.line.severed = True
    slow.lines.server_died()
    assert isinstance(slow.client.why_lost, ConnectionLost)


def test_weather_may_break_the_line_itself() -> None:
    """Then nothing of what was to be carried is."""

    class Cut:
        def delay_s(self, line: Line) -> float | None:
            """Cut it."""
            line.break_off()
            return None

    bench = Bench(Cut())  # type: ignore[arg-type]
    bench.say(b"one", b"two")
    bench.client.transport.loseConnection()
    bench.pass_time(5)
    assert bench.server.text == b""
    assert isinstance(bench.server.why_lost, ConnectionLost)


# the door


def test_a_door_leads_to_whoever_listens() -> None:
    """Or to nobody."""
    clock = HeapClock()
    lines, server, client = Lines(clock), End(clock), End(clock)
    listening: list[Any] = [None, maker(server)]
    door = Door(lines, lambda: listening.pop(0))
    with pytest.raises(ConnectError, match="nobody listens"):
        result_of(door.connect(maker(client)))
    assert result_of(door.connect(maker(client))) is client
    assert len(lines.open) == 1
