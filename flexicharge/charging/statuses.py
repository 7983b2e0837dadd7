"""Connectors' words, written later: the newest word of each connector wins."""

from __future__ import annotations

from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.waiting import patiently
from flexicharge.interfaces import IBackground, IChargerStore
from flexicharge.model.session import Session, SessionState
from flexicharge.model.status import ConnectorStatus

FAULTS: Final = (ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE)


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
        """Drop a word that the start or end of a session, just committed, replaced.

        Faults stay, and what a reservation that is over replaced is only `Reserved`.
        """
        decided_at = session.ended_at or session.started_at
        word, at = self._waiting.get(session.connector_id, (None, 0.0))
        if word is None or decided_at is None or at > decided_at:
            return
        if session.state is SessionState.CANCELLED:
            is_replaced = word is ConnectorStatus.RESERVED
        else:
            is_replaced = word not in FAULTS
        if is_replaced:
            del self._waiting[session.connector_id]

    async def no_longer_reserved(self, session: Session) -> None:
        """Make a connector's word `Available` if it is `Reserved`, stored or not.

        `session` is the one it was reserved for.
        """
        connector_id, user_id = session.connector_id, session.user_id
        word, _ = self._waiting.get(connector_id, (None, 0.0))
        if word is None:
            connector = await patiently(
                lambda: self._chargers.get_charger_for(connector_id, user_id),
                self._clock,
                f"the end of a reservation on {connector_id}",
            )
            word = connector.status
        if word is ConnectorStatus.RESERVED:
            self.note(connector_id, ConnectorStatus.AVAILABLE)

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
