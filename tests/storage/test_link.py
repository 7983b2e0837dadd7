"""What PostgreSQL is told when it is dialled."""

from __future__ import annotations

import pytest
from psycopg2.extensions import parse_dsn

from flexicharge.storage.link import dsn_with_limits, host_to_look_up


@pytest.mark.parametrize(
    ("dsn", "host"),
    [
        ("host=postgre_db port=5432", "postgre_db"),
        ("postgresql://someone@db.example.com/charging", "db.example.com"),
        ("host=/run/postgresql", None),
        ("host=127.0.0.1", None),
        ("host=::1", None),
        ("host=db.example.com hostaddr=192.0.2.7", None),
        ("host=first,second", None),
        ("dbname=charging", None),
    ],
)
def test_only_names_are_looked_up(dsn: str, host: str | None) -> None:
    """Addresses and sockets need no name service."""
    assert host_to_look_up(dsn) == host


def test_limits_are_added_to_what_was_given() -> None:
    """The statement timeout goes beside the options that an operator set."""
    given = parse_dsn(
        dsn_with_limits("host=db options='-c work_mem=8MB' keepalives_idle=60", 2.5)
    )
    assert given["options"].startswith("-c work_mem=8MB ")
    assert "statement_timeout=2500" in given["options"]
    assert given["keepalives_idle"] == "60"
