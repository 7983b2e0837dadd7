"""The table of sessions, with what its constraints and indexes know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain

from attrs import define, field

from flexicharge.errors import ConnectorBusy, SessionUnknown
from flexicharge.model.session import FINAL, SKIPPED_NUMBER, Session


def by_age(session: Session) -> tuple[float, int]:
    """Return what sorts sessions from the oldest to the newest.

    The newest was opened last: a booking's number is older than its session.
    """
    return session.opened_at, session.session_id


@define
class SessionTable:
    """Sessions by number; no connector ever has two that are open, but those aside.

    `watch` is told of every row that is written: as it was, and as it is.
    """

    rows: dict[int, Session] = field(factory=dict, init=False)
    watch: Callable[[Session | None, Session], None] = field(
        default=lambda before, after: None, init=False
    )
    next_number: int = field(default=1, init=False)
    _open_on: dict[int, int] = field(factory=dict, init=False)
    _open_aside: dict[int, int] = field(factory=dict, init=False)  # their connectors
    _on_connector: dict[int, list[int]] = field(
        factory=lambda: defaultdict(list), init=False
    )
    _at_station: dict[int, list[int]] = field(
        factory=lambda: defaultdict(list), init=False
    )

    def draw_number(self) -> int:
        """Return a number never drawn before, nor the one that is an alias."""
        if self.next_number == SKIPPED_NUMBER:
            self.next_number += 1
        self.next_number += 1
        return self.next_number - 1

    def get(self, session_id: int) -> Session:
        """Return a session; raise `SessionUnknown`."""
        if session_id not in self.rows:
            raise SessionUnknown(session_id)
        return self.rows[session_id]

    def add(self, session: Session) -> Session:
        """Insert an open session and return it; raise `ConnectorBusy`."""
        if not session.aside and session.connector_id in self._open_on:
            raise ConnectorBusy(session.connector_id)
        self._note_open(session)
        self._on_connector[session.connector_id].append(session.session_id)
        self._at_station[session.station_id].append(session.session_id)
        self.rows[session.session_id] = session
        self.watch(None, session)
        return session

    def put(self, session: Session) -> Session:
        """Replace a session that is there, and return it."""
        before = self.rows[session.session_id]
        self.rows[session.session_id] = session
        is_over = before.state not in FINAL and session.state in FINAL
        if is_over or session.aside is not before.aside:
            self._forget_open(before)
            if not is_over:
                self._note_open(session)
        self.watch(before, session)
        return session

    def drop_station(self, station_id: int) -> tuple[int, ...]:
        """Drop every session of a station; return their numbers."""
        dropped = tuple(self._at_station.pop(station_id, ()))
        for number in dropped:
            session = self.rows.pop(number)
            self._on_connector[session.connector_id].remove(number)
            if session.state not in FINAL:
                self._forget_open(session)
        return dropped

    def open_on(self, connector_id: int) -> Session | None:
        """Return the open session of a connector; those aside are not what it does."""
        number = self._open_on.get(connector_id)
        return None if number is None else self.rows[number]

    def has_open(self, connector_id: int) -> bool:
        """Tell whether any session is open on a connector, aside or not."""
        return connector_id in self._open_on or (
            connector_id in self._open_aside.values()
        )

    def open_where(self, holds: Callable[[Session], bool]) -> tuple[Session, ...]:
        """Return every open session of which something holds, by number."""
        rows = self.rows
        numbers = chain(self._open_on.values(), self._open_aside)
        found = [number for number in numbers if holds(rows[number])]
        return tuple(rows[number] for number in sorted(found))

    def on_connector(self, connector_id: int) -> tuple[Session, ...]:
        """Return every session of a connector, newest first."""
        numbers = self._on_connector.get(connector_id, [])
        rows = [self.rows[number] for number in numbers]
        return tuple(sorted(rows, key=by_age, reverse=True))

    def at_station(self, station_id: int) -> tuple[Session, ...]:
        """Return every session of a station, in no order."""
        numbers = self._at_station.get(station_id, [])
        return tuple(self.rows[number] for number in numbers)

    def of_user(self, user_id: str) -> tuple[Session, ...]:
        """Return every session of a user, newest first."""
        rows = [row for row in self.rows.values() if row.user_id == user_id]
        return tuple(sorted(rows, key=by_age, reverse=True))

    def _note_open(self, session: Session) -> None:
        if session.aside:
            self._open_aside[session.session_id] = session.connector_id
        else:
            self._open_on[session.connector_id] = session.session_id

    def _forget_open(self, session: Session) -> None:
        if session.aside:
            del self._open_aside[session.session_id]
        else:
            del self._open_on[session.connector_id]
