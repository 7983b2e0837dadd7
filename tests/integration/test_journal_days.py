"""The days of the journal on a real PostgreSQL: made, dropped, held up, raced for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime

import psycopg2
import pytest
import pytest_twisted
from attrs import frozen
from twisted.internet import reactor
from twisted.internet.defer import Deferred, gatherResults

from flexicharge.errors import DatabaseAway
from flexicharge.model.frame_record import Direction, FrameRecord
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.journal import PostgresJournal
from flexicharge.storage.migrate import migrate
from tests.integration.conftest import fresh_database

MIDNIGHT = datetime(2027, 1, 15, tzinfo=UTC).timestamp()
DAY = 86_400.0
ROWS = """
SELECT tableoid::regclass::text, array_agg(text ORDER BY number) FROM frames
GROUP BY tableoid ORDER BY 1
"""


@frozen
class Desk:
    """A journal on a database of its own, and how to look into that."""

    dsn: str
    database: PostgresDatabase
    journal: PostgresJournal

    async def days(self) -> list[str]:
        """Return the names of the partitions, in order."""
        rows = await self.database.query(
            "SELECT inhrelid::regclass::text FROM pg_inherits"
            " WHERE inhparent = 'frames'::regclass ORDER BY 1"
        )
        return [name for (name,) in rows]

    async def rows(self) -> dict[str, list[str]]:
        """Return the texts of the frames in each partition, by number."""
        return dict(await self.database.query(ROWS))  # type: ignore[arg-type]

    async def note(self, **texts: float) -> None:
        """Note frames, each at a time, and wait until they are kept."""
        for text, at in texts.items():
            self.journal.note(
                FrameRecord(station_id=1, at=at, direction=Direction.IN, text=text)
            )
        await self.journal.drained()


@pytest.fixture(scope="module")
def journal_dsn(postgres_dsn: str) -> Iterator[str]:
    """A database for all tests: to migrate one takes longer than they do."""
    with fresh_database(postgres_dsn) as dsn:
        migrate(dsn)
        yield dsn


@pytest_twisted.async_yield_fixture
async def desk(journal_dsn: str) -> AsyncIterator[Desk]:
    """A journal that has no day yet."""
    database = PostgresDatabase(reactor, journal_dsn, size=2)
    await database.open()
    journal = PostgresJournal(database, reactor)
    desk = Desk(journal_dsn, database, journal)
    yield desk
    for day in await desk.days():
        await database.query(f"DROP TABLE {day}")
    journal.close()
    await database.close()


@pytest_twisted.ensureDeferred
async def test_days_are_made_ahead(desk: Desk) -> None:
    """Today and the next two, once; the day after, one more."""
    await desk.journal.keep(MIDNIGHT + 5, 14)
    await desk.journal.keep(MIDNIGHT + DAY - 1, 14)
    made = ["frames_20270115", "frames_20270116", "frames_20270117"]
    assert await desk.days() == made
    await desk.journal.keep(MIDNIGHT + DAY, 14)
    assert await desk.days() == [*made, "frames_20270118"]


@pytest_twisted.ensureDeferred
async def test_frames_around_midnight_lie_in_their_days(desk: Desk) -> None:
    """Also those of one batch, and whether or not their day was made before."""
    await desk.journal.keep(MIDNIGHT, 14)
    await desk.note(a=MIDNIGHT - 0.000001, b=MIDNIGHT, c=MIDNIGHT + DAY)
    assert await desk.rows() == {
        "frames_20270114": ["a"],
        "frames_20270115": ["b"],
        "frames_20270116": ["c"],
    }


@pytest_twisted.ensureDeferred
async def test_old_days_are_dropped_with_all_that_is_in_them(desk: Desk) -> None:
    """Whole tables go; what is not ours by its name is left alone."""
    await desk.note(old=MIDNIGHT - DAY, young=MIDNIGHT)
    await desk.database.query(
        "CREATE TABLE frames_of_old PARTITION OF frames"
        " FOR VALUES FROM ('2001-01-01') TO ('2002-01-01')"
    )
    await desk.journal.keep(MIDNIGHT + 2 * DAY, 2)
    assert await desk.days() == [
        "frames_20270115",
        "frames_20270117",
        "frames_20270118",
        "frames_20270119",
        "frames_of_old",
    ]
    assert await desk.rows() == {"frames_20270115": ["young"]}
    await desk.journal.keep(MIDNIGHT + 2 * DAY, 0)
    assert await desk.rows() == {}


@pytest_twisted.ensureDeferred
async def test_clock_that_jumps_loses_nothing(desk: Desk) -> None:
    """Far ahead and back: each frame lies in the day that it was thought to be."""
    far = datetime(2038, 1, 19, 3, tzinfo=UTC).timestamp()
    await desk.note(a=MIDNIGHT, b=far, c=0.0)
    await desk.note(d=MIDNIGHT + 1, e=far)
    assert await desk.rows() == {
        "frames_19700101": ["c"],
        "frames_20270115": ["a", "d"],
        "frames_20380119": ["b", "e"],
    }
    newest_first = await desk.journal.frames(1, limit=9)
    assert [kept.frame.text for kept in newest_first] == list("edcba")


@pytest_twisted.ensureDeferred
async def test_day_that_another_server_dropped_is_made_again(desk: Desk) -> None:
    """The writer that knew of it writes on, and the whole batch is there."""
    await desk.note(a=MIDNIGHT)
    other = PostgresJournal(desk.database, reactor)
    await other.keep(MIDNIGHT + 3 * DAY, 1)
    await desk.note(b=MIDNIGHT, c=MIDNIGHT + 3 * DAY)
    assert await desk.rows() == {"frames_20270115": ["b"], "frames_20270118": ["c"]}
    assert desk.journal.dropped == 0


@pytest_twisted.ensureDeferred
async def test_servers_that_make_a_day_at_once_share_the_work(desk: Desk) -> None:
    """Nobody fails because somebody else was quicker."""
    other_database = PostgresDatabase(reactor, desk.dsn, size=2)
    await other_database.open()
    others = [PostgresJournal(other_database, reactor) for _ in range(2)]
    journals = [desk.journal, *others]
    await gatherResults([_soon(journal.keep(MIDNIGHT, 14)) for journal in journals])
    assert len(await desk.days()) == 3
    for journal in journals:
        frame = FrameRecord(
            station_id=1, at=MIDNIGHT - DAY, direction=Direction.IN, text="x"
        )
        journal.note(frame)
    await gatherResults([_soon(journal.drained()) for journal in journals])
    assert await desk.rows() == {"frames_20270114": ["x"] * 3}
    assert [journal.dropped for journal in journals] == [0, 0, 0]
    await other_database.close()


@pytest_twisted.ensureDeferred
async def test_long_reader_holds_up_days_but_no_frames(desk: Desk) -> None:
    """A backup that reads the table is not waited for long; the next time will do."""
    await desk.note(old=MIDNIGHT - DAY)
    await desk.journal.keep(MIDNIGHT, 14)
    with closing(psycopg2.connect(desk.dsn)) as backup, backup.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM frames")
        with pytest.raises(DatabaseAway, match="lock timeout"):
            await desk.journal.keep(MIDNIGHT, 0)
        await desk.note(young=MIDNIGHT)
    assert len(await desk.rows()) == 2
    await desk.journal.keep(MIDNIGHT, 0)
    assert await desk.rows() == {"frames_20270115": ["young"]}


@pytest_twisted.ensureDeferred
async def test_lost_database_loses_no_frames(desk: Desk) -> None:
    """What was under way when the connections broke is written once they are back."""
    await desk.note(a=MIDNIGHT)
    await desk.database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await desk.note(b=MIDNIGHT, c=MIDNIGHT)
    assert set((await desk.rows())["frames_20270115"]) == {"a", "b", "c"}


def _soon(work: object) -> Deferred[None]:
    async def wait() -> None:
        await work  # type: ignore[misc]

    return Deferred.fromCoroutine(wait())
