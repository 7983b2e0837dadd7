"""Section 1, and 002: a charger comes for the first time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flexicharge.model.site import Registration
from flexicharge.testing.standard_charger import BOOT, StandardCharger

from .scene import TAG, JsonObject, Scene, instant


def boot_of(arrival: Scene) -> JsonObject:
    """Return the answer to a boot."""
    return arrival.charger.call("BootNotification", dict(BOOT))


def test_001_cold_boot(arrival: Scene) -> None:
    """It is accepted, and answered at the pace of its `interval`.

    How long OCA's tester waits is not established; the interval is a setting.
    """
    charger, town = arrival.charger, arrival.town
    booted = charger.boot()
    assert booted["status"] == "Accepted"
    assert instant(booted["currentTime"]) == town.clock.seconds()
    assert booted["interval"] == town.settings.heartbeat_interval_s
    for _ in range(3):
        town.advance(booted["interval"], step=booted["interval"])
        beat = charger.call("Heartbeat", {})
        assert instant(beat["currentTime"]) == town.clock.seconds()
    assert arrival.shown()["connected"] is True
    assert arrival.statuses() == ["Available", "Available"]
    last_heard = arrival.messages("Heartbeat")[-1]["time"]
    assert instant(last_heard) == town.clock.seconds()


def test_001_cold_boot_at_a_pace_that_was_set(set_up: Callable[..., Scene]) -> None:
    """A short interval keeps the case short."""
    arrival = set_up(HEARTBEAT_INTERVAL="10")
    assert arrival.charger.connect().boot()["interval"] == 10


def test_001_twin_three_boots_before_the_first_answer(arrival: Scene) -> None:
    """Each is answered once, though odd; it is one station, and its words are kept."""
    odd = {**BOOT, "chargePointSerialNumber": "S" * 60, "colour": "red"}
    charger = arrival.charger
    ids = charger.send_at_once(*[("BootNotification", dict(odd))] * 3)
    frames = [charger.answer_to(each) for each in ids]
    assert [frame and frame[2]["status"] for frame in frames] == ["Accepted"] * 3
    assert len(charger.texts) == 3
    shown = arrival.get("/admin/chargers?limit=1000")
    mine = [each for each in shown if each["serialNumber"] == charger.identity]
    assert len(mine) == 1
    raw = [each["raw"] for each in arrival.messages("BootNotification")]
    assert sum("S" * 60 in each and '"red"' in each for each in raw) == 3


@pytest.mark.parametrize(
    "payload", [{}, {"chargePointVendor": None}, {"chargePointModel": 7}]
)
def test_001_twin_a_boot_is_never_answered_with_an_error(
    arrival: Scene, payload: JsonObject
) -> None:
    """Whatever stands in it."""
    assert arrival.charger.call("BootNotification", payload)["status"] == "Accepted"


@pytest.mark.parametrize("policy", ["reject", "pending"])
def test_001_twin_an_unknown_identity_is_never_accepted(
    set_up: Callable[..., Scene], policy: str
) -> None:
    """It is not let in, or where that is set waits for an operator."""
    arrival = set_up(UNKNOWN_CHARGERS=policy)
    stranger = StandardCharger(arrival.town, "NOBODY").connect()
    if policy == "reject":
        assert not stranger.peer.is_open
        assert arrival.ask("GET", "/admin/chargers/NOBODY").status == 404
    else:
        assert stranger.boot()["status"] == "Pending"


def pending(set_up: Callable[..., Scene]) -> Scene:
    """Set up a charger that waits to be accepted."""
    arrival = set_up()
    put = {"registrationStatus": Registration.PENDING}
    assert arrival.ask("PUT", arrival.at, json=put).status == 200
    arrival.charger.connect()
    return arrival


def test_002_boot_pending(set_up: Callable[..., Scene]) -> None:
    """It can be asked and set up meanwhile, and is accepted at a later boot."""
    arrival = pending(set_up)
    charger = arrival.charger
    booted = boot_of(arrival)
    assert booted["status"] == "Pending"
    key = {"key": "HeartbeatInterval", "readonly": False, "value": "300"}
    arrival.tell("GetConfiguration", {}, {"configurationKey": [key]})
    change = {"key": "HeartbeatInterval", "value": "60"}
    assert arrival.tell("ChangeConfiguration", change, "Accepted")["sent"] is True
    [known] = arrival.read("configuration")
    assert (known["key"], known["value"]) == ("HeartbeatInterval", "60")
    accept = {"registrationStatus": Registration.ACCEPTED}
    assert arrival.ask("PUT", arrival.at, json=accept).status == 200
    arrival.town.advance(booted["interval"], step=booted["interval"])
    if not charger.peer.is_open:
        charger.connect()
    assert charger.boot()["status"] == "Accepted"
    assert arrival.shown()["registrationStatus"] == "Accepted"
    assert arrival.statuses() == ["Available", "Available"]


def test_002_twin_a_start_while_pending(set_up: Callable[..., Scene]) -> None:
    """It is answered and kept: energy may flow all the same."""
    arrival = pending(set_up)
    assert boot_of(arrival)["status"] == "Pending"
    started = arrival.charger.start(TAG, 1, 100)
    [session] = arrival.sessions()
    assert session["transactionId"] == started["transactionId"]
    assert arrival.charger.stop(started["transactionId"], 600) is not None
    assert arrival.session(started["transactionId"])["energyWh"] == 500
