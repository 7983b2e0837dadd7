"""The writer of readings: when batches go out, what is held, and who is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, evolve, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.errors import DatabaseAway, MailboxFull, Stopping
from flexicharge.interfaces import IDatabase, IReadingStore
from flexicharge.interfaces.stores import (
    KeptMeterValue,
    NewMeterValues,
    NewReading,
    Params,
    Row,
)
from flexicharge.model.metering import MeterReading
from flexicharge.storage.readings import BATCH_ROWS, MAX_UNDER_WAY, PostgresReadings
from flexicharge.testing.deferreds import fire, result_of

NOON = 1_800_000_000.0


@implementer(IDatabase)
@define
class FakeDatabase:
    """A database that answers when the test says so."""

    asked: list[tuple[list[dict[str, Any]], Deferred[list[Row]]]] = field(factory=list)
    values: list[list[int]] = field(factory=list)  # connectors, by batch

    async def query(self, sql: str, params: Params = ()) -> list[Row]:
        """Note the rows of a batch, and wait."""
        assert sql.count("%s") == len(params)
        readings, *values = (json.loads(str(text)) for text in params)
        self.values += [[row["connector_number"] for row in rows] for rows in values]
        answer: Deferred[list[Row]] = Deferred()
        self.asked.append((readings, answer))
        return await answer

    @property
    def batches(self) -> list[list[int]]:
        """The registers in each batch that was sent, in order."""
        return [[row["energy_wh"] for row in rows] for rows, _ in self.asked]

    def commit(self, batch: int = -1) -> None:
        """Answer a batch: it is committed."""
        self.asked[batch][1].callback([])

    def fail(self, why: Exception, batch: int = -1) -> None:
        """Answer a batch: it is not."""
        self.asked[batch][1].errback(why)


@define
class Told:
    """Whom the writer has told what, by register."""

    outcomes: dict[int, Exception | None] = field(factory=dict)

    def about(self, energy_wh: int) -> Callable[[Exception | None], None]:
        """Return what to call once a reading is settled."""

        def done(why: Exception | None) -> None:
            self.outcomes[energy_wh] = why

        return done


@define
class Desk:
    """A writer with all that it stands on."""

    clock: Clock = field(factory=Clock)
    database: FakeDatabase = field(factory=FakeDatabase)
    told: Told = field(factory=Told)
    writer: PostgresReadings = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.clock.advance(NOON)
        self.writer = PostgresReadings(self.database, self.clock, limit=2000)

    def add(
        self, energy_wh: int, session_id: int = 1, *, refresh: bool = False
    ) -> None:
        """Queue a reading that is known by its register, and end the reactor's turn."""
        self.queue(energy_wh, session_id, refresh=refresh)
        self.clock.advance(0)

    def queue(
        self, energy_wh: int, session_id: int = 1, *, refresh: bool = False
    ) -> None:
        """Queue a reading, with more to come in the same turn."""
        reading = MeterReading(energy_wh=energy_wh, taken_at=self.clock.seconds())
        new = NewReading(session_id, reading, refresh)
        self.writer.add(new, self.told.about(energy_wh))

    def queue_frame(self, connectors: int, *energies_wh: int) -> None:
        """Queue a frame of session 5 with the values of some connectors, in the turn.

        It is known by its first register.
        """
        now = self.clock.seconds()
        value = KeptMeterValue(
            connector_number=0,
            session_id=None,
            claimed_at=None,
            received_at=now,
            samples="[]",
        )
        frame = NewMeterValues(
            station_id=1,
            values=tuple(
                evolve(value, connector_number=number) for number in range(connectors)
            ),
            readings=tuple(
                NewReading(5, MeterReading(energy_wh=wh, taken_at=now), refresh=False)
                for wh in energies_wh
            ),
        )
        self.writer.add_values(frame, self.told.about(energies_wh[0]))


@pytest.fixture
def desk() -> Desk:
    """A writer whose database has not been asked anything."""
    return Desk()


def test_writer_provides_the_interface(desk: Desk) -> None:
    """What the actors are given is what they were promised."""
    assert verifyObject(IReadingStore, desk.writer)


def test_first_reading_is_written_at_once(desk: Desk) -> None:
    """Nobody waits for company while the database has nothing to do."""
    desk.add(7, session_id=3, refresh=True)
    ((rows, _),) = desk.database.asked
    assert rows == [
        {
            "session_id": 3,
            "taken_at": NOON,
            "energy_wh": 7,
            "power_w": None,
            "percent": None,
            "refresh": True,
        }
    ]
    assert desk.told.outcomes == {}
    desk.database.commit()
    assert desk.told.outcomes == {7: None}


