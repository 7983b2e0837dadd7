"""A driver's phone: its requests, what is counted of them, and the bills it shows."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import (
    BadAnswer,
    LinkLost,
    ServerHung,
    ServerNotThere,
    ServerRefused,
    SimulatorError,
)
from flexicharge.simulator.phone import Bill, Phone
from flexicharge.simulator.sockets import (
    SimulatorFactory,
    SimulatorSocket,
    charger_factory,
)
from flexicharge.simulator.tally import Tally
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.toy_server import TOKEN, ToyServer

BUSY = ServerRefused(409, "busy")


class ToyReach:
    """The way to the toy server, signed in as its one user."""

    ws_url = "ws://toy"

    def __init__(self, toy: ToyServer) -> None:
        self.toy = toy
        self.why_not: SimulatorError | None = None

    async def dial(self, factory: SimulatorFactory) -> SimulatorSocket:
        """Join a socket to the toy."""
        return await self.toy.dial(factory)

    async def app(self, number: int) -> VirtualDriver:
        """Return a signed-in app, unless the test says why not."""
        if self.why_not:
            raise self.why_not
        agent, clock = self.toy.agent, self.toy.clock
        driver = VirtualDriver(url="http://toy", agent=agent, clock=clock)
        driver.user_id, driver.token = "u1", TOKEN
        return driver


class ScriptedApp:
    """An app whose starts come to what the test says, in the order they are asked."""

    def __init__(self, clock: Clock, *answers: Any) -> None:
        self.clock, self.answers = clock, list(answers)

    async def start(self, transaction_id: int) -> Any:
        """Answer, fail, or wait for a Deferred."""
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return await answer if isinstance(answer, Deferred) else answer


class ScriptedReach:
    """A way to one scripted app."""

    ws_url = "ws://toy"

    def __init__(self, app: ScriptedApp) -> None:
        self._app = app

    async def app(self, number: int) -> Any:
        """Return the one app there is."""
        return self._app


@pytest.fixture
def toy(clock: Clock) -> ToyServer:
    """A server that answers everything, with a charger at it."""
    toy = ToyServer(clock)
    charger = VirtualCharger(serial_number="abc118", clock=clock)
    factory = charger_factory("ws://toy", charger, clock, keep_alive_s=0)
    result_of(toy.dial(factory))
    return toy


@pytest.fixture
def phone(toy: ToyServer) -> Phone:
    """The phone of driver 0."""
    return Phone(number=0, reach=ToyReach(toy), clock=toy.clock, tally=Tally())


def impatient(clock: Clock, *answers: Any) -> Phone:
    """Return a phone on which everything is tapped twice."""
    return Phone(
        number=0,
        reach=ScriptedReach(ScriptedApp(clock, *answers)),  # type: ignore[arg-type]
        clock=clock,
        tally=Tally(),
        is_impatient=lambda: True,
    )


# requests


def test_a_visit_is_a_few_requests(toy: ToyServer, phone: Phone) -> None:
    """Each is sent once, answered, and counted with how long that took."""
    assert result_of(phone.reserve(100008)) == 12
    result_of(phone.start(12))
    assert not result_of(phone.stop(12)).is_final
    assert result_of(phone.read(12)) == Bill(
        transaction_id=12, energy_wh=417, price_ore=104, is_final=True
    )
    assert [path for _, path, _ in toy.asked] == [
        "/transaction",
        "/transaction/start/12",
        "/transaction/stop/12",
        "/transaction/12",
    ]
    assert toy.authorization == f"Bearer {TOKEN}"
    assert phone.tally.total["requests"] == 4
    assert [*phone.tally.waits] == [
        "POST /transaction",
        "PUT start",
        "PUT stop",
        "GET /transaction",
    ]
    assert not phone.tally.mishaps


def test_a_refusal_is_told_and_counted(toy: ToyServer, phone: Phone) -> None:
    """In the server's own words; it is an answer, and took its time."""
    toy.answers["/transaction"] = (409, b'["chargerBusy"]')
    with pytest.raises(ServerRefused, match="chargerBusy"):
        result_of(phone.reserve(100008))
    assert dict(phone.tally.mishaps) == {"POST /transaction: chargerBusy (HTTP 409)": 1}
    assert phone.tally.waits["POST /transaction"].count == 1
    assert phone.tally.total["server errors"] == 0


def test_an_error_of_the_server_is_counted_as_one(toy: ToyServer, phone: Phone) -> None:
    """Beside being a refusal."""
    toy.answers["/transaction/12"] = (500, b"")
    with pytest.raises(ServerRefused):
        result_of(phone.read(12))
    assert phone.tally.total["server errors"] == 1


def test_a_server_that_hangs_is_given_up(toy: ToyServer, phone: Phone) -> None:
    """After ten seconds, with nothing left on the clock; no answer, no time."""
    toy.hangs_on = "/transaction/start"
    starting = fire(phone.start(12))
    toy.pass_time(10)
    with pytest.raises(ServerHung):
        result_of(starting)
    assert dict(phone.tally.mishaps) == {"PUT start: ServerHung": 1}
    assert not phone.tally.waits
    assert toy.clock.getDelayedCalls() == []


