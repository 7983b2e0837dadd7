"""The database's shape: numbered SQL files, each applied once and in order.

Synchronous, because it runs before the reactor does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from importlib.resources import files
from typing import Final

import psycopg2
from attrs import frozen
from psycopg2 import extensions

from flexicharge.errors import StartUpFailed

# Whoever migrates holds this; any number will do that nobody else uses.
ADVISORY_LOCK: Final = 0x466C657869
FILE_NAME: Final = re.compile(r"(\d{4})_\w+\.sql")
CONNECT_WITHIN_S: Final = 10

LOCK: Final = "SELECT pg_advisory_lock(%s)"
MAKE_RECORD: Final = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    number bigint PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL
)
"""
READ_RECORD: Final = "SELECT number, name, checksum FROM schema_migrations"
ADD_RECORD: Final = "INSERT INTO schema_migrations VALUES (%s, %s, %s)"

ANOTHER_DATABASE: Final = "name another one (DATA_DIR, or DATABASE_HOST and _NAME)"


@frozen
class Migration:
    """One step: its number, its file's name, the SQL in it and that text's SHA-256."""

    number: int
    name: str
    sql: str
    checksum: str


def migrate(dsn: str) -> int:
    """Bring the database up to date; return how many migrations were applied.

    One server at a time: others wait for it, then find nothing left to do. Raise
    `StartUpFailed` if the database cannot be reached, refuses a step (which is then
    undone), or was migrated by a newer or a different version of this program.
    """
    known = tuple(packaged_migrations())
    with _start_up_errors(), closing(_connect(dsn)) as connection:
        pending = _pending(known, _lock_and_read(connection))
        for migration in pending:
            _apply(connection, migration)
        return len(pending)


def packaged_migrations() -> Iterator[Migration]:
    """Yield the migrations this version brings, in order."""
    folder = files("flexicharge.storage") / "migrations"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if match := FILE_NAME.fullmatch(file.name):
            sql = file.read_text("utf-8")
            checksum = sha256(sql.encode()).hexdigest()
            yield Migration(int(match[1]), file.name, sql, checksum)


@contextmanager
def _start_up_errors() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as why:
        raise StartUpFailed(
            f"The database cannot be used: {why} See to that, or {ANOTHER_DATABASE}."
        ) from why


def _connect(dsn: str) -> extensions.connection:
    return psycopg2.connect(dsn, connect_timeout=CONNECT_WITHIN_S)


def _lock_and_read(connection: extensions.connection) -> dict[int, tuple[str, str]]:
    """Return name and checksum of what was applied; nobody else migrates from now."""
    with connection, connection.cursor() as cursor:
        cursor.execute(LOCK, (ADVISORY_LOCK,))
    with connection, connection.cursor() as cursor:
        cursor.execute(MAKE_RECORD)
        cursor.execute(READ_RECORD)
        return {number: (name, checksum) for number, name, checksum in cursor}


def _pending(
    known: tuple[Migration, ...], applied: dict[int, tuple[str, str]]
) -> list[Migration]:
    if newer := applied.keys() - {migration.number for migration in known}:
        raise StartUpFailed(
            f"The database was made by a newer version (migration {max(newer)} is"
            f" not known here). Start that version, or {ANOTHER_DATABASE}."
        )
    for migration in known:
        _, checksum = applied.get(migration.number, ("", migration.checksum))
        if checksum != migration.checksum:
            raise StartUpFailed(
                f"Migration {migration.name} is not the one this database was made"
                f" with. Start the version that made it, or {ANOTHER_DATABASE}."
            )
    return [migration for migration in known if migration.number not in applied]


def _apply(connection: extensions.connection, migration: Migration) -> None:
    record = (migration.number, migration.name, migration.checksum)
    with connection, connection.cursor() as cursor:
        try:
            cursor.execute(migration.sql)
            cursor.execute(ADD_RECORD, record)
        except psycopg2.Error as why:
            raise StartUpFailed(f"migration {migration.name} failed: {why}") from why
