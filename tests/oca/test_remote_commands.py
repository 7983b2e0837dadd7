"""Section 4, and 026 to 028: starting and stopping from afar."""

from __future__ import annotations

import pytest

from .scene import TAG, CallError, JsonObject, Reply, Scene

START = "RemoteStartTransaction"
STOP = "RemoteStopTransaction"
ON_1: JsonObject = {"idTag": TAG, "connectorId": 1}


def again(scene: Scene, command: JsonObject) -> JsonObject:
    """Return a command as it is on record now."""
    found: JsonObject = scene.get(f"/admin/commands/{command['commandId']}")
    return found


def is_unfulfilled(scene: Scene, command: JsonObject) -> bool:
    """Tell whether a command was accepted, and nothing came of it."""
    found = again(scene, command)
    is_accepted = found["response"] == {"status": "Accepted"}
    return is_accepted and found["transactionId"] is None


def start(scene: Scene, number: int = 1, id_tag: str = TAG) -> int:
    """Start as the charger does, and report it; return the transaction."""
    started = scene.charger.start(id_tag, number, 100)
    assert started["idTagInfo"]["status"] == "Accepted"
    scene.charger.report(number, "Charging")
    return int(started["transactionId"])


def test_010_remote_start_cable_in_first(scene: Scene) -> None:
    """The order goes out as given, is accepted, and tied to the session."""
    scene.charger.report(1, "Preparing")
    order = scene.tell(START, ON_1, "Accepted")
    assert is_unfulfilled(scene, order)
    assert scene.authorize(TAG) == "Accepted"
    number = start(scene)
    assert again(scene, order)["transactionId"] == number
    assert [one["state"] for one in scene.sessions()] == ["charging"]


def test_010_twin_no_start_before_the_deadline(scene: Scene) -> None:
    """Accepted and not started; no session, no money; a late start is its own."""
    scene.charger.report(1, "Preparing")
    order = scene.tell(START, ON_1, "Accepted")
    scene.town.advance(900, step=60)
    assert is_unfulfilled(scene, order)
    assert (scene.sessions(), scene.owed()) == ([], [])
    start(scene)
    assert is_unfulfilled(scene, order)


def test_011_1_remote_start_first(scene: Scene) -> None:
    """The cable comes after the order; the rest is as in 010."""
    order = scene.tell(START, ON_1, "Accepted")
    assert scene.authorize(TAG) == "Accepted"
    scene.charger.report(1, "Preparing")
    number = start(scene)
    assert again(scene, order)["transactionId"] == number
    assert len(scene.sessions()) == 1


@pytest.mark.parametrize(("number", "id_tag"), [(2, TAG), (1, "ANOTHER")])
def test_011_1_twin_another_connector_or_tag(
    scene: Scene, number: int, id_tag: str
) -> None:
    """That is a session of its own; the order stays unfulfilled."""
    scene.put_tag("ANOTHER")
    order = scene.tell(START, ON_1, "Accepted")
    session = scene.session(start(scene, number, id_tag))
    assert (session["connectorId"], session["idTag"]) == (number, id_tag)
    assert is_unfulfilled(scene, order)


def test_011_1_twin_authorize_before_the_answer(scene: Scene) -> None:
    """Neither waits for the other, nor does the start."""
    order = scene.order(START, ON_1)
    assert scene.authorize(TAG) == "Accepted"
    scene.charger.report(1, "Preparing")
    number = start(scene)
    assert order.answer("Accepted")["transactionId"] == number


def lapsed(scene: Scene) -> JsonObject:
    """Order a start, and let nobody plug in; return the order."""
    order = scene.tell(START, ON_1, "Accepted")
    assert scene.authorize(TAG) == "Accepted"
    scene.charger.report(1, "Preparing")
    scene.town.advance(60, step=60)
    scene.charger.report(1, "Available")
    return order


def test_011_2_remote_start_nobody_plugs_in(scene: Scene) -> None:
    """The order lapses: the connector is free, and there is no session."""
    order = lapsed(scene)
    assert is_unfulfilled(scene, order)
    assert scene.statuses()[0] == "Available"
    assert scene.sessions() == []


def test_011_2_twin_a_start_after_that(scene: Scene) -> None:
    """It is a new session, judged on its own, and not that of the order."""
    order = lapsed(scene)
    scene.charger.report(1, "Preparing")
    number = start(scene)
    assert [one["transactionId"] for one in scene.sessions()] == [number]
    assert is_unfulfilled(scene, order)
    scene.charger.stop(number, 200)
    scene.put_tag(TAG, status="Blocked")
    assert scene.charger.start(TAG, 1, 300)["idTagInfo"]["status"] == "Blocked"


