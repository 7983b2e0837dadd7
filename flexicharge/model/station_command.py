"""A command of an operator as something that lasts: what became of it, at any time."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from attrs import frozen

from flexicharge.errors import CommandUnknown
from flexicharge.model.invoice import UUID_TEXT

DEFAULT_TIMEOUT_S: Final = 30.0
LONGEST_TIMEOUT_S: Final = 600.0


class CommandState(StrEnum):
    """Where a command stands."""

    QUEUED = "queued"  # on record; another Call to the station is still open
    SENT = "sent"  # on the wire, and not answered yet
    RESULT = "result"  # answered with a CALLRESULT
    ERROR = "error"  # answered with a CALLERROR
    TIMEOUT = "timeout"  # not answered in time
    LATE = "late"  # answered after its time
    LOST = "lost"  # the link or the server was lost first; nothing is sent again


OPEN: Final = (CommandState.QUEUED, CommandState.SENT)
MAY_BE_ANSWERED_LATE: Final = (*OPEN, CommandState.TIMEOUT, CommandState.LOST)
ANSWERED: Final = (CommandState.RESULT, CommandState.ERROR, CommandState.LATE)


@frozen(kw_only=True)
class StationCommand:
    """A Call to a station, and what became of it; times are POSIX seconds.

    Secrets in `payload` and `response` are masked. The response of an error is
    `errorCode`, `errorDescription` and `errorDetails`; None while there is none. `sent`
    tells whether it ever went on the wire; `session_id` is the session that came of it.
    """

    command_id: str
    station_id: int
    serial_number: str
    action: str
    payload: dict[str, Any]
    asked_at: float
    deadline_at: float
    state: CommandState = CommandState.QUEUED
    sent: bool = False
    settled_at: float | None = None
    response: dict[str, Any] | None = None
    session_id: int | None = None


def settled_from(state: CommandState) -> tuple[CommandState, ...]:
    """Return the states that a command may be in when this becomes of it."""
    return MAY_BE_ANSWERED_LATE if state is CommandState.LATE else OPEN


def command_id_of(text: str) -> str:
    """Return a UUID as it is stored, in lower case; raise `CommandUnknown`."""
    if UUID_TEXT.fullmatch(text) is None:
        raise CommandUnknown(text)
    return text.lower()
