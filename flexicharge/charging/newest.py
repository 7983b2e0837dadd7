"""Which of a user's sessions is meant by 9999, the number of apps that know no other.

A booking begins by itself, so it is never meant while the user has done something else.
Nor is what a station told of late, and what its connector does not do now.
"""

from __future__ import annotations

from collections.abc import Sequence

from flexicharge.model.session import (
    FINAL,
    RUNNING,
    EndReason,
    Session,
    SessionState,
)


def to_start(newest: Sequence[Session]) -> Session:
    """Return the session to start of a user's newest of each kind, newest first.

    It is the newest that runs or that its driver opened, else the booking whose time it
    is. Without any it is what came last: that cannot be started.
    """
    still_open = [one for one in newest if one.state not in FINAL and not one.aside]
    own = [session for session in still_open if not session.waits_as_booked]
    return (own or still_open or [_last(newest)])[0]


def to_stop(newest: Sequence[Session]) -> Session:
    """Return the session to stop, or to show, of the newest of each kind.

    It is the newest that runs, else the one that its driver did something with last:
    asked again, the one that was stopped. A booking whose time it is, is meant only
    where there is no other.
    """
    running = [one for one in newest if one.state in RUNNING and not one.aside]
    return running[0] if running else _last(newest)


def _last(newest: Sequence[Session]) -> Session:
    return max(newest, key=lambda s: (not s.waits_as_booked, *_last_done(s)))


def _last_done(session: Session) -> tuple[bool, float]:
    """Return what sorts sessions by when their driver last did something with them.

    What was cancelled without its driver comes before everything that was not.
    """
    is_lost = (
        session.state is SessionState.CANCELLED
        and session.end_reason is not EndReason.DRIVER
    )
    at = session.ended_at or session.start_requested_at or session.opened_at
    return not is_lost, at
