"""The way to PostgreSQL: one Unix socket, in a directory closed to everybody else."""

from __future__ import annotations

import os
import stat
from collections.abc import Set
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import psycopg2
from attrs import frozen
from psycopg2.extensions import make_dsn

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.osuser import OsUser

PORT: Final = 5432  # only part of the socket's name: nothing listens on TCP
SOCKET: Final = f".s.PGSQL.{PORT}"
SUPERUSER: Final = "flexicharge"
DATABASE: Final = "flexicharge"
MAINTENANCE: Final = "postgres"
ANSWER_WITHIN_S: Final = 5
MAX_PATH_BYTES: Final = 103  # what a Unix address holds on macOS; 107 on Linux
# One place that server and tools agree on, whatever TMPDIR says.
_FOR_LONG_PATHS: Final = Path("/tmp")  # noqa: S108  # made by make_private or refused


@frozen
class Address:
    """Where a PostgreSQL of ours is reached."""

    directory: Path

    def dsn(self, database: str = DATABASE) -> str:
        """Return libpq's keywords for a database."""
        return make_dsn(
            host=str(self.directory), port=PORT, user=SUPERUSER, dbname=database
        )

    def ask(self, statement: str, database: str = DATABASE) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows; raise psycopg2's errors."""
        dsn = self.dsn(database)
        with closing(psycopg2.connect(dsn, connect_timeout=ANSWER_WITHIN_S)) as link:
            link.autocommit = True
            with link.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []

    def serves(self, pgdata: Path, database: str = MAINTENANCE) -> bool:
        """Tell whether the PostgreSQL of `pgdata` answers here."""
        try:
            [(directory,)] = self.ask("SHOW data_directory", database)
        except psycopg2.Error:
            return False
        return Path(directory).resolve() == pgdata.resolve()

    def clear(self) -> None:
        """Remove what a PostgreSQL that runs no longer left behind."""
        for name in (SOCKET, f"{SOCKET}.lock"):
            (self.directory / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the directory if it is a temporary one and empty."""
        if self.directory.parent == _FOR_LONG_PATHS:
            with suppress(OSError):
                self.directory.rmdir()


def address(root: Path, uid: int) -> Address:
    """Return the address of the PostgreSQL that `uid` runs for a data directory.

    That is inside it, unless the path is too long or has a comma, at which libpq parts
    hosts, or a quote.
    """
    near = root / "run"
    fits = len(os.fsencode(near / SOCKET)) <= MAX_PATH_BYTES
    if fits and not {",", '"'} & set(str(near)):
        return Address(near)
    digest = sha256(os.fsencode(root)).hexdigest()[:12]
    return Address(_FOR_LONG_PATHS / f"flexicharge-{uid}-{digest}")


def make_private(directory: Path, user: OsUser) -> None:
    """Make a directory that only `user` can enter; refuse one that others made."""
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
    check_private(directory, {user.uid, os.geteuid()})
    user.give(directory)


def check_private(directory: Path, owners: Set[int]) -> None:
    """Raise `StartUpFailed` unless only one of `owners` can enter a directory."""
    about = directory.lstat()
    is_private = stat.S_ISDIR(about.st_mode) and not about.st_mode & 0o077
    if not is_private or about.st_uid not in owners:
        raise StartUpFailed(
            f"{directory} is to hold the database's socket, but it belongs to somebody "
            "else or is open to others. Remove it, or set DATA_DIR to another "
            "directory."
        )
