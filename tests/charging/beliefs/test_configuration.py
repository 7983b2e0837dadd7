"""Keys of a station's configuration are believed as it tells them, or takes them."""

from __future__ import annotations

import pytest

from flexicharge.charging.beliefs.configuration import KnownKey
from flexicharge.model.requests import Boot
from flexicharge.testing.deferreds import result_of

from .stage import Stage

INTERVAL = "MeterValueSampleInterval"


def keys(stage: Stage) -> dict[str, KnownKey]:
    known = result_of(stage.known.configuration(stage.station))
    return {one.key: one for one in known}


def tell(stage: Stage, told: list[object], asked: list[str] | None = None) -> None:
    payload = {} if asked is None else {"key": asked}
    stage.command("GetConfiguration", payload, {"configurationKey": told})


def change(
    stage: Stage, value: str, answer: dict[str, object] | str, key: str = INTERVAL
) -> None:
    if isinstance(answer, dict) and "status" not in answer:
        raise AssertionError("an answer has a status")
    stage.command("ChangeConfiguration", {"key": key, "value": value}, answer)


def test_all_keys_are_kept_however_odd(stage: Stage) -> None:
    """019_1: two hundred keys, a value of 500 characters, none, and null."""
    told = [{"key": f"Key{n:03d}", "readonly": False, "value": "1"} for n in range(200)]
    told += [
        {"key": "Long", "readonly": True, "value": "x" * 500},
        {"key": "Untold", "readonly": False},
        {"key": "Null", "readonly": False, "value": None},
    ]
    tell(stage, told)
    known = keys(stage)
    assert len(known) == 203
    assert known["Long"].value == "x" * 500
    assert known["Long"].readonly
    assert known["Untold"].value is None
    assert known["Null"].value is None
    assert known["Key007"].at == stage.now


@pytest.mark.parametrize(
    "told", [None, "keys", [None, 7, "key", {}, {"key": 5}, {"key": ""}], {"key": "A"}]
)
def test_what_are_no_keys_teaches_nothing(stage: Stage, told: object) -> None:
    """Junk in an answer changes nothing that was known."""
    tell(stage, [{"key": "A", "readonly": False, "value": "1"}])
    stage.command("GetConfiguration", {}, {"configurationKey": told})
    assert list(keys(stage)) == ["A"]


def test_one_key_leaves_the_others_untouched(stage: Stage) -> None:
    """019_2: what was asked for is believed anew, the rest stays as it was."""
    tell(stage, [{"key": "A", "readonly": False, "value": "1"}])
    stage.clock.advance(5)
    tell(stage, [{"key": "B", "readonly": True, "value": "2"}], asked=["B"])
    known = keys(stage)
    assert [known["A"].value, known["B"].value] == ["1", "2"]
    assert known["A"].at == stage.now - 5


def test_all_keys_are_all_there_are(stage: Stage) -> None:
    """A key that is not told among all others is not there any more."""
    tell(stage, [{"key": "Old", "readonly": False, "value": "1"}])
    tell(stage, [{"key": "New", "readonly": False, "value": "1"}])
    assert list(keys(stage)) == ["New"]


def test_an_unknown_key_is_unknown_to_this_charger(stage: Stage) -> None:
    """019_2: it is no error; and it stays known as unknown."""
    stage.command("GetConfiguration", {"key": ["Odd"]}, {"unknownKey": ["Odd", 7, ""]})
    assert keys(stage)["Odd"].unknown
    tell(stage, [{"key": "A", "readonly": False, "value": "1"}])
    assert keys(stage)["Odd"].unknown


def test_an_accepted_value_is_believed(stage: Stage) -> None:
    """021: under the key's own spelling, whatever case it was set in."""
    tell(stage, [{"key": INTERVAL, "readonly": False, "value": "30"}])
    change(stage, "60", {"status": "Accepted"}, key=INTERVAL.lower())
    assert keys(stage)[INTERVAL].value == "60"
    assert len(keys(stage)) == 1


def test_a_value_that_needs_a_boot_is_pending_until_then(stage: Stage) -> None:
    """021: RebootRequired; also a restart of the server in between changes nothing."""
    tell(stage, [{"key": INTERVAL, "readonly": False, "value": "30"}])
    change(stage, "60", {"status": "RebootRequired"})
    assert keys(stage)[INTERVAL].value == "30"
    assert keys(stage)[INTERVAL].pending == "60"
    stage.restart()
    tell(stage, [{"key": "Other", "readonly": False, "value": "1"}])
    result_of(stage.beliefs.booted(stage.station, Boot(), stage.now))
    assert keys(stage)[INTERVAL].value == "60"
    assert keys(stage)[INTERVAL].pending is None


def test_a_pending_value_that_shows_is_not_pending_any_more(stage: Stage) -> None:
    """What the charger tells is true at once."""
    change(stage, "60", {"status": "RebootRequired"})
    tell(stage, [{"key": INTERVAL, "readonly": False, "value": "60"}], asked=[INTERVAL])
    assert keys(stage)[INTERVAL].pending is None


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "Rejected"},
        {"status": "NotSupported"},
        {"status": "Perhaps"},
        {"status": ["Accepted"]},
        "PropertyConstraintViolation",
        "NotSupported",
    ],
)
def test_a_refused_value_changes_nothing(
    stage: Stage, answer: dict[str, object] | str
) -> None:
    """040: no such key is stored, and an old value stays believed."""
    change(stage, "-1", answer, key="Nonsense")
    assert keys(stage) == {}
    tell(stage, [{"key": INTERVAL, "readonly": False, "value": "30"}])
    change(stage, "-1", answer)
    assert keys(stage)[INTERVAL].value == "30"


def test_a_nonsense_key_that_was_accepted_is_recorded_as_said(stage: Stage) -> None:
    """040_1: the charger's word counts."""
    change(stage, "1", {"status": "Accepted"}, key="Nonsense")
    assert keys(stage)["Nonsense"].value == "1"


def test_a_secret_is_never_kept(stage: Stage) -> None:
    """073: neither when it is set, nor from a charger that tells it."""
    secret = "00112233445566778899aabbccddeeff00112233"
    change(stage, secret, {"status": "Accepted"}, key="AuthorizationKey")
    change(stage, secret, {"status": "RebootRequired"}, key="authorizationkey")
    tell(stage, [{"key": "AuthorizationKey", "readonly": False, "value": secret}])
    assert secret not in repr(stage.world.notebooks)
    assert keys(stage)["AuthorizationKey"].value == "***"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12", 12),
        (" 7 ", 7),
        ("-1", None),
        ("1e3", None),
        ("9" * 10, None),
        (None, None),
    ],
)
def test_a_number_is_one_only_within_reason(
    value: str | None, number: int | None
) -> None:
    """1634030126 connectors and more are not believed (Q20)."""
    assert KnownKey(key="A", value=value, at=0.0).number == number


def test_keys_that_nobody_asked_for_are_not_piled_up(stage: Stage) -> None:
    """Of an answer to a question about some; what is known already is still learnt."""
    stage.command(
        "ChangeConfiguration", {"key": "B", "value": "1"}, {"status": "Accepted"}
    )
    told = [{"key": name, "readonly": False, "value": "2"} for name in "aBc"]
    answer = {"configurationKey": told, "unknownKey": ["D", "E"]}
    stage.command("GetConfiguration", {"key": ["A", "d"]}, answer)
    known = result_of(stage.known.configuration(stage.station))
    assert [key.key for key in known] == ["a", "B", "D"]
    assert known[1].value == "2"
