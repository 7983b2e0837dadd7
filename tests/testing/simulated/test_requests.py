"""Requests over lines: what a server reads of them, and what comes of them."""

from __future__ import annotations

from typing import Any

import pytest
import treq
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IConsumer
from twisted.internet.protocol import Factory, Protocol
from twisted.web.client import ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IResponse
from zope.interface.verify import verifyObject

from flexicharge.testing.clock import HeapClock
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.simulated.lines import Lines
from flexicharge.testing.simulated.requests import LineAgent

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-One: a\r\n\r\nhello"


class Site(Protocol):
    """Keeps what it reads; the test writes for it."""

    def __init__(self) -> None:
        self.read, self.is_lost = b"", False

    def dataReceived(self, data: bytes) -> None:
        """Keep it."""
        self.read += data

    def connectionLost(self, reason: Any) -> None:  # type: ignore[override]
        """Keep that."""
        self.is_lost = True


class Body:
    """A body to send."""

    length = 3

    def startProducing(self, consumer: IConsumer) -> None:
        """Write it."""
        consumer.write(b"{")
        consumer.write(b"1}")


class Bench:
    """An agent, a site, and the lines between them."""

    def __init__(self) -> None:
        self.lines, self.site = Lines(HeapClock()), Site()
        self.agent = LineAgent(self.connect)
        self.opens = True

    def connect(self, client: Factory) -> Deferred[Any]:
        """Open a connection, if the test does not say otherwise."""
        if not self.opens:
            return fail(ConnectError())
        made: Deferred[Any] = Deferred()
        server = Factory.forProtocol(lambda: self.site)  # type: ignore[arg-type]
        made.callback(self.lines.connect(server, client))
        return made

    def ask(self, uri: bytes = b"http://there:80/a?b=c", **how: Any) -> Deferred[Any]:
        """Make a request."""
        asked = self.agent.request(how.pop("method", b"GET"), uri, **how)
        self.lines.settle()
        return asked

    def answer(self, *pieces: bytes) -> None:
        """Let the site write something."""
        for piece in pieces:
            self.site.transport.write(piece)
            self.lines.settle()


@pytest.fixture
def bench() -> Bench:
    """An agent with somebody to ask."""
    return Bench()


def body_of(response: IResponse) -> bytes:
    content: bytes = result_of(treq.content(response))
    return content


def test_a_connection_can_be_kept(bench: Bench) -> None:
    """For the next request, until the server closes it."""
    agent = LineAgent(bench.connect, keeps=True)
    for _ in range(2):
        asked = agent.request(b"GET", b"http://there/")
        bench.lines.settle()
        bench.site.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        bench.lines.settle()
        assert result_of(asked).code == 200
    assert bench.site.read.count(b"GET / HTTP/1.1") == 2
    assert b"Connection" not in bench.site.read
    bench.site.transport.loseConnection()
    bench.lines.settle()
    assert agent._idle == []


def test_it_is_an_agent(bench: Bench) -> None:
    """Whatever takes one takes this."""
    assert verifyObject(IAgent, bench.agent)


def test_a_request_is_what_any_client_sends(bench: Bench) -> None:
    """Method, target with its query, host, headers, and the end of a connection."""
    bench.ask(headers=Headers({"X-A": ["1", "2"]}))
    head, _, body = bench.site.read.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"GET /a?b=c HTTP/1.1",
        b"Host: there:80",
        b"X-A: 1",
        b"X-A: 2",
        b"Connection: close",
        b"Content-Length: 0",
    ]
    assert body == b""


def test_a_body_follows_its_length(bench: Bench) -> None:
    """However many pieces it is written in."""
    bench.ask(method=b"PUT", bodyProducer=Body())
    assert b"\r\nContent-Length: 3\r\n" in bench.site.read
    assert bench.site.read.endswith(b"\r\n\r\n{1}")


def test_a_response_has_status_headers_and_body(bench: Bench) -> None:
    """And the connection is closed after it."""
    asked = bench.ask()
    bench.answer(OK)
    response = result_of(asked)
    assert verifyObject(IResponse, response)
    assert (response.code, response.length) == (200, 5)
    assert response.headers.getRawHeaders("x-one") == ["a"]
    assert body_of(response) == b"hello"
    assert bench.site.is_lost
    assert bench.lines.open == {}


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_response_may_come_in_pieces(bench: Bench, size: int) -> None:
    """It is there once it is there whole."""
    asked = bench.ask()
    pieces = [OK[start : start + size] for start in range(0, len(OK), size)]
    bench.answer(*pieces[:-1])
    assert not asked.called
    bench.answer(pieces[-1])
    assert body_of(result_of(asked)) == b"hello"


def test_no_length_is_no_body(bench: Bench) -> None:
    """As of a 204."""
    asked = bench.ask()
    bench.answer(b"HTTP/1.1 204 No Content\r\n\r\n")
    response = result_of(asked)
    assert (response.code, body_of(response)) == (204, b"")


@pytest.mark.parametrize("so_far", [b"", OK[:20], OK[:-1]])
def test_a_lost_connection_is_no_response(bench: Bench, so_far: bytes) -> None:
    """However much of it had come."""
    asked = bench.ask()
    bench.answer(so_far)
    bench.lines.server_died()
    with pytest.raises(ResponseFailed):
        result_of(asked)


def test_a_server_that_closes_early_has_not_answered(bench: Bench) -> None:
    """Politely or not."""
    asked = bench.ask()
    bench.answer(OK[:-1])
    bench.site.transport.loseConnection()
    bench.lines.settle()
    with pytest.raises(ResponseFailed):
        result_of(asked)


def test_nobody_there_is_an_error_of_connecting(bench: Bench) -> None:
    """As with Twisted's own agent."""
    bench.opens = False
    with pytest.raises(ConnectError):
        result_of(bench.ask())


def test_a_cancelled_request_drops_its_connection(bench: Bench) -> None:
    """Its answer comes to nobody."""
    asked = bench.ask()
    asked.cancel()
    with pytest.raises((ResponseFailed, CancelledError)):
        result_of(asked)
    assert bench.site.is_lost
    assert bench.lines.open == {}


def test_a_request_may_be_cancelled_before_it_is_connected(bench: Bench) -> None:
    """Then nobody is asked, whatever becomes of the connection."""
    factories: list[Any] = []

    def connect(factory: Factory) -> Deferred[Any]:
        factories.append(factory)
        return Deferred()

    asked = LineAgent(connect).request(b"GET", b"http://there/")
    asked.cancel()
    with pytest.raises(CancelledError):
        result_of(asked)
    bench.connect(factories[0])
    bench.lines.settle()
    assert (bench.site.read, bench.site.is_lost) == (b"", True)


def test_a_cancelled_request_may_find_nobody_there() -> None:
    """That is no error for anybody any more."""
    opening: Deferred[Any] = Deferred()
    asked = LineAgent(lambda factory: opening).request(b"GET", b"http://there/")
    asked.cancel()
    opening.errback(ConnectError())
    with pytest.raises(CancelledError):
        result_of(asked)


def test_one_request_does_not_meet_another(bench: Bench) -> None:
    """Each has a connection of its own."""
    first = bench.ask()
    bench.answer(OK)
    bench.site = Site()
    second = bench.ask()
    bench.answer(OK.replace(b"hello", b"world"))
    assert body_of(result_of(first)) == b"hello"
    assert body_of(result_of(second)) == b"world"
