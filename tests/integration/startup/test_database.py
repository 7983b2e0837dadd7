"""A database elsewhere, reached or not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from flexicharge.config import Settings, read_settings
from flexicharge.errors import StartUpFailed
from flexicharge.startup.database import open_database
from flexicharge.startup.listening import HTTP, bind, port_of
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import BlockingDatabase, run_now
from flexicharge.storage.embedded import RunningPostgres


def launch(data_dir: Path | None, binaries: str) -> RunningPostgres:
    """Fail the test: a database elsewhere needs no launcher."""
    raise AssertionError(data_dir, binaries)


def elsewhere(**more: str) -> Settings:
    """Return settings of a database elsewhere."""
    return read_settings(
        {"DATABASE_PASSWORD": "hush-hush", "BYPASS_KLARNA": "1", **more}
    )


def test_an_empty_database_is_given_its_shape(fresh_dsn: str, tmp_path: Path) -> None:
    """After opening, the stores work; nothing is started or stopped."""
    where = parse_dsn(fresh_dsn)
    settings = elsewhere(
        DATABASE_HOST=where["host"],
        DATABASE_NAME=where["dbname"],
        DATABASE_USERNAME=where["user"],
        DATA_DIR=str(tmp_path),
    )
    with (
        closing(open_database(settings, launch)) as opened,
        closing(BlockingDatabase(opened.dsn)) as database,
    ):
        assert run_now(PostgresChargers(database).get_chargers()) == ()
        assert opened.data_dir == tmp_path
        assert opened.postgres is None
        assert "hush-hush" not in repr(opened)


def test_a_database_that_is_not_there_is_named(tmp_path: Path) -> None:
    """One message with the address and the cure, and not with the password."""
    with closing(bind(HTTP, "127.0.0.1", 0)) as listening:
        closed_port = port_of(listening)
    settings = elsewhere(
        DATABASE_HOST="127.0.0.1",
        DATABASE_PORT=str(closed_port),
        DATABASE_NAME="postgredb",
        DATABASE_USERNAME="postgres",
        DATA_DIR=str(tmp_path),
    )
    with pytest.raises(StartUpFailed) as caught:
        open_database(settings, launch)
    message = str(caught.value)
    assert f"DATABASE_HOST=127.0.0.1, DATABASE_PORT={closed_port}" in message
    assert "USE_LOCAL_DATABASE=1" in message
    assert "\n" not in message
    assert "hush-hush" not in message
