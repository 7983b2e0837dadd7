"""Servers that are not there, refuse, hang, or are something else, on real sockets."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import pytest_twisted
from autobahn.twisted.websocket import (
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol
from twisted.web.resource import Resource
from twisted.web.server import Site

from flexicharge.cli.newcomer import Credentials
from flexicharge.cli.simulate import tell
from flexicharge.cli.simulate_options import add_arguments, scenario_of
from flexicharge.cli.simulate_stage import Stage
from tests.integration.server import free_ports

WITHIN_S = 0.6  # Twisted tells of a refused connection after 0.3


class Mute(Protocol):
    """Accepts, and says nothing."""


class Rude(Protocol):
    """Hangs up at once."""

    def connectionMade(self) -> None:
        """Go."""
        self.transport.abortConnection()


class Page(Resource):
    """Answers everything with the same status and page."""

    isLeaf = True

    def __init__(self, status: int, page: bytes) -> None:
        super().__init__()
        self.status, self.page = status, page

    def render(self, request: object) -> bytes:
        """Answer."""
        request.setResponseCode(self.status)  # type: ignore[attr-defined]  # a Request
        return self.page


def mute() -> Factory:
    """Return a server that says nothing."""
    return Factory.forProtocol(Mute)


def rude() -> Factory:
    """Return a server that hangs up."""
    return Factory.forProtocol(Rude)


def page(status: int, content: bytes) -> Callable[[], Factory]:
    """Return what makes a web server of one page."""
    return lambda: Site(Page(status, content))


def open_house() -> Factory:
    """Return a WebSocket server that receives anybody."""
    factory = WebSocketServerFactory()
    factory.protocol = WebSocketServerProtocol
    factory.setProtocolOptions(openHandshakeTimeout=0, closeHandshakeTimeout=0)
    return factory


WEB_SERVER = page(200, b"<html>Welcome to nginx!</html>")
NO_CHARGERS = page(200, b"[]")


class Street:
    """Ports of loopback, and a simulation that is sent there."""

    def __init__(self) -> None:
        self.ports: list[IListeningPort] = []
        self.http, self.ws = free_ports()

    def open(self, http: Factory | None, ws: Factory | None) -> None:
        """Open two ports, or leave them closed."""
        if http:
            self.http = self._listen(http)
        if ws:
            self.ws = self._listen(ws)

    def _listen(self, factory: Factory) -> int:
        port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.ports.append(port)
        return int(port.getHost().port)

    async def simulate(self, *words: str, accounts: Sequence[Credentials] = ()) -> int:
        """Play the first charge, or what some words say; return the exit status."""
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        where = ["--url", f"http://127.0.0.1:{self.http}", "--within", str(WITHIN_S)]
        where += ["--ws", f"ws://127.0.0.1:{self.ws}"]
        args = parser.parse_args([*where, *words])
        args.named, args.credentials = [], accounts
        simulation = Stage(reactor, args).simulation(scenario_of(args))
        return await tell(simulation, args)

    async def close(self) -> None:
        """Close them."""
        for port in self.ports:
            await port.stopListening()


@pytest.fixture
def street() -> Iterator[Street]:
    """A street without open doors."""
    street = Street()
    yield street
    pytest_twisted.blockon(Deferred.fromCoroutine(street.close()))


@pytest.mark.parametrize(
    ("http", "said"),
    [
        (None, "Nobody answers at http://127.0.0.1:{http}: "),
        (None, "; start the server with: twistd -n flexicharge, or say with --url"),
        (mute, "did not answer GET /chargers within 0.6 s; see whether it is well"),
        (rude, "http://127.0.0.1:{http} hangs up: "),
        (WEB_SERVER, "does not answer as a FlexiCharge server does (The answer is not"),
        (page(404, b"<html>"), "FlexiCharge server does (HTTP 404); say with --url"),
        (page(403, b"no"), "http://127.0.0.1:{http} refuses: HTTP 403"),
        (page(503, b'["dbError"]'), "cannot work now: dbError (HTTP 503); see its log"),
        (page(200, b'{"a": 1}'), "(The chargers are not a list); say with --url"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_an_http_port_that_does_not_serve_is_said(
    street: Street,
    capsys: pytest.CaptureFixture[str],
    http: Callable[[], Factory] | None,
    said: str,
) -> None:
    """In one line, with the cure, within the deadline; status 1."""
    street.open(http() if http else None, None)
    began_at = reactor.seconds()
    assert await street.simulate() == 1
    assert reactor.seconds() - began_at < WITHIN_S + 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert said.format(http=street.http) in told.err


@pytest.mark.parametrize(
    ("ws", "said"),
    [
        (None, "Nobody answers at 127.0.0.1:{ws}: "),
        (mute, "127.0.0.1:{ws} opened no WebSocket within 0.6 s; see whether"),
        (rude, "ws://127.0.0.1:{ws} hangs up: "),
        (WEB_SERVER, "ws://127.0.0.1:{ws} refuses: OK (HTTP 200)"),
        (
            page(404, b""),
            "FlexiCharge server does (Not Found (HTTP 404)); say with --ws",
        ),
    ],
)
@pytest_twisted.ensureDeferred
async def test_a_websocket_port_that_does_not_serve_is_said(
    street: Street,
    capsys: pytest.CaptureFixture[str],
    ws: Callable[[], Factory] | None,
    said: str,
) -> None:
    """HTTP alone is not enough: chargers and live sockets need the other one."""
    street.open(NO_CHARGERS(), ws() if ws else None)
    assert await street.simulate() == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    assert said.format(ws=street.ws) in told.err


@pytest.mark.parametrize("ws", [open_house, page(401, b"")])
@pytest_twisted.ensureDeferred
async def test_a_mail_that_does_not_come_is_said(
    street: Street,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    ws: Callable[[], Factory],
) -> None:
    """Both ports are fine: nobody is received without a token, or everybody is."""
    street.open(NO_CHARGERS(), ws())
    assert await street.simulate("--outbox", str(tmp_path)) == 1
    assert f"came to {tmp_path}; use --outbox, or --accounts" in capsys.readouterr().err


@pytest_twisted.ensureDeferred
async def test_an_account_of_another_server_is_said(
    street: Street, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its answer to a sign-in is of another kind."""
    street.open(NO_CHARGERS(), open_house())
    known = [Credentials("a@b.example", "Secret-1")]
    assert await street.simulate(accounts=known) == 1
    assert "The answer is not a JSON object" in capsys.readouterr().err
