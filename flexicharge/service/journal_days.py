"""The days that the journal of frames is kept for: made ahead, dropped when too old."""

from __future__ import annotations

from typing import ClassVar, Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IFrameJournal

LOOK_EVERY_S: Final = 3600.0


@frozen
class JournalDays:
    """Keeps a journal for so many days; with 0, takes away what an earlier one left."""

    _journal: IFrameJournal
    _days: int
    _clock: IReactorTime

    _log: ClassVar[Logger] = Logger()

    async def look(self) -> None:
        """See to the days once; what cannot be done now is left to the next time."""
        try:
            await self._journal.keep(self._clock.seconds(), self._days)
        except DatabaseAway as why:
            self._log.warn("the journal's days are left as they are: {why}", why=why)
