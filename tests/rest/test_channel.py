"""What a connection may take of us, in bytes and in time."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.channel import ARRIVES_WITHIN_S, LINGER_S, TAKEN_WITHIN_S
from flexicharge.testing.http import Connection, HttpClient
from tests.rest.fakes import EchoApi

GET = b"GET /echo HTTP/1.1\r\n\r\n"
NOWHERE = b"GET /nowhere HTTP/1.1\r\n\r\n"
POST = b"POST /echo HTTP/1.1\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n"
TOO_LARGE = {
    "status": 413,
    "code": "payloadTooLarge",
    "message": "The body is too large",
}


def of_length(length: int) -> bytes:
    """A JSON object of that many bytes."""
    return b'{"a":"' + b"x" * (length - 8) + b'"}'


def answers(connection: Connection) -> int:
    """How many responses came since the last time."""
    count = connection.received.count(b"HTTP/1.1 ")
    connection.transport.clear()
    return count


def test_a_body_of_one_mebibyte_is_taken(echo_client: HttpClient) -> None:
    """The limit itself is allowed."""
    answer = echo_client.request("POST", "/echo", body=of_length(MAX_BODY))
    assert answer.status == 200
    assert len(answer.body) == MAX_BODY


def test_a_larger_body_is_refused_before_it_comes(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """Content-Length alone gets a 413 with CORS; what still comes is thrown away."""
    connection = echo_client.connect()
    connection.send(POST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1))
    answer = connection.response()
    assert (answer.status, answer.json) == (413, TOO_LARGE)
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Connection") == "close"
    connection.send(of_length(MAX_BODY + 1) + GET)
    assert (connection.received, echo.finished) == (b"", [])
    assert not connection.closed
    clock.advance(LINGER_S)
    assert connection.closed


def test_a_client_that_asks_first_is_not_told_to_continue(
    echo_client: HttpClient,
) -> None:
    """`Expect: 100-continue` gets the refusal at once; a small body gets its 100."""
    asking = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    large, small = echo_client.connect(), echo_client.connect()
    large.send(POST + asking % (MAX_BODY + 1))
    assert large.response().status == 413
    small.send(POST + asking % 2)
    assert small.response().status == 100
    small.send(b"{}")
    assert small.response().json == {}


def test_a_body_of_unknown_length_is_counted_as_it_comes(
    echo_client: HttpClient, echo: EchoApi
) -> None:
    """Chunks that add up to more than the limit are refused in the middle."""
    connection = echo_client.connect()
    connection.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(MAX_BODY // 0x10000):
        connection.send(chunk)
    answer = connection.response()
    assert (answer.status, answer.json) == (413, TOO_LARGE)
    connection.send(chunk + b"0\r\n\r\n" + GET)
    assert (connection.received, echo.finished) == (b"", [])


def test_a_body_in_chunks_is_read(echo_client: HttpClient) -> None:
    """Chunked bodies within the limit are bodies like others, one after the other."""
    connection = echo_client.connect()
    for _ in range(2):
        connection.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.send(b'4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n')
        assert connection.response().json == {"a": 1}


def test_the_limit_is_that_of_each_request(echo_client: HttpClient) -> None:
    """A kept connection may bring a large body more than once."""
    connection, body = echo_client.connect(), of_length(MAX_BODY * 2 // 3)
    for _ in range(3):
        connection.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert connection.response().status == 200


def test_chunks_may_have_extensions_and_trailers(echo_client: HttpClient) -> None:
    """They say nothing to us, and a request that follows them is found."""
    connection = echo_client.connect()
    connection.send(CHUNKED + b'\r\n2;name="x"\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n')
    assert connection.response().json == {}
    connection.send(GET)
    assert connection.response().status == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03\r\n", 400),
        (b"GET /echo\r\n\r\n", 400),
        (b"GET /echo HTTP/0.9\r\n\r\n", 400),
        (b"GET /echo HTTP/1.2\r\n\r\n", 400),
        (b"GET /echo HTTP/9999999999.1\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (b"GET /e cho HTTP/1.1\r\n\r\n", 400),
        (b"GET /echo\0 HTTP/1.1\r\n\r\n", 400),
        (b"G\xc3\x84T /echo HTTP/1.1\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nno colon\r\nHost: x\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nX: a\nY: b\r\n\r\n", 400),
        (b"GET /echo HTTP/1.1\r\nX: a\0b\r\n\r\n", 400),
        (b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /" + b"y" * 20_000, 414),
        (b"GET /echo HTTP/1.1\r\n" + b"X: y\r\n" * 501 + b"\r\n", 431),
        (b"GET /echo HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", 431),
        (b"GET /echo HTTP/1.1\r\nX: " + b"y" * 20_000, 431),
        (b"GET /echo HTTP/1.1\r\n" + b"X: %s\r\n" % (b"y" * 999) * 17, 431),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
        (CHUNKED + b"Content-Length: 2\r\n\r\n{}", 400),
        (CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: identity\r\n\r\n{}", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
        (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400),
        (POST + b"Content-Length: 2, 2\r\n\r\n{}", 400),
        (POST + b"Content-Length: -2\r\n\r\n{}", 400),
        (POST + b"Content-Length: +2\r\n\r\n{}", 400),
        (POST + b"Content-Length: 0x2\r\n\r\n{}", 400),
        (POST + b"Content-Length:\r\n\r\n{}", 400),
        (POST + b"Content-Length: " + b"9" * 5000 + b"\r\nHost: x\r\n\r\n{}", 413),
        (POST + b"Host: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}", 413),
        (CHUNKED + b"\r\nzz\r\n", 400),
        (CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"\r\n2\r\n{}}\r\n0\r\n\r\n", 400),
        (CHUNKED + b"\r\n2;" + b"x" * 2000 + b"\r\n{}\r\n", 400),
        (CHUNKED + b"\r\n0\r\n" + b"X: y\r\n" * 20_000, 400),
        (CHUNKED + b"\r\n" + b"f" * 16 + b"\r\n" + b"x" * MAX_BODY, 413),
    ],
    ids=lambda part: repr(part[:60]) if isinstance(part, bytes) else None,
)
def test_a_damaged_request_is_refused_and_ends_the_connection(
    echo_client: HttpClient,
    echo: EchoApi,
    clock: Clock,
    failures: list[LogEvent],
    head: bytes,
    status: int,
) -> None:
    """What is not HTTP, or too much of it, is never acted on, nor what follows it."""
    connection = echo_client.connect()
    connection.send(head)
    answer = connection.response()
    assert (answer.status, answer.json["status"]) == (status, status)
    assert answer.header("Content-Type") == "application/json; charset=utf-8"
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Connection") == "close"
    connection.send(GET)
    clock.advance(LINGER_S)
    assert connection.closed
    assert (echo.finished, connection.received, failures) == ([], b"", [])


@pytest.mark.parametrize("path", [b"/echo", b"/nowhere"])
def test_a_damaged_request_spares_the_one_before_it(
    echo_client: HttpClient, clock: Clock, path: bytes
) -> None:
    """In one piece: the first is answered, the second refused, the third not heard."""
    connection = echo_client.connect()
    connection.send(b"GET %s HTTP/1.1\r\n\r\nnonsense\r\n\r\n" % path + GET)
    clock.advance(0)
    statuses = [connection.response().status for _ in range(2)]
    assert statuses == [200 if path == b"/echo" else 404, 400]
    assert connection.received == b""


def test_a_client_that_trickles_is_dropped(
    echo_client: HttpClient, clock: Clock
) -> None:
    """A byte now and then does not hold a connection open for more than a minute."""
    connection = echo_client.connect()
    for byte in b"GET /echo HTTP/1.1\r\nX-Slow: yes"[: int(ARRIVES_WITHIN_S / 5)]:
        assert not connection.closed
        connection.send(bytes([byte]))
        clock.advance(5.0)
    assert connection.closed


def test_a_client_that_trickles_a_body_is_dropped(
    echo_client: HttpClient, clock: Clock
) -> None:
    """The minute goes on while the body comes."""
    connection = echo_client.connect()
    connection.send(POST + b"Content-Length: 100\r\n\r\n")
    for _ in range(int(ARRIVES_WITHIN_S / 5)):
        assert not connection.closed
        connection.send(b" ")
        clock.advance(5.0)
    assert connection.closed


def test_a_kept_connection_has_a_minute_for_each_request(
    echo_client: HttpClient, clock: Clock
) -> None:
    """After an answer the time starts anew; an idle connection is closed in the end."""
    connection = echo_client.connect()
    for _ in range(3):
        clock.advance(ARRIVES_WITHIN_S - 1)
        connection.send(GET)
        assert connection.response().status == 200
    clock.advance(ARRIVES_WITHIN_S)
    assert connection.closed


def test_a_slow_handler_has_all_the_time_it_needs(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """The minute is the client's; what we do takes as long as it takes."""
    echo.waiting_for = Deferred()
    connection = echo_client.begin("GET", "/echo")
    clock.advance(10 * ARRIVES_WITHIN_S)
    assert not connection.closed
    echo.waiting_for.callback(None)
    assert connection.response().status == 200


