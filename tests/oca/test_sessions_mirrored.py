"""Section 19, second half: stops, readings and vendors' messages, mirrored by us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flexicharge.testing.standard_charger import JsonObject

from .scene import DRIVER, TAG, Scene

FAMILY, MEMBER, OTHER = "FAMILY", "04B0B0B0", "04C0C0C0"
OTHER_FAMILY = "otherFamily"  # as the flag of a session


# 062


@pytest.mark.parametrize("word", ["Rejected", "UnknownMessageId", "UnknownVendorId"])
def test_062_vendor_message_to_the_charger(scene: Scene, word: str) -> None:
    """What it says to it is shown: the status and the data."""
    payload = {"vendorId": "volta.example", "messageId": "m", "data": '{"b":1,"a":[]}'}
    answer = {"status": word, "data": "not here"}
    command = scene.tell("DataTransfer", payload, answer)
    assert (command["status"], command["response"]) == ("result", answer)
    assert list(command["payload"].items()) == list(payload.items())


def test_062_twin_much_data(scene: Scene) -> None:
    """A hundred kilobytes come back whole."""
    answer = {"status": "Accepted", "data": "x" * 100_000}
    command = scene.tell("DataTransfer", {"vendorId": "volta.example"}, answer)
    assert command["response"] == answer
    assert scene.charger.peer.is_open


# 068, 069


def stopped(scene: Scene, number: int) -> JsonObject:
    """Return a session that the charger has ended, once."""
    session = scene.session(number)
    assert (session["state"], session["endReason"]) == ("ended", "station")
    assert (session["energyWh"], session["stopReason"]) == (2500, "Local")
    return session


def family(scene: Scene) -> None:
    """Put two tags of one parent on record, and one of another."""
    scene.put_tag(TAG, userID=DRIVER, parentIdTag=FAMILY)
    scene.put_tag(MEMBER, userID="driver-8", parentIdTag=FAMILY)
    scene.put_tag(OTHER, userID="driver-9", parentIdTag="OTHERS")


def test_068_stopped_by_the_same_tag(scene: Scene) -> None:
    """Ended by it, and paid by whom it belongs to."""
    number = scene.charge()
    answer = scene.charger.stop(number, 3500, idTag=TAG.lower())
    assert answer["idTagInfo"]["status"] == "Accepted"
    session = stopped(scene, number)
    assert (session["idTag"], session["userID"]) == (TAG, DRIVER)
    assert session["stopIdTag"].upper() == TAG
    assert OTHER_FAMILY not in session["flags"]
    assert scene.owed() == [number]


def test_069_stopped_by_the_family(scene: Scene) -> None:
    """Both tags are on record; who began pays."""
    family(scene)
    number = scene.charge()
    info = scene.charger.call("Authorize", {"idTag": MEMBER})["idTagInfo"]
    assert (info["status"], info["parentIdTag"]) == ("Accepted", FAMILY)
    answer = scene.charger.stop(number, 3500, idTag=MEMBER)
    assert answer["idTagInfo"] == info
    session = stopped(scene, number)
    assert (session["idTag"], session["stopIdTag"]) == (TAG, MEMBER)
    assert session["userID"] == DRIVER
    assert OTHER_FAMILY not in session["flags"]
    assert scene.owed() == [number]


@pytest.mark.parametrize("tag", [OTHER, "04D0D0D0"])
def test_068_twin_stopped_by_a_stranger(scene: Scene, tag: str) -> None:
    """Taken, for the energy has flowed, and flagged; also of a tag nobody knows."""
    family(scene)
    number = scene.charge()
    scene.charger.stop(number, 3500, idTag=tag)
    session = stopped(scene, number)
    assert (session["stopIdTag"], session["userID"]) == (tag, DRIVER)
    assert OTHER_FAMILY in session["flags"]


def test_069_twin_stopped_by_another_family(scene: Scene) -> None:
    """Authorize names that tag's own parent; its stop is taken, and flagged."""
    family(scene)
    number = scene.charge()
    info = scene.charger.call("Authorize", {"idTag": OTHER})["idTagInfo"]
    assert info == {"status": "Accepted", "parentIdTag": "OTHERS"}
    assert scene.charger.stop(number, 3500, idTag=OTHER)["idTagInfo"] == info
    session = stopped(scene, number)
    assert (session["stopIdTag"], session["userID"]) == (OTHER, DRIVER)
    assert OTHER_FAMILY in session["flags"]


