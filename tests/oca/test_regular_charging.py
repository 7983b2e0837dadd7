"""Section 2, and 005_2 and 005_3: regular charging, from plug to plug."""

from __future__ import annotations

from .scene import DRIVER, TAG, Scene

CONNECTION_TIME_OUT_S = 60.0


def test_003_plug_in_first(scene: Scene) -> None:
    """Cable, tag, energy: one open session of that tag."""
    charger = scene.charger
    charger.report(1, "Preparing")
    assert scene.statuses()[0] == "Preparing"
    assert scene.authorize(TAG) == "Accepted"
    started = charger.start(TAG, 1, 500)
    assert started["idTagInfo"]["status"] == "Accepted"
    charger.report(1, "Charging")
    [session] = scene.sessions()
    assert session["transactionId"] == started["transactionId"]
    assert (session["state"], session["idTag"]) == ("charging", TAG)
    assert scene.statuses()[0] == "Charging"


def test_003_twin_charging_is_reported_first(scene: Scene) -> None:
    """Then the start comes, and comes again: one session, the same transaction."""
    charger, at = scene.charger, scene.charger.now()
    charger.report(1, "Preparing")
    assert scene.authorize(TAG) == "Accepted"
    charger.report(1, "Charging")
    first = charger.start(TAG, 1, 500, timestamp=at)
    assert charger.start(TAG, 1, 500, timestamp=at) == first
    assert len(scene.sessions()) == 1
    assert scene.statuses()[0] == "Charging"


def test_004_1_identify_first(scene: Scene) -> None:
    """No more than the state "Charging": the document lists only its name."""
    number = scene.charge()
    [session] = scene.sessions()
    assert (session["transactionId"], session["state"]) == (number, "charging")
    assert (session["userID"], session["meterStart"]) == (DRIVER, 1000)
    assert scene.statuses()[0] == "Charging"


def test_004_1_twin_started_with_a_blocked_tag(scene: Scene) -> None:
    """The transaction is given, `Blocked`; nothing is booked on the tag shown first."""
    scene.put_tag("STOLEN", status="Blocked", userID="thief")
    assert scene.authorize(TAG) == "Accepted"
    started = scene.charger.start("STOLEN", 1, 500)
    assert started["idTagInfo"]["status"] == "Blocked"
    scene.charger.stop(started["transactionId"], 900)
    [session] = scene.sessions()
    assert (session["idTag"], session["userID"]) == ("STOLEN", None)
    assert (session["energyWh"], session["priceOre"]) == (400, 0)
    assert "tagRefused" in session["flags"]
    assert scene.get(f"{scene.at}/transactions?idTag={TAG}") == []
    assert scene.owed() == []


def test_004_2_identify_first_nobody_plugs_in(scene: Scene) -> None:
    """After the time-out the connector is free, and there never was a session."""
    assert scene.authorize(TAG) == "Accepted"
    scene.charger.report(1, "Preparing")
    scene.town.advance(CONNECTION_TIME_OUT_S, step=CONNECTION_TIME_OUT_S)
    scene.charger.report(1, "Available")
    assert scene.statuses()[0] == "Available"
    assert scene.sessions() == []


def test_004_2_twin_available_never_comes(scene: Scene) -> None:
    """An authorisation holds nothing: a start ten minutes later is judged afresh."""
    assert scene.authorize(TAG) == "Accepted"
    scene.charger.report(1, "Preparing")
    scene.town.advance(600, step=60)
    assert (scene.sessions(), scene.reservations()) == ([], [])
    scene.put_tag(TAG, status="Blocked")
    assert scene.charger.start(TAG)["idTagInfo"]["status"] == "Blocked"


def test_005_1_cable_pulled_at_the_car(scene: Scene) -> None:
    """The session ends once, by its stop; then the connector is free."""
    number = scene.charge(meter=1000)
    charger = scene.charger
    charger.report(1, "SuspendedEV")
    assert scene.session(number)["state"] == "charging"
    assert charger.stop(number, 4500, reason="EVDisconnected") == {}
    charger.report(1, "Finishing")
    charger.report(1, "Available")
    [session] = scene.sessions()
    assert (session["state"], session["stopReason"]) == ("ended", "EVDisconnected")
    assert (session["energyWh"], session["meterStop"]) == (3500, 4500)
    assert (session["endReason"], session["flags"]) == ("station", [])
    assert scene.statuses()[0] == "Available"
    assert scene.owed() == [number]


