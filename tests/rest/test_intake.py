"""What all requests and their answers have in common, and who may come."""

from __future__ import annotations

from typing import Any

import pytest
from klein import Klein
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import LogEvent
from twisted.web.iweb import IRequest

from flexicharge.rest.bodies import MAX_BODY
from flexicharge.rest.clients import client_of
from flexicharge.rest.crowd import MOST_BYTES, MOST_OF_ONE
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.replies import empty
from flexicharge.testing.http import Connection, HttpClient, Response
from tests.rest.fakes import EchoApi

GET = b"GET /echo HTTP/1.1\r\n\r\n"


def guest(client: HttpClient, address: IAddress | None = None) -> Connection | None:
    """Connect from an address; None if nobody is let in."""
    protocol: Any = client.site.buildProtocol(address)
    if protocol is None:
        return None
    return Connection(protocol, StringTransport(peerAddress=address))


def from_v4(host: str) -> IPv4Address:
    return IPv4Address("TCP", host, 1)


def last_hop(address: str, forwarded: str) -> str:
    """Believe whoever connects from 10.0.0.1."""
    hops = forwarded.rpartition(",")[2].strip()
    return hops if address == "10.0.0.1" and hops else address


def listed(answer: Response, name: str) -> set[str]:
    """Return the items of a header that is a list, in lower case."""
    return {item.strip().lower() for item in (answer.header(name) or "").split(",")}


def test_a_form_with_parts_is_not_taken_apart(echo_client: HttpClient) -> None:
    """No client sends one; it is a bad request like other bodies that are no JSON."""
    answer = echo_client.request(
        "POST", "/echo", body=b"--x", content_type="multipart/form-data; boundary=x"
    )
    assert (answer.status, answer.json["code"]) == (400, "badRequest")


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


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_strict_browser_may_ask_from_anywhere(
    echo_client: HttpClient, method: str
) -> None:
    """A preflight allows what the Fetch standard checks, and is kept for a while.

    `*` stands for every method and every header but Authorization.
    """
    answer = echo_client.request(
        "OPTIONS",
        "/echo",
        origin="https://admin.example.org",
        access_control_request_method=method,
        access_control_request_headers="authorization,content-type",
    )
    assert answer.status == 200
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert "*" in listed(answer, "Access-Control-Allow-Methods")
    assert listed(answer, "Access-Control-Allow-Headers") >= {"*", "authorization"}
    assert int(answer.header("Access-Control-Max-Age") or 0) > 0


def test_only_a_preflight_is_kept(echo_client: HttpClient) -> None:
    """Other answers say nothing of how long it holds."""
    assert echo_client.get("/echo").header("Access-Control-Max-Age") is None


@pytest.mark.parametrize("path", ["/echo", "/echo/words/one", "/nowhere"])
def test_head_has_the_headers_of_get(echo_client: HttpClient, path: str) -> None:
    """All but the body, and the length that a page of ours would have."""
    got, head = echo_client.get(path), echo_client.request("HEAD", path)
    assert (head.status, head.body) == (got.status, b"")
    names = {name for name, _ in got.headers.getAllRawHeaders()}
    if got.status == 200:
        assert head.headers == got.headers
    assert {name for name, _ in head.headers.getAllRawHeaders()} >= names - {
        b"Content-Type"
    }


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://flexicharge.example/echo/words/a", 200),
        ("HTTPS://admin:x@other.example:8443/echo/words/a", 200),
        ("http://flexicharge.example", 404),
        ("http://flexicharge.example?/echo/words/a", 404),
        ("http:///echo/words/a", 404),
        ("ftp://flexicharge.example/echo/words/a", 404),
        ("/echo/words/http://flexicharge.example/", 404),
        ("flexicharge.example:443", 404),
        ("*", 405),
    ],
)
def test_a_target_may_name_a_host(
    echo_client: HttpClient, target: str, status: int
) -> None:
    """As a proxy is asked (RFC 9112 §3.2.2); which host it is changes nothing."""
    answer = echo_client.get(target)
    assert answer.status == status
    if status == 200:
        assert answer.json == "a"


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "PRI", "x!", "GETS"])
def test_no_method_does_what_it_does_elsewhere(
    echo_client: HttpClient, method: str
) -> None:
    """Nothing is tunnelled, and nothing that was sent is sent back."""
    for target in ("flexicharge.example:443", "/echo"):
        answer = echo_client.request(method, target, x_secret="s3cret")
        assert answer.status in (404, 405)
        assert b"s3cret" not in answer.body


@pytest.mark.parametrize(
    "target",
    [
        "//echo/words/a",
        "/echo/../echo",
        "/./echo",
        "/%2e%2e/echo",
        "/echo/%2e%2e/echo",
        "/echo/words/..%2f..%2fetc%2fpasswd",
        "/echo%2Fwords%2Fa",
        "/echo/words/a%00",
        "/echo/words/%c0%ae%c0%ae",
        "/echo/words/%ff",
        "/echo/words/%ed%a0%80",
        "/echo/words/\x80",
        "/echo\\words\\a",
        "/echo;a=b",
        "/echo#there",
        "/echo/words/a/" + "a/" * 8000,
        "/" + "a" * 16_000,
        "/%",
    ],
    ids=lambda target: repr(target[:40]),
)
def test_no_trick_with_a_path_leads_anywhere(
    echo_client: HttpClient, failures: list[LogEvent], target: str
) -> None:
    """What is not exactly a path of ours is not found, and breaks nothing."""
    connection = echo_client.connect()
    connection.send(b"GET %s HTTP/1.1\r\n\r\n" % target.encode("latin-1"))
    answer = connection.response()
    assert answer.status == 404
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert answer.header("Server") is None
    assert failures == []


