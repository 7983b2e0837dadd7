"""Sessions that go on although they should be over."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.beliefs.overdue import (
    AFTER_FINISHING_S,
    AFTER_REMOTE_STOP_S,
    STOP_OVERDUE,
)
from flexicharge.model.requests import ConnectorReport
from flexicharge.model.status import ConnectorStatus
from flexicharge.testing.deferreds import result_of

from .stage import Stage

ACCEPTED = {"status": "Accepted"}


def report(stage: Stage, number: int, status: ConnectorStatus | None) -> None:
    """Report a status."""
    said = ConnectorReport(connector_number=number, status=status)
    result_of(stage.beliefs.status_noted(stage.station, said, stage.now))


def stop(stage: Stage, number: int, answer: Any = ACCEPTED) -> None:
    """Have a session stopped from afar."""
    stage.command("RemoteStopTransaction", {"transactionId": number}, answer)


def told(stage: Stage) -> list[dict[str, Any]]:
    """Return what people were told."""
    events = [event.body for event in stage.events(STOP_OVERDUE)]
    assert len(stage.alarms.raised) == len(events)
    return events


def test_a_remote_stop_that_changes_nothing_is_told_of(stage: Stage) -> None:
    """Once for as long as it was waited for, however often it was ordered."""
    session = stage.start()
    stop(stage, session.session_id)
    stop(stage, session.session_id)
    stage.clock.advance(AFTER_REMOTE_STOP_S - 1)
    assert told(stage) == []
    stage.clock.advance(1)
    assert told(stage) == [{"transactionId": session.session_id, "why": "remoteStop"}]
    stop(stage, session.session_id)
    stage.clock.advance(AFTER_REMOTE_STOP_S)
    assert len(told(stage)) == 2


@pytest.mark.parametrize("answer", [{"status": "Rejected"}, "NotSupported", {}])
def test_a_stop_that_was_not_agreed_to_is_not_waited_for(
    stage: Stage, answer: Any
) -> None:
    """Nobody knows of any end then."""
    stop(stage, stage.start().session_id, answer)
    stage.clock.advance(AFTER_REMOTE_STOP_S)
    assert told(stage) == []


def test_what_has_ended_is_not_told_of(stage: Stage) -> None:
    """Nor what runs beside it, nor what never was."""
    session = stage.start(1)
    stage.start(2, "TAG-B")
    stop(stage, session.session_id)
    stop(stage, 424242)
    stage.stop(session)
    stage.clock.advance(AFTER_REMOTE_STOP_S)
    assert told(stage) == []


def test_a_connector_that_is_finishing_for_an_hour_is_told_of(stage: Stage) -> None:
    """With the session that is booked there, and not one that runs aside of it."""
    session = stage.start(1)
    stage.start(1, "TAG-B", aside=True)
    stage.start(2, "TAG-C")
    report(stage, 1, ConnectorStatus.FINISHING)
    stage.clock.advance(AFTER_FINISHING_S / 2)
    report(stage, 1, ConnectorStatus.FINISHING)
    stage.clock.advance(AFTER_FINISHING_S / 2)
    assert told(stage) == [{"transactionId": session.session_id, "why": "finishing"}]


@pytest.mark.parametrize("status", [ConnectorStatus.CHARGING, None])
def test_a_connector_that_is_finishing_no_more_is_not(
    stage: Stage, status: ConnectorStatus | None
) -> None:
    """Whatever it says instead; one that we do not know says nothing."""
    stage.start(1)
    report(stage, 7, ConnectorStatus.FINISHING)
    report(stage, 1, ConnectorStatus.FINISHING)
    report(stage, 1, status)
    stage.clock.advance(AFTER_FINISHING_S)
    assert told(stage) == []


def test_it_is_told_once_the_database_is_back(stage: Stage) -> None:
    """Nothing is lost meanwhile."""
    session = stage.start()
    stop(stage, session.session_id)
    stage.world.faults.away = True
    stage.clock.advance(AFTER_REMOTE_STOP_S)
    stage.world.faults.away = False
    stage.clock.pump([1.0] * 10)
    assert told(stage) == [{"transactionId": session.session_id, "why": "remoteStop"}]


def test_nothing_is_waited_for_in_the_end(stage: Stage) -> None:
    """No timer is left."""
    session = stage.start()
    stop(stage, session.session_id)
    report(stage, 1, ConnectorStatus.FINISHING)
    stage.beliefs.wind_down()
    assert stage.clock.getDelayedCalls() == []
