"""The database takes its shape from the packaged migrations, or the server says no."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import make_dsn

from flexicharge.errors import StartUpFailed
from flexicharge.storage.migrate import migrate, packaged_migrations

ALL = len(tuple(packaged_migrations()))


@contextmanager
def cursor(dsn: str) -> Iterator[Any]:
    """Lend a cursor whose statements are each committed at once."""
    with closing(psycopg2.connect(dsn)) as connection:
        connection.autocommit = True
        with connection.cursor() as lent:
            yield lent


def rows(dsn: str, sql: str) -> list[tuple[Any, ...]]:
    """Return what one statement yields."""
    with cursor(dsn) as lent:
        lent.execute(sql)
        found: list[tuple[Any, ...]] = lent.fetchall()
        return found


def execute(dsn: str, sql: str) -> None:
    """Run one statement."""
    with cursor(dsn) as lent:
        lent.execute(sql)


def test_empty_database_gets_every_migration_once(fresh_dsn: str) -> None:
    """The first start applies all there are, in order; the second finds none to do."""
    assert migrate(fresh_dsn) == ALL
    assert migrate(fresh_dsn) == 0
    recorded = rows(fresh_dsn, "SELECT number, name FROM schema_migrations ORDER BY 1")
    assert recorded == [(m.number, m.name) for m in packaged_migrations()]


def test_numbers_of_migrations_have_no_gaps() -> None:
    """Migrations are numbered 1, 2, 3 and so on, so that none is ever slipped in."""
    assert [m.number for m in packaged_migrations()] == list(range(1, ALL + 1))


def test_two_servers_that_start_at_once_share_the_work(fresh_dsn: str) -> None:
    """Whoever comes second waits, then has nothing left to do."""
    with ThreadPoolExecutor(4) as pool:
        applied = list(pool.map(migrate, [fresh_dsn] * 4))
    assert sorted(applied) == [0, 0, 0, ALL]


def test_newer_database_is_refused(fresh_dsn: str) -> None:
    """A database that a later version has migrated is left alone."""
    migrate(fresh_dsn)
    execute(fresh_dsn, "INSERT INTO schema_migrations VALUES (9000, 'later', '')")
    with pytest.raises(StartUpFailed, match="newer version"):
        migrate(fresh_dsn)


def test_migration_that_was_changed_afterwards_is_refused(fresh_dsn: str) -> None:
    """A database made by other statements than ours is not taken for ours."""
    migrate(fresh_dsn)
    execute(fresh_dsn, "UPDATE schema_migrations SET checksum = '' WHERE number = 2")
    with pytest.raises(StartUpFailed, match="0002_charging"):
        migrate(fresh_dsn)


def test_migration_that_fails_leaves_nothing_behind(fresh_dsn: str) -> None:
    """A failed step is undone as a whole, and can be taken once its cause is gone."""
    execute(fresh_dsn, "CREATE TABLE tariffs (somebody_elses int)")
    with pytest.raises(StartUpFailed, match="0002_charging"):
        migrate(fresh_dsn)
    assert rows(fresh_dsn, "SELECT to_regclass('sites'), to_regclass('sessions')") == [
        ("sites", None)
    ]
    execute(fresh_dsn, "DROP TABLE tariffs")
    assert migrate(fresh_dsn) == ALL - 1


def test_database_out_of_reach_is_explained_without_its_password() -> None:
    """The message names the trouble; the password in the DSN stays out of it."""
    dsn = make_dsn(host="/nowhere", user="flexicharge", password="swordfish")
    with pytest.raises(StartUpFailed, match="/nowhere") as refused:
        migrate(dsn)
    assert "swordfish" not in str(refused.value)
