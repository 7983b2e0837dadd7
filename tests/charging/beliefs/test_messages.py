"""What stations say by themselves: security events, statuses, tags, and more."""

from __future__ import annotations

import pytest

from flexicharge.charging.beliefs.availability import Agreement, ConnectorState
from flexicharge.charging.beliefs.house import MAX_VENDOR_DATA
from flexicharge.charging.beliefs.security_events import MAX_KINDS
from flexicharge.model.id_tag import TagStatus
from flexicharge.model.requests import ConnectorReport
from flexicharge.model.status import ConnectorStatus
from flexicharge.testing.deferreds import result_of

from .stage import Stage

# security events


def happen(stage: Stage, type_: str, tech_info: str = "", times: int = 1) -> None:
    for _ in range(times):
        stage.clock.advance(1)
        result_of(
            stage.beliefs.security_event(
                stage.station, type_, stage.now - 7, tech_info, stage.now
            )
        )


def test_a_security_event_is_kept(stage: Stage) -> None:
    """078: of an unknown type and with 256 characters of information too."""
    happen(stage, "SomethingNobodyKnows", "x" * 256)
    (event,) = stage.events("securityEvent")
    assert event.body["type"] == "SomethingNobodyKnows"
    assert event.body["techInfo"] == "x" * 255
    assert event.body["claimedAt"] == stage.now - 7
    assert stage.alarms.raised == []


def test_the_same_event_a_hundred_times_is_summed_up(stage: Stage) -> None:
    """078: it stands among the events once an hour; the count is exact."""
    happen(stage, "InvalidMessages", "a", times=100)
    happen(stage, "InvalidMessages", "b")
    second, first = result_of(stage.known.security_events(stage.station))
    assert (first.count, first.at - first.first_at) == (100, 99)
    assert second.count == 1
    assert len(stage.events("securityEvent")) == 2
    stage.clock.advance(3600)
    happen(stage, "InvalidMessages", "a")
    assert stage.events("securityEvent")[0].body["count"] == 101


def test_an_attack_is_an_alarm(stage: Stage) -> None:
    """Once an hour for the same; a reboot wakes nobody."""
    happen(stage, "TamperDetectionActivated", times=3)
    happen(stage, "InvalidChargePointCertificate")
    happen(stage, "StartupOfTheDevice")
    assert stage.alarms.raised == ["security event"] * 2


def test_too_many_kinds_of_events_are_counted_as_one(stage: Stage) -> None:
    """A charger that makes types up fills no table; known ones are still counted."""
    happen(stage, "Known", times=1)
    (name,) = result_of(stage.book.beliefs(stage.station.station_id, "securityEvents"))
    stage.fill("securityEvents", name, MAX_KINDS - 1)
    happen(stage, "MadeUp1")
    happen(stage, "MadeUp2")
    happen(stage, "Known")
    sums = result_of(stage.known.security_events(stage.station))
    assert len(sums) == MAX_KINDS + 1
    assert [(one.type, one.count) for one in sums[:2]] == [("Known", 2), ("*", 2)]


# statuses and availability


def say(stage: Stage, number: int, status: ConnectorStatus | None, **more: str) -> None:
    stage.clock.advance(1)
    report = ConnectorReport(connector_number=number, status=status, **more)
    result_of(stage.beliefs.status_noted(stage.station, report, stage.now))


def change(stage: Stage, number: int, kind: str, word: str = "Accepted") -> None:
    stage.clock.advance(1)
    stage.command(
        "ChangeAvailability", {"connectorId": number, "type": kind}, {"status": word}
    )


def states(stage: Stage) -> dict[int, ConnectorState]:
    known = result_of(stage.known.connector_states(stage.station))
    return {one.connector_id: one for one in known}


def agreement(stage: Stage, number: int = 1) -> Agreement | None:
    return states(stage)[number].agreement


def test_nothing_is_invented_for_connectors_not_named(stage: Stage) -> None:
    """R1: those that we know, without a word; connector 0 once it has spoken."""
    assert {number: one.reported for number, one in states(stage).items()} == {
        1: None,
        2: None,
    }
    say(stage, 0, ConnectorStatus.AVAILABLE)
    assert list(states(stage)) == [0, 1, 2]
    assert states(stage)[1].reported is None


def test_a_connector_that_nobody_used_was_given_up(stage: Stage) -> None:
    """When it became free without a charge: never by a charge or by standing free."""

    def given_up_at() -> float | None:
        return result_of(stage.known.given_up_at(stage.station, 1))

    for status in (
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.FINISHING,
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
    ):
        assert given_up_at() is None
        say(stage, 1, status)
    say(stage, 1, ConnectorStatus.AVAILABLE)
    at = stage.now
    say(stage, 1, ConnectorStatus.PREPARING)
    say(stage, 2, ConnectorStatus.AVAILABLE)
    assert given_up_at() == at
    assert result_of(stage.known.given_up_at(stage.station, 2)) is None


