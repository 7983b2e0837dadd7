"""Charging profiles as an operator writes them, and what is believed of them."""

from __future__ import annotations

from typing import Any

from flexicharge.testing.standard_charger import JsonObject

from .scene import Scene

DAY_S = 86_400.0


def profile(
    scene: Scene,
    number: int = 1,
    *,
    purpose: str = "TxDefaultProfile",
    limit: float = 6.0,
    unit: str = "A",
    relative: bool = False,
    **more: Any,
) -> JsonObject:
    """Return a profile of one period that begins now and lasts a day."""
    schedule: JsonObject = {
        "duration": int(DAY_S),
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": limit, "numberPhases": 3}
        ],
    }
    made: JsonObject = {
        "chargingProfileId": number,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative" if relative else "Absolute",
        **more,
    }
    if not relative:
        now, tomorrow = scene.charger.now(), scene.charger.now(-DAY_S)
        made |= {"validFrom": now, "validTo": tomorrow}
        schedule = {"startSchedule": now, **schedule}
    return {**made, "chargingSchedule": schedule}


def place(
    scene: Scene, connector: int, sent: JsonObject, reply: Any = "Accepted"
) -> JsonObject:
    """Have the charger given a profile; return the command on record."""
    payload = {"connectorId": connector, "csChargingProfiles": sent}
    return scene.tell("SetChargingProfile", payload, reply)


def on_record(scene: Scene) -> list[JsonObject]:
    """Return the profiles that the charger is believed to have, each with its place."""
    found: list[JsonObject] = scene.get(f"{scene.at}/chargingProfiles")
    return found


def believed(scene: Scene) -> dict[int, JsonObject]:
    """Return the profiles that the charger is believed to have, by their ids."""
    found = [one["csChargingProfiles"] for one in on_record(scene)]
    return {one["chargingProfileId"]: one for one in found}
