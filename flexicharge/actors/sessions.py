"""The sessions that run on one station, as its actor knows them.

News of them comes from the store, from the actor's own turns, and over the bus, and may
overtake one another. What is over stays over, and nothing goes back.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.defer import Deferred

from flexicharge.model.session import FINAL, RUNNING, Session, SessionState
from flexicharge.model.site import Station

REMEMBERED_OVER: Final = 64


@define(eq=False)
class RunningSessions:
    """At most one session for each connector, and whatever runs aside of them.

    `forget` is told which are over.
    """

    station: Station
    _forget: Callable[[int], None]
    is_loaded: bool = field(default=False, init=False)
    _by_connector: dict[int, Session] = field(factory=dict, init=False)
    _aside: dict[int, Session] = field(factory=dict, init=False)
    _over: OrderedDict[int, None] = field(factory=OrderedDict, init=False)
    _waiting: list[Deferred[None]] = field(factory=list, init=False)

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all that are running."""
        return frozenset(session.session_id for session in self.all)

    @property
    def all(self) -> tuple[Session, ...]:
        """All that are running."""
        return (*self._by_connector.values(), *self._aside.values())

    def note(self, session: Session) -> None:
        """Take note of a session that was committed, now or some time ago."""
        if session.state in FINAL:
            self._end(session)
        elif session.state not in RUNNING or session.session_id in self._over:
            return
        elif session.aside:
            self._aside[session.session_id] = session
        else:
            known = self._by_connector.get(session.connector_id)
            if known is None or _is_newer(session, known):
                self._by_connector[session.connector_id] = session

    def loaded(
        self, sessions: tuple[Session, ...], known_before: frozenset[int]
    ) -> None:
        """Take what the store says is open.

        `known_before` is what was known when it was asked: whatever of that it does not
        have any more is over.
        """
        open_now = {session.session_id for session in sessions}
        for known in self.all:
            if known.session_id in known_before - open_now:
                self._end(known)
        for session in sessions:
            self.note(session)
        self.is_loaded = True
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            turn.callback(None)

    async def when_loaded(self) -> None:
        """Wait until the store has said for the first time what is open."""
        if not self.is_loaded:
            loaded: Deferred[None] = Deferred()
            self._waiting.append(loaded)
            await loaded

    def on(self, connector_id: int) -> Session | None:
        """Return the session that runs on a connector."""
        return self._by_connector.get(connector_id)

    def numbered(self, session_id: int) -> Session | None:
        """Return the session of a number that runs here."""
        for session in self.all:
            if session.session_id == session_id:
                return session
        return None

    def meant_by(self, hint: int | None) -> Session | None:
        """Return the session a frame belongs to, whatever transaction it names.

        That of the connector it names; if it names none of this station's, the only one
        that runs.
        """
        named = self.station.named(hint)
        if named is not None:
            return self._by_connector.get(named.connector_id)
        if len(self._by_connector) == 1:
            return next(iter(self._by_connector.values()))
        return None

    def _end(self, session: Session) -> None:
        self._over[session.session_id] = None
        while len(self._over) > REMEMBERED_OVER:
            self._over.popitem(last=False)
        self._aside.pop(session.session_id, None)
        known = self._by_connector.get(session.connector_id)
        if known is not None and known.session_id == session.session_id:
            del self._by_connector[session.connector_id]
        self._forget(session.session_id)


def _is_newer(session: Session, known: Session) -> bool:
    if session.session_id != known.session_id:
        return session.session_id > known.session_id
    return known.state is not SessionState.STOPPING
