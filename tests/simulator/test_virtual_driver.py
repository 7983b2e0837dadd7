"""The virtual driver over HTTP and on its live socket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import define, field
from twisted.internet import error
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import (
    ConnectionDone,
    DNSLookupError,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.web.client import ResponseNeverReceived
from twisted.web.iweb import IAgent
from zope.interface import implementer

from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import (
    BadAnswer,
    LinkLost,
    ServerHung,
    ServerNotThere,
    ServerRefused,
    SimulatorError,
)
from flexicharge.simulator.live import LiveMetrics, read_live
from flexicharge.simulator.sockets import driver_factory
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.toy_server import ToyServer

URL = "http://127.0.0.1:8080/"


@pytest.fixture
def toy(clock: Clock) -> ToyServer:
    """A server that answers everything."""
    return ToyServer(clock)


@pytest.fixture
def driver(toy: ToyServer) -> VirtualDriver:
    """A driver who has not signed in."""
    return VirtualDriver(url=URL, agent=toy.agent, clock=toy.clock)


@pytest.fixture
def signed_in(driver: VirtualDriver) -> VirtualDriver:
    """A driver with a token."""
    result_of(driver.sign_in("a@b.example", "Secret-1"))
    return driver


def test_an_account_is_made_and_confirmed(
    toy: ToyServer, driver: VirtualDriver
) -> None:
    """The bodies are those of the apps, and empty answers are fine."""
    result_of(driver.sign_up("a@b.example", "Secret-1"))
    result_of(driver.verify("a@b.example", "123456"))
    assert toy.asked == [
        (
            "POST",
            "/auth/sign-up",
            {"username": "a@b.example", "password": "Secret-1"},
        ),
        ("POST", "/auth/verify", {"username": "a@b.example", "code": "123456"}),
    ]


def test_the_token_goes_with_every_later_request(
    toy: ToyServer, signed_in: VirtualDriver
) -> None:
    """What sign-in answered is shown as bearer, and never in a repr."""
    result_of(signed_in.read(12))
    assert toy.authorization == "Bearer toy-token"
    assert signed_in.user_id == "u1"
    assert "toy-token" not in repr(signed_in)


def test_transactions_are_addressed_by_number(
    toy: ToyServer, signed_in: VirtualDriver
) -> None:
    """Reserve, start, read and stop use the contract's methods and paths."""
    toy.answers = {
        "/transaction": (201, b'{"transactionID":7}'),
        "/transaction/start/7": (200, b"{}"),
        "/transaction/7": (200, b'{"energyWh":3}'),
        "/transaction/stop/7": (200, b'{"price":1}'),
    }
    assert result_of(signed_in.reserve(100008)) == 7
    assert result_of(signed_in.start(7)) == {}
    assert result_of(signed_in.read(7)) == {"energyWh": 3}
    assert result_of(signed_in.stop(7)) == {"price": 1}
    assert toy.asked[1:] == [
        ("POST", "/transaction", {"connectorID": 100008, "paymentType": "klarna"}),
        ("PUT", "/transaction/start/7", {}),
        ("GET", "/transaction/7", {}),
        ("PUT", "/transaction/stop/7", {}),
    ]


@implementer(IAgent)
@define
class AddressKeeper:
    """An agent that keeps the address that it is asked for."""

    asked: list[bytes] = field(factory=list)

    def request(
        self, method: bytes, uri: bytes, headers: Any = None, body: Any = None
    ) -> Deferred[Any]:
        self.asked.append(uri)
        return Deferred()


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://127.0.0.1:8080/", b"http://127.0.0.1:8080/chargers"),
        ("http://[::1]:8080", b"http://[::1]:8080/chargers"),
        ("https://ladda.example/api/", b"https://ladda.example/api/chargers"),
        ("https://jönköping.example", b"https://xn--jnkping-90ac.example/chargers"),
    ],
)
def test_any_address_of_a_server_will_do(clock: Clock, url: str, asked: bytes) -> None:
    """Names, also those that are not ASCII, and addresses of both kinds."""
    agent = AddressKeeper()
    fire(VirtualDriver(url=url, agent=agent, clock=clock).get("/chargers"))
    assert agent.asked == [asked]


