"""How requests find their way in."""

from __future__ import annotations

import pytest
from klein import Klein
from twisted.logger import LogEvent
from twisted.web.resource import IResource
from zope.interface.verify import verifyObject

from flexicharge.interfaces import IIdentity, IPricing
from flexicharge.rest.door import Door
from flexicharge.testing.http import HttpClient, Response
from tests.rest.fakes import EchoApi, FakeIdentity, FixedPricing

JSON = "application/json; charset=utf-8"


def assert_open_to_scripts(answer: Response) -> None:
    """Check the four headers that every response carries."""
    for name in ("Origin", "Methods", "Expose-Headers"):
        assert answer.header(f"Access-Control-Allow-{name}") == "*" or (
            answer.header(f"Access-Control-{name}") == "*"
        )
    allowed = (answer.header("Access-Control-Allow-Headers") or "").split(", ")
    assert {"*", "Authorization"} <= set(allowed)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/echo/Words/Abc", "Abc"),
        ("/ECHO/wORDs/Abc", "Abc"),
        ("/echo/words/Abc/", "Abc"),
        ("/echo//words/Abc", "Abc"),
        ("/Echo//Words/Abc/", "Abc"),
        ("/echo/words/%C3%A5%20b", "å b"),
        ("/echo/words/Abc?x=/y//z", "Abc"),
        ("/echo/words/first", "the literal route"),
        ("/echo/words/FIRST", "the literal route"),
    ],
)
def test_a_path_is_found_as_the_original_found_it(
    echo_client: HttpClient, path: str, found: str
) -> None:
    """Literals match in any case, parameters keep theirs, spare slashes are let go."""
    assert echo_client.get(path).json == found


def test_a_literal_path_is_never_a_parameter(echo_client: HttpClient) -> None:
    """`/chargers/available` is not the charger of that number, whatever is asked."""
    assert echo_client.request("PUT", "/echo/words/FIRST").status == 405
    assert echo_client.request("PUT", "/echo/words/2nd").json == ["put", "2nd"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "//echo",
        "/echo///words/Abc",
        "/echo/words",
        "/echo/words/",
        "/echo/words//",
        "/echo/words/Abc/more",
        "/echo/words/a%2Fb",
        "/echo%2Fwords%2FAbc",
        "/echo/words/a%00",
        "/echo/words/%ff",
        "xecho",
    ],
)
def test_an_unknown_path_says_so_on_a_page(echo_client: HttpClient, path: str) -> None:
    """Whatever is not a path of ours is the original's 404 page, with CORS."""
    answer = echo_client.get(path)
    assert answer.status == 404
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert f"<pre>Cannot GET {path}</pre>".encode() in answer.body
    assert_open_to_scripts(answer)


def test_the_page_shows_a_path_escaped_and_without_its_query(
    echo_client: HttpClient,
) -> None:
    """Nothing that a stranger put into a link runs, and no token is shown."""
    answer = echo_client.get("/<script>'&amp;\"?token=secret")
    assert b"<script>" not in answer.body
    assert b"Cannot GET /%3Cscript%3E&#x27;&amp;amp;%22</pre>" in answer.body
    assert b"secret" not in answer.body


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "TRACE", "BREW", "get"])
def test_a_wrong_method_is_told_the_right_ones(
    echo_client: HttpClient, method: str
) -> None:
    """A known path with another method is 405, and says which ones it has."""
    answer = echo_client.request(method, "/echo/words/Abc")
    assert (answer.status, answer.header("Allow")) == (405, "GET,HEAD,PUT")
    assert f"Cannot {method} /echo/words/Abc".encode() in answer.body
    assert_open_to_scripts(answer)


def test_options_lists_the_methods_of_a_path(echo_client: HttpClient) -> None:
    """A preflight is answered 200 with the method list and CORS."""
    answer = echo_client.request("OPTIONS", "/ECHO/words/first")
    assert answer.status == 200
    assert answer.body == b"GET,HEAD"
    assert answer.header("Allow") == "GET,HEAD"
    assert_open_to_scripts(answer)


def test_options_needs_no_token(api: HttpClient) -> None:
    """A browser sends no token with a preflight."""
    assert api.request("OPTIONS", "/transaction").status == 200
    assert api.request("OPTIONS", "/transaction/start/17").body == b"PUT"


