"""What happened, as it travels over the bus; topics are named here and only here."""

from __future__ import annotations

from attrs import frozen

from flexicharge.model.commands import Command, Verdict
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


@frozen
class LateVerdict:
    """A station answered a command after its deadline, maybe with an error's code."""

    command: Command
    verdict: Verdict
    code: str = ""


ALL_SESSIONS = "sessions"  # where changes of all sessions are published
RETIREMENTS = "retirements"  # where connectors that go out of service are published
LATE_VERDICTS = "late"  # where verdicts that came too late are published
ACCOUNTS = "accounts"  # where users are published whose tokens became void
