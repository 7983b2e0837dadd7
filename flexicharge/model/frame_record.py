"""One frame of a conversation, as the journal keeps it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import frozen


class Direction(StrEnum):
    """Which way a frame went."""

    IN = "in"  # from the station
    OUT = "out"  # to the station


class FrameVerdict(StrEnum):
    """What we made of a frame."""

    OK = "ok"
    REPAIRED = "repaired"  # understood after declared repairs, which stand beside it
    REFUSED = "refused"  # a Call that was answered with an error
    OFF_SCHEMA = "offSchema"  # an answer that is not what its action's schema wants
    UNREADABLE = "unreadable"  # no frame at all
    UNEXPECTED = "unexpected"  # an answer that nobody waits for


@frozen(kw_only=True)
class FrameRecord:
    """A frame, its text with secrets masked; `at` is POSIX seconds.

    `action` is '' where it is not known. `repairs` are JSON objects with the rule, the
    place, and the raw and the repaired value. `latency_s` is that of an answer: since
    the Call came, or since it was sent.
    """

    station_id: int
    at: float
    direction: Direction
    text: str
    verdict: FrameVerdict = FrameVerdict.OK
    action: str = ""
    message_id: str = ""
    why: str = ""
    repairs: tuple[dict[str, Any], ...] = ()
    latency_s: float | None = None