# 070, 071


def sample(value: str, measurand: str = "", **more: Any) -> JsonObject:
    """Return a sample; without a measurand it is of the energy register."""
    named = {"measurand": measurand} if measurand else {}
    return {"value": value, **named, **more}


def meter(scene: Scene, number: int, *samples: JsonObject) -> None:
    """Have samples sent of the session on connector 1."""
    value = {"timestamp": scene.charger.now(), "sampledValue": list(samples)}
    payload = {"connectorId": 1, "transactionId": number, "meterValue": [value]}
    assert scene.charger.call("MeterValues", payload) == {}


def play_three_rounds(scene: Scene, context: str, every_s: float) -> None:
    """Have all kinds of samples sent every so often, and everything kept."""
    number = scene.charge()
    rounds = []
    for register in (1500, 2000, 2500):
        scene.town.advance(every_s, step=every_s)
        rounds.append(
            [
                sample("7", "Power.Active.Import", unit="kW", context=context),
                sample(
                    str(register),
                    "Energy.Active.Import.Register",
                    unit="Wh",
                    context=context,
                ),
                sample("99999", "Energy.Active.Export.Register", context=context),
                sample("16.1", "Current.Import", unit="A", phase="L1", context=context),
                sample("55", "SoC", unit="Percent", location="EV", context=context),
            ]
        )
        meter(scene, number, *rounds[-1])
    session = scene.session(number)
    assert [value["sampledValue"] for value in session["meterValues"]] == rounds
    assert session["energyWh"] == 1500
    scene.charger.stop(number, 2600)
    assert scene.session(number)["energyWh"] == 1600


def test_070_sampled_values(scene: Scene) -> None:
    """Every measurand is kept; energy is of the import register alone."""
    play_three_rounds(scene, "Sample.Periodic", 60)


def test_071_clock_aligned_values(scene: Scene) -> None:
    """On the clock's quarters of an hour."""
    assert scene.town.clock.seconds() % 900 == 0
    play_three_rounds(scene, "Sample.Clock", 900)


BAD_SAMPLES = [
    sample("9000", "Energy.Imagined"),
    sample("9000", "Energy.Active.Import.Register", unit="furlong"),
    sample(""),
    sample("500"),
]


@pytest.mark.parametrize("bad", BAD_SAMPLES, ids=json.dumps)
@pytest.mark.parametrize("context", ["Sample.Periodic", "Sample.Clock"])
def test_070_071_twin_a_bad_sample(scene: Scene, context: str, bad: JsonObject) -> None:
    """Measurand, unit, value or a register that ran backwards: the frame is taken.

    The bad sample is set aside and counts for nothing; the others count.
    """
    number = scene.charge()
    meter(scene, number, sample("1500", context=context))
    scene.town.advance(60, step=60)
    power = sample("7000", "Power.Active.Import", unit="W", context=context)
    meter(scene, number, {**bad, "context": context}, power)
    assert scene.session(number)["energyWh"] == 500
    kept = scene.session(number)["meterValues"][-1]["sampledValue"]
    assert power in kept
    [*_, came] = [
        one for one in scene.messages("MeterValues") if one["direction"] == "in"
    ]
    assert json.loads(came["raw"])[3]["meterValue"][0]["sampledValue"][0] == {
        **bad,
        "context": context,
    }
    scene.town.advance(60, step=60)
    meter(scene, number, sample("1700", context=context))
    scene.charger.stop(number, 1800)
    assert scene.session(number)["energyWh"] == 800
