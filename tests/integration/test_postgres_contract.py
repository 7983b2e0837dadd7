"""The PostgreSQL stores keep the contract that the in-memory ones keep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Final

import psycopg2
import pytest
import pytest_twisted
from attrs import frozen
from psycopg2.extensions import make_dsn
from twisted.internet import reactor
from zope.interface.verify import verifyObject

from flexicharge.interfaces import (
    IAccountStore,
    IChargerStore,
    ICommandStore,
    IDatabase,
    IFrameJournal,
    IIdTagStore,
    IInvoiceStore,
    IReadingStore,
    IReservationStore,
    ISelfTestStore,
    IStationBook,
    ITariffStore,
    ITransactionStore,
)
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.commands import PostgresCommands
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.invoices import PostgresInvoices
from flexicharge.storage.journal import PostgresJournal
from flexicharge.storage.migrate import migrate
from flexicharge.storage.readings import PostgresReadings
from flexicharge.storage.reservations import PostgresReservations
from flexicharge.storage.self_tests import PostgresSelfTests
from flexicharge.storage.station_book import PostgresStationBook
from flexicharge.storage.tags import PostgresIdTags
from flexicharge.storage.tariffs import PostgresTariffs
from flexicharge.storage.transactions import PostgresTransactions
from tests.storage.contract.catalogue import each_case
from tests.storage.contract.stores import Case, Stores

NAME: Final = "contract"
# Faster than TRUNCATE, which makes new files for every table and index.
EMPTY: Final = """
SET LOCAL session_replication_role = replica;
DO $$
BEGIN
    EXECUTE (
        SELECT string_agg('DELETE FROM ' || quote_ident(tablename), ';')
        FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
    );
