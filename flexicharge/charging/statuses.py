"""Connectors' words, written later: the newest word of each connector wins."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.waiting import patiently
from flexicharge.interfaces import IBackground, IChargerStore
from flexicharge.model.session import Session
from flexicharge.model.status import ConnectorStatus


@define(eq=False)
class StatusWriter:
    """Keeps connectors' words until the database has them, in as few commits as can be.

    Holds at most one word per connector, so it needs no other bound.
    """

    _chargers: IChargerStore
    _clock: IReactorTime
    _background: IBackground
    _waiting: dict[int, tuple[ConnectorStatus, float]] = field(factory=dict, init=False)
    _writing: bool = field(default=False, init=False)

    def note(self, connector_id: int, word: ConnectorStatus) -> None:
        """Store a connector's word soon."""
        self._waiting[connector_id] = (word, self._clock.seconds())
        if not self._writing:
            self._writing = True
            self._background.spawn("writing statuses", self._write())

    def session_changed(self, session: Session) -> None:
        """Drop a word that the start or end of a session, just committed, replaced."""
        decided_at = session.ended_at or session.started_at
        waiting = self._waiting.get(session.connector_id)
        if waiting is not None and decided_at is not None and waiting[1] <= decided_at:
            del self._waiting[session.connector_id]

    async def _write(self) -> None:
        try:
            while self._waiting:
                await patiently(self._write_once, self._clock, "a status")
        finally:
            self._writing = False

    async def _write_once(self) -> None:
        """Write what waits at this moment, and keep only what came meanwhile."""
        words = dict(self._waiting)
        rows = [(number, word, at) for number, (word, at) in words.items()]
        await self._chargers.update_statuses(rows)
        for number, written in words.items():
            if self._waiting.get(number) is written:
                del self._waiting[number]
