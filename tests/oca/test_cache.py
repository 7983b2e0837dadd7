"""Section 3, and 008: a charger that asks nobody before it starts."""

from __future__ import annotations

from .scene import DRIVER, TAG, JsonObject, Scene


def test_007_start_with_cached_tag(scene: Scene) -> None:
    """A start without an Authorize before it is as good as any."""
    charger = scene.charger
    charger.report(1, "Preparing")
    started = charger.start(TAG, 1, 100)
    charger.report(1, "Charging")
    assert started["idTagInfo"]["status"] == "Accepted"
    [session] = scene.sessions()
    assert session["transactionId"] == started["transactionId"]
    assert (session["state"], session["userID"]) == ("charging", DRIVER)
    assert scene.messages("Authorize") == []


def test_007_twin_the_cached_tag_was_blocked_since(scene: Scene) -> None:
    """The transaction is given all the same, `Blocked`, and its stop is taken."""
    scene.put_tag(TAG, status="Blocked", userID=DRIVER)
    started = scene.charger.start(TAG, 1, 100)
    assert started["idTagInfo"]["status"] == "Blocked"
    number = started["transactionId"]
    assert scene.charger.stop(number, 130, reason="DeAuthorized") == {}
    session = scene.session(number)
    assert (session["state"], session["stopReason"]) == ("ended", "DeAuthorized")
    assert (session["userID"], session["energyWh"]) == (None, 30)
    assert scene.owed() == []


def with_list(scene: Scene) -> JsonObject:
    """Send a list of one tag; return the remote start that is given next."""
    entry = {"idTag": TAG, "idTagInfo": {"status": "Accepted"}}
    full = {"listVersion": 1, "localAuthorizationList": [entry], "updateType": "Full"}
    scene.tell("SendLocalList", full, "Accepted")
    scene.charger.report(1, "Preparing")
    start = {"idTag": TAG, "connectorId": 1}
    return scene.tell("RemoteStartTransaction", start, "Accepted")


def test_008_start_by_local_list(scene: Scene) -> None:
    """The start is accepted, and tied to the order that it came of."""
    order = with_list(scene)
    started = scene.charger.start(TAG, 1, 100)
    assert started["idTagInfo"]["status"] == "Accepted"
    scene.charger.report(1, "Charging")
    again = scene.get(f"/admin/commands/{order['commandId']}")
    assert again["transactionId"] == started["transactionId"]
    assert scene.messages("Authorize") == []
    assert scene.statuses()[0] == "Charging"


def test_008_twin_the_tag_was_removed_since(scene: Scene) -> None:
    """The charger's list does not know yet; the status is from our record."""
    with_list(scene)
    scene.remove_tag(TAG)
    started = scene.charger.start(TAG, 1, 100)
    assert started["idTagInfo"]["status"] == "Invalid"
    [session] = scene.sessions()
    assert (session["transactionId"], session["userID"]) == (
        started["transactionId"],
        None,
    )
