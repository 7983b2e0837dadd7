"""The server sees to the days of the journal when it starts, and every hour."""

from __future__ import annotations

from attrs import define, field
from twisted.internet.task import Clock
from zope.interface import implementer

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IFrameJournal
from flexicharge.service.journal_days import JournalDays
from flexicharge.testing.deferreds import result_of


@implementer(IFrameJournal)
@define
class FakeJournal:
    """A journal that cannot keep its days for a while."""

    asked: list[tuple[float, int]] = field(factory=list)
    away: bool = False

    async def keep(self, at: float, days: int) -> None:
        """Note what was asked."""
        self.asked.append((at, days))
        if self.away:
            raise DatabaseAway("a backup reads it")


def test_days_are_kept_by_the_clock() -> None:
    """With the time that it is, and the days that were set."""
    clock, journal = Clock(), FakeJournal()
    days = JournalDays(journal, 14, clock)
    result_of(days.look())
    clock.advance(3600)
    result_of(days.look())
    assert journal.asked == [(0.0, 14), (3600.0, 14)]


def test_days_that_cannot_be_kept_now_are_kept_the_next_time() -> None:
    """It is no failure: the day ahead was made two days before."""
    journal = FakeJournal(away=True)
    result_of(JournalDays(journal, 0, Clock()).look())
    assert journal.asked == [(0.0, 0)]