def test_a_request_in_pieces_is_a_request(echo_client: HttpClient) -> None:
    """However a network cuts it."""
    connection = echo_client.connect()
    for byte in POST + b"Content-Length: 7\r\n\r\n" + b'{"a":1}':
        connection.send(bytes([byte]))
    assert connection.response().json == {"a": 1}


def test_requests_in_a_row_are_answered_in_order(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """A second request on a connection waits for the first one's answer."""
    echo.waiting_for = waiting = Deferred()
    connection = echo_client.begin("POST", "/echo", json={"n": 1})
    connection.send(b"GET /echo/words/two HTTP/1.1\r\n\r\n")
    clock.advance(0)
    assert connection.received == b""
    waiting.callback(None)
    clock.advance(0)
    assert connection.response().json == {"n": 1}
    assert connection.response().json == "two"


@pytest.mark.parametrize("asked", [GET, NOWHERE])
def test_thousands_of_requests_at_once_are_answered_one_in_a_turn(
    echo_client: HttpClient, clock: Clock, asked: bytes
) -> None:
    """Others have their turns in between, and no more is read until all are done."""
    connection = echo_client.connect()
    connection.send(asked * 1000)
    assert answers(connection) == 1
    others: list[int] = []
    clock.callLater(0, lambda: others.append(answers(connection)))
    assert connection.transport.producerState == "paused"
    clock.advance(0)
    assert others == [1]
    assert answers(connection) == 998
    assert connection.transport.producerState == "producing"
    connection.send(asked)
    assert answers(connection) == 1


def test_what_comes_while_a_request_is_answered_is_read_only_so_far(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """A client that goes on sending is not read until there is a use for it."""
    echo.waiting_for = waiting = Deferred()
    connection = echo_client.connect()
    connection.send(GET)
    connection.send(GET * 800)
    assert connection.transport.producerState == "paused"
    waiting.callback(None)
    assert connection.transport.producerState == "paused"
    clock.advance(0)
    assert len(echo.finished) == 801
    assert connection.transport.producerState == "producing"


def test_a_client_that_hangs_up_between_turns_is_forgotten(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """What it asked for and was not taken up yet is never done."""
    connection = echo_client.connect()
    connection.send(GET * 3)
    connection.hang_up()
    clock.advance(0)
    assert echo.finished == ["echo"]
    assert clock.getDelayedCalls() == []


def test_a_client_that_does_not_read_gets_no_more_answers(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """Nothing more is read of it or done for it until it has read what it was sent."""
    connection = echo_client.connect()
    connection.send(GET * 2)
    connection.transport.producer.pauseProducing()  # as sockets do that are full
    clock.advance(0)
    assert len(echo.finished) == 1
    assert connection.transport.producerState == "paused"
    connection.transport.producer.resumeProducing()
    connection.transport.producer.resumeProducing()
    clock.advance(0)
    assert len(echo.finished) == 2
    assert connection.transport.producerState == "producing"
    connection.transport.producer.resumeProducing()
    assert connection.transport.producerState == "producing"


def test_an_answer_that_does_not_go_out_stops_the_reading(
    echo_client: HttpClient, echo: EchoApi
) -> None:
    """The same if the socket fills up while a request is answered."""
    echo.waiting_for = waiting = Deferred()
    connection = echo_client.connect()
    connection.send(GET)
    connection.transport.producer.pauseProducing()
    waiting.callback(None)
    assert connection.transport.producerState == "paused"
    connection.transport.producer.resumeProducing()
    assert connection.transport.producerState == "producing"
    connection.send(GET)
    assert len(echo.finished) == 2


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (GET, ARRIVES_WITHIN_S + TAKEN_WITHIN_S),
        (b"GET /echo HTTP/1.0\r\n\r\n", TAKEN_WITHIN_S),
        (b"GET /echo HTTP/1.1\r\nConnection: close\r\n\r\n", TAKEN_WITHIN_S),
        (b"nonsense\r\n\r\n", LINGER_S + TAKEN_WITHIN_S),
    ],
)
def test_a_client_that_never_reads_is_cut_off(
    echo_client: HttpClient, clock: Clock, asked: bytes, seconds: float
) -> None:
    """Closing gently waits until it has read all; that has an end too."""
    connection = echo_client.connect()
    connection.send(asked)
    clock.pump([1.0] * int(seconds - 1))
    assert not connection.transport.disconnected
    clock.advance(1.0)
    assert connection.transport.disconnected
    connection.hang_up()
    assert clock.getDelayedCalls() == []


def test_a_client_of_the_old_protocol_gets_its_answer_and_a_closed_connection(
    echo_client: HttpClient, echo: EchoApi, clock: Clock
) -> None:
    """HTTP/1.0 has no connections that stay, whatever it asks for."""
    connection = echo_client.connect()
    connection.send(b"GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + GET)
    assert connection.response().status == 200
    assert connection.closed
    connection.hang_up()
    assert (connection.received, echo.finished) == (b"", ["echo"])
    assert clock.getDelayedCalls() == []


@pytest.mark.parametrize("protocol", ["websocket", "h2c"])
def test_no_other_protocol_is_spoken(echo_client: HttpClient, protocol: str) -> None:
    """A WebSocket client at the wrong port gets an answer that is none to it."""
    answer = echo_client.get("/echo", connection="Upgrade", upgrade=protocol)
    assert answer.status == 200
    assert answer.header("Upgrade") is None
