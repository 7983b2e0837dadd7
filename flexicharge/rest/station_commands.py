"""Commands to stations, as operators give and read them."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen
from twisted.web.iweb import IRequest

from flexicharge.errors import Invalid
from flexicharge.model.station_command import (
    DEFAULT_TIMEOUT_S,
    LONGEST_TIMEOUT_S,
    CommandState,
    StationCommand,
)
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, is_number, optional
from flexicharge.rest.declared.shapes import Shape, Whole
from flexicharge.rest.paging import LIMIT, text_in_query
from flexicharge.rest.station_shapes import iso_or_none
from flexicharge.rest.times import iso_of

MAX_ACTION: Final = 64
ASYNC: Final = "respond-async"  # RFC 7240 §4.1


def _payload(value: object, _: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid("invalidPayload")
    return value


def _timeout(value: object, _: str) -> float:
    if not is_number(value) or not 0 < value <= LONGEST_TIMEOUT_S:
        raise Invalid("invalidTimeout")
    return float(value)


PAYLOAD: Final = Rule(
    schema={"type": "object"},
    read=_payload,
    example={"type": "Soft"},
)
TIMEOUT: Final = optional(
    Rule(
        schema={
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": LONGEST_TIMEOUT_S,
        },
        read=_timeout,
        example=DEFAULT_TIMEOUT_S,
    ),
    DEFAULT_TIMEOUT_S,
)

ACTION: Final = optional(text_in_query(MAX_ACTION, "invalidAction"), "")


@frozen(kw_only=True, repr=False)
class WantedCommand:
    """A Call to a station, to be sent exactly as it is; it may hold a secret.

    Its answer is waited for at most `timeout_s` seconds.
    """

    payload: dict[str, Any] = sent(PAYLOAD, "payload")
    timeout_s: float = sent(TIMEOUT, "timeout")


@frozen(kw_only=True)
class WantedCommands:
    """Which commands: of an action or all, how many at most."""

    action: str = sent(ACTION, "action")
    limit: int = sent(LIMIT, "limit")


class CommandOutcome(Shape):
    """What became of a command, and what the station answered, null while it has not.

    The response of an `error` is `errorCode`, `errorDescription` and `errorDetails`.
    """

    commandId: str
    status: CommandState
    response: dict[str, Any] | None


class Command(CommandOutcome, kw_only=True):
    """A command on record, secrets in it masked; times are RFC 3339 in UTC.

    `sent` tells whether it ever went to the station. `transactionId` is the charge that
    came of it, or that it was about.
    """

    serialNumber: str
    action: str
    payload: dict[str, Any]
    sent: bool
    askedAt: str
    deadline: str
    settledAt: str | None
    transactionId: Whole | None


def outcome_of(command: StationCommand) -> CommandOutcome:
    """Return what became of a command."""
    return CommandOutcome(
        commandId=command.command_id,
        status=command.state,
        response=command.response,
    )


def command_shape_of(command: StationCommand) -> Command:
    """Return a command as operators read it."""
    return Command(
        commandId=command.command_id,
        status=command.state,
        response=command.response,
        serialNumber=command.serial_number,
        action=command.action,
        payload=command.payload,
        sent=command.sent,
        askedAt=iso_of(command.asked_at),
        deadline=iso_of(command.deadline_at),
        settledAt=iso_or_none(command.settled_at),
        transactionId=command.session_id,
    )


def waits_not(request: IRequest) -> bool:
    """Tell whether a client would rather be answered at once (RFC 7240 §4.1)."""
    said: list[bytes] = request.requestHeaders.getRawHeaders(b"Prefer", [])
    preferences = b",".join(said).decode("latin-1").split(",")
    return any(one.partition(";")[0].strip().lower() == ASYNC for one in preferences)
