"""The servers that the clients talk to, each with the demo network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import frozen

from tests.clients.android import signed_in
from tests.clients.people import Somebody, admin_of
from tests.clients.wire import Answer, Wire
from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, running

FREE = {"BYPASS_KLARNA": "1"}
OLD_CLIENTS = {
    "LEGACY_OPEN": "1",
    "USER_SOCKET_AUTH": "open",
    "RUN_OCPP_TEST": "1",
}


@frozen
class Opened:
    """A server that is open to clients of 2022; what it said before anybody came."""

    server: ServerProcess
    transaction_3: Answer


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    """A server that charges without collecting money, and is otherwise as installed."""
    with open_to_all() as directory, running(directory, **FREE) as server:
        yield server


@pytest.fixture(scope="session")
def opened() -> Iterator[Opened]:
    """A server for clients of 2022, that also tests itself."""
    with open_to_all() as at, running(at, **FREE, **OLD_CLIENTS) as server:
        yield Opened(server, Wire(server.ports[0]).get("/transactions/3"))


@pytest.fixture(scope="session")
def old_server(opened: Opened) -> ServerProcess:
    """The server for clients of 2022."""
    return opened.server


@pytest.fixture(scope="session")
def old_admin(old_server: ServerProcess) -> Somebody:
    """The administrator of that server."""
    return admin_of(old_server)


@pytest.fixture(scope="session")
def admin(server: ServerProcess) -> Somebody:
    """The administrator of the server."""
    return admin_of(server)


@pytest.fixture(scope="session")
def demo_charger(server: ServerProcess) -> int:
    """The number of the charger that the server plays itself, once it is connected."""
    app = signed_in(server, Somebody())
    for _ in range(1000):
        if app.ask_for(100000).status == 201:
            app.stop(9999)
            return 100000
    raise AssertionError("the demo charger never came")
