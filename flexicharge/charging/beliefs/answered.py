"""An answer to a command, as those see it who learn from it."""

from __future__ import annotations

from typing import Any, Final

from attrs import field, frozen

from flexicharge.charging.beliefs.kept import text_of
from flexicharge.errors import CallRefused
from flexicharge.model.commands import RawAnswer
from flexicharge.model.site import Station
from flexicharge.model.station_command import StationCommand
from flexicharge.ocpp.v16.codes import code_of
from flexicharge.ocpp.v16.confirmations import (
    Confirmation,
    Outcome,
    confirmation,
    outcome_of_error,
)
from flexicharge.ocpp.v16.secrets import masked

MAX_WORD: Final = 50


@frozen(kw_only=True)
class Answered:
    """What a station said to a command, and what it comes to.

    `asked` is the command's payload as it was sent, and fits its schema; `said` has its
    secrets masked, and is None for an error. `word` is the station's own: its status,
    or the code of its error.
    """

    station: Station
    action: str
    command_id: str
    asked_at: float
    asked: dict[str, Any] = field(repr=False)
    said: Confirmation | None
    outcome: Outcome
    word: str
    at: float

    @property
    def is_done(self) -> bool:
        """Whether the station did it."""
        return self.outcome is Outcome.DONE


def answered(
    station: Station,
    command: StationCommand,
    payload: dict[str, Any],
    answer: RawAnswer,
    at: float,
) -> Answered:
    """Return what an answer comes to, at a POSIX time."""
    said = None
    if answer.error_code is None:
        shown = masked(command.action, answer.payload, is_request=False)
        said = confirmation(command.action, shown)
        outcome, word = said.outcome, said.status
    else:
        outcome = outcome_of_error(CallRefused(code_of(answer.error_code)))
        word = answer.error_code
    return Answered(
        station=station,
        action=command.action,
        command_id=command.command_id,
        asked_at=command.asked_at,
        asked=payload,
        said=said,
        outcome=outcome,
        word=text_of(word, MAX_WORD),
        at=at,
    )
