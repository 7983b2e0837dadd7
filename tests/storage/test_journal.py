"""The writer of the journal: when batches go out, and what becomes of the others."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import define, evolve, field
from psycopg2.errors import CheckViolation
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import IDatabase, IFrameJournal
from flexicharge.interfaces.stores import Params, Row
from flexicharge.model.frame_record import Direction, FrameRecord
from flexicharge.storage.frame_queue import (
    BATCH_CHARACTERS,
    BATCH_FRAMES,
    MAX_CHARACTERS,
)
from flexicharge.storage.frame_rows import MAX_TEXT_BYTES
from flexicharge.storage.journal import BATCH_WAITS_S, PostgresJournal
from flexicharge.testing.deferreds import fire, result_of

NOON = 1_800_014_400.0
DAY_S = 86_400
TODAY, TOMORROW = "frames_20270115", "frames_20270116"


@implementer(IDatabase)
@define
class FakeDatabase:
    """A database that answers when the test says so."""

    asked: list[tuple[str, list[str], Deferred[list[Row]]]] = field(factory=list)

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Note the texts of a batch, and wait."""
        (rows,) = params
        answer: Deferred[list[Row]] = Deferred()
        texts = [row["text"] for row in json.loads(str(rows))]
        self.asked.append((sql, texts, answer))
        return await answer

    @property
    def batches(self) -> list[list[str]]:
        """The texts in each batch that was sent, in order."""
        return [texts for _, texts, _ in self.asked]

    def commit(self) -> None:
        """Answer the last batch: it is committed."""
        self.asked[-1][-1].callback([])

    def fail(self, why: Exception) -> None:
        """Answer the last batch: it is not."""
        self.asked[-1][-1].errback(why)

    def days_made(self, batch: int = -1) -> list[str]:
        """Return the days that a batch makes first."""
        words = self.asked[batch][0].split()
        return [word for word in words if word.startswith("frames_2")]


@define
class Desk:
    """A writer with all that it stands on, and what it logs."""

    clock: Clock = field(factory=Clock)
    database: FakeDatabase = field(factory=FakeDatabase)
    journal: PostgresJournal = field(init=False)
    logged: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.clock.advance(NOON)
        self.journal = PostgresJournal(self.database, self.clock, limit=2000)

    def hear(self, event: dict[str, Any]) -> None:
        """Take note of a line of the log."""
        if event["log_namespace"] == "flexicharge.storage.journal.PostgresJournal":
            self.logged.append(event["log_format"].format(**event))

    def note(self, *texts: str, **more: Any) -> None:
        """Note frames that are told apart by their texts."""
        for text in texts:
            frame = FrameRecord(
                station_id=1,
                at=self.clock.seconds(),
                direction=Direction.IN,
                text=text,
            )
            self.journal.note(evolve(frame, **more))

    def send(self, *texts: str) -> None:
        """Note frames, and let their batch go out."""
        self.note(*texts)
        self.clock.advance(BATCH_WAITS_S)


@pytest.fixture
def desk() -> Any:
    """A writer whose database has not been asked anything."""
    desk = Desk()
    globalLogPublisher.addObserver(desk.hear)
    yield desk
    globalLogPublisher.removeObserver(desk.hear)


def test_writer_provides_the_interface(desk: Desk) -> None:
    """What the actors are given is what they were promised."""
    assert verifyObject(IFrameJournal, desk.journal)


def test_frames_wait_for_company(desk: Desk) -> None:
    """A tenth of a second after the first, all that came go out in one statement."""
    desk.note("a")
    desk.clock.advance(0.09)
    desk.note("b")
    assert desk.database.batches == []
    desk.clock.advance(0.01)
    assert desk.database.batches == [["a", "b"]]
    desk.database.commit()
    assert desk.clock.getDelayedCalls() == []


