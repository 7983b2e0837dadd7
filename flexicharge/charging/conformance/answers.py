"""What is to be seen in answers whose status alone does not tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flexicharge.charging.conformance.probe import FINE, Judgement, Verdict
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.confirmations import Confirmation, configuration, confirmation

GET_CONFIGURATION: Final = "GetConfiguration"


def tells_everything(said: JsonObject) -> Judgement:
    """Judge the answer of whoever was asked for the whole configuration."""
    told = configuration(_configuration(said))
    if not told.keys:
        return Judgement(Verdict.WRONG, "it was asked for all keys, and told none")
    if told.unknown:
        return Judgement(Verdict.WRONG, "it was asked for no key that it may not know")
    return FINE


def tells_of(key: str) -> Callable[[JsonObject], Judgement]:
    """Return how the answer is judged of whoever was asked for a key it must have."""

    def judge(said: JsonObject) -> Judgement:
        told = configuration(_configuration(said))
        names = [one.key.casefold() for one in told.keys]
        if key.casefold() not in names:
            return Judgement(
                Verdict.WRONG, f"it was asked for {key}, which it must have"
            )
        if len(names) > 1:
            return Judgement(Verdict.WRONG, f"it was asked for {key} alone")
        return FINE

    return judge


def knows_not(key: str) -> Callable[[JsonObject], Judgement]:
    """Return how the answer is judged of whoever was asked for a key of nobody's."""

    def judge(said: JsonObject) -> Judgement:
        told = configuration(_configuration(said))
        if any(one.key.casefold() == key.casefold() for one in told.keys):
            return Judgement(Verdict.WRONG, f"it claims to have a key {key}")
        if key.casefold() not in {name.casefold() for name in told.unknown}:
            return Judgement(Verdict.WRONG, f"it does not say that it knows no {key}")
        return FINE

    return judge


def has_a_list(said: JsonObject) -> Judgement:
    """Judge a local list's version: -1 is that of no list (OCPP 1.6 §5.10)."""
    version = said["listVersion"]
    if version == -1:
        return Judgement(Verdict.REFUSED, "it keeps no local list")
    if version < 0:
        return Judgement(Verdict.WRONG, f"{version} is no version of a list")
    return FINE


def has_a_schedule(said: JsonObject) -> Judgement:
    """Judge an accepted composite schedule."""
    if said["status"] == "Accepted" and not said.get("chargingSchedule"):
        return Judgement(Verdict.WRONG, "it accepted, and told no schedule")
    return FINE


def lists_certificates(said: JsonObject) -> Judgement:
    """Judge a list of certificates, which is empty for `NotFound` alone."""
    if said["status"] == "Accepted" and not said.get("certificateHashData"):
        return Judgement(Verdict.WRONG, "it accepted, and listed no certificate")
    return FINE


def _configuration(said: JsonObject) -> Confirmation:
    return confirmation(GET_CONFIGURATION, said)
