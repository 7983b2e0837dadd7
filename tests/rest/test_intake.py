"""What a connection may take of us, in bytes and in time."""

from __future__ import annotations

import pytest
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent
from twisted.web.iweb import IRequest

from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.clients import client_of
from flexicharge.rest.door import Door
from flexicharge.rest.intake import ARRIVES_WITHIN_S, LINGER_S, http_site
from flexicharge.rest.replies import empty
from flexicharge.testing.http import HttpClient
from tests.rest.fakes import EchoApi

GET = b"GET /echo HTTP/1.1\r\n\r\n"
POST = b"POST /echo HTTP/1.1\r\n"
TOO_LARGE = {
    "status": 413,
    "code": "payloadTooLarge",
    "message": "The body is too large",
}


def of_length(length: int) -> bytes:
    """A JSON object of that many bytes."""
    return b'{"a":"' + b"x" * (length - 8) + b'"}'


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


def test_a_form_with_parts_is_not_taken_apart(echo_client: HttpClient) -> None:
    """No client sends one; it is a bad request like other bodies that are no JSON."""
    answer = echo_client.request(
        "POST", "/echo", body=b"--x", content_type="multipart/form-data; boundary=x"
    )
    assert (answer.status, answer.json["code"]) == (400, "badRequest")


@pytest.mark.parametrize(
    "head",
    [
        b"nonsense\r\n\r\n",
        b"GET /echo HTTP/1.1\r\nno colon\r\nHost: x\r\n\r\n",
        b"GET /echo HTTP/1.1\r\n" + b"X: y\r\n" * 501 + b"\r\n",
        b"GET /echo HTTP/1.1\r\nX: " + b"y" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"y" * 20_000 + b" HTTP/1.1\r\n\r\n",
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        POST + b"Content-Length: -2\r\n\r\n{}",
        POST + b"Content-Length: " + b"9" * 5000 + b"\r\nHost: x\r\n\r\n{}",
        POST + b"Host: x\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=lambda head: repr(head[:50]),
)
def test_a_damaged_request_ends_the_connection(
    echo_client: HttpClient, echo: EchoApi, head: bytes, failures: list[LogEvent]
) -> None:
    """What is not HTTP, or too much of it, is never acted on, nor what follows it."""
    connection = echo_client.connect()
    connection.send(head)
    assert connection.closed
    connection.send(GET)
    assert echo.finished == []
    assert connection.received in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert failures == []


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


def test_a_client_that_hangs_up_does_not_stop_what_it_asked_for(
    echo_client: HttpClient, echo: EchoApi, failures: list[LogEvent]
) -> None:
    """AND gives up after 1.3 s; a start or stop under way is finished all the same."""
    echo.waiting_for = waiting = Deferred()
    connection = echo_client.begin("POST", "/echo", json={})
    connection.hang_up()
    assert echo.finished == []
    waiting.callback(None)
    assert echo.finished == ["echo"]
    assert connection.received == b""
    assert failures == []


def test_a_failure_after_the_client_hung_up_is_still_logged(
    echo_client: HttpClient, echo: EchoApi, failures: list[LogEvent]
) -> None:
    """That nobody waits for an answer hides no fault of ours."""
    echo.waiting_for = waiting = Deferred()
    echo_client.begin("GET", "/echo").hang_up()
    waiting.errback(ZeroDivisionError())
    [event] = failures
    assert event["failure"].check(ZeroDivisionError)


def test_requests_in_a_row_are_answered_in_order(
    echo_client: HttpClient, echo: EchoApi
) -> None:
    """A second request on a connection waits for the first one's answer."""
    echo.waiting_for = waiting = Deferred()
    connection = echo_client.begin("POST", "/echo", json={"n": 1})
    connection.send(b"GET /echo/words/two HTTP/1.1\r\n\r\n")
    assert connection.received == b""
    waiting.callback(None)
    assert connection.response().json == {"n": 1}
    assert connection.response().json == "two"


def test_a_client_of_the_old_protocol_gets_its_answer_and_a_closed_connection(
    echo_client: HttpClient,
) -> None:
    """HTTP/1.0 has no connections that stay."""
    connection = echo_client.connect()
    connection.send(b"GET /echo HTTP/1.0\r\n\r\n")
    assert connection.response().status == 200
    assert connection.closed


def test_behind_a_proxy_the_client_is_whoever_it_forwarded(clock: Clock) -> None:
    """Limits count the address that is made out, be it IPv6; else the neighbour's."""
    app, seen = Klein(), []

    @app.route("/", methods=["GET"])
    def where(request: IRequest) -> bytes:
        seen.append(client_of(request))
        return empty(request, 200)

    def last_hop(address: str, forwarded: str) -> str:
        return forwarded.rpartition(",")[2].strip() or address

    client = HttpClient(http_site(Door([app]), clock, last_hop))
    for hops in ("", "1.2.3.4", "6.6.6.6, 1.2.3.4", "2001:db8::1"):
        client.get("/", x_forwarded_for=hops)
    assert seen == ["192.168.1.1", "1.2.3.4", "1.2.3.4", "2001:db8::/64"]


def test_only_http_1_1_is_offered_under_tls(echo_client: HttpClient) -> None:
    """HTTP/2 would go past the limits that are kept here."""
    assert echo_client.site.acceptableProtocols() == [b"http/1.1"]


def test_starting_the_site_arms_no_timer(echo_client: HttpClient, clock: Clock) -> None:
    """A site at rest does nothing: no access log is dated every second."""
    echo_client.site.doStart()
    assert clock.getDelayedCalls() == []
    echo_client.site.doStop()