def test_options_on_an_unknown_path_is_not_found(echo_client: HttpClient) -> None:
    """Only what exists has methods."""
    answer = echo_client.request("OPTIONS", "/nothing")
    assert answer.status == 404
    assert b"Cannot OPTIONS /nothing" in answer.body


def test_head_is_get_without_the_body(echo_client: HttpClient) -> None:
    """HEAD gives the headers of GET, its length too, and nothing else."""
    got, headed = echo_client.get("/echo"), echo_client.request("HEAD", "/echo")
    assert (headed.status, headed.body) == (200, b"")
    assert headed.header("Content-Length") == got.header("Content-Length") == "2"
    assert headed.header("Content-Type") == JSON
    missing = echo_client.request("HEAD", "/nothing")
    assert (missing.status, missing.body) == (404, b"")


def test_what_nobody_foresaw_is_a_bare_500(
    echo_client: HttpClient, echo: EchoApi, failures: list[LogEvent]
) -> None:
    """A handler that raises is logged with its request; the client learns nothing."""
    echo.raising = ZeroDivisionError("the secret of our failure")
    answer = echo_client.get("/echo?token=secret")
    assert answer.status == 500
    assert answer.json == {
        "status": 500,
        "code": "internalError",
        "message": "Internal Server Error",
    }
    assert answer.header("Content-Type") == JSON
    assert_open_to_scripts(answer)
    [event] = failures
    assert event["log_failure"].check(ZeroDivisionError)
    assert (event["method"], event["path"]) == ("GET", "/echo")
    assert "token" not in str(event["log_format"].format(**event))


@pytest.mark.parametrize("host", ["a..b", "\xff", "[::1", "x" * 300, "a b:c:d"])
def test_a_nonsensical_host_header_changes_nothing(
    echo_client: HttpClient, host: str, failures: list[LogEvent]
) -> None:
    """The Host header plays no part, so that it can break nothing."""
    head = f"GET /echo HTTP/1.1\r\nHost: {host}\r\n\r\n"
    connection = echo_client.connect()
    connection.send(head.encode("latin-1"))
    assert connection.response().status == 200
    assert failures == []


@pytest.mark.parametrize(
    "name", ["Content-Type", "User-Agent", "Authorization", "X-Forwarded-For", "Cookie"]
)
def test_headers_that_are_no_text_break_nothing(
    api: HttpClient, name: str, failures: list[LogEvent]
) -> None:
    """Bytes that are not UTF-8 in a header are odd, but no fault of ours."""
    head = f"POST /transaction HTTP/1.1\r\n{name}: \xff\xfe\r\nContent-Length: 2\r\n"
    if name != "Authorization":
        head += "Authorization: Bearer driver\r\n"
    connection = api.connect()
    connection.send(head.encode("latin-1") + b"\r\n{}")
    assert connection.response().status in (400, 401)
    assert failures == []


def test_the_software_is_not_named(echo_client: HttpClient) -> None:
    """No response tells versions to whoever looks for holes in them."""
    for method, path in [("GET", "/echo"), ("GET", "/nothing"), ("OPTIONS", "*")]:
        assert echo_client.request(method, path).header("Server") is None


def test_a_route_that_names_no_methods_is_refused() -> None:
    """A mistake in a route shows when the door is built."""
    app = Klein()
    app.route("/anything")(lambda request: b"")
    with pytest.raises(ValueError, match="names no methods"):
        Door([app])


@pytest.mark.parametrize("rule", ["/x/<int:y>", "/x/a<y>", "/x/<path:y>"])
def test_a_parameter_that_is_not_one_segment_of_text_is_refused(rule: str) -> None:
    """What the door could not match as Klein does is no route here."""
    app = Klein()
    app.route(rule, methods=["GET"])(lambda request, y: b"")
    with pytest.raises(ValueError, match="one segment of text"):
        Door([app])


def test_the_door_and_the_fakes_behind_it_keep_their_word() -> None:
    """Each provides all of the interface that it stands for."""
    verifyObject(IResource, Door([]))
    verifyObject(IIdentity, FakeIdentity())
    verifyObject(IPricing, FixedPricing())
