"""Reservations at a station: made, used, cancelled, expired, and in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.beliefs.reservation import (
    ReservationStatus,
    StationReservation,
)
from flexicharge.charging.beliefs.reservations import MAX_RESERVATIONS
from flexicharge.model.id_tag import IdTag
from flexicharge.ocpp.v16.times import text_of
from flexicharge.testing.deferreds import result_of

from .stage import Stage

ACCEPTED = {"status": "Accepted"}
Word = dict[str, Any] | str


def wish(
    stage: Stage, number: int = 7, connector: int = 1, **more: Any
) -> dict[str, Any]:
    return {
        "connectorId": connector,
        "expiryDate": text_of(stage.now + 600),
        "idTag": "TAG-A",
        "reservationId": number,
        **more,
    }


def reserve(
    stage: Stage, number: int = 7, connector: int = 1, answer: Word = "", **more: Any
) -> None:
    stage.command(
        "ReserveNow", wish(stage, number, connector, **more), answer or ACCEPTED
    )


def cancel(stage: Stage, number: int = 7, answer: Word = "") -> None:
    stage.command("CancelReservation", {"reservationId": number}, answer or ACCEPTED)


def all_of(stage: Stage) -> tuple[StationReservation, ...]:
    return result_of(stage.known.reservations(stage.station))


def status(stage: Stage) -> str:
    (only,) = all_of(stage)
    return only.status


def held(stage: Stage) -> list[int | None]:
    states = result_of(stage.known.connector_states(stage.station))
    return [one.reservation_id for one in states]


def test_an_accepted_one_is_active_and_shown_at_its_connector(stage: Stage) -> None:
    """046: with all that it was asked for."""
    reserve(stage, parentIdTag="FAMILY")
    (only,) = all_of(stage)
    assert only.status is ReservationStatus.ACTIVE
    assert (only.id_tag, only.parent_id_tag) == ("TAG-A", "FAMILY")
    assert only.expires_at == stage.now + 600
    assert held(stage) == [7, None]


@pytest.mark.parametrize(
    "answer",
    [
        *(
            {"status": word}
            for word in ("Faulted", "Occupied", "Unavailable", "Rejected")
        ),
        "NotSupported",
        "NotImplemented",
        "InternalError",
    ],
)
def test_a_refused_one_is_none(stage: Stage, answer: Word) -> None:
    """048_1 to 048_4, 050: no reservation, whatever the refusal."""
    reserve(stage, answer=answer)
    assert all_of(stage) == ()


def test_its_session_uses_it(stage: Stage) -> None:
    """046: by its id; the reservation is tied to the session."""
    reserve(stage)
    session = stage.start(reservation_id=7)
    (only,) = all_of(stage)
    assert (only.status, only.session_id) == ("used", session.session_id)
    assert held(stage) == [None, None]


def test_the_right_tag_uses_it_without_its_id(stage: Stage) -> None:
    """046: in any letter case."""
    reserve(stage)
    stage.start(id_tag="tag-a")
    assert status(stage) == "used"


@pytest.mark.parametrize("reservation_id", [7, None])
def test_the_wrong_tag_does_not_use_it(
    stage: Stage, reservation_id: int | None
) -> None:
    """046: not even with its id."""
    reserve(stage)
    stage.start(id_tag="TAG-X", reservation_id=reservation_id)
    assert status(stage) == "active"


def test_a_tag_at_another_connector_does_not_use_it(stage: Stage) -> None:
    """Unless it says so: a charger knows what it has held."""
    reserve(stage, connector=2)
    session = stage.start(1)
    assert status(stage) == "active"
    stage.tell_start(session, 1, reservation_id=7)
    assert status(stage) == "used"


def test_one_of_the_whole_charger_is_used_at_any_connector(stage: Stage) -> None:
    """049: but one of the connector itself comes first."""
    reserve(stage, 7, 0)
    reserve(stage, 8, 2)
    stage.start(2)
    assert [(one.reservation_id, one.status) for one in all_of(stage)] == [
        (8, "used"),
        (7, "active"),
    ]
    stage.start(1)
    assert {one.status for one in all_of(stage)} == {"used"}


@pytest.mark.parametrize(
    ("parent", "expected"), [("family", "used"), ("OTHER", "active"), (None, "active")]
)
def test_a_tag_of_the_family_uses_it(
    stage: Stage, parent: str | None, expected: str
) -> None:
    """053: of another parent, or of none any more, it does not."""
    result_of(
        stage.tags.put_tag(IdTag(id_tag="TAG-B", parent_id_tag=parent), stage.now)
    )
    reserve(stage, parentIdTag="FAMILY")
    stage.start(id_tag="TAG-B")
    assert status(stage) == expected


def test_it_expires_by_our_clock(stage: Stage) -> None:
    """047: without a word of the charger; and is judged as none from then on."""
    reserve(stage)
    stage.clock.advance(600)
    (only,) = all_of(stage)
    assert (only.status, only.at) == ("expired", stage.now)
    assert held(stage) == [None, None]
    stage.start(reservation_id=7)
    assert status(stage) == "expired"


def test_a_start_from_before_its_expiry_has_used_it(stage: Stage) -> None:
    """A charger that was offline tells of it late."""
    reserve(stage)
    began_at = stage.now + 60
    stage.clock.advance(900)
    stage.start(reservation_id=7, began_at=began_at)
    assert status(stage) == "used"


def test_a_start_from_before_it_was_made_does_not_use_it(stage: Stage) -> None:
    """A backlog of the same tag is not what it was made for."""
    stage.clock.advance(4000)
    reserve(stage)
    stage.start(began_at=stage.now - 3600)
    assert status(stage) == "active"


def test_a_start_beside_what_its_connector_does_uses_none(stage: Stage) -> None:
    """A session that is put aside is not the one that was waited for."""
    reserve(stage)
    stage.start(aside=True)
    assert status(stage) == "active"


def test_a_cancelled_one_is_over(stage: Stage) -> None:
    """051."""
    reserve(stage)
    cancel(stage)
    assert status(stage) == "cancelled"
    assert held(stage) == [None, None]


def test_cancelling_another_changes_nothing(stage: Stage) -> None:
    """052: the real one is still active, whatever the answer."""
    reserve(stage)
    cancel(stage, 8, {"status": "Rejected"})
    cancel(stage, 8)
    assert status(stage) == "active"


def test_one_that_the_charger_does_not_know_any_more_is_over(stage: Stage) -> None:
    """052: its clock let it expire; the reason stands there."""
    reserve(stage)
    cancel(stage, answer={"status": "Rejected"})
    (only,) = all_of(stage)
    assert only.status is ReservationStatus.EXPIRED
    assert "station" in only.reason


@pytest.mark.parametrize("answer", ["NotSupported", "InternalError", {"status": "No"}])
def test_a_cancellation_that_was_not_understood_changes_nothing(
    stage: Stage, answer: Word
) -> None:
    """The charger may hold it all the same."""
    reserve(stage)
    cancel(stage, answer=answer)
    assert status(stage) == "active"


def test_a_start_that_crosses_the_cancellation_uses_it(stage: Stage) -> None:
    """051: whichever answer came, and in whichever order."""
    reserve(stage)
    cancel(stage)
    stage.start(reservation_id=7)
    assert status(stage) == "used"
    cancel(stage)
    cancel(stage, answer={"status": "Rejected"})
    assert status(stage) == "used"


def test_one_that_was_not_answered_is_unknown(stage: Stage) -> None:
    """048_1: it is on record, and expires by itself."""
    stage.ask("ReserveNow", wish(stage))
    assert status(stage) == "unknown"
    assert held(stage) == [7, None]
    stage.clock.advance(600)
    assert status(stage) == "expired"


def test_a_late_answer_is_not_lost(stage: Stage) -> None:
    """048_1: Accepted is honoured, a refusal leaves none."""
    for answer, count in ((ACCEPTED, 1), ({"status": "Rejected"}, 0)):
        payload = wish(stage, 8 - count)
        command = stage.ask("ReserveNow", payload)
        stage.clock.advance(60)
        stage.restart()
        stage.answer(command, payload, answer, late=True)
        active = [one for one in all_of(stage) if one.status == "active"]
        assert len(active) == 1
    assert len(all_of(stage)) == 1


def test_what_crosses_the_answer_is_not_undone_by_it(stage: Stage) -> None:
    """A start or a cancellation may overtake the answer to the reservation."""
    payload = wish(stage)
    command = stage.ask("ReserveNow", payload)
    stage.start(reservation_id=7)
    stage.answer(command, payload, ACCEPTED)
    assert status(stage) == "used"


def test_a_number_may_be_used_anew(stage: Stage) -> None:
    """One that is over makes way; one that is active is changed (OCPP 1.6 §5.13)."""
    reserve(stage, idTag="OLD")
    stage.clock.advance(1)
    reserve(stage, idTag="NEW", answer={"status": "Rejected"})
    (only,) = all_of(stage)
    assert (only.id_tag, only.status) == ("OLD", "active")
    reserve(stage, idTag="NEW")
    (only,) = all_of(stage)
    assert (only.id_tag, only.status) == ("NEW", "active")
    cancel(stage)
    reserve(stage, idTag="NEXT")
    (only,) = all_of(stage)
    assert (only.id_tag, only.status) == ("NEXT", "active")


def test_one_that_was_never_sent_is_none(stage: Stage) -> None:
    """The charger was gone before it was asked."""
    payload = wish(stage)
    command = stage.ask("ReserveNow", payload)
    result_of(stage.beliefs.not_sent(stage.station, command, payload))
    assert all_of(stage) == ()


def test_an_answer_off_schema_leaves_it_in_doubt(stage: Stage) -> None:
    """Nobody knows what a charger means that says what nobody says."""
    reserve(stage, answer={"status": "Reserved"})
    assert status(stage) == "unknown"


def test_one_that_makes_no_sense_is_not_believed(stage: Stage) -> None:
    """It was sent as it was given: a time of 80 characters, a number beyond JSON's."""
    reserve(stage, expiryDate="2027-02-01T00:00:00." + "0" * 60 + "Z")
    reserve(stage, 10**20)
    cancel(stage, 10**20)
    assert all_of(stage) == ()


def test_only_so_many_that_are_over_are_kept(stage: Stage) -> None:
    """The oldest go, never one that is still open."""
    reserve(stage, 0)
    cancel(stage, 0)
    stage.fill("reservations", "0", MAX_RESERVATIONS + 4, "reservation_id", "asked_at")
    reserve(stage, 0)
    stage.clock.advance(1)
    reserve(stage, 900)
    kept = [one.reservation_id for one in all_of(stage)]
    assert len(kept) == MAX_RESERVATIONS
    assert {0, 900} < set(kept)
    assert min(set(kept) - {0}) == 6
