"""The Flutter app of early October 2023: the old API, read as Dart reads it."""

from __future__ import annotations

from tests.clients.charger import powered
from tests.clients.dart import DartMap, map_of, maps_in
from tests.clients.flutter import USER_AGENT
from tests.clients.wire import Wire
from tests.integration.server import ServerProcess

CHARGER = 100003
SERIAL = "abc113"


def test_a_charge(old_server: ServerProcess) -> None:
    """A token for Klarna, a price that is text, an array with a row at the end."""
    wire = Wire(old_server.ports[0], {"User-Agent": USER_AGENT})
    with powered(old_server.ws, SERIAL) as charger:
        body = {"connectorID": CHARGER}
        opened = map_of(wire.send_json("POST", "/transactions", body).expect(201))
        opened.text("klarna_consumer_token")
        number = opened.integer("transactionID")
        said = {"authorization_token": "klarna-says-yes"}
        path = f"/transactions/start/{number}"
        wire.send_json("PUT", path, said).expect_success()
        charger.meter(percent=41, charged_wh=1500)
        assert read(map_of(wire.get(f"/transactions/{number}").expect(200))) == 2
        stopped = wire.send("PUT", f"/transactions/stop/{number}").expect_success()
        assert [read(row) for row in maps_in(stopped)] == [2]


def read(row: DartMap) -> int:
    """Return the kWh of a charge; all else that the app reads must be there."""
    assert row.integer("connectorID") == CHARGER
    assert float(row.text("pricePerKwh")) > 0
    return row.integer("kwhTransfered")
