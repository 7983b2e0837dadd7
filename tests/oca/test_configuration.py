"""Section 7: reading and changing a charger's configuration."""

from __future__ import annotations

from typing import Final

import pytest

from .scene import CallError, JsonObject, Reply, Scene, instant

CHANGEABLE: Final = [
    "AuthorizeRemoteTxRequests",
    "ClockAlignedDataInterval",
    "ConnectionTimeOut",
    "ConnectorPhaseRotation",
    "HeartbeatInterval",
    "LocalAuthorizeOffline",
    "LocalPreAuthorize",
    "MeterValuesAlignedData",
    "MeterValuesSampledData",
    "MeterValueSampleInterval",
    "ResetRetries",
    "StopTransactionOnEVSideDisconnect",
    "StopTransactionOnInvalidId",
    "StopTxnAlignedData",
    "StopTxnSampledData",
    "TransactionMessageAttempts",
    "TransactionMessageRetryInterval",
    "UnlockConnectorOnEVSideDisconnect",
    "LocalAuthListEnabled",
]
FIXED: Final = [
    "GetConfigurationMaxKeys",
    "NumberOfConnectors",
    "SupportedFeatureProfiles",
    "LocalAuthListMaxLength",
    "SendLocalListMaxLength",
    "ChargeProfileMaxStackLevel",
    "ChargingScheduleAllowedChargingRateUnit",
    "ChargingScheduleMaxPeriods",
    "MaxChargingProfilesInstalled",
]
INTERVAL: Final = "MeterValueSampleInterval"


def entry(key: str, value: str | None = "1", *, readonly: bool = False) -> JsonObject:
    """Return a key as a charger tells it."""
    told = {"key": key, "readonly": readonly}
    return told if value is None else {**told, "value": value}


def known(scene: Scene) -> dict[str, JsonObject]:
    """Return the keys that are on record."""
    return {one["key"]: one for one in scene.read("configuration")}


def change(scene: Scene, key: str, value: str, reply: Reply) -> JsonObject:
    """Order a change; return the command as it is on record."""
    return scene.tell("ChangeConfiguration", {"key": key, "value": value}, reply)


@pytest.mark.parametrize("asked", [{}, {"key": []}])
def test_019_1_read_all_keys(scene: Scene, asked: JsonObject) -> None:
    """No key is asked for; every key, value and flag is on record with its time."""
    keys = [entry(key) for key in CHANGEABLE] + [
        entry(key, readonly=True) for key in FIXED
    ]
    scene.tell("GetConfiguration", asked, {"configurationKey": keys})
    kept = known(scene)
    assert set(kept) == {*CHANGEABLE, *FIXED}
    assert {one["value"] for one in kept.values()} == {"1"}
    assert {key for key, one in kept.items() if one["readonly"]} == set(FIXED)
    times = {instant(one["since"]) for one in kept.values()}
    assert times == {scene.town.clock.seconds()}


def test_019_1_twin_many_keys_and_odd_values(scene: Scene) -> None:
    """All is kept: two hundred of them, a long value, none at all, and `null`."""
    keys = [entry(f"Vendor{number}", str(number)) for number in range(200)]
    keys += [entry("Long", "v" * 500), entry("Bare", None)]
    keys += [{**entry("Null"), "value": None}]
    command = scene.tell("GetConfiguration", {}, {"configurationKey": keys})
    assert command["status"] == "result"
    kept = known(scene)
    assert len(kept) == 203
    assert kept["Vendor199"]["value"] == "199"
    assert kept["Long"]["value"] == "v" * 500
    assert (kept["Bare"]["value"], kept["Null"]["value"]) == (None, None)