def test_a_fault_is_kept_with_all_that_was_said_of_it(stage: Stage) -> None:
    """024: errorCode, info, vendor code; also beside a word that nobody knows."""
    said = {
        "error_code": "ConnectorLockFailure",
        "info": "x" * 600,
        "vendor_id": "Volta",
        "vendor_error_code": "E\0-17",
    }
    say(stage, 1, ConnectorStatus.FAULTED, **said)
    reported = states(stage)[1].reported
    assert reported is not None
    assert reported.error_code == "ConnectorLockFailure"
    assert reported.info == "x" * 500
    assert (reported.vendor_id, reported.vendor_error_code) == ("Volta", "E-17")
    say(stage, 1, None, error_code="Odd")
    reported = states(stage)[1].reported
    assert reported is not None
    assert (reported.status, reported.error_code) == (None, "Odd")


@pytest.mark.parametrize("number", [-1, 3, 1634030126])
def test_a_status_of_an_unknown_connector_makes_none(stage: Stage, number: int) -> None:
    """031: no such connector is created."""
    say(stage, number, ConnectorStatus.RESERVED)
    assert list(states(stage)) == [1, 2]


def test_a_connector_is_as_wanted_once_it_says_so(stage: Stage) -> None:
    """048_3: pending until the status comes."""
    say(stage, 1, ConnectorStatus.AVAILABLE)
    assert agreement(stage) is None
    change(stage, 1, "Inoperative")
    assert agreement(stage) is Agreement.PENDING
    say(stage, 1, ConnectorStatus.UNAVAILABLE)
    assert agreement(stage) is Agreement.AS_WANTED
    change(stage, 1, "Operative")
    say(stage, 1, ConnectorStatus.AVAILABLE)
    assert agreement(stage) is Agreement.AS_WANTED


def test_a_change_that_waits_for_a_session_is_pending(stage: Stage) -> None:
    """048_3: Scheduled; as long as the car is there."""
    change(stage, 1, "Inoperative", "Scheduled")
    assert states(stage)[1].agreement is None
    for word in (ConnectorStatus.CHARGING, ConnectorStatus.FINISHING):
        say(stage, 1, word)
        assert agreement(stage) is Agreement.PENDING
    say(stage, 1, ConnectorStatus.AVAILABLE)
    assert agreement(stage) is Agreement.DIFFERS


def test_a_difference_after_a_boot_is_shown(stage: Stage) -> None:
    """034: Inoperative for all; one connector forgot it over a power cut."""
    change(stage, 0, "Inoperative")
    for number in (0, 1, 2):
        say(stage, number, ConnectorStatus.UNAVAILABLE)
    say(stage, 2, ConnectorStatus.AVAILABLE)
    assert [agreement(stage, number) for number in (0, 1, 2)] == [
        Agreement.AS_WANTED,
        Agreement.AS_WANTED,
        Agreement.DIFFERS,
    ]
    change(stage, 2, "Operative")
    say(stage, 2, ConnectorStatus.AVAILABLE)
    assert agreement(stage, 2) is Agreement.AS_WANTED
    change(stage, 0, "Operative")
    wanted = states(stage)[2].wanted
    assert wanted is not None
    assert wanted.connector_id == 0


def test_a_fault_hides_what_a_connector_would_be(stage: Stage) -> None:
    """A faulted one is out of service too, as far as that is wanted."""
    change(stage, 1, "Operative")
    say(stage, 1, ConnectorStatus.FAULTED)
    assert agreement(stage) is None
    change(stage, 1, "Inoperative")
    say(stage, 1, ConnectorStatus.FAULTED)
    assert agreement(stage) is Agreement.AS_WANTED


@pytest.mark.parametrize("word", ["Rejected", "Perhaps"])
def test_a_refused_change_is_not_wanted_any_more(stage: Stage, word: str) -> None:
    """What was wanted before still is."""
    change(stage, 1, "Inoperative")
    change(stage, 1, "Operative", word)
    wanted = states(stage)[1].wanted
    assert wanted is not None
    assert wanted.availability == "Inoperative"


# tags, vendors, violations


def test_a_refused_tag_is_kept(stage: Stage) -> None:
    """023: the attempt, and why."""
    result_of(
        stage.beliefs.refused_tag(stage.station, "TAG-X", TagStatus.EXPIRED, stage.now)
    )
    (event,) = stage.events("refusedTag")
    assert event.body == {"idTag": "TAG-X", "status": "Expired"}


def test_a_vendors_message_is_kept_up_to_a_size(stage: Stage) -> None:
    """064: a hundred kilobytes are cut, and how long it was stands there."""
    data = "d" * 100_000
    result_of(
        stage.beliefs.vendor_message(stage.station, "Volta", "Hi", data, stage.now)
    )
    (event,) = stage.events("vendorMessage")
    assert event.body == {
        "vendorId": "Volta",
        "messageId": "Hi",
        "data": "d" * MAX_VENDOR_DATA,
        "length": 100_000,
    }


def test_violations_add_up(stage: Stage) -> None:
    """By rule; what was not broken is not there."""
    result_of(stage.beliefs.repaired(stage.station, {"empty-payload": 2, "none": 0}))
    result_of(stage.beliefs.repaired(stage.station, {"empty-payload": 1}))
    result_of(stage.beliefs.repaired(stage.station, {}))
    assert result_of(stage.known.violations(stage.station)) == {"empty-payload": 3}