def test_005_1_twin_another_stop_contradicts(scene: Scene) -> None:
    """It is answered and kept; the first one holds."""
    number = scene.charge(meter=1000)
    scene.charger.stop(number, 4500, reason="EVDisconnected")
    assert scene.charger.stop(number, 4700, reason="Local") == {}
    session = scene.session(number)
    assert (session["energyWh"], session["stopReason"]) == (3500, "EVDisconnected")
    [contradiction] = scene.facts("stopAgain")
    assert contradiction["transactionId"] == number
    assert '"meterStop":4700' in contradiction["claimed"]
    assert scene.owed() == [number]


def test_005_1_twin_the_stop_comes_after_available(scene: Scene) -> None:
    """The end is the same, by the stop and not by our own guess."""
    number = scene.charge(meter=1000)
    charger = scene.charger
    charger.report(1, "SuspendedEV")
    charger.report(1, "Available")
    scene.town.advance(30, step=10)
    charger.stop(number, 4500, reason="EVDisconnected")
    scene.town.advance(600, step=60)
    [session] = scene.sessions()
    assert (session["energyWh"], session["stopReason"]) == (3500, "EVDisconnected")
    assert (session["endReason"], session["flags"]) == ("station", [])
    assert scene.statuses()[0] == "Available"


def test_005_2_cable_pulled_unlock_afterwards(scene: Scene) -> None:
    """The stop ends it, nothing else; the cable is let go by a command."""
    number = scene.charge()
    charger = scene.charger
    charger.report(1, "SuspendedEV")
    assert scene.session(number)["state"] == "charging"
    charger.stop(number, 2000, reason="EVDisconnected")
    charger.report(1, "Finishing")
    command = scene.tell("UnlockConnector", {"connectorId": 1}, "Unlocked")
    assert command["response"] == {"status": "Unlocked"}
    charger.report(1, "Available")
    assert scene.session(number)["stopReason"] == "EVDisconnected"
    assert scene.statuses()[0] == "Available"


def test_005_3_cable_pulled_session_goes_on(scene: Scene) -> None:
    """However long it is suspended; a remote stop ends it."""
    number = scene.charge()
    charger = scene.charger
    charger.report(1, "SuspendedEV")
    for _ in range(4):
        scene.town.advance(1800, step=300)
        charger.call("Heartbeat", {})
    assert scene.session(number)["state"] == "charging"
    stop = {"transactionId": number}
    assert scene.tell("RemoteStopTransaction", stop, "Accepted")["sent"] is True
    charger.stop(number, 2000, reason="Remote")
    assert scene.session(number)["stopReason"] == "Remote"


def test_005_2_3_twin_finishing_for_an_hour(scene: Scene) -> None:
    """Its session is open, and an operator is told, once; nothing is ended."""
    number = scene.charge()
    scene.charger.report(1, "SuspendedEV")
    scene.charger.report(1, "Finishing")
    for _ in range(6):
        assert scene.events("stopOverdue") == []
        scene.town.advance(600, step=120)
        scene.charger.call("Heartbeat", {})
    told = [{"transactionId": number, "why": "finishing"}]
    assert scene.events("stopOverdue") == told
    scene.town.advance(3600, step=600)
    assert scene.session(number)["state"] == "charging"
    assert scene.events("stopOverdue") == told
    assert scene.alarms("a session goes on") == 1


def test_005_2_3_twin_it_was_not_finished(scene: Scene) -> None:
    """Nobody is told of one that charges again."""
    number = scene.charge()
    scene.charger.report(1, "Finishing")
    scene.town.advance(600, step=300)
    scene.charger.report(1, "Charging")
    scene.town.advance(3600, step=600)
    assert scene.session(number)["state"] == "charging"
    assert scene.events("stopOverdue") == []
