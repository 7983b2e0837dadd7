"""A start of a session, as those see it who learn from it."""

from __future__ import annotations

from attrs import frozen

from flexicharge.model.session import Session


@frozen(kw_only=True)
class SessionStart:
    """A session that has begun, and what the station said with its start."""

    session: Session
    connector_number: int
    id_tag: str
    reservation_id: int | None
    at: float  # when it began, by our clock as well as we can tell