def test_no_query_breaks_anything(
    echo_client: HttpClient, failures: list[LogEvent]
) -> None:
    """It is there for those who ask for it, whatever is in it."""
    for query in ("%00", "a=%00&%ff=%c0%ae", "&" * 10_000, "a" * 10_000, "http://x/"):
        assert echo_client.get(f"/echo?{query}").status == 200
    assert failures == []


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


def test_one_address_has_only_so_many_connections(echo_client: HttpClient) -> None:
    """The one that was idle longest makes room for the next; others are not touched."""
    other = guest(echo_client, from_v4("192.0.2.9"))
    mine = [guest(echo_client, from_v4("192.0.2.7")) for _ in range(MOST_OF_ONE)]
    first, second, *_ = mine
    assert first and second and other
    first.send(GET)
    assert guest(echo_client, from_v4("192.0.2.7"))
    assert second.closed
    assert not first.closed
    assert not other.closed
    second.send(GET)
    assert second.received == b""


def test_who_waits_for_an_answer_is_not_turned_out(
    echo_client: HttpClient, echo: EchoApi
) -> None:
    """If all of an address do, no other of that address is let in."""
    echo.waiting_for = waiting = Deferred()
    mine = [guest(echo_client, from_v4("192.0.2.7")) for _ in range(MOST_OF_ONE)]
    for connection in mine:
        assert connection
        connection.send(GET)
    assert guest(echo_client, from_v4("192.0.2.7")) is None
    assert guest(echo_client, from_v4("192.0.2.8"))
    waiting.callback(None)
    assert all(one and one.response().status == 200 for one in mine)
    assert guest(echo_client, from_v4("192.0.2.7"))


def test_whoever_hung_up_is_not_counted(echo_client: HttpClient, echo: EchoApi) -> None:
    """Whether its request was under way or not."""
    echo.waiting_for = Deferred()
    stayed = guest(echo_client, from_v4("192.0.2.7"))
    for _ in range(MOST_OF_ONE):
        for sent in (b"", GET):
            connection = guest(echo_client, from_v4("192.0.2.7"))
            assert connection
            connection.send(sent)
            connection.hang_up()
    assert stayed
    assert not stayed.closed


@pytest.mark.parametrize(
    "address",
    [
        from_v4("127.0.0.1"),
        from_v4("10.0.0.1"),
        IPv6Address("TCP", "::1", 1),
        IPv6Address("TCP", "::ffff:127.0.0.1", 1),
        UNIXAddress("/run/x"),
        None,
    ],
    ids=str,
)
def test_who_stands_for_many_may_have_more(
    echo: EchoApi, clock: Clock, address: IAddress | None
) -> None:
    """A proxy that is believed, or one on this machine, is not one client."""
    client = HttpClient(http_site(Door([echo.app]), clock, last_hop))
    mine = [guest(client, address) for _ in range(MOST_OF_ONE + 1)]
    assert not any(one is None or one.closed for one in mine)


def test_there_are_only_so_many_connections_in_all(echo: EchoApi, clock: Clock) -> None:
    """A flood of idle ones washes itself away; who has something to ask is heard."""
    client = HttpClient(http_site(Door([echo.app]), clock, most=3))
    flood = [guest(client, from_v4(f"192.0.2.{number}")) for number in range(9)]
    assert [bool(one and one.closed) for one in flood] == [True] * 6 + [False] * 3
    echo.waiting_for = waiting = Deferred()
    asking = [client.begin("GET", "/echo") for _ in range(3)]
    assert guest(client, from_v4("192.0.2.100")) is None
    waiting.callback(None)
    assert [one.response().status for one in asking] == [200] * 3
    assert guest(client, from_v4("192.0.2.100"))


def test_bodies_that_are_not_complete_take_only_so_much_memory(
    echo_client: HttpClient, echo: EchoApi
) -> None:
    """Whoever began first has to go; who has brought all of it has not."""
    post = b"POST /echo HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % MAX_BODY
    echo.waiting_for = waiting = Deferred()
    whole = echo_client.connect()
    whole.send(post + b'{"a":"%s"}' % (b"x" * (MAX_BODY - 8)))
    parts = [echo_client.connect() for _ in range(MOST_BYTES // (MAX_BODY - 1) + 1)]
    for connection in parts:
        connection.send(post + b" " * (MAX_BODY - 1))
    closed = [connection.closed for connection in parts]
    assert closed == [True] + [False] * (len(parts) - 1)
    parts[0].send(b" ")
    parts[1].send(b" ")
    waiting.callback(None)
    assert whole.response().status == 200
    assert parts[1].response().status == 200
    assert parts[0].received == b""


def test_only_http_1_1_is_offered_under_tls(echo_client: HttpClient) -> None:
    """HTTP/2 would go past the limits that are kept here."""
    assert echo_client.site.acceptableProtocols() == [b"http/1.1"]


def test_starting_the_site_arms_no_timer(echo_client: HttpClient, clock: Clock) -> None:
    """A site at rest does nothing: no access log is dated every second."""
    echo_client.site.doStart()
    assert clock.getDelayedCalls() == []
    echo_client.site.doStop()