def test_readings_of_one_turn_go_together(desk: Desk) -> None:
    """What many chargers said at once is one statement."""
    for energy_wh in range(4):
        desk.queue(energy_wh)
    assert desk.database.batches == []
    desk.clock.advance(0)
    assert desk.database.batches == [[0, 1, 2, 3]]


def test_readings_that_come_meanwhile_go_together(desk: Desk) -> None:
    """What arrives while a batch is under way is the next one, when that returns."""
    for energy_wh in range(4):
        desk.add(energy_wh)
    assert desk.database.batches == [[0]]
    desk.database.commit()
    assert desk.database.batches == [[0], [1, 2, 3]]
    desk.database.commit()
    assert desk.told.outcomes == dict.fromkeys(range(4))
    assert desk.clock.getDelayedCalls() == []


def test_slow_batch_holds_up_the_next_for_a_tenth_of_a_second(desk: Desk) -> None:
    """One that is stuck behind a lock does not keep everybody else's answers."""
    desk.add(1)
    desk.add(2)
    desk.clock.advance(0.05)
    desk.add(3)
    assert desk.database.batches == [[1]]
    desk.clock.advance(0.05)
    assert desk.database.batches == [[1], [2, 3]]
    desk.database.commit(1)
    assert desk.told.outcomes == {2: None, 3: None}


def test_full_batch_does_not_wait(desk: Desk) -> None:
    """Five hundred rows go out before the batch under way returns."""
    for energy_wh in range(BATCH_ROWS + 1):
        desk.add(energy_wh)
    assert [len(batch) for batch in desk.database.batches] == [1, BATCH_ROWS]


def test_no_batch_is_longer_than_five_hundred_rows(desk: Desk) -> None:
    """However much waits, one statement stays small, and few are under way."""
    for energy_wh in range(1 + 2 * BATCH_ROWS + 10):
        desk.add(energy_wh)
    assert len(desk.database.asked) == MAX_UNDER_WAY
    desk.database.commit(0)
    desk.database.commit(1)
    desk.database.commit(2)
    assert [len(b) for b in desk.database.batches] == [1, BATCH_ROWS, BATCH_ROWS, 10]


def test_readings_are_held_while_the_database_is_away(desk: Desk) -> None:
    """A batch is tried again after 0.5, 1, 2, 4 and then every 5 s, until it is in."""
    desk.add(1)
    for wait_s in (0.5, 1.0, 2.0, 4.0, 5.0, 5.0):
        tries = len(desk.database.asked)
        desk.database.fail(DatabaseAway())
        desk.clock.advance(wait_s - 0.01)
        assert len(desk.database.asked) == tries
        desk.clock.advance(0.01)
        assert len(desk.database.asked) == tries + 1
    assert desk.told.outcomes == {}
    desk.database.commit()
    assert desk.told.outcomes == {1: None}


def test_writer_refuses_more_than_it_may_hold(desk: Desk) -> None:
    """At the bound the sender is told, and there is room again after a commit."""
    for energy_wh in range(2000):
        desk.add(energy_wh)
    with pytest.raises(MailboxFull):
        desk.add(9999)
    desk.database.commit(0)
    desk.add(9999)


def test_bad_row_alone_fails(desk: Desk) -> None:
    """A batch that is refused is halved until the one to blame stands alone."""
    refused = ValueError("no such session")
    desk.add(0)
    for energy_wh in range(1, 9):
        desk.add(energy_wh)
    desk.database.commit(0)
    for rows, answer in iter(pending(desk.database)):
        if 6 in (row["energy_wh"] for row in rows):
            answer.errback(refused)
        else:
            answer.callback([])
    assert desk.told.outcomes.pop(6) is refused
    assert desk.told.outcomes == dict.fromkeys((0, 1, 2, 3, 4, 5, 7, 8))


def pending(database: FakeDatabase) -> Any:
    """Yield each batch that waits for its answer, also those sent meanwhile."""
    for asked in database.asked:
        if not asked[1].called:
            yield asked


def test_who_is_told_may_fail_without_harm(desk: Desk) -> None:
    """A listener that raises keeps nobody else from being told."""

    def fail(_: Exception | None) -> None:
        raise KeyError

    reading = MeterReading(energy_wh=1, taken_at=NOON)
    desk.writer.add(NewReading(1, reading, refresh=False), fail)
    desk.add(2)
    desk.database.commit()
    assert desk.told.outcomes == {2: None}