END $$;
ALTER SEQUENCE connector_numbers RESTART;
ALTER SEQUENCE session_numbers RESTART;
"""
SELF_TEST_ROWS: Final = """
WITH ours AS (
    SELECT session_id FROM sessions JOIN stations USING (station_id)
    WHERE for_self_tests
)
SELECT 'sessions', count(*) FROM ours
UNION ALL
SELECT 'readings', count(*) FROM meter_readings JOIN ours USING (session_id)
UNION ALL
SELECT 'facts', count(*) FROM facts JOIN stations USING (station_id)
WHERE for_self_tests
UNION ALL
SELECT 'payments', count(*) FROM payments JOIN ours USING (session_id)
UNION ALL
SELECT 'ledger', count(*) FROM ledger_entries JOIN ours USING (session_id)
UNION ALL
SELECT 'accounts', count(*) FROM accounts WHERE for_self_tests
UNION ALL
SELECT 'codes', count(*) FROM codes JOIN accounts USING (account_id)
WHERE for_self_tests
"""


@pytest.fixture(scope="module")
def contract_dsn(postgres_dsn: str) -> Iterator[str]:
    """A database for all cases: emptying one is faster than making one."""
    with closing(psycopg2.connect(postgres_dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
            cursor.execute(f"ALTER DATABASE {NAME} SET synchronous_commit = off")
            dsn = make_dsn(postgres_dsn, dbname=NAME)
            migrate(dsn)
            yield dsn
            cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@frozen
class PostgresArrangement:
    """Reaches into the tables by SQL of its own."""

    _database: IDatabase

    async def add_connector(self, station_id: int, number: int) -> int:
        rows = await self._database.query(
            "INSERT INTO connectors (connector_id, station_id, number, status)"
            " VALUES (nextval('connector_numbers'), %s, %s, 'Available')"
            " RETURNING connector_id",
            (station_id, number),
        )
        (connector_id,) = rows[0]
        assert isinstance(connector_id, int)
        return connector_id

    async def draw_sessions_from(self, number: int) -> None:
        await self._database.query(
            "SELECT setval('session_numbers', %s, false)", (number,)
        )

    async def draw_connectors_from(self, number: int) -> None:
        await self._database.query(
            "SELECT setval('connector_numbers', %s, false)", (number,)
        )

    async def charges(self, session_id: int) -> list[int]:
        rows = await self._database.query(
            "SELECT amount_ore FROM ledger_entries WHERE session_id = %s"
            " AND kind = 'charge' ORDER BY entry_id",
            (session_id,),
        )
        return [amount_ore for (amount_ore,) in rows]

    async def facts(self, station_id: int) -> list[tuple[str, int | None, str]]:
        rows = await self._database.query(
            "SELECT kind, session_id, claimed FROM facts WHERE station_id = %s"
            " ORDER BY fact_id",
            (station_id,),
        )
        return [(kind, session_id, claimed) for kind, session_id, claimed in rows]

    async def self_test_rows(self) -> dict[str, int]:
        rows = await self._database.query(SELF_TEST_ROWS)
        return {table: count for table, count in rows if count}

    async def self_test_station(self) -> tuple[str, bytes | None, bool]:
        rows = await self._database.query(
            "SELECT serial_number, credential, retired_at IS NULL"
            " FROM stations JOIN connectors USING (station_id) WHERE for_self_tests"
        )
        ((serial_number, credential, in_use),) = rows
        return serial_number, credential and bytes(credential), in_use

    async def secrets_of(self, serial_number: str) -> tuple[bytes | None, bytes | None]:
        rows = await self._database.query(
            "SELECT credential, next_credential FROM stations WHERE serial_number = %s",
            (serial_number,),
        )
        ((credential, expected),) = rows
        return credential and bytes(credential), expected and bytes(expected)

    async def add_ledger_entry(
        self, session_id: int, kind: str = "correction", amount_ore: int = 1
    ) -> None:
        await self._database.query(
            "INSERT INTO ledger_entries (session_id, kind, amount_ore, at, detail)"
            " VALUES (%s, %s, %s, to_timestamp(0), '[]')",
            (session_id, kind, amount_ore),
        )


@pytest_twisted.async_yield_fixture
async def stores(contract_dsn: str) -> AsyncIterator[Stores]:
    """The stores of PostgreSQL, over tables that are empty."""
    database = PostgresDatabase(reactor, contract_dsn, size=2)
    await database.open()
    await database.query(EMPTY)
    yield Stores(
        chargers=PostgresChargers(database),
        transactions=PostgresTransactions(database),
        readings=PostgresReadings(database, reactor),
        tariffs=PostgresTariffs(database),
        accounts=PostgresAccounts(database),
        self_tests=PostgresSelfTests(database),
        reservations=PostgresReservations(database),
        invoices=PostgresInvoices(database),
        commands=PostgresCommands(database),
        book=PostgresStationBook(database),
        tags=PostgresIdTags(database),
        journal=PostgresJournal(database, reactor),
        arrange=PostgresArrangement(database),
    )
    await database.close()


@each_case
@pytest_twisted.ensureDeferred
async def test_postgres_keeps_the_contract(case: Case, stores: Stores) -> None:
    """Every case of the suite holds over a real server."""
    await case(stores)


def test_postgres_provides_what_it_declares(stores: Stores) -> None:
    """Every method of every interface is there, with its signature."""
    verifyObject(IChargerStore, stores.chargers)
    verifyObject(ITransactionStore, stores.transactions)
    verifyObject(IReadingStore, stores.readings)
    verifyObject(ITariffStore, stores.tariffs)
    verifyObject(IAccountStore, stores.accounts)
    verifyObject(ISelfTestStore, stores.self_tests)
    verifyObject(IReservationStore, stores.reservations)
    verifyObject(IInvoiceStore, stores.invoices)
    verifyObject(ICommandStore, stores.commands)
    verifyObject(IStationBook, stores.book)
    verifyObject(IIdTagStore, stores.tags)
    verifyObject(IFrameJournal, stores.journal)
