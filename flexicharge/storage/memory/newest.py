"""The newest sessions of a user, of every kind that is told apart, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from flexicharge.model.session import RUNNING, UNSTARTED, EndReason, Session
from flexicharge.model.session import SessionState as S
from flexicharge.storage.memory.sessions import by_age

Kind = tuple[Callable[[Session], bool], Callable[[Session], tuple[float, int]]]


def _by_end(session: Session) -> tuple[float, int]:
    return session.ended_at or 0.0, session.session_id


KINDS: Final[tuple[Kind, ...]] = (
    (lambda s: s.state in RUNNING and not s.aside, by_age),
    (lambda s: s.state in UNSTARTED and not s.waits_as_booked, by_age),
    (lambda s: s.waits_as_booked, by_age),
    (lambda s: s.state is S.ENDED, _by_end),
    (
        lambda s: s.state is S.CANCELLED and s.end_reason is EndReason.DRIVER,
        _by_end,
    ),
    (lambda s: True, by_age),
)


def newest_of_each_kind(sessions: Iterable[Session]) -> tuple[Session, ...]:
    """Return the newest of every kind, newest first; one may be of two kinds."""
    known, newest = tuple(sessions), {}
    for is_of_kind, by in KINDS:
        found = max(filter(is_of_kind, known), key=by, default=None)
        if found is not None:
            newest[found.session_id] = found
    return tuple(sorted(newest.values(), key=by_age, reverse=True))
