"""The strict browser is strict: what the Fetch standard blocks, it blocks."""

from __future__ import annotations

from email.message import Message

import pytest

from tests.clients.browser import AXIOS_ACCEPTS, Axios, Blocked, Browser, includes
from tests.clients.wire import Answer, ClientBroke, Wire
from tests.integration.server import ServerProcess

JSON = {"Accept": AXIOS_ACCEPTS, "Content-Type": "application/json"}
TOKEN = {"Authorization": "Bearer x"}


class FakeWire:
    """Answers everything alike, and notes what was asked."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.asked: list[str] = []
        message = Message()
        for name, value in headers.items():
            message[f"Access-Control-Allow-{name}"] = value
        self.answer = Answer(status, message, b"")

    def send(self, method: str, *_: object) -> Answer:
        """Answer."""
        self.asked.append(method)
        return self.answer


def asked(method: str, sent: dict[str, str], *allowed: str, status: int = 200) -> str:
    """Return what goes out for a request, under some origin, methods and headers."""
    names = ("Origin", "Methods", "Headers")
    wire = FakeWire(status, dict(zip(names, allowed, strict=False)))
    Browser(wire).fetch(method, "/", None, sent)
    return " ".join(wire.asked)


def test_what_goes_out_without_a_preflight() -> None:
    """Plain requests of three methods; an answer for all is enough to read them."""
    assert asked("GET", {"Accept": AXIOS_ACCEPTS}, "*") == "GET"
    assert asked("POST", {"Content-Type": "text/plain;charset=utf-8"}, "*") == "POST"


def test_what_is_asked_for_first() -> None:
    """Other methods, JSON, and tokens."""
    assert asked("DELETE", {}, "*", "*") == "OPTIONS DELETE"
    assert asked("POST", JSON, "*", "", "*") == "OPTIONS POST"
    assert asked("GET", TOKEN, "*", "", "authorization") == "OPTIONS GET"


@pytest.mark.parametrize(
    ("method", "sent", "allowed", "status"),
    [
        ("GET", {}, (), 200),
        ("GET", {}, ("http://elsewhere.example",), 200),
        ("DELETE", {}, ("*", "PUT"), 200),
        ("DELETE", {}, ("*", "delete"), 200),
        ("POST", JSON, ("*", "*"), 200),
        ("GET", TOKEN, ("*", "*", "*"), 200),
        ("DELETE", {}, ("*", "*", "*"), 404),
    ],
)
def test_what_is_blocked(
    method: str, sent: dict[str, str], allowed: tuple[str, ...], status: int
) -> None:
    """`*` never stands for a token, methods keep their case, a preflight must be ok."""
    with pytest.raises(Blocked):
        asked(method, sent, *allowed, status=status)


def test_what_only_text_and_arrays_can_do() -> None:
    """`.includes` throws on an object, and the page breaks."""
    assert includes(["word"], "word")
    assert not includes("", "word")
    with pytest.raises(ClientBroke):
        includes({"code": "word"}, "word")


def test_axios_asks_first_for_its_json() -> None:
    """So every call of the two sites with a body has a preflight."""
    wire = FakeWire(200, {"Origin": "*", "Methods": "*", "Headers": "*"})
    Axios(Browser(wire)).request("POST", "/", {})
    assert wire.asked == ["OPTIONS", "POST"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("GET", "/chargers/99999", None, 404),
        ("GET", "/auth/user-information", None, 401),
        ("PATCH", "/chargers", None, 405),
        ("POST", "/auth/sign-in", b"{", 400),
        ("POST", "/auth/sign-in", b" " * 2_000_000, 413),
    ],
)
def test_refusals_can_be_read(
    server: ServerProcess, method: str, path: str, body: bytes | None, status: int
) -> None:
    """A script of another origin sees why it was refused, whatever was wrong."""
    browser = Browser(Wire(server.ports[0]))
    assert browser.fetch(method, path, body).status == status


def test_options_are_for_everybody(server: ServerProcess) -> None:
    """They list the methods, also where all else needs a token."""
    answer = Wire(server.ports[0]).send("OPTIONS", "/auth/user-information")
    assert answer.status == 200
    assert {"GET", "PUT"} <= {*answer.in_utf8().split(",")}
