"""Cases 061 and 064, which stand alone in their sections: the cache, and vendors."""

from __future__ import annotations

import json

import pytest

from flexicharge.testing.standard_charger import JsonObject

from .scene import CallError, Scene

CLEAR: JsonObject = {}


def test_061_clear_cache(scene: Scene) -> None:
    """The charger's word is on record."""
    command = scene.tell("ClearCache", CLEAR, "Accepted")
    assert (command["payload"], command["status"]) == ({}, "result")
    assert command["response"] == {"status": "Accepted"}


def test_061_twin_three_ways_to_fail(scene: Scene) -> None:
    """Rejected, an error, no answer: three outcomes, and none holds up the next."""
    rejected = scene.tell("ClearCache", CLEAR, "Rejected")
    failed = scene.tell("ClearCache", CLEAR, CallError("NotSupported"))
    silent = scene.order("ClearCache", CLEAR, timeout=5)
    scene.town.advance(5, step=1)
    unanswered = silent.outcome()
    assert (rejected["status"], rejected["response"]["status"]) == (
        "result",
        "Rejected",
    )
    assert (failed["status"], failed["response"]["errorCode"]) == (
        "error",
        "NotSupported",
    )
    assert (unanswered["status"], unanswered["response"]) == ("timeout", None)
    assert scene.tell("ClearCache", CLEAR, "Accepted")["status"] == "result"


def test_064_vendor_message_to_us(scene: Scene) -> None:
    """Of a vendor that we do not serve: said so, kept, and nothing is done."""
    sent = {"vendorId": "volta.example", "messageId": "m", "data": "stop everything"}
    before = (scene.shown(), scene.sessions())
    assert scene.charger.call("DataTransfer", sent) == {"status": "UnknownVendorId"}
    [kept] = scene.events("vendorMessage")
    assert {name: kept[name] for name in sent} == sent
    assert (scene.shown(), scene.sessions()) == before


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"messageId": "m", "data": "x" * 100_000},
        {"data": json.dumps({"a": [1, {"b": None}]})},
    ],
    ids=["no message id", "much data", "JSON in a text"],
)
def test_064_twin_an_odd_message(scene: Scene, sent: JsonObject) -> None:
    """A status in any case, and never an error; how much there was is kept.

    We serve no vendor's messages, so none of theirs can be unknown to us.
    """
    answer = scene.charger.call("DataTransfer", {"vendorId": "volta.example", **sent})
    assert answer == {"status": "UnknownVendorId"}
    [kept] = scene.events("vendorMessage")
    data = sent.get("data", "")
    assert (kept["length"], kept["data"]) == (len(data), data[:10_000])
