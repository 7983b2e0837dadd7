"""Section 5, and 015 and 016: resets, idle and in a session."""

from __future__ import annotations

import pytest

from flexicharge.testing.standard_charger import BOOT

from .scene import JsonObject, Scene, instant

HARD: JsonObject = {"type": "Hard"}
SOFT: JsonObject = {"type": "Soft"}


def test_013_hard_reset_idle(scene: Scene) -> None:
    """It is accepted, and the charger boots anew."""
    command = scene.tell("Reset", HARD, "Accepted")
    assert command["response"] == {"status": "Accepted"}
    scene.reconnect(after=30)
    assert scene.charger.boot()["status"] == "Accepted"
    assert instant(scene.shown()["lastBoot"]) == scene.town.clock.seconds()
    assert scene.statuses() == ["Available", "Available"]


def test_013_twin_the_old_socket_hangs_half_open(scene: Scene) -> None:
    """The new one wins, and nothing is answered into the old."""
    scene.tell("Reset", HARD, "Accepted")
    old = scene.charger.peer
    said_before = len(old.protocol.texts)
    old.wire.severed = True
    scene.charger.connect()
    scene.town.advance(3)
    assert scene.charger.peer.is_open
    assert scene.charger.boot()["status"] == "Accepted"
    assert len(old.protocol.texts) == said_before
    assert scene.shown()["connected"] is True
    scene.tell("ClearCache", {}, "Accepted")


def test_014_soft_reset_idle(scene: Scene) -> None:
    """It is accepted, and the charger boots anew."""
    command = scene.tell("Reset", SOFT, "Accepted")
    assert command["response"] == {"status": "Accepted"}
    scene.town.advance(20, step=10)
    assert scene.charger.boot()["status"] == "Accepted"
    assert instant(scene.shown()["lastBoot"]) == scene.town.clock.seconds()
    assert scene.statuses() == ["Available", "Available"]


@pytest.mark.parametrize("is_answered", [True, False])
def test_014_twin_a_command_is_open_across_the_boot(
    scene: Scene, is_answered: bool
) -> None:
    """On the same socket: it is answered or times out; each frame is handled once."""
    scene.tell("Reset", SOFT, "Accepted")
    order = scene.order("ClearCache", {}, timeout=20)
    assert scene.charger.boot()["status"] == "Accepted"
    if is_answered:
        assert order.answer("Accepted")["status"] == "result"
    else:
        scene.town.advance(20, step=5)
        assert order.outcome()["status"] == "timeout"
    said = len(scene.charger.texts)
    scene.charger.call("Heartbeat", {})
    assert len(scene.charger.texts) == said + 1
    scene.tell("ClearCache", {}, "Accepted")


def test_014_twin_the_reset_is_refused(scene: Scene) -> None:
    """That is on record; nobody waits for a boot."""
    command = scene.tell("Reset", SOFT, "Rejected")
    assert (command["status"], command["response"]) == (
        "result",
        {"status": "Rejected"},
    )
    scene.tell("ClearCache", {}, "Accepted")


@pytest.mark.parametrize("stop_first", [True, False])
def test_015_hard_reset_in_a_session(scene: Scene, stop_first: bool) -> None:
    """One session, ended by its stop before or after the boot, never by that."""
    number = scene.charge(meter=1000)
    charger = scene.charger
    scene.tell("Reset", HARD, "Accepted")
    if stop_first:
        charger.stop(number, 3000, reason="HardReset")
        charger.report(1, "Finishing")
    scene.reconnect(after=60)
    assert charger.call("BootNotification", BOOT)["status"] == "Accepted"
    for connector, status in enumerate(("Available", "Finishing", "Available")):
        charger.report(connector, status)
    is_open = scene.session(number)["state"] == "charging"
    assert is_open is not stop_first
    if not stop_first:
        charger.stop(number, 3000, reason="HardReset", timestamp=charger.now(ago=60))
    [session] = scene.sessions()
    assert (session["state"], session["stopReason"]) == ("ended", "HardReset")
    assert (session["energyWh"], session["flags"]) == (2000, [])
    assert scene.statuses() == ["Finishing", "Available"]


def test_016_soft_reset_in_a_session(scene: Scene) -> None:
    """One session, ended by its stop; then the charger boots."""
    number = scene.charge(meter=1000)
    charger = scene.charger
    scene.tell("Reset", SOFT, "Accepted")
    charger.stop(number, 3000, reason="SoftReset")
    charger.report(1, "Finishing")
    scene.town.advance(20, step=10)
    assert charger.call("BootNotification", BOOT)["status"] == "Accepted"
    for connector, status in enumerate(("Available", "Preparing", "Available")):
        charger.report(connector, status)
    [session] = scene.sessions()
    assert (session["state"], session["stopReason"]) == ("ended", "SoftReset")
    assert (session["energyWh"], session["flags"]) == (2000, [])
    assert scene.statuses() == ["Preparing", "Available"]


@pytest.mark.parametrize(
    ("kind", "reason"), [("Hard", "HardReset"), ("Soft", "SoftReset")]
)
@pytest.mark.parametrize("is_new_id", [True, False])
def test_015_016_twin_the_socket_is_gone_before_the_answer(
    scene: Scene, kind: str, reason: str, is_new_id: bool
) -> None:
    """The stop is said again: it gets the same answer, and there is one end."""
    number = scene.charge(meter=1000)
    charger = scene.charger
    scene.tell("Reset", {"type": kind}, "Accepted")
    stop = {
        "transactionId": number,
        "meterStop": 3000,
        "timestamp": charger.now(),
        "reason": reason,
    }
    said = charger.send("StopTransaction", stop)
    first = charger.answer_to(said)
    scene.reconnect(after=30)
    assert charger.call("BootNotification", BOOT)["status"] == "Accepted"
    again = charger.send("StopTransaction", stop, None if is_new_id else said)
    second = charger.answer_to(again)
    assert first is not None
    assert second is not None
    assert second[2] == first[2]
    assert scene.session(number)["energyWh"] == 2000
    assert len(scene.town.world.books.ledger) == 1
    assert [fact["kind"] for fact in scene.facts()] == ["start", "stop"]
