"""Charging profiles: which ones lie on a station, and what they come to together."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.beliefs.composites import ComparedSchedule
from flexicharge.charging.beliefs.profiles import MAX_PROFILES, BelievedProfile
from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import RateUnit
from flexicharge.model.composite_schedule import MAX_WINDOW_S
from flexicharge.ocpp.v16.times import text_of
from flexicharge.testing.deferreds import result_of

from .stage import Stage

ACCEPTED = {"status": "Accepted"}
JsonObject = dict[str, Any]


def profile(
    number: int = 1,
    purpose: str = "TxDefaultProfile",
    *limits: tuple[int, float],
    level: int = 0,
    unit: str = "A",
    **more: Any,
) -> JsonObject:
    return {
        "chargingProfileId": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": unit,
            "chargingSchedulePeriod": [
                {"startPeriod": start, "limit": limit}
                for start, limit in limits or ((0, 16.0),)
            ],
        },
        **more,
    }


def set_on(
    stage: Stage, connector: int, what: JsonObject, answer: JsonObject | str = ""
) -> None:
    stage.command(
        "SetChargingProfile",
        {"connectorId": connector, "csChargingProfiles": what},
        answer or ACCEPTED,
    )


def clear(stage: Stage, word: str = "Accepted", **given: Any) -> None:
    stage.command("ClearChargingProfile", given, {"status": word})


def all_of(stage: Stage) -> tuple[BelievedProfile, ...]:
    return result_of(stage.known.profiles(stage.station))


def numbers(stage: Stage) -> list[int]:
    return sorted(one.profile["chargingProfileId"] for one in all_of(stage))


def order(stage: Stage, id_tag: str = "TAG-A", **more: Any) -> None:
    stage.command(
        "RemoteStartTransaction",
        {"idTag": id_tag, "chargingProfile": profile(9, "TxProfile"), **more},
        ACCEPTED,
    )


# what lies there


def test_an_accepted_profile_is_believed_as_it_was_sent(stage: Stage) -> None:
    """056: on that connector, with all its fields."""
    sent = profile(
        validFrom="2027-01-01T00:00:00Z",
        validTo="2028-01-01T00:00:00Z",
        chargingProfileKind="Absolute",
    )
    sent["chargingSchedule"]["startSchedule"] = "2027-01-01T00:00:00Z"
    set_on(stage, 2, sent)
    (only,) = all_of(stage)
    assert (only.connector_id, only.profile) == (2, sent)
    assert (only.at, only.doubt) == (stage.now, "")


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "Rejected"},
        {"status": "NotSupported"},
        {"status": "Yes"},
        "PropertyConstraintViolation",
    ],
)
def test_a_refused_profile_is_not_believed(
    stage: Stage, answer: JsonObject | str
) -> None:
    """056, 058."""
    set_on(stage, 1, profile(), answer)
    assert all_of(stage) == ()


def test_a_profile_that_makes_no_sense_is_not_believed(stage: Stage) -> None:
    """It was sent as it was given, and the charger took it: nobody knows for what."""
    set_on(stage, 1, profile(validFrom="2027-02-01T00:00:00." + "0" * 60 + "Z"))
    assert all_of(stage) == ()


def test_a_profile_takes_the_place_of_its_like(stage: Stage) -> None:
    """The same id, or the same purpose and level on the same connector."""
    set_on(stage, 1, profile(1))
    set_on(stage, 1, profile(2))
    set_on(stage, 2, profile(3))
    assert numbers(stage) == [2, 3]
    set_on(stage, 1, profile(3, level=1))
    assert numbers(stage) == [2, 3]
    assert {one.connector_id for one in all_of(stage)} == {1}


def test_each_clear_takes_exactly_what_it_names(stage: Stage) -> None:
    """067: by id, by criteria, and all."""
    for level in (1, 2, 3):
        set_on(stage, 1, profile(level, level=level))
    set_on(stage, 2, profile(4, level=2))
    clear(stage, id=1)
    assert numbers(stage) == [2, 3, 4]
    clear(stage, connectorId=1, chargingProfilePurpose="TxDefaultProfile", stackLevel=2)
    assert numbers(stage) == [3, 4]
    clear(stage)
    assert numbers(stage) == []


def test_a_clear_by_purpose_takes_all_it_hits(stage: Stage) -> None:
    """067: several are gone at once."""
    set_on(stage, 0, profile(1, "ChargePointMaxProfile"))
    for connector in (1, 2):
        set_on(stage, connector, profile(1 + connector))
    clear(stage, chargingProfilePurpose="TxDefaultProfile")
    assert numbers(stage) == [1]


def test_what_is_unknown_on_a_clear_is_gone_already(stage: Stage) -> None:
    """067: no fault; but an error says nothing."""
    set_on(stage, 1, profile(1))
    stage.command("ClearChargingProfile", {"id": 1}, "InternalError")
    assert numbers(stage) == [1]
    clear(stage, "Unknown", id=1)
    assert numbers(stage) == []


def test_what_a_lax_charger_takes_is_believed_with_a_doubt(stage: Stage) -> None:
    """A rule of smart charging was broken: the operator sees which."""
    set_on(stage, 1, profile(1, "ChargePointMaxProfile"))
    (only,) = all_of(stage)
    assert "ChargePointMaxProfile" in only.doubt


def test_only_so_many_profiles_are_believed(stage: Stage) -> None:
    """The oldest go."""
    set_on(stage, 1, profile(0))
    numbered = ("profile.chargingProfileId", "profile.stackLevel", "at")
    stage.fill("profiles", "0", MAX_PROFILES + 2, *numbered)
    stage.clock.advance(1000)
    set_on(stage, 2, profile(900))
    assert len(numbers(stage)) == MAX_PROFILES
    assert (numbers(stage)[0], numbers(stage)[-1]) == (3, 900)


# sessions


def test_a_sessions_profile_is_gone_with_it(stage: Stage) -> None:
    """057: the default profile stays."""
    set_on(stage, 1, profile(1))
    session = stage.start()
    set_on(stage, 1, profile(2, "TxProfile", transactionId=session.session_id))
    known = {one.profile["chargingProfileId"]: one for one in all_of(stage)}
    assert (known[2].session_id, known[2].doubt) == (session.session_id, "")
    stage.stop(session)
    assert numbers(stage) == [1]


def test_a_profile_without_a_transaction_is_of_the_one_that_runs(stage: Stage) -> None:
    """A lax charger takes it, and it can only mean that one."""
    session = stage.start(2)
    set_on(stage, 2, profile(2, "TxProfile"))
    assert all_of(stage)[0].session_id == session.session_id


@pytest.mark.parametrize("transaction", [{}, {"transactionId": 123_456}])
def test_a_profile_of_no_session_is_believed_until_the_next(
    stage: Stage, transaction: JsonObject
) -> None:
    """058: accepted without or with a wrong transaction; it is marked."""
    set_on(stage, 1, profile(2, "TxProfile", **transaction))
    assert "session" in all_of(stage)[0].doubt
    stage.start(2)
    assert numbers(stage) == [2]
    stage.start(1)
    assert numbers(stage) == []


def test_a_late_end_takes_nothing_of_the_next_session(stage: Stage) -> None:
    """An older session ends after a new one has begun on its connector."""
    old = stage.start(aside=True)
    new = stage.start()
    set_on(stage, 1, profile(2, "TxProfile", transactionId=new.session_id))
    stage.stop(old)
    assert numbers(stage) == [2]


def test_a_remote_starts_profile_is_tied_after_the_start(stage: Stage) -> None:
    """059: same tag, same connector; then it is gone with the session."""
    order(stage, connectorId=2)
    assert all_of(stage) == ()
    stage.restart()
    session = stage.start(2, "tag-a")
    (only,) = all_of(stage)
    assert only.session_id == session.session_id
    assert only.profile["transactionId"] == session.session_id
    assert only.connector_id == 2
    stage.stop(session)
    assert all_of(stage) == ()
    stage.start(2)
    assert all_of(stage) == ()


def test_a_start_of_another_tag_or_connector_is_not_what_was_ordered(
    stage: Stage,
) -> None:
    """011_1: the order stays unfulfilled, and lapses by our own deadline."""
    order(stage, connectorId=2)
    stage.stop(stage.start(1))
    stage.stop(stage.start(2, "TAG-B"))
    assert all_of(stage) == ()
    stage.clock.advance(301)
    stage.start(2)
    assert all_of(stage) == ()


def test_an_order_without_a_connector_fits_any(stage: Stage) -> None:
    """The charger chooses; a later order of the same tag replaces it."""
    order(stage)
    order(stage, connectorId=0)
    stage.start(1)
    assert numbers(stage) == [9]


def test_a_start_may_overtake_the_answer_to_its_order(stage: Stage) -> None:
    """010: the profile is tied all the same."""
    payload = {"idTag": "TAG-A", "chargingProfile": profile(9, "TxProfile")}
    command = stage.ask("RemoteStartTransaction", payload)
    stage.start(2, "TAG-B")
    session = stage.start(1)
    stage.answer(command, payload, ACCEPTED)
    (only,) = all_of(stage)
    assert only.session_id == session.session_id


@pytest.mark.parametrize("answer", [{"status": "Rejected"}, "InternalError"])
def test_a_refused_order_has_no_profile(stage: Stage, answer: JsonObject | str) -> None:
    """026."""
    stage.command(
        "RemoteStartTransaction",
        {"idTag": "TAG-A", "chargingProfile": profile(9, "TxProfile")},
        answer,
    )
    stage.start()
    assert all_of(stage) == ()


def test_an_order_with_another_purpose_brings_none(stage: Stage) -> None:
    """060: a lax charger that starts is not believed to have taken it."""
    order(stage, chargingProfile=profile(9))
    stage.start()
    assert all_of(stage) == ()


def test_orders_do_not_pile_up(stage: Stage) -> None:
    """Fifty at once, and none that has lapsed."""
    for number in range(60):
        order(stage, f"TAG-{number}")
    kept = stage.world.notebooks.beliefs(
        stage.station.station_id, "remoteStartProfiles"
    )
    assert len(kept) == 50
    stage.clock.advance(301)
    order(stage)
    assert len(kept) == 1


# composite schedules


def ask(
    stage: Stage,
    answer: JsonObject | str,
    connector: int = 1,
    duration: int = 3600,
    **more: Any,
) -> ComparedSchedule:
    stage.command(
        "GetCompositeSchedule",
        {"connectorId": connector, "duration": duration, **more},
        answer,
    )
    return result_of(stage.known.composites(stage.station))[-1]


def reported(stage: Stage, *limits: tuple[int, float], **more: Any) -> JsonObject:
    return {
        "status": "Accepted",
        "connectorId": 1,
        "scheduleStart": text_of(stage.now),
        "chargingSchedule": {
            "duration": 3600,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [
                {"startPeriod": start, "limit": limit} for start, limit in limits
            ],
            **more,
        },
    }


def test_our_own_schedule_is_that_of_what_lies_there(stage: Stage) -> None:
    """Profiles, and the session that runs since ten minutes."""
    set_on(stage, 0, profile(1, "ChargePointMaxProfile", (0, 20.0)) | ABSOLUTE)
    set_on(stage, 1, profile(2, "TxDefaultProfile", (0, 32.0), (900, 10.0)))
    stage.start(1)
    stage.clock.advance(600)
    own = result_of(stage.known.composite(stage.station, 1, 3600, RateUnit.AMPERES))
    assert own is not None
    assert [(p.start_s, p.limit) for p in own.periods] == [(0, 20), (300, 10)]
    assert own.starts_at == stage.now


ABSOLUTE: JsonObject = {
    "chargingProfileKind": "Absolute",
    "chargingSchedule": {
        "startSchedule": "2027-01-01T00:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 20.0}],
    },
}


def test_without_profiles_there_is_no_limit(stage: Stage) -> None:
    """And a window has a length, a week at most."""
    compute = stage.known.composite
    assert result_of(compute(stage.station, 1, 60, RateUnit.WATTS)) is None
    with pytest.raises(UnusableValue):
        result_of(compute(stage.station, 1, 0, RateUnit.WATTS))
    set_on(stage, 0, profile(1, "ChargePointMaxProfile") | ABSOLUTE)
    own = result_of(compute(stage.station, 0, 10**9, RateUnit.AMPERES))
    assert own is not None
    assert own.duration_s == MAX_WINDOW_S


def test_schedules_that_allow_the_same_agree(stage: Stage) -> None:
    """072, 082: merged periods, a tenth of an ampere, and a second do not matter."""
    set_on(stage, 1, profile(1, "TxProfile", (0, 16.0)))
    stage.start()
    set_on(stage, 1, profile(2, "TxDefaultProfile", (0, 16.0), (600, 10.0)))
    for limits in (
        ((0, 16.0), (600, 10.0)),
        ((0, 16.0), (300, 16.0), (600, 10.1)),
        ((0, 16.0), (601, 9.9)),
    ):
        compared = ask(stage, reported(stage, *limits))
        assert compared.agrees is True
    assert compared.own is not None
    assert len(compared.own["chargingSchedulePeriod"]) == 2


def test_schedules_that_differ_are_shown_side_by_side(stage: Stage) -> None:
    """072: both as they are; nothing is judged."""
    set_on(stage, 0, profile(1, "ChargePointMaxProfile") | ABSOLUTE)
    answer = reported(stage, (0, 20.0), (600, 16.0))
    compared = ask(stage, answer)
    assert (compared.agrees, compared.answer) == (False, answer)
    assert compared.own is not None
    assert compared.own["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 20.0}]
    late = reported(stage, (60, 20.0))
    assert ask(stage, late).agrees is False


def test_a_schedule_is_compared_in_its_own_unit_and_window(stage: Stage) -> None:
    """A charger that answers in watts is not held against amperes."""
    set_on(stage, 0, profile(1, "ChargePointMaxProfile") | ABSOLUTE)
    answer = reported(stage, (0, 13_800.0), chargingRateUnit="W", duration=600)
    assert ask(stage, answer, chargingRateUnit="A").agrees is True


def test_answers_are_kept_as_they_came(stage: Stage) -> None:
    """066: rejected, without a schedule, periods out of order, nonsense."""
    for answer in (
        {"status": "Rejected"},
        {"status": "Accepted"},
        {"status": "Accepted", "chargingSchedule": {"chargingSchedulePeriod": "x"}},
        {"status": 7, "scheduleStart": [], "chargingSchedule": []},
    ):
        compared = ask(stage, answer, chargingRateUnit="W")
        assert (compared.answer, compared.agrees) == (answer, None)
    unordered = reported(stage, (600, 10.0), (0, 16.0))
    assert ask(stage, unordered).answer == unordered


def test_an_error_leaves_the_last_schedule(stage: Stage) -> None:
    """There is nothing to compare; and a window of no length is only shown."""
    first = ask(stage, reported(stage, (0, 16.0)))
    assert ask(stage, "InternalError") == first
    assert ask(stage, reported(stage, (0, 16.0)), duration=0).own is None