def test_chargers_are_a_list(toy: ToyServer, driver: VirtualDriver) -> None:
    """Anybody may see them, and anything but a list of objects is an error."""
    toy.answers["/chargers"] = (200, b'[{"connectorID":100008}]')
    assert result_of(driver.chargers()) == [{"connectorID": 100008}]
    for answer in (b"{}", b"[1]", b"<html>", b""):
        toy.answers["/chargers"] = (200, answer)
        with pytest.raises(BadAnswer):
            result_of(driver.chargers())


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, b'["couldNotReserveCharger"]', "couldNotReserveCharger (HTTP 400)"),
        (400, b'["a","b"]', "a, b (HTTP 400)"),
        (401, b'{"code":"x","message":"jwt expired"}', "jwt expired (HTTP 401)"),
        (503, b'"dbError"', "dbError (HTTP 503)"),
        (404, b"", "HTTP 404"),
        (404, b"<html>Cannot GET</html>", "HTTP 404"),
    ],
)
def test_a_refusal_says_the_servers_own_words(
    toy: ToyServer, signed_in: VirtualDriver, status: int, body: bytes, words: str
) -> None:
    """Whichever of its error bodies the server chose (contract §4.0)."""
    toy.answers["/transaction"] = (status, body)
    with pytest.raises(ServerRefused) as refused:
        result_of(signed_in.reserve(1))
    assert (refused.value.status, str(refused.value)) == (status, words)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"transactionID":"7"}'])
def test_a_reservation_without_a_number_is_a_bad_answer(
    toy: ToyServer, signed_in: VirtualDriver, body: bytes
) -> None:
    """A driver cannot go on without one."""
    toy.answers["/transaction"] = (201, body)
    with pytest.raises(BadAnswer):
        result_of(signed_in.reserve(1))


def test_a_server_that_hangs_is_named_at_the_deadline(
    toy: ToyServer, signed_in: VirtualDriver
) -> None:
    """Ten seconds on the injected clock, then words that say what hung."""
    toy.hangs_on = "/transaction"
    waiting = fire(signed_in.read(12))
    toy.clock.advance(9.9)
    assert not waiting.called
    toy.clock.advance(0.2)
    with pytest.raises(ServerHung, match="GET /transaction/12 within 10 s"):
        result_of(waiting)


@implementer(IAgent)
@define
class BrokenAgent:
    """An agent whose requests all fail alike."""

    why: Exception

    def request(self, *args: Any, **kwargs: Any) -> Deferred[Any]:
        """Fail."""
        return fail(self.why)


@pytest.mark.parametrize(
    ("why", "kind", "words"),
    [
        (
            error.ConnectionRefusedError(),
            ServerNotThere,
            "Nobody answers at http://127",
        ),
        (DNSLookupError("x"), ServerNotThere, "Nobody answers at http://127"),
        (
            ResponseNeverReceived([Failure(ConnectionDone())]),
            LinkLost,
            "broke off GET /chargers",
        ),
    ],
)
def test_a_server_that_cannot_be_talked_to_is_named(
    clock: Clock, why: Exception, kind: type[SimulatorError], words: str
) -> None:
    """Nobody there and a broken connection are told apart."""
    driver = VirtualDriver(url=URL, agent=BrokenAgent(why), clock=clock)
    with pytest.raises(kind, match=words):
        result_of(driver.chargers())


# the live socket


def test_live_frames_reach_the_callback(
    toy: ToyServer, signed_in: VirtualDriver
) -> None:
    """The socket is /user/<userID>, with the bearer token; frames come as they are."""
    frames: list[bytes] = []
    factory = driver_factory(
        "ws://127.0.0.1:1337/",
        signed_in.user_id,
        signed_in.token,
        frames.append,
        toy.clock,
    )
    result_of(toy.dial(factory))
    server = toy.sockets["/user/u1"]
    assert server.request.headers["authorization"] == "Bearer toy-token"
    server.sendMessage(b'[2,"m","MeterValues",{}]')
    toy.flush()
    assert frames == [b'[2,"m","MeterValues",{}]']


def test_a_refused_live_socket_says_the_status(
    toy: ToyServer, signed_in: VirtualDriver
) -> None:
    """A wrong token is a refusal with the handshake's HTTP status."""
    toy.refuse_handshake = 401
    with pytest.raises(ServerRefused, match="HTTP 401"):
        result_of(
            toy.dial(driver_factory("ws://h", "u1", "bad", lambda _: None, toy.clock))
        )


def test_a_live_frame_is_read_as_the_app_reads_it() -> None:
    """Values may be numbers or numeric text."""
    values = {
        "chargingPercent": {"value": 36, "unit": "%"},
        "chargingPower": {"value": "7400", "unit": "W"},
        "chargedSoFar": {"value": 12.5, "unit": "Wh"},
    }
    frame = json.dumps([2, "m", "MeterValues", {"values": values}]).encode()
    expected = LiveMetrics(energy_wh=12.5, power_w=7400, percent=36)
    assert read_live(frame) == expected


@pytest.mark.parametrize(
    "frame",
    [
        b"?",
        b'[3,"m","MeterValues"]',
        b'[2,"m","Heartbeat",{}]',
        b'[2,"m","MeterValues",{}]',
        b'[2,"m","MeterValues",{"values":{"chargedSoFar":{"value":"x"}}}]',
        b'[2,"m","MeterValues",{"values":{"chargedSoFar":7}}]',
    ],
)
def test_a_frame_with_a_missing_value_is_discarded(frame: bytes) -> None:
    """As the app does: no half updates."""
    assert read_live(frame) is None