@pytest.mark.parametrize("why", [ServerNotThere("away"), LinkLost("gone")])
def test_no_connection_is_told(phone: Phone, why: SimulatorError) -> None:
    """Without an app there is no request to count."""
    phone.reach.why_not = why  # type: ignore[attr-defined]
    for request in (phone.reserve(1), phone.start(12), phone.stop(12), phone.read(12)):
        with pytest.raises(type(why)):
            result_of(request)
    assert phone.tally.total["requests"] == 0


def test_how_long_an_answer_took_is_counted(clock: Clock) -> None:
    """On the app's clock."""
    answer: Deferred[object] = Deferred()
    phone = impatient(clock, answer)
    phone.is_impatient = lambda: False
    starting = fire(phone.start(12))
    clock.advance(2.5)
    answer.callback({})
    result_of(starting)
    assert phone.tally.waits["PUT start"].longest_s == 2.5


# the double tap


def test_a_double_tap_asks_twice_at_once(toy: ToyServer, phone: Phone) -> None:
    """And comes to one answer."""
    phone.is_impatient = lambda: True
    assert result_of(phone.reserve(100008)) == 12
    assert [path for _, path, _ in toy.asked] == ["/transaction", "/transaction"]
    assert phone.tally.total["requests"] == 2


def test_looking_is_not_tapped(toy: ToyServer, phone: Phone) -> None:
    """Only what changes something is sent twice."""
    phone.is_impatient = lambda: True
    result_of(phone.read(12))
    assert len(toy.asked) == 1


@pytest.mark.parametrize("answers", [(BUSY, {}), ({}, BUSY)])
def test_one_tap_that_is_taken_is_enough(clock: Clock, answers: Any) -> None:
    """Whichever it is; the other's refusal is counted."""
    phone = impatient(clock, *answers)
    result_of(phone.start(12))
    assert dict(phone.tally.mishaps) == {"PUT start: busy (HTTP 409)": 1}


def test_taps_that_are_both_refused_are_refused(clock: Clock) -> None:
    """With the first one's words; no error is left that nobody takes."""
    phone = impatient(clock, BUSY, ServerRefused(500, "broken"))
    with pytest.raises(ServerRefused, match="busy"):
        result_of(phone.start(12))


def test_both_taps_are_awaited(clock: Clock) -> None:
    """Nothing of a visit goes on while one of them is still under way."""
    late: Deferred[object] = Deferred()
    starting = fire(impatient(clock, {}, late).start(12))
    assert not starting.called
    late.callback({})
    result_of(starting)


# the live socket


def test_live_frames_are_handed_over(toy: ToyServer, phone: Phone) -> None:
    """From a socket opened in the driver's own name."""
    frames: list[bytes] = []
    socket = result_of(phone.watch(frames.append))
    toy.sockets["/user/u1"].sendMessage(b'[2,"m","MeterValues",{}]')
    toy.flush()
    assert frames == [b'[2,"m","MeterValues",{}]']
    assert toy.sockets["/user/u1"].http_headers["authorization"] == f"Bearer {TOKEN}"
    socket.hang_up()
    toy.flush()
    assert toy.clock.getDelayedCalls() == []


def test_a_live_socket_may_be_refused(toy: ToyServer, phone: Phone) -> None:
    """As any connection may."""
    toy.refuse_handshake = 403
    with pytest.raises(ServerRefused):
        result_of(phone.watch(lambda frame: None))


# bills

TOLD: dict[str, Any] = {"transactionID": 7, "energyWh": 100, "price": 25}


@pytest.mark.parametrize(
    ("more", "is_final"),
    [
        ({}, False),
        ({"final": True}, False),
        ({"endTimestamp": 1}, True),
        ({"endTimestamp": 1, "final": True}, True),
        ({"endTimestamp": 1, "final": False}, False),
        ({"endTimestamp": None, "final": True}, False),
    ],
)
def test_what_has_ended_is_final(more: dict[str, Any], is_final: bool) -> None:
    """Unless the server says that it is not yet."""
    assert Bill.of(TOLD | more).is_final is is_final


@pytest.mark.parametrize(("kwh", "energy_wh"), [(1.2345, 1234), (0, 0), (None, 0)])
def test_a_server_may_know_only_kwh(kwh: Any, energy_wh: int) -> None:
    """As the original one did."""
    told = {"transactionID": 7, "kwhTransferred": kwh, "price": None}
    assert Bill.of(told) == Bill(
        transaction_id=7, energy_wh=energy_wh, price_ore=None, is_final=False
    )


@pytest.mark.parametrize(
    "told",
    [
        {},
        TOLD | {"transactionID": None},
        TOLD | {"energyWh": "much"},
        TOLD | {"energyWh": None},
        TOLD | {"price": []},
        {"transactionID": 7, "kwhTransferred": [1]},
    ],
)
def test_a_bill_may_make_no_sense(told: dict[str, Any]) -> None:
    """Then that is said, in one way."""
    with pytest.raises(BadAnswer):
        Bill.of(told)
