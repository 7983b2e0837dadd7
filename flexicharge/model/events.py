"""What happened, as it travels over the bus; topics are named here and only here."""

from __future__ import annotations

from attrs import frozen

from flexicharge.model.commands import Command, RawAnswer, Verdict
from flexicharge.model.frame_record import FrameVerdict
from flexicharge.model.session import Session


@frozen
class SessionChanged:
    """A session was committed in a new state."""

    session: Session


@frozen
class LiveFrame:
    """A MeterValues frame for the driver of a session, as text ready to be sent.

    A newer frame of the same session may take the place of an older one.
    """

    session_id: int
    text: bytes


@frozen
class StationRetired:
    """A connector of this station went out of service."""

    serial_number: str


@frozen
class SignedOut:
    """A user's tokens are void, but one perhaps; `why` may be shown to anybody."""

    user_id: str
    why: str


def session_topic(session_id: int) -> str:
    """Where changes of one session are published."""
    return f"session.{session_id}"


def station_topic(station_id: int) -> str:
    """Where changes of all sessions of one station are published."""
    return f"station.{station_id}"


def driver_topic(user_id: str) -> str:
    """Where one driver's live frames are published."""
    return f"driver.{user_id}"


def station_address(serial_number: str) -> str:
    """Where a connected station takes commands."""
    return f"station:{serial_number}"


def heard_topic(station_id: int) -> str:
    """Where it is published what one standard station says."""
    return f"heard.{station_id}"


@frozen
class LateVerdict:
    """A station answered a command after its deadline, maybe with an error's code."""

    command: Command
    verdict: Verdict
    code: str = ""


@frozen
class CallSent:
    """An operator's command is on the wire, under the id that its Call has there."""

    command_id: str
    message_id: str = ""


@frozen
class LateAnswer:
    """A station answered an operator's command after its deadline."""

    command_id: str
    answer: RawAnswer


@frozen(kw_only=True)
class FrameHeard:
    """A standard station sent something; its text is as it came, secrets and all.

    `action` is '' where it is not known. `latency_s` is that of an answer: since its
    Call was sent.
    """

    text: bytes
    at: float
    action: str = ""
    message_id: str = ""
    verdict: FrameVerdict
    why: str = ""
    latency_s: float | None = None


@frozen
class StationChanged:
    """The record of a station was changed; a connected one goes on under the new."""

    serial_number: str


ALL_SESSIONS = "sessions"  # where changes of all sessions are published
RETIREMENTS = "retirements"  # where connectors that go out of service are published
LATE_VERDICTS = "late"  # where verdicts that came too late are published
ACCOUNTS = "accounts"  # where users are published whose tokens became void
CALLS = "calls"  # where it is published what becomes of operators' commands
STATIONS = "stations"  # where changes of stations' records are published
