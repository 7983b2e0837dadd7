"""What a charger's configuration lacks of what OCPP 1.6 demands."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.conformance.required_keys import (
    REQUIRED,
    CheckedKeys,
    KeyType,
    checked_keys,
)
from flexicharge.ocpp.v16.actions import Profile

VALUES = {KeyType.BOOLEAN: "true", KeyType.INTEGER: "1", KeyType.LIST: "A,B"}


def told(**changes: str | None) -> dict[str, Any]:
    """Return the keys of Core as they are told, with other values or without."""
    keys: dict[str, str | None] = {
        key: VALUES[kind] for key, kind in REQUIRED[Profile.CORE].items()
    }
    keys |= {"SupportedFeatureProfiles": "Core", **changes}
    return {
        "configurationKey": [
            {"key": key, "readonly": False, "value": value}
            for key, value in keys.items()
            if value != "gone"
        ]
    }


def test_core_is_always_demanded() -> None:
    """Whatever the charger says it has."""
    assert checked_keys(told(ResetRetries="gone")) == CheckedKeys(
        announced=("Core",), missing=("ResetRetries",), wrong=()
    )


def test_what_is_announced_is_demanded() -> None:
    """In any letter case, with blanks; strange profiles demand nothing."""
    checked = checked_keys(
        told(
            SupportedFeatureProfiles="Core, localauthlistmanagement,Custom,",
            LocalAuthListEnabled="true",
        )
    )
    assert checked is not None
    assert checked.announced == ("Core", "localauthlistmanagement", "Custom")
    assert checked.missing == ("LocalAuthListMaxLength", "SendLocalListMaxLength")


def test_keys_ignore_case() -> None:
    """A key is one key in any spelling (CiString50Type)."""
    lower = told(HeartbeatInterval="gone", heartbeatinterval="300")
    checked = checked_keys(lower)
    assert checked is not None
    assert (checked.missing, checked.wrong) == ((), ())


def test_a_charger_need_not_say_what_it_has() -> None:
    """Then that is what is missing."""
    checked = checked_keys(told(SupportedFeatureProfiles="gone"))
    assert checked is not None
    assert checked.announced is None
    assert checked.missing == ("SupportedFeatureProfiles",)


@pytest.mark.parametrize(
    ("key", "value", "is_right"),
    [
        ("LocalPreAuthorize", "TRUE", True),
        ("LocalPreAuthorize", " false ", True),
        ("LocalPreAuthorize", "1", False),
        ("LocalPreAuthorize", None, False),
        ("HeartbeatInterval", "-1", True),
        ("HeartbeatInterval", "3.5", False),
        ("HeartbeatInterval", "", False),
        ("HeartbeatInterval", "9" * 400, False),
        ("StopTxnAlignedData", "", True),
        ("StopTxnAlignedData", "Voltage, Current.Import", True),
        ("StopTxnAlignedData", "Voltage,,Current.Import", False),
        ("StopTxnAlignedData", "Voltage,", False),
        ("StopTxnAlignedData", None, False),
    ],
)
def test_a_value_is_of_its_type(key: str, value: str | None, is_right: bool) -> None:
    """A boolean, an integer, or a comma separated list."""
    checked = checked_keys(told(**{key: value}))
    assert checked is not None
    assert checked.missing == ()
    found = [(one.key, one.value) for one in checked.wrong]
    assert found == ([] if is_right else [(key, value)])


def test_a_long_list_is_judged_at_once() -> None:
    """Whatever a charger sends."""
    value = "a" * 499 + ","
    assert not KeyType.LIST.takes(value)
    assert not KeyType.LIST.takes(",".join(["a "] * 160) + ",")
    assert not KeyType.LIST.takes(" " * 250 + "," * 250)


def test_nothing_told_is_nothing_to_check() -> None:
    """As of a charger that answered with nothing."""
    assert checked_keys({}) is None
    assert checked_keys({"configurationKey": "all"}) is None
