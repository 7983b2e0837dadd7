"""The main job over real sockets and a real PostgreSQL, with clients not our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, running

PASSWORD = "Passw0rd!"
CONNECTOR = 100007
SERIAL = "abc117"


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    """A server on a new data directory, with the demo network."""
    with open_to_all() as directory, running(directory) as server:
        yield server


@pytest.fixture
def sockets() -> Iterator[ExitStack]:
    """Closes what a test connected."""
    with ExitStack() as stack:
        yield stack


def plug_in(server: ServerProcess, sockets: ExitStack) -> ClientConnection:
    """Connect the charger."""
    url = f"{server.ws}/charger/{SERIAL}"
    return sockets.enter_context(connect(url, subprotocols=["ocpp1.6"]))


def say(socket: ClientConnection, *frame: object) -> None:
    """Send one frame."""
    socket.send(json.dumps(frame))


def hear(socket: ClientConnection) -> Any:
    """Return the next frame."""
    return json.loads(socket.recv(timeout=20))


def meter(charged_wh: float) -> dict[str, Any]:
    """Return the payload of MeterValues."""
    values = {
        "chargingPercent": {"value": 36, "unit": "%", "measurand": "SoC"},
        "chargingPower": {"value": 7.4, "unit": "W", "measurand": "Power"},
        "chargedSoFar": {"value": charged_wh, "unit": "Wh", "measurand": "Energy"},
    }
    return {"connectorId": 1, "transactionId": 1, "timestamp": 1, "values": values}


def sign_in(server: ServerProcess, email: str) -> dict[str, Any]:
    """Sign somebody up, verify the address, and return what sign-in answers."""
    person = {"username": email, "password": PASSWORD}
    assert server.ask("POST", "/auth/sign-up", person)[0] == 200
    code = {"username": email, "code": server.code_for(email)}
    assert server.ask("POST", "/auth/verify", code)[0] == 200
    status, signed_in = server.ask("POST", "/auth/sign-in", person)
    assert status == 200
    return signed_in  # type: ignore[no-any-return]  # an object


def test_one_charge_from_sign_up_to_receipt(
    server: ServerProcess, sockets: ExitStack
) -> None:
    """It survives a killed server in the middle, and an orderly restart at the end."""
    person = sign_in(server, "driver@flexicharge.example")
    token, user_id = person["accessToken"], person["user_id"]

    charger = plug_in(server, sockets)
    say(charger, 2, "id", "BootNotification", {})
    assert hear(charger)[3]["status"] == "Accepted"
    welcome = hear(charger)
    say(charger, 3, welcome[1], "DataTransfer", {"status": "Accepted"})

    session_id = reserve(server, charger, token)
    start(server, charger, token, session_id)
    with connect(
        f"{server.ws}/user/{user_id}",
        additional_headers={"Authorization": f"Bearer {token}"},
    ) as phone:
        say(charger, 2, "m1", "MeterValues", meter(250))
        assert hear(phone) == [2, "m1", "MeterValues", meter(250)]
    assert hear(charger) == [3, "m1", "MeterValues"]

    server.kill()
    server.start()
    charger.close()

    charger = plug_in(server, sockets)
    say(charger, 2, "m2", "MeterValues", meter(700))
    assert hear(charger) == [3, "m2", "MeterValues"]
    receipt = stop(server, charger, token, session_id)
    assert receipt["energyWh"] == 1000
    assert receipt["final"] is True
    assert 50 <= receipt["price"] <= 599  # the demo's hours cost 0.50 to 5.99 a kWh

    server.stop()
    assert "FlexiCharge has stopped" in "".join(server.said)
    with pytest.raises(ConnectionClosed) as closed:
        charger.recv(timeout=20)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1001
    server.start()
    assert server.ask("GET", f"/transaction/{session_id}", token=token) == (
        200,
        receipt,
    )
    status, listed = server.ask(
        "GET", f"/transaction/userTransactions/{user_id}", token=token
    )
    assert status == 200
    assert [row["transactionID"] for row in listed] == [session_id]


def reserve(server: ServerProcess, charger: ClientConnection, token: str) -> int:
    """Reserve; the charger agrees while the request waits for it."""
    body = {"connectorID": CONNECTOR, "paymentType": "klarna"}
    with Later(server, "POST", "/transaction", body, token) as posted:
        call = hear(charger)
        assert call[2] == "ReserveNow"
        say(charger, 3, call[1], "ReserveNow", {"status": "Accepted"})
        status, made = posted.result()
    assert status == 201
    return int(made["transactionID"])


def start(
    server: ServerProcess, charger: ClientConnection, token: str, session_id: int
) -> None:
    """Start; the charger accepts and says that energy flows."""
    path = f"/transaction/start/{session_id}"
    with Later(server, "PUT", path, None, token) as put:
        call = hear(charger)
        say(charger, 3, call[1], call[2], {"status": "Accepted"})
        say(charger, 2, "s", "StartTransaction", {"meterStart": 0, "id_tag": None})
        assert hear(charger)[3] == {"idTagInfo": 1, "transactionId": session_id}
        assert put.result()[0] == 200


def stop(
    server: ServerProcess, charger: ClientConnection, token: str, session_id: int
) -> dict[str, Any]:
    """Stop; the charger says where its meter stands. Return the receipt."""
    path = f"/transaction/stop/{session_id}"
    with Later(server, "PUT", path, None, token) as put:
        call = hear(charger)
        say(charger, 3, call[1], call[2], {"status": "Accepted"})
        say(charger, 2, "p", "StopTransaction", {"meterStop": 1000, "idTag": None})
        assert hear(charger)[3] == {"idTagInfo": 1}
        status, receipt = put.result()
    assert status == 200
    return receipt  # type: ignore[no-any-return]  # an object


class Later:
    """A request in a thread, so that its test can play the charger meanwhile."""

    def __init__(self, server: ServerProcess, *request: Any) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._answer = self._pool.submit(server.ask, *request)

    def result(self) -> tuple[int, Any]:
        """Return the answer."""
        return self._answer.result(timeout=20)

    def __enter__(self) -> Later:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()


def test_two_servers_do_not_share_a_data_directory(server: ServerProcess) -> None:
    """The second says so in one message and leaves the first alone."""
    second = ServerProcess(server.directory)
    with pytest.raises(AssertionError, match="Another FlexiCharge"):
        second.start()
    assert server.ask("GET", "/readyz")[0] == 200
