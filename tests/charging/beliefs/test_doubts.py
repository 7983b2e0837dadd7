"""Reservations that a station never answered about."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.charging.beliefs.doubts import AFTER_THE_ANSWER_S
from flexicharge.errors import ChargerOffline
from flexicharge.model.station_command import StationCommand

from .stage import Stage
from .test_reservations import ACCEPTED, status, wish

CANCEL = ("CancelReservation", {"reservationId": 7})


def unanswered(stage: Stage) -> StationCommand:
    """Ask for a reservation, and have no answer in time."""
    command = stage.ask("ReserveNow", wish(stage))
    stage.beliefs.unanswered(stage.station, command, wish(stage))
    return command


def speak(stage: Stage) -> None:
    """Let the station say something, and be answered."""
    stage.beliefs.spoke(stage.station)
    stage.clock.advance(AFTER_THE_ANSWER_S)


def test_it_is_called_off_once_the_station_speaks(stage: Stage) -> None:
    """Once, and after its own message was answered."""
    unanswered(stage)
    assert stage.given == []
    stage.beliefs.spoke(stage.station)
    assert stage.given == []
    stage.clock.advance(AFTER_THE_ANSWER_S)
    assert stage.given == [CANCEL]
    assert status(stage) == "cancelled"
    speak(stage)
    assert stage.given == [CANCEL]


def test_what_was_answered_late_is_left(stage: Stage) -> None:
    """So is what was only just asked for."""
    command = unanswered(stage)
    stage.answer(command, wish(stage), ACCEPTED, late=True)
    stage.ask("ReserveNow", wish(stage, 8))
    speak(stage)
    assert stage.given == []


def test_no_other_command_is_in_doubt(stage: Stage) -> None:
    """There is nothing to be called off."""
    command = stage.ask("Reset", {"type": "Soft"})
    stage.beliefs.unanswered(stage.station, command, {"type": "Soft"})
    speak(stage)
    assert stage.given == []


def test_a_station_that_is_gone_again_is_left_alone(stage: Stage) -> None:
    """The reservation ends by its time."""

    async def gone(*_: Any) -> StationCommand:
        raise ChargerOffline("CP001")

    stage.beliefs.give = gone
    unanswered(stage)
    speak(stage)
    assert status(stage) == "unknown"
    stage.clock.advance(600)
    assert status(stage) == "expired"


@pytest.mark.parametrize("settles", [True, False])
def test_it_is_a_switch(stage: Stage, settles: bool) -> None:
    """Off, nothing is sent that nobody has asked for."""
    stage.settles = settles
    stage.restart()
    unanswered(stage)
    speak(stage)
    assert stage.given == ([CANCEL] if settles else [])