def test_session_is_settled_when_its_readings_are_in(desk: Desk) -> None:
    """A stop waits for what was queued of its session, and for nothing that follows."""
    desk.add(1, session_id=1)
    desk.add(2, session_id=2)
    stop = fire(desk.writer.settled(2))
    desk.database.commit()
    desk.add(3, session_id=2)
    assert not stop.called
    desk.database.commit()
    assert stop.called
    assert result_of(desk.writer.settled(1)) is None


def test_session_without_readings_is_settled(desk: Desk) -> None:
    """Who has nothing queued waits for nobody."""
    desk.add(1, session_id=1)
    assert result_of(desk.writer.settled(2)) is None


def test_refused_reading_counts_as_settled(desk: Desk) -> None:
    """A stop does not wait for ever for a row that can not be stored."""
    desk.add(1)
    stop = fire(desk.writer.settled(1))
    desk.database.fail(ValueError())
    assert stop.called


def test_writer_is_drained_when_all_is_in(desk: Desk) -> None:
    """Shutting down can wait for everything that was queued until then."""
    desk.add(1)
    desk.add(2)
    drained = fire(desk.writer.drained())
    desk.database.commit()
    assert not drained.called
    desk.database.commit()
    assert drained.called


def test_frames_and_readings_go_together(desk: Desk) -> None:
    """Both kinds are one statement, and each asker is told once."""
    desk.queue(1)
    desk.queue_frame(2, 10, 11)
    desk.queue(2)
    desk.clock.advance(0)
    assert desk.database.batches == [[1, 2, 10, 11]]
    assert desk.database.values == [[0, 1]]
    desk.database.commit()
    assert desk.told.outcomes == {1: None, 10: None, 2: None}


def test_frames_count_for_all_their_rows(desk: Desk) -> None:
    """A batch has no more than five hundred, but for a frame that has by itself."""
    desk.add(1)
    desk.queue_frame(0, *range(1000, 1000 + BATCH_ROWS + 1))
    desk.queue_frame(1, 2000)
    desk.queue_frame(BATCH_ROWS - 1, 3000)
    for _ in range(3):
        desk.database.commit()
    assert [len(rows) for rows, _ in desk.database.asked] == [1, BATCH_ROWS + 1, 1, 1]
    assert [len(values) for values in desk.database.values] == [0, 1, BATCH_ROWS - 1]


def test_writer_holds_so_many_rows_of_frames(desk: Desk) -> None:
    """At the bound the sender is told, and there is room again after a commit."""
    desk.queue_frame(1999, 1)
    with pytest.raises(MailboxFull):
        desk.queue_frame(1, 2)
    desk.database.commit()
    desk.queue_frame(1, 2)
    desk.clock.advance(0)
    desk.database.commit()
    assert desk.told.outcomes == {1: None, 2: None}


def test_session_is_settled_when_its_frames_are_in(desk: Desk) -> None:
    """A stop waits for a frame that tells of its session, among others."""
    desk.add(1)
    desk.queue_frame(1, 10)
    stop, other = fire(desk.writer.settled(5)), fire(desk.writer.settled(6))
    desk.database.commit()
    assert other.called
    assert not stop.called
    desk.database.commit()
    assert stop.called


def test_bad_frame_alone_fails(desk: Desk) -> None:
    """It is refused as a whole; what came with it is committed."""
    refused = ValueError("no such station")
    desk.queue(1)
    desk.queue_frame(1, 10, 11)
    desk.queue(2)
    desk.clock.advance(0)
    for rows, answer in iter(pending(desk.database)):
        if 11 in (row["energy_wh"] for row in rows):
            answer.errback(refused)
        else:
            answer.callback([])
    assert desk.told.outcomes == {1: None, 10: refused, 2: None}


def test_closing_tells_everybody(desk: Desk) -> None:
    """What is held, waits or watches is told; nothing runs on, nothing comes in."""
    desk.add(1)
    desk.database.fail(DatabaseAway())
    desk.add(2)
    drained = fire(desk.writer.drained())
    desk.writer.close()
    assert set(map(type, desk.told.outcomes.values())) == {Stopping}
    assert set(desk.told.outcomes) == {1, 2}
    with pytest.raises(Stopping):
        result_of(drained)
    with pytest.raises(Stopping):
        desk.add(3)
    assert desk.clock.getDelayedCalls() == []
