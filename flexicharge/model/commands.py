"""What we ask of a station, in no protocol's words, and what it may answer."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import field, frozen


class Verdict(StrEnum):
    """A station's answer to a command, folded from all protocols' words."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    OCCUPIED = "Occupied"
    FAULTED = "Faulted"
    UNAVAILABLE = "Unavailable"


@frozen(kw_only=True)
class Reserve:
    """Hold a connector until a POSIX time; `again` if it was held for this before."""

    connector_id: int
    session_id: int
    until: float
    again: bool = False


@frozen(kw_only=True)
class RemoteStart:
    """Let energy flow for a session."""

    connector_id: int
    session_id: int


@frozen(kw_only=True)
class RemoteStop:
    """End a session."""

    connector_id: int
    session_id: int


@frozen(kw_only=True)
class CancelReserve:
    """Hold a connector no longer for a session; the dialect has no word for it."""

    connector_id: int
    session_id: int


Command = Reserve | RemoteStart | RemoteStop | CancelReserve


@frozen(kw_only=True)
class RawCall:
    """A Call of an operator, to be sent exactly as it is; keys keep their order.

    It may hold a secret, and so may the answer.
    """

    command_id: str
    action: str
    payload: dict[str, Any] = field(repr=False)


@frozen(kw_only=True)
class RawAnswer:
    """A station's answer to such a Call: a payload, or an error with its code.

    `violations` tell where an answer is not what its action's schema wants.
    """

    payload: dict[str, Any] = field(repr=False)
    error_code: str | None = None
    error_description: str = field(default="", repr=False)
    violations: tuple[str, ...] = ()

    @property
    def response(self) -> dict[str, Any]:
        """The answer as operators are shown it."""
        if self.error_code is None:
            return self.payload
        return {
            "errorCode": self.error_code,
            "errorDescription": self.error_description,
            "errorDetails": self.payload,
        }
