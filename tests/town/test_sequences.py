"""The diagrams of the contract's section 3.10, each as one test on the fake clock.

Real Autobahn protocols, real actors, real HTTP; only the store is in memory.
"""

from __future__ import annotations

import msgspec

from flexicharge.model.session import EndReason, SessionFlag, SessionState
from flexicharge.testing.charge import CONNECTOR, SERIAL, Charge
from flexicharge.testing.charger import CONSTANT_ID, ScriptedCharger
from flexicharge.testing.town import Town

STATUS_NOTED = [3, CONSTANT_ID, "StatusNotification", {}]
STOP_NOTED = [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]


def test_boot(town: Town) -> None:
    """Boot is accepted, then BootData takes the charger off its start-up screen."""
    charger = ScriptedCharger(town.plug_in(SERIAL, protocols=["ocpp1.6"]))
    assert charger.peer.protocol.websocket_protocol_in_use == "ocpp1.6"
    assert charger.heard() == []
    charger.boot()
    accepted, welcome = charger.heard()
    assert accepted == [
        3,
        CONSTANT_ID,
        "BootNotification",
        {"status": "Accepted", "currentTime": 1_800_000_000, "interval": 86400},
    ]
    assert welcome[0] == 2
    assert welcome[1] == "100007DataTransfer1800000000000"
    assert welcome[2] == "DataTransfer"
    assert welcome[3]["vendorId"] == "com.flexicharge"
    assert welcome[3]["messageId"] == "BootData"
    assert msgspec.json.decode(welcome[3]["data"]) == {
        "connectorID": CONNECTOR,
        "chargerId": CONNECTOR,
        "chargingPrice": 2.5,
    }
    charger.answer(welcome, "Accepted")
    assert charger.heard() == []


def test_reserve(charge: Charge) -> None:
    """The app's POST becomes ReserveNow; the charger's word answers the app."""
    body = {"connectorID": CONNECTOR, "paymentType": "klarna"}
    posted = charge.ask("POST", "/transaction", body)
    [call] = charge.charger.heard()
    assert call == [
        2,
        "100007ReserveNow1800000000001",
        "ReserveNow",
        {
            "connectorID": CONNECTOR,
            "expiryDate": 1_800_000_300,
            "idTag": 1,
            "reservationID": "10000711",
            "parentIdTag": 1,
        },
    ]
    charge.charger.report("Reserved")
    assert charge.charger.heard() == [STATUS_NOTED]
    assert posted.received == b""
    charge.charger.answer(call, "Accepted")
    response = posted.response()
    assert response.status == 201
    assert response.json["klarnaClientToken"] == "bypassed"
    assert charge.status() == "Reserved"


def test_remote_start(charge: Charge) -> None:
    """The start is answered when the charger says that energy flows."""
    charge.reserve()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    assert call[2:] == ["RemoteStartTransaction", {"connectorID": 1, "idTag": 1}]
    charge.charger.answer(call, "Accepted")
    assert started.received == b""
    charge.charger.start(meter_start=1200)
    assert charge.charger.heard() == [
        [
            3,
            CONSTANT_ID,
            "StartTransaction",
            {"idTagInfo": 1, "transactionId": charge.session_id},
        ]
    ]
    response = started.response()
    assert response.status == 200
    assert response.json["startTimestamp"] == 1_800_000_000
    assert response.json["connectorID"] == CONNECTOR
    charge.charger.report("Charging")
    assert charge.charger.heard() == [STATUS_NOTED]
    assert charge.status() == "Charging"


def test_live_metrics(charge: Charge) -> None:
    """Every socket of the driver gets the very frame; others get nothing."""
    charge.start()
    own = [charge.town.watch(charge.caller, charge.token) for _ in range(2)]
    stranger = charge.town.watch(*charge.town.driver())
    frame = charge.charger.meter(250, percent=41)
    assert charge.charger.heard() == [[3, frame[1], "MeterValues"]]
    assert [peer.heard() for peer in own] == [[frame], [frame]]
    assert stranger.heard() == []
    seen = charge.read()
    assert seen["kwhTransferred"] == 0.25
    assert seen["energyWh"] == 250
    assert seen["currentChargePercentage"] == 41


def test_remote_stop(charge: Charge) -> None:
    """The stop is priced when the charger says where its meter stopped."""
    charge.start(meter_start=1000)
    charge.town.advance(600)
    charge.charger.meter(2000)
    charge.charger.heard()
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    assert call[2:] == ["RemoteStopTransaction", {"transactionID": charge.session_id}]
    charge.charger.answer(call, "Accepted")
    charge.charger.report("Available")
    assert charge.charger.heard() == [STATUS_NOTED]
    assert stopped.received == b""
    charge.charger.stop(meter_stop=3000)
    assert charge.charger.heard() == [STOP_NOTED]
    receipt = stopped.response().json
    assert receipt["price"] == 500
    assert receipt["energyWh"] == 2000
    assert receipt["startTimestamp"] == 1_800_000_000
    assert receipt["endTimestamp"] == 1_800_000_600
    assert receipt["final"] is True
    assert charge.status() == "Available"
    assert charge.read()["price"] == 500


def test_car_unplugged(charge: Charge) -> None:
    """A stop that nobody asked for closes, prices and acknowledges the session."""
    charge.start()
    charge.town.advance(600)
    charge.charger.report("Available")
    charge.town.advance(1)
    charge.charger.stop(meter_stop=800)
    assert charge.charger.heard() == [STATUS_NOTED, STOP_NOTED]
    session = charge.stored
    assert session.state is SessionState.ENDED
    assert session.end_reason is EndReason.STATION
    assert (session.energy_wh, session.price_ore) == (800, 200)
    assert charge.status() == "Available"


def test_disconnect(charge: Charge) -> None:
    """The charger is shown gone after a minute; its session waits for it."""
    charge.start()
    charge.charger.meter(400)
    charge.charger.peer.lose()
    charge.town.advance(59)
    assert charge.status() == "Charging"
    charge.town.advance(1)
    assert charge.status() == "Unavailable"
    assert charge.read()["energyWh"] == 400
    charge.plug_in()
    assert charge.status() == "Charging"
    charge.charger.meter(900)
    charge.charger.stop(meter_stop=1000)
    session = charge.stored
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 1000)


def test_disconnect_without_return(charge: Charge) -> None:
    """After the grace period the session ends from its last meter value."""
    charge.start()
    charge.charger.meter(400)
    charge.charger.peer.lose()
    charge.town.advance(910, step=5)
    session = charge.stored
    assert session.state is SessionState.ENDED
    assert session.end_reason is EndReason.SILENT
    assert SessionFlag.FROM_LAST_READING in session.flags
    assert (session.energy_wh, session.price_ore) == (400, 100)


def test_disconnect_with_a_command_pending(charge: Charge) -> None:
    """Whoever waits for the charger is told at once, not at a deadline."""
    charge.reserve()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.charger.peer.lose()
    charge.town.advance(1)
    response = started.response()
    assert response.status == 200
    assert charge.stored.state is SessionState.STARTING
