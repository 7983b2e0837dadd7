"""What we ask of a station, in no protocol's words, and what it may answer."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen


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


Command = Reserve | RemoteStart | RemoteStop
