"""The server drops old events when it starts, and every hour."""

from __future__ import annotations

from collections.abc import Collection

from attrs import define, field
from twisted.internet.task import Clock
from zope.interface import implementer

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IStationBook
from flexicharge.service.event_days import AT_ONCE, PASSING, EventDays
from flexicharge.testing.deferreds import result_of


@implementer(IStationBook)
@define
class FakeBook:
    """A book with so many old events, which is out of reach for a while."""

    old: int = 0
    away: bool = False
    asked: list[float] = field(factory=list)

    async def prune(self, kinds: Collection[str], before: float, *, limit: int) -> int:
        """Note what was asked, and drop some."""
        assert tuple(kinds) == PASSING
        self.asked.append(before)
        if self.away:
            raise DatabaseAway("it restarts")
        gone = min(limit, self.old)
        self.old -= gone
        return gone


def look(book: FakeBook, days: int) -> None:
    clock = Clock()
    clock.advance(10 * 86_400)
    result_of(EventDays(book, days, clock).look())


def test_all_that_is_too_old_goes() -> None:
    """So many in each commit, until nothing is left."""
    book = FakeBook(old=2 * AT_ONCE + 1)
    look(book, 3)
    assert (book.old, book.asked) == (0, [7 * 86_400.0] * 3)


def test_with_no_days_all_is_kept() -> None:
    """`EVENT_DAYS=0`: nobody is asked to drop anything."""
    book = FakeBook(old=1)
    look(book, 0)
    assert (book.old, book.asked) == (1, [])


def test_what_cannot_be_dropped_now_is_left_to_the_next_time() -> None:
    """It is no failure."""
    book = FakeBook(old=1, away=True)
    look(book, 3)
    assert len(book.asked) == 1
