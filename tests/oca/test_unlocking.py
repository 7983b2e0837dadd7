"""Section 6: unlocking a connector."""

from __future__ import annotations

import pytest

from .scene import CallError, JsonObject, Reply, Scene

ONE: JsonObject = {"connectorId": 1}
UNKNOWN: JsonObject = {"connectorId": 3}  # NumberOfConnectors + 1


def unlock(scene: Scene, reply: Reply, payload: JsonObject = ONE) -> JsonObject:
    """Order an unlock; return the command as it is on record."""
    command = scene.tell("UnlockConnector", payload, reply)
    assert command["sent"] is True
    return command


def test_017_1_unlock_idle_loose_cable(scene: Scene) -> None:
    """The result is on record."""
    command = unlock(scene, "Unlocked")
    assert (command["status"], command["response"]["status"]) == ("result", "Unlocked")


def test_017_1_twin_a_status_outside_the_schema(scene: Scene) -> None:
    """It is recorded as it came and as off its schema, and proves no feature."""
    command = unlock(scene, "Released")
    assert command["response"] == {"status": "Released"}
    answer = scene.messages("UnlockConnector")[-1]
    assert (answer["direction"], answer["verdict"]) == ("in", "offSchema")
    assert "status" in answer["why"]
    assert scene.read("features") == []


def test_017_2_unlock_idle_fixed_cable(scene: Scene) -> None:
    """An operator is shown the very word."""
    command = unlock(scene, "NotSupported")
    assert command["status"] == "result"
    assert command["response"] == {"status": "NotSupported"}


@pytest.mark.parametrize("reply", ["NotSupported", CallError("NotSupported")])
def test_017_2_twin_it_is_no_failure_of_the_connector(
    scene: Scene, reply: Reply
) -> None:
    """A CALLERROR means the same; nothing is tried again, no connector is faulty."""
    command = unlock(scene, reply)
    word = command["response"].get("errorCode") or command["response"]["status"]
    assert word == "NotSupported"
    scene.town.advance(120, step=30)
    assert len(scene.commands("UnlockConnector")) == 1
    assert scene.statuses() == ["Available", "Available"]
    features = scene.read("features")
    assert any(
        one["status"] == "NotSupported" and not one["supported"] for one in features
    )


def test_018_1_unlock_in_a_session(scene: Scene) -> None:
    """The session ends, by the unlock."""
    number = scene.charge(meter=1000)
    charger = scene.charger
    unlock(scene, "Unlocked")
    charger.report(1, "Finishing")
    assert charger.stop(number, 1700, reason="UnlockCommand") == {}
    charger.report(1, "Available")
    session = scene.session(number)
    assert (session["state"], session["stopReason"]) == ("ended", "UnlockCommand")
    assert session["energyWh"] == 700
    assert scene.statuses()[0] == "Available"


def test_018_1_twin_the_session_goes_on(scene: Scene) -> None:
    """As long as there are readings it stays open."""
    number = scene.charge(meter=1000)
    unlock(scene, "Unlocked")
    for meter in (1200, 1400, 1600):
        scene.town.advance(400, step=100)
        scene.charger.meter(meter, transaction_id=number)
    session = scene.session(number)
    assert (session["state"], session["energyWh"]) == ("charging", 600)


def test_018_1_twin_a_stop_without_a_reason(scene: Scene) -> None:
    """It is `Local`, as the schema says of a reason that is left out."""
    number = scene.charge(meter=1000)
    unlock(scene, "Unlocked")
    scene.charger.stop(number, 1700)
    assert scene.session(number)["stopReason"] == "Local"


def test_030_unlock_fails(scene: Scene) -> None:
    """An operator sees it."""
    command = unlock(scene, "UnlockFailed")
    assert command["status"] == "result"
    assert command["response"] == {"status": "UnlockFailed"}


def test_030_twin_in_an_open_session(scene: Scene) -> None:
    """Session and connector are as before."""
    number = scene.charge(meter=1000)
    before = scene.session(number), scene.statuses()
    unlock(scene, "UnlockFailed")
    scene.town.advance(60, step=20)
    assert (scene.session(number), scene.statuses()) == before


def test_031_unlock_unknown_connector(scene: Scene) -> None:
    """It is sent although we know none of that number, and none is made of it."""
    command = unlock(scene, "NotSupported", UNKNOWN)
    assert (command["payload"], command["response"]["status"]) == (
        UNKNOWN,
        "NotSupported",
    )
    assert [each["connectorId"] for each in scene.shown()["connectors"]] == [1, 2]


def test_031_twin_an_error_instead(scene: Scene) -> None:
    """It is on record with its code."""
    command = unlock(scene, CallError("PropertyConstraintViolation"), UNKNOWN)
    assert command["status"] == "error"
    assert command["response"]["errorCode"] == "PropertyConstraintViolation"
    assert [each["connectorId"] for each in scene.shown()["connectors"]] == [1, 2]
