"""A real PostgreSQL for the integration tests: one server, a database for each test."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest
import pytest_twisted
from psycopg2.extensions import make_dsn
from twisted.internet import reactor

from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import PostgresDatabase
from flexicharge.storage.embedded import start
from flexicharge.storage.migrate import migrate
from flexicharge.storage.transactions import PostgresTransactions

from .desk import Desk

_numbers = itertools.count(1)


@contextmanager
def open_to_all() -> Iterator[Path]:
    """Lend a directory that the database's user can enter, if we are root.

    Those of `tmp_path` are closed to everybody else.
    """
    directory = Path(tempfile.mkdtemp(prefix="flexicharge-test-")).resolve()
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory for one test that the database's user can enter."""
    with open_to_all() as directory:
        yield directory


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The PostgreSQL of this test session, started as the server would start its own.

    The DSN is that of a superuser; it is stopped and removed with the session.
    """
    with open_to_all() as directory:
        running = start(directory / "data")
        yield running.dsn
        running.stop()


@contextmanager
def fresh_database(postgres_dsn: str) -> Iterator[str]:
    """Lend a new, empty database; drop it then, whoever is still connected."""
    name = f"test_{next(_numbers)}"
    _execute(postgres_dsn, f"CREATE DATABASE {name} TEMPLATE template0")
    yield make_dsn(postgres_dsn, dbname=name)
    _execute(postgres_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def fresh_dsn(postgres_dsn: str) -> Iterator[str]:
    """A new, empty database, dropped after the test whoever is still connected."""
    with fresh_database(postgres_dsn) as dsn:
        yield dsn


@pytest_twisted.async_yield_fixture
async def desk(fresh_dsn: str) -> AsyncIterator[Desk]:
    """The stores of an empty, migrated database."""
    migrate(fresh_dsn)
    database = PostgresDatabase(reactor, fresh_dsn, size=4)
    await database.open()
    yield Desk(
        fresh_dsn,
        database,
        PostgresChargers(database),
        PostgresTransactions(database),
        PostgresAccounts(database),
    )
    await database.close()


def _execute(dsn: str, statement: str) -> None:
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
