"""The original's schemas: which frames pass, and which do not."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.selftests.ear import Ear
from flexicharge.selftests.errors import SelfTestFailed
from flexicharge.selftests.shapes import check_frame, integer, number, samples, text

QUANTITY = {"value": 1.5, "unit": "W", "measurand": "Power.Active.Import"}
THREE = dict.fromkeys(("chargingPercent", "chargingPower", "chargedSoFar"), QUANTITY)


def test_more_than_is_asked_for_is_fine() -> None:
    """Extra keys and extra parts are allowed."""
    frame = [3, "id", "BootNotification", {"status": "Accepted", "more": None}, "x"]
    check_frame(frame, status=text)


@pytest.mark.parametrize(
    "frame",
    [
        [],
        [3, "id", "Boot"],
        ["3", "id", "Boot", {"interval": 1}],
        [True, "id", "Boot", {"interval": 1}],
        [3, 1, "Boot", {"interval": 1}],
        [3, "id", None, {"interval": 1}],
        [3, "id", "Boot", [1]],
        [3, "id", "Boot", {}],
        [3, "id", "Boot", {"interval": "1"}],
        [3, "id", "Boot", {"interval": 1.5}],
        [3, "id", "Boot", {"interval": True}],
    ],
)
def test_less_is_not(frame: list[Any]) -> None:
    """Every part has its place and its type, and the reason shows the frame."""
    with pytest.raises(SelfTestFailed, match=r"lacks one of interval \(integer\)"):
        check_frame(frame, interval=integer)


def test_each_quantity_has_a_value_a_unit_and_a_measurand() -> None:
    """As an app needs them, all three."""
    assert samples(THREE)
    for name in THREE:
        assert not samples({**THREE, name: None})
        for key in QUANTITY:
            broken = {k: v for k, v in QUANTITY.items() if k != key}
            assert not samples({**THREE, name: broken})
    assert number(1) and number(1.5) and not number("1") and not number(True)


def test_what_is_no_frame_is_an_error(clock: Clock) -> None:
    """A server that says something else fails the test that hears it."""
    ear = Ear(clock, 3.0)
    ear.hear(b'[3,"id","Heartbeat",{}]')
    ear.check_no_error()
    ear.hear(b"<html>")
    with pytest.raises(SelfTestFailed, match="not JSON"):
        ear.check_no_error()
    ear.heed_from_now()
    ear.check_no_error()
