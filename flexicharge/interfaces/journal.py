"""Seam to the journal of frames."""

from __future__ import annotations

from collections.abc import Awaitable

from attrs import frozen
from zope.interface import Interface

from flexicharge.model.frame_record import FrameRecord


@frozen
class JournalledFrame:
    """A frame on record, with its number: later ones are higher."""

    number: int
    frame: FrameRecord


class IFrameJournal(Interface):
    """Every frame in and out, kept for some days. Writing never waits nor raises."""

    def note(frame: FrameRecord) -> None:
        """Keep a frame soon. At the bound the oldest that wait are dropped, counted."""

    def drained() -> Awaitable[None]:
        """Wait until every frame noted so far is kept, or dropped."""

    def close() -> None:
        """Take no more; what is not kept yet is dropped."""

    async def frames(
        station_id: int, *, before: int | None = None, limit: int
    ) -> tuple[JournalledFrame, ...]:
        """Return a station's frames, newest first, from before a number.

        Raise `DatabaseAway`.
        """

    async def keep(at: float, days: int) -> None:
        """Make room for the days to come, and drop what is older than `days` days.

        Raise `DatabaseAway`.
        """
