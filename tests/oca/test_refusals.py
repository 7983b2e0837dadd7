"""Section 8, and 041: tags that are refused, and connectors that are faulty."""

from __future__ import annotations

import pytest

from .scene import TAG, JsonObject, Scene

DAY_S = 86_400.0


def refused(scene: Scene) -> list[tuple[str, str]]:
    """Return the attempts that were refused, the first one first."""
    return [(one["idTag"], one["status"]) for one in scene.events("refusedTag")]


def expiry(scene: Scene, in_s: float) -> JsonObject:
    """Return a tag's expiry, so many seconds from now."""
    return {"expiryDate": scene.charger.now(ago=-in_s)}


def test_023_1_unknown_tag(scene: Scene) -> None:
    """`Invalid`; the attempt is on record, no session and no tag are made of it."""
    assert scene.authorize("NOBODYS") == "Invalid"
    assert refused(scene) == [("NOBODYS", "Invalid")]
    assert scene.sessions() == []
    assert scene.ask("GET", "/admin/idtags/NOBODYS").status == 404


@pytest.mark.parametrize(
    "spoilt", ["A" * 21, f" {TAG}", f"{TAG} ", TAG.replace("B", " B"), " "]
)
def test_023_1_twin_too_long_or_with_blanks(scene: Scene, spoilt: str) -> None:
    """It is refused, and never cut into one that is good."""
    scene.put_tag("A" * 20)
    assert scene.authorize(spoilt) == "Invalid"
    assert [status for _, status in refused(scene)] == ["Invalid"]


def test_023_2_expired_tag(scene: Scene) -> None:
    """`Expired`, and nothing but the attempt is on record."""
    scene.put_tag("OLD", **expiry(scene, -DAY_S))
    assert scene.authorize("OLD") == "Expired"
    assert refused(scene) == [("OLD", "Expired")]
    assert scene.sessions() == []


def test_023_2_twin_in_this_very_second(scene: Scene) -> None:
    """A tag is expired from then on; a second before it is good."""
    scene.put_tag("EDGE", **expiry(scene, 1))
    assert scene.authorize("EDGE") == "Accepted"
    scene.town.advance(1)
    assert scene.authorize("EDGE") == "Expired"


def test_023_2_twin_the_chargers_clock_is_behind(scene: Scene) -> None:
    """By a day, as its statuses show: ours decides, with a session or before it."""
    scene.put_tag("OLD", **expiry(scene, -3600))
    charger = scene.charger
    for word in ("Preparing", "Available", "Preparing"):
        charger.report(1, word, timestamp=charger.now(ago=DAY_S))
        scene.town.advance(60)
    assert scene.authorize("OLD") == "Expired"
    started = charger.start("OLD", timestamp=charger.now(ago=DAY_S))
    assert started["idTagInfo"]["status"] == "Expired"


def test_023_3_blocked_tag(scene: Scene) -> None:
    """`Blocked`, and nothing but the attempt is on record."""
    scene.put_tag("STOLEN", status="Blocked")
    assert scene.authorize("STOLEN") == "Blocked"
    assert refused(scene) == [("STOLEN", "Blocked")]
    assert scene.sessions() == []


def test_023_3_twin_of_a_good_parent_or_expired_too(scene: Scene) -> None:
    """Blocked it is all the same."""
    scene.put_tag("PARENT")
    scene.put_tag("CHILD", status="Blocked", parentIdTag="PARENT")
    assert scene.authorize("CHILD") == "Blocked"
    scene.put_tag("BOTH", status="Blocked", **expiry(scene, -DAY_S))
    assert scene.authorize("BOTH") == "Blocked"


def test_024_cable_lock_fails(scene: Scene) -> None:
    """The fault is on record with all that was said of it; there is no session."""
    assert scene.authorize(TAG) == "Accepted"
    scene.charger.report(1, "Preparing")
    scene.charger.report(
        1,
        "Faulted",
        "ConnectorLockFailure",
        info="latch",
        vendorId="Volta",
        vendorErrorCode="E17",
    )
    shown = scene.shown()["connectors"][0]
    assert (shown["status"], shown["errorCode"]) == ("Faulted", "ConnectorLockFailure")
    assert (shown["info"], shown["vendorId"]) == ("latch", "Volta")
    assert shown["vendorErrorCode"] == "E17"
    assert scene.sessions() == []


def test_024_twin_an_error_code_outside_the_schema(scene: Scene) -> None:
    """It is answered, and its own text is kept."""
    scene.charger.report(1, "Faulted", "LatchFrozen")
    assert scene.statuses()[0] == "Faulted"
    raw = scene.messages("StatusNotification")[-2]["raw"]
    assert '"LatchFrozen"' in raw


def test_024_twin_faulted_in_an_open_session(scene: Scene) -> None:
    """The session stays open."""
    number = scene.charge()
    scene.charger.report(1, "Faulted", "ConnectorLockFailure")
    scene.town.advance(600, step=100)
    assert scene.statuses()[0] == "Faulted"
    assert scene.session(number)["state"] == "charging"


def test_041_start_in_fault(scene: Scene) -> None:
    """A remote start goes out if it is asked for; the refusal is shown."""
    scene.charger.report(1, "Faulted", "GroundFailure")
    wanted = {"idTag": TAG, "connectorId": 1}
    command = scene.tell("RemoteStartTransaction", wanted, "Rejected")
    assert command["response"] == {"status": "Rejected"}
    assert scene.sessions() == []


def test_041_twin_a_faulted_connector_starts(scene: Scene) -> None:
    """It is accepted, and marked; on the other connector nothing is."""
    scene.charger.report(1, "Faulted", "GroundFailure")
    scene.put_tag("OTHER", userID="driver-8")
    started = scene.charger.start(TAG, 1, 100)
    assert started["idTagInfo"]["status"] == "Accepted"
    beside = scene.charger.start("OTHER", 2, 100)
    assert "connectorFaulted" in scene.session(started["transactionId"])["flags"]
    assert scene.session(beside["transactionId"])["flags"] == []


def test_041_twin_a_start_of_the_past_is_not_marked(scene: Scene) -> None:
    """Nobody knows what the connector was then."""
    scene.charger.report(1, "Faulted", "GroundFailure")
    then = scene.charger.now(ago=3600)
    number = scene.charger.start(TAG, 1, 100, timestamp=then)["transactionId"]
    assert scene.session(number)["flags"] == []
