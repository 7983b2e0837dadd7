"""Connectors' words, written later: the newest word of each connector wins."""

from __future__ import annotations

from functools import partial

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.waiting import patiently
from flexicharge.interfaces import IBackground, IChargerStore
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

    async def _write(self) -> None:
        try:
            while self._waiting:
                words, self._waiting = self._waiting, {}
                rows = [(number, word, at) for number, (word, at) in words.items()]
                write = partial(self._chargers.update_statuses, rows)
                await patiently(write, self._clock, "a status")
        finally:
            self._writing = False