def test_019_2_read_one_key(scene: Scene) -> None:
    """Exactly that one is asked for; what is known of the others stays."""
    keys = [entry("HeartbeatInterval", "300"), entry("SupportedFeatureProfiles", "x")]
    scene.tell("GetConfiguration", {}, {"configurationKey": keys})
    told = entry("SupportedFeatureProfiles", "Core,Reservation", readonly=True)
    asked = {"key": ["SupportedFeatureProfiles"]}
    reply = {"configurationKey": [told], "unknownKey": []}
    assert scene.tell("GetConfiguration", asked, reply)["payload"] == asked
    kept = known(scene)
    assert kept["SupportedFeatureProfiles"]["value"] == "Core,Reservation"
    assert kept["HeartbeatInterval"]["value"] == "300"


def test_019_2_twin_the_key_is_unknown(scene: Scene) -> None:
    """That is known of this charger then, and is no error."""
    reply = {"unknownKey": ["SupportedFeatureProfiles"]}
    asked = {"key": ["SupportedFeatureProfiles"]}
    command = scene.tell("GetConfiguration", asked, reply)
    assert (command["status"], command["response"]) == ("result", reply)
    kept = known(scene)["SupportedFeatureProfiles"]
    assert (kept["unknown"], kept["value"]) == (True, None)


def test_021_set_a_key(scene: Scene) -> None:
    """The value goes out as a text, and is believed."""
    command = change(scene, INTERVAL, "60", "Accepted")
    assert command["payload"] == {"key": INTERVAL, "value": "60"}
    assert command["response"] == {"status": "Accepted"}
    assert known(scene)[INTERVAL]["value"] == "60"


def test_021_twin_it_takes_a_reboot(scene: Scene) -> None:
    """The value is pending until the next boot, and nothing is read back."""
    change(scene, INTERVAL, "30", "Accepted")
    change(scene, INTERVAL, "60", "RebootRequired")
    kept = known(scene)[INTERVAL]
    assert (kept["value"], kept["pending"]) == ("30", "60")
    scene.town.advance(30, step=10)
    scene.charger.boot()
    kept = known(scene)[INTERVAL]
    assert (kept["value"], kept["pending"]) == ("60", None)
    assert scene.commands("GetConfiguration") == []


def test_040_1_set_an_unknown_key(scene: Scene) -> None:
    """It is sent although nobody knows the key, which is not stored."""
    command = change(scene, "NobodyKnows", "7", "NotSupported")
    assert command["payload"]["key"] == "NobodyKnows"
    assert command["response"] == {"status": "NotSupported"}
    assert known(scene) == {}


def test_040_1_twin_an_error_or_accepted(scene: Scene) -> None:
    """Each is recorded as it was said."""
    refused = change(scene, "NobodyKnows", "7", CallError("NotSupported"))
    assert refused["status"] == "error"
    assert refused["response"]["errorCode"] == "NotSupported"
    assert known(scene) == {}
    accepted = change(scene, "Nonsense", "7", "Accepted")
    assert accepted["response"] == {"status": "Accepted"}
    assert known(scene)["Nonsense"]["value"] == "7"


@pytest.mark.parametrize("value", ["-1", "often"])
def test_040_2_set_a_bad_value(scene: Scene, value: str) -> None:
    """It is sent as given, and refused: the old value stays believed.

    `-1` is of 2024; which value later revisions want is not established.
    """
    change(scene, INTERVAL, "60", "Accepted")
    command = change(scene, INTERVAL, value, "Rejected")
    assert command["payload"]["value"] == value
    assert command["response"] == {"status": "Rejected"}
    assert known(scene)[INTERVAL]["value"] == "60"


def test_040_2_twin_an_error_instead(scene: Scene) -> None:
    """The outcome is the same."""
    change(scene, INTERVAL, "60", "Accepted")
    error = CallError("PropertyConstraintViolation")
    command = change(scene, INTERVAL, "-1", error)
    assert command["response"]["errorCode"] == "PropertyConstraintViolation"
    kept = known(scene)[INTERVAL]
    assert (kept["value"], kept["pending"]) == ("60", None)