def test_012_remote_stop(scene: Scene) -> None:
    """It carries the transaction, and is tied to it; the session ends `Remote`."""
    number = scene.charge()
    charger = scene.charger
    command = scene.tell(STOP, {"transactionId": number}, "Accepted")
    assert command["payload"] == {"transactionId": number}
    assert command["transactionId"] == number
    assert charger.stop(number, 3000, reason="Remote") == {}
    charger.report(1, "Finishing")
    charger.report(1, "Available")
    session = scene.session(number)
    assert (session["state"], session["stopReason"]) == ("ended", "Remote")
    assert session["energyWh"] == 2000
    assert scene.statuses()[0] == "Available"


def test_012_twin_the_stop_never_comes(scene: Scene) -> None:
    """The session is open, and an operator is told; he may stop it once more."""
    number = scene.charge()
    scene.tell(STOP, {"transactionId": number}, "Accepted")
    for _ in range(5):
        scene.town.advance(120, step=60)
        scene.charger.meter(1500, transaction_id=number)
    assert scene.session(number)["state"] == "charging"
    [overdue] = scene.events("stopOverdue")
    assert (overdue["transactionId"], overdue["why"]) == (number, "remoteStop")
    assert scene.alarms("a session goes on") == 1
    again = scene.tell(STOP, {"transactionId": number}, "Accepted")
    scene.charger.stop(number, 2000, reason="Remote")
    assert again["transactionId"] == number
    assert scene.session(number)["state"] == "ended"


def test_012_twin_the_stop_comes_before_the_answer(scene: Scene) -> None:
    """The result is the same."""
    number = scene.charge()
    order = scene.order(STOP, {"transactionId": number})
    scene.charger.stop(number, 3000, reason="Remote")
    assert order.answer("Accepted")["transactionId"] == number
    session = scene.session(number)
    assert (session["stopReason"], session["energyWh"]) == ("Remote", 2000)
    scene.town.advance(900, step=300)
    assert scene.events("stopOverdue") == []


def test_026_remote_start_refused(scene: Scene) -> None:
    """The refusal is on record; no session, no money."""
    command = scene.tell(START, ON_1, "Rejected")
    assert (command["status"], command["response"]) == (
        "result",
        {"status": "Rejected"},
    )
    assert (scene.sessions(), scene.owed()) == ([], [])


def test_026_twin_it_starts_all_the_same(scene: Scene) -> None:
    """That session is its own, not the order's."""
    command = scene.tell(START, ON_1, "Rejected")
    number = start(scene)
    assert scene.session(number)["state"] == "charging"
    assert again(scene, command)["transactionId"] is None


@pytest.mark.parametrize(
    "reply", ["Rejected", CallError("PropertyConstraintViolation")]
)
def test_027_remote_start_on_connector_0(scene: Scene, reply: Reply) -> None:
    """It is sent as given; the refusal is on record."""
    wanted = {"idTag": TAG, "connectorId": 0}
    command = scene.tell(START, wanted, reply)
    assert command["payload"] == wanted
    assert command["status"] == ("result" if reply == "Rejected" else "error")
    assert scene.sessions() == []


def test_027_twin_a_lax_charger_accepts(scene: Scene) -> None:
    """The session is on the connector that the start names."""
    scene.tell(START, {"idTag": TAG, "connectorId": 0}, "Accepted")
    number = start(scene, 2)
    assert scene.session(number)["connectorId"] == 2
    assert scene.statuses() == ["Available", "Charging"]


def test_028_remote_stop_refused(scene: Scene) -> None:
    """An unknown transaction goes out as given; the open session is untouched."""
    number = scene.charge()
    before = scene.session(number)
    command = scene.tell(STOP, {"transactionId": 424242}, "Rejected")
    assert command["response"] == {"status": "Rejected"}
    assert command["transactionId"] is None
    assert scene.session(number) == before


def test_028_twin_refused_for_the_open_session(scene: Scene) -> None:
    """It stays open: nothing is sealed, nothing billed, and nothing is overdue."""
    number = scene.charge()
    before = scene.session(number)
    command = scene.tell(STOP, {"transactionId": number}, "Rejected")
    assert command["response"] == {"status": "Rejected"}
    assert scene.session(number) == before
    scene.town.advance(900, step=300)
    assert scene.session(number)["state"] == "charging"
    assert (scene.owed(), scene.events("stopOverdue")) == ([], [])
