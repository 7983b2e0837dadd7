"""The writer of readings on a real PostgreSQL: batches, bad rows, lost connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_twisted
from attrs import field, frozen
from psycopg2.errors import ForeignKeyViolation, IntegrityError
from twisted.internet import reactor

from flexicharge.interfaces.stores import NewReading
from flexicharge.model.metering import MeterReading
from flexicharge.model.session import EndFact, EndReason, Session, StartFact
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.migrate import migrate
from flexicharge.storage.readings import PostgresReadings
from flexicharge.storage.transactions import PostgresTransactions

NOON = 1_800_000_000.0


@frozen
class Desk:
    """A charging session and the writer of its readings."""

    database: PostgresDatabase
    transactions: PostgresTransactions
    writer: PostgresReadings
    session: Session
    told: list[Exception | None] = field(factory=list)

    def add(
        self,
        energy_wh: int,
        *,
        taken_at: float = NOON,
        session_id: int | None = None,
        percent: int | None = None,
        refresh: bool = False,
    ) -> None:
        """Queue a reading, of the session unless told otherwise."""
        reading = MeterReading(energy_wh=energy_wh, taken_at=taken_at, percent=percent)
        number = self.session.session_id if session_id is None else session_id
        self.writer.add(NewReading(number, reading, refresh), self.told.append)

    async def stored(self) -> list[int]:
        """Return the registers that are stored, in order."""
        found = await self.database.query(
            "SELECT energy_wh FROM meter_readings ORDER BY energy_wh"
        )
        return [energy_wh for (energy_wh,) in found]

    async def row(self) -> Session:
        """Return the session as it is stored."""
        return await self.transactions.get_transaction(self.session.session_id)


@pytest_twisted.async_yield_fixture
async def desk(fresh_dsn: str) -> AsyncIterator[Desk]:
    """A session that charges since noon, from register 0."""
    migrate(fresh_dsn)
    database = PostgresDatabase(reactor, fresh_dsn)
    await database.open()
    transactions = PostgresTransactions(database)
    charger = await PostgresChargers(database).add_charger(None, "abc111", (57.7, 14.1))
    session = await transactions.start(
        StartFact(
            station_id=charger.station_id,
            connector_id=charger.connector_id,
            meter_start_wh=0,
            started_at=NOON,
            claimed="{}",
        )
    )
    writer = PostgresReadings(database, reactor)
    yield Desk(database, transactions, writer, session)
    writer.close()
    await database.close()


@pytest_twisted.ensureDeferred
async def test_thousand_readings_are_all_stored(desk: Desk) -> None:
    """Everybody is told after the commit, and every row is there."""
    for energy_wh in range(1000):
        desk.add(energy_wh, taken_at=NOON + energy_wh)
    await desk.writer.settled(desk.session.session_id)
    assert desk.told == [None] * 1000
    assert await desk.stored() == list(range(1000))


@pytest_twisted.ensureDeferred
async def test_bad_rows_do_not_take_others_with_them(desk: Desk) -> None:
    """A reading of no session and one that is out of bounds fail on their own."""
    for energy_wh in range(40):
        desk.add(energy_wh)
        if energy_wh == 20:
            desk.add(1000, session_id=4711)
            desk.add(1001, taken_at=float("nan"))
    await desk.writer.drained()
    refused = [why for why in desk.told if why is not None]
    assert isinstance(refused[0], ForeignKeyViolation)
    assert isinstance(refused[1], IntegrityError)
    assert len(refused) == 2
    assert await desk.stored() == list(range(40))


@pytest_twisted.ensureDeferred
async def test_only_marked_readings_renew_the_session(desk: Desk) -> None:
    """The row follows the throttle; the readings themselves are all kept."""
    desk.add(10, percent=40, refresh=True)
    await desk.writer.drained()
    desk.add(20, percent=41)
    await desk.writer.drained()
    row = await desk.row()
    assert (row.meter_last_wh, row.percent) == (10, 40)
    assert await desk.stored() == [10, 20]


@pytest_twisted.ensureDeferred
async def test_register_of_the_session_never_falls(desk: Desk) -> None:
    """Within a batch and between batches the highest counts, and the newest percent."""
    desk.add(50, refresh=True)
    await desk.writer.drained()
    desk.add(1)
    desk.add(70, taken_at=NOON + 2, percent=42, refresh=True)
    desk.add(60, taken_at=NOON + 3, percent=41, refresh=True)
    desk.add(65, taken_at=NOON + 4, refresh=True)
    await desk.writer.drained()
    row = await desk.row()
    assert (row.meter_last_wh, row.percent) == (70, 41)
    desk.add(30, refresh=True)
    await desk.writer.drained()
    assert (await desk.row()).meter_last_wh == 70


@pytest_twisted.ensureDeferred
async def test_sealed_session_is_not_touched_by_a_late_reading(desk: Desk) -> None:
    """What comes after the stop is evidence, and changes no figure."""
    sealed, _ = await desk.transactions.end(
        EndFact(
            session_id=desk.session.session_id,
            meter_stop_wh=100,
            energy_wh=100,
            price_ore=10,
            ended_at=NOON + 60,
            reason=EndReason.STATION,
        )
    )
    desk.add(500, percent=99, refresh=True)
    await desk.writer.drained()
    assert await desk.row() == sealed
    assert await desk.stored() == [500]


@pytest_twisted.ensureDeferred
async def test_readings_outlive_a_lost_database(desk: Desk) -> None:
    """What was under way when the connections broke is written once they are back."""
    desk.add(1)
    await kill_everybody(desk.database)
    desk.add(2)
    desk.add(3)
    await desk.writer.drained()
    assert desk.told == [None] * 3
    assert set(await desk.stored()) == {1, 2, 3}


async def kill_everybody(database: PostgresDatabase) -> None:
    """End every connection to this database but the one that asks."""
    terminated: list[Any] = await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert len(terminated) == 3


@pytest_twisted.ensureDeferred
async def test_first_and_last_reading_of_each_hour_are_found(desk: Desk) -> None:
    """Pricing gets two readings for each hour that has any, also at its borders."""
    for offset_s in (-1, 0, 1, 3599, 3600, 7200 + 5, 4 * 3600 + 7, 4 * 3600 + 8):
        desk.add(2 + offset_s, taken_at=NOON + offset_s)
    await desk.writer.drained()
    found = await desk.transactions.get_hourly_readings(desk.session.session_id)
    assert [reading.taken_at - NOON for reading in found] == [
        -1,
        0,
        3599,
        3600,
        7205,
        4 * 3600 + 7,
        4 * 3600 + 8,
    ]
    last = await desk.transactions.get_last_reading(desk.session.session_id)
    assert last == found[-1]
