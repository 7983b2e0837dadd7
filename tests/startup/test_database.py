"""Which database the settings lead to."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from flexicharge.config import DatabaseAddress, read_settings
from flexicharge.errors import StartUpFailed
from flexicharge.startup.database import dsn_of, open_database
from flexicharge.storage.embedded import RunningPostgres


def test_any_password_survives_the_way_to_the_server() -> None:
    """Quotes, blanks and backslashes are part of it."""
    password = r"a 'quoted\ one"
    address = DatabaseAddress(
        host="db", port=5432, name="postgredb", username="postgres", password=password
    )
    assert parse_dsn(dsn_of(address))["password"] == password


def test_what_stands_against_the_private_database_is_passed_on(tmp_path: Path) -> None:
    """The launcher gets the settings' directory and programs, and may refuse."""
    asked: list[tuple[Path | None, str]] = []

    def refuse(data_dir: Path | None, binaries: str) -> RunningPostgres:
        asked.append((data_dir, binaries))
        raise StartUpFailed("no room")

    settings = read_settings({"DATA_DIR": str(tmp_path), "PG_BINARIES": "system"})
    with pytest.raises(StartUpFailed, match="no room"):
        open_database(settings, refuse)
    assert asked == [(tmp_path, "system")]
