"""How long events stay that stations cause at will: refused tags, vendors' messages."""

from __future__ import annotations

from typing import ClassVar, Final

from attrs import frozen
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.charging.beliefs.house import REFUSED_TAG, VENDOR_MESSAGE
from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IStationBook
from flexicharge.model.demo import DAY_S

PASSING: Final = (REFUSED_TAG, VENDOR_MESSAGE)
AT_ONCE: Final = 5_000


@frozen
class EventDays:
    """Keeps such events for so many days, or with 0 for ever. Others always stay."""

    _book: IStationBook
    _days: int
    _clock: IReactorTime

    _log: ClassVar[Logger] = Logger()

    async def look(self) -> None:
        """Drop what is too old; what cannot be dropped now is left to the next time."""
        if not self._days:
            return
        before = self._clock.seconds() - self._days * DAY_S
        try:
            while await self._book.prune(PASSING, before, limit=AT_ONCE) == AT_ONCE:
                pass
        except DatabaseAway as why:
            self._log.warn("old events are left where they are: {why}", why=why)