def test_full_batch_does_not_wait(desk: Desk) -> None:
    """Five hundred frames go out at once, and so does a megabyte."""
    desk.note(*["x"] * BATCH_FRAMES)
    assert [len(batch) for batch in desk.database.batches] == [BATCH_FRAMES]
    desk.database.commit()
    long = "y" * MAX_TEXT_BYTES
    desk.note(*[long] * (BATCH_CHARACTERS // MAX_TEXT_BYTES), "z")
    assert [len(batch) for batch in desk.database.batches] == [BATCH_FRAMES, 16]


def test_one_batch_at_a_time_keeps_the_order(desk: Desk) -> None:
    """What comes meanwhile waits; numbers are given in the order of the frames."""
    desk.send("a")
    desk.send("b")
    desk.note(*["c"] * BATCH_FRAMES)
    assert len(desk.database.asked) == 1
    desk.database.commit()
    assert desk.database.batches[1][:2] == ["b", "c"]
    desk.database.commit()
    assert len(desk.database.asked) == 2
    desk.clock.advance(BATCH_WAITS_S)
    assert desk.database.batches[2] == ["c"]
    desk.database.commit()
    assert desk.clock.getDelayedCalls() == []


def test_day_is_made_with_its_first_frame(desk: Desk) -> None:
    """And never again, until midnight."""
    desk.send("a")
    assert desk.database.days_made() == [TODAY]
    desk.database.commit()
    desk.send("b")
    assert desk.database.days_made() == []
    desk.database.commit()
    desk.note("c", "d", at=NOON + DAY_S)
    desk.send("e")
    assert desk.database.days_made() == [TOMORROW]


def test_day_that_somebody_dropped_is_made_again(desk: Desk) -> None:
    """The batch is written all the same; a day that cannot be made loses its own."""
    desk.send("a")
    desk.database.commit()
    desk.send("b")
    desk.database.fail(CheckViolation())
    assert desk.database.batches == [["a"], ["b"], ["b"]]
    assert desk.database.days_made() == [TODAY]
    desk.database.fail(CheckViolation())
    assert len(desk.database.asked) == 3
    assert desk.journal.dropped == 1


def test_frames_are_held_while_the_database_is_away(desk: Desk) -> None:
    """A batch is tried again after 0.5, 1, 2, 4 and then every 5 s, until it is in."""
    desk.send("a")
    for wait_s in (0.5, 1.0, 2.0, 4.0, 5.0, 5.0):
        tries = len(desk.database.asked)
        desk.database.fail(DatabaseAway())
        desk.clock.advance(wait_s - 0.01)
        assert len(desk.database.asked) == tries
        desk.clock.advance(0.01)
        assert desk.database.batches[tries:] == [["a"]]
    desk.database.commit()
    assert (desk.journal.dropped, desk.logged) == (0, [])


def test_oldest_are_dropped_at_the_bound(desk: Desk) -> None:
    """The newest 2000 are kept, and each burst of losses is told of once."""
    desk.send("first")
    desk.note(*map(str, range(2007)))
    assert desk.journal.dropped == 7
    assert len(desk.logged) == 1
    desk.database.commit()
    while len(desk.database.asked) < 5:
        desk.database.commit()
    written = [text for batch in desk.database.batches[1:] for text in batch]
    assert written == [str(number) for number in range(7, 2007)]
    assert len(desk.logged) == 1
    desk.database.commit()
    assert desk.logged == [
        "the journal loses frames: too many wait for the database",
        "the journal lost 7 frames",
    ]


def test_long_frames_are_bounded_by_their_characters(desk: Desk) -> None:
    """Twenty thousand frames of 64 KiB would be more than a server has."""
    desk.send("first")
    many = MAX_CHARACTERS // MAX_TEXT_BYTES
    desk.note(*["x" * MAX_TEXT_BYTES] * (many + 3))
    assert desk.journal.dropped == 3


def test_bad_row_alone_is_lost(desk: Desk) -> None:
    """A batch that is refused is halved until the one to blame stands alone."""
    desk.send("0")
    desk.database.commit()
    desk.send(*"1234567")
    for _, texts, answer in iter(pending(desk.database)):
        if "6" in texts:
            answer.errback(ValueError("no"))
        else:
            answer.callback([])
    kept = [texts for texts in desk.database.batches if "6" not in texts]
    assert sorted(text for texts in kept for text in texts) == list("0123457")
    assert desk.journal.dropped == 1
    assert desk.logged == [
        "the journal loses frames: one was refused (ValueError)",
        "the journal lost 1 frames",
    ]


def pending(database: FakeDatabase) -> Any:
    """Yield each batch that waits for its answer, also those sent meanwhile."""
    for asked in database.asked:
        if not asked[-1].called:
            yield asked


def test_writer_is_drained_when_all_is_in(desk: Desk) -> None:
    """Who waits has to wait for no company, and not for what is noted later."""
    desk.note("a")
    first = fire(desk.journal.drained())
    assert desk.database.batches == [["a"]]
    desk.note("b")
    second = fire(desk.journal.drained())
    desk.database.commit()
    assert first.called
    assert not second.called
    assert desk.database.batches == [["a"], ["b"]]
    desk.note("c")
    desk.database.commit()
    assert second.called
    assert desk.database.batches == [["a"], ["b"]]


def test_nothing_to_write_is_drained_at_once(desk: Desk) -> None:
    """At a start, and whenever all is in."""
    assert result_of(desk.journal.drained()) is None
    assert desk.clock.getDelayedCalls() == []


def test_closing_drops_what_is_not_in(desk: Desk) -> None:
    """Whoever waits is told, and nothing runs on."""
    desk.send("a")
    desk.database.fail(DatabaseAway())
    desk.note("b")
    drained = fire(desk.journal.drained())
    desk.journal.close()
    assert drained.called
    desk.note("c")
    assert result_of(desk.journal.drained()) is None
    assert desk.clock.getDelayedCalls() == []
    assert desk.database.batches == [["a"]]


def test_closing_stops_a_statement_under_way_and_a_timer(desk: Desk) -> None:
    """Before a batch, and in the midst of one."""
    desk.note("a")
    desk.journal.close()
    assert desk.clock.getDelayedCalls() == []
    other = Desk()
    other.send("a")
    other.note("b")
    other.journal.close()
    assert other.clock.getDelayedCalls() == []
