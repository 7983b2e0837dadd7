"""Section 14: messages that the charger is told to send."""

from __future__ import annotations

import pytest

from flexicharge.interfaces.stores import KeptMeterValue
from flexicharge.testing.standard_charger import JsonObject

from .scene import Scene

TRIGGER = "TriggerMessage"
UNKNOWN_CONNECTOR = 3
IDLE: JsonObject = {"status": "Idle"}


def trigger(
    scene: Scene, message: str, connector: int | None = None, reply: str = "Accepted"
) -> None:
    """Have the charger told to send a message; its word is on record."""
    wanted: JsonObject = {"requestedMessage": message}
    if connector is not None:
        wanted["connectorId"] = connector
    command = scene.tell(TRIGGER, wanted, reply)
    assert (command["status"], command["payload"]) == ("result", wanted)
    assert command["response"] == {"status": reply}


def sampled(scene: Scene) -> list[KeptMeterValue]:
    """Return all that the charger ever sampled, oldest first."""
    read = scene.town.stores.transactions.get_meter_values
    return [*scene.now(read(scene.station.station_id, limit=100))][::-1]


def test_054_trigger_each_message(scene: Scene) -> None:
    """Each of the five comes and is answered; no charge, no job comes of them."""
    charger = scene.charger
    trigger(scene, "MeterValues", 1)
    assert charger.meter(1234, 1) == {}
    trigger(scene, "Heartbeat")
    assert charger.call("Heartbeat", {})["currentTime"] == charger.now()
    trigger(scene, "StatusNotification", 1)
    charger.report(1, "Available")
    for message in ("DiagnosticsStatusNotification", "FirmwareStatusNotification"):
        trigger(scene, message)
        assert charger.call(message, IDLE) == {}
    asked = [command["payload"]["requestedMessage"] for command in scene.commands()]
    assert asked[::-1] == [
        "MeterValues",
        "Heartbeat",
        "StatusNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
    ]
    [value] = sampled(scene)
    assert (value.connector_number, value.session_id) == (1, None)
    assert '"1234"' in value.samples
    assert scene.sessions() == []
    assert scene.get(f"{scene.at}/jobs") == []


def test_054_firmware_may_be_not_implemented(scene: Scene) -> None:
    """Nothing comes then, and the charger goes on."""
    trigger(scene, "FirmwareStatusNotification", reply="NotImplemented")
    trigger(scene, "Heartbeat")


def test_054_twin_nothing_comes(scene: Scene) -> None:
    """The command is answered, and the next one goes out at once."""
    trigger(scene, "Heartbeat")
    scene.town.advance(60, step=5)
    trigger(scene, "Heartbeat")
    assert len(scene.commands(TRIGGER)) == 2


@pytest.mark.parametrize("named", [{}, {"transactionId": 0}])
def test_054_twin_the_message_comes_before_the_answer(
    scene: Scene, named: JsonObject
) -> None:
    """Both are taken, and readings without a transaction are kept."""
    order = scene.order(TRIGGER, {"requestedMessage": "MeterValues", "connectorId": 2})
    value = {"timestamp": scene.charger.now(), "sampledValue": [{"value": "77"}]}
    payload = {"connectorId": 2, **named, "meterValue": [value]}
    assert scene.charger.call("MeterValues", payload) == {}
    assert order.answer("Accepted")["response"] == {"status": "Accepted"}
    [kept] = sampled(scene)
    assert (kept.connector_number, kept.session_id) == (2, None)


def test_054_twin_nothing_was_sampled(scene: Scene) -> None:
    """An empty list of samples is answered and kept like any other."""
    trigger(scene, "MeterValues", 1)
    value = {"timestamp": scene.charger.now(), "sampledValue": []}
    payload = {"connectorId": 1, "meterValue": [value]}
    assert scene.charger.call("MeterValues", payload) == {}
    assert [kept.samples for kept in sampled(scene)] == ["[]"]


def test_054_twin_idle_ends_no_job(scene: Scene) -> None:
    """An upload goes on although the charger says that it does nothing."""
    scene.tell("GetDiagnostics", {"location": "ftp://logs/"}, {"fileName": "a.zip"})
    scene.charger.call("DiagnosticsStatusNotification", {"status": "Uploading"})
    trigger(scene, "DiagnosticsStatusNotification")
    scene.charger.call("DiagnosticsStatusNotification", IDLE)
    [job] = scene.get(f"{scene.at}/jobs")
    assert [one["status"] for one in job["statuses"]] == ["Uploading", "Idle"]
    assert job["endedAs"] is None


def connectors(scene: Scene) -> list[int]:
    """Return the numbers of the charger's connectors, as operators read them."""
    return [one["connectorId"] for one in scene.shown()["connectors"]]


def test_055_trigger_refused(scene: Scene) -> None:
    """A connector that is not there is sent as given, and none is made of it."""
    trigger(scene, "MeterValues", UNKNOWN_CONNECTOR, "Rejected")
    assert connectors(scene) == [1, 2]


def test_055_twin_not_implemented(scene: Scene) -> None:
    """The charger's word is on record as it is, and nothing comes."""
    trigger(scene, "MeterValues", UNKNOWN_CONNECTOR, "NotImplemented")
    assert connectors(scene) == [1, 2]


def test_055_twin_the_message_comes_anyway(scene: Scene) -> None:
    """It is answered and kept; the command stays refused."""
    trigger(scene, "MeterValues", UNKNOWN_CONNECTOR, "Rejected")
    assert scene.charger.meter(50, UNKNOWN_CONNECTOR) == {}
    [value] = sampled(scene)
    assert (value.connector_number, value.session_id) == (UNKNOWN_CONNECTOR, None)
    assert connectors(scene) == [1, 2]
    [command] = scene.commands(TRIGGER)
    assert command["response"] == {"status": "Rejected"}
