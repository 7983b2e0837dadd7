"""The database the settings ask for: a private one, or somebody's server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import psycopg2
from attrs import field, frozen
from psycopg2.extensions import make_dsn

from flexicharge.config import DatabaseAddress, Settings
from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded import RunningPostgres
from flexicharge.storage.embedded.datadir import locate
from flexicharge.storage.migrate import migrate

CONNECT_WITHIN_S: Final = 5
KEYS: Final = "keys"  # the directory of the server's secrets in the data directory
CA: Final = "ca"  # that of the certificate authority
OUTBOX: Final = "outbox"  # that of mail nobody sends

Launch = Callable[[Path | None, str], RunningPostgres]


@frozen(kw_only=True)
class OpenDatabase:
    """A database that answers and has this version's shape.

    `postgres` is the private PostgreSQL, None on somebody's server. `data_dir` is where
    keys and mail go in either case. `where` may be shown to anybody.
    """

    dsn: str = field(repr=False)
    postgres: RunningPostgres | None
    data_dir: Path
    where: str

    def close(self) -> None:
        """Stop the private PostgreSQL, if it is ours to stop."""
        if self.postgres is not None:
            self.postgres.stop()


def open_database(settings: Settings, launch: Launch) -> OpenDatabase:
    """Return the database of these settings, migrated; raise `StartUpFailed`.

    `launch` is the launcher's `start` for a server and `reach` for a command.
    """
    if settings.database is None:
        database = _private(settings, launch)
    else:
        database = _remote(settings, settings.database)
    try:
        migrate(database.dsn)
    except BaseException:
        database.close()
        raise
    return database


def dsn_of(address: DatabaseAddress) -> str:
    """Return libpq's keywords for an address, password included."""
    return make_dsn(
        host=address.host,
        port=address.port,
        dbname=address.name,
        user=address.username,
        password=address.password,
    )


def _private(settings: Settings, launch: Launch) -> OpenDatabase:
    postgres = launch(settings.data_dir, settings.pg_binaries)
    return OpenDatabase(
        dsn=postgres.dsn,
        postgres=postgres,
        data_dir=postgres.data_dir,
        where=f"a private PostgreSQL {postgres.version} ({postgres.source})",
    )


def _remote(settings: Settings, address: DatabaseAddress) -> OpenDatabase:
    dsn = dsn_of(address)
    _knock(dsn, address)
    return OpenDatabase(
        dsn=dsn,
        postgres=None,
        data_dir=locate(settings.data_dir).root,
        where=f"{address.name} on {address.host}, port {address.port}",
    )


def _knock(dsn: str, address: DatabaseAddress) -> None:
    try:
        psycopg2.connect(dsn, connect_timeout=CONNECT_WITHIN_S).close()
    except psycopg2.Error as why:
        said = " ".join(str(why).replace(address.password, "(hidden)").split())
        raise StartUpFailed(
            f"The database at DATABASE_HOST={address.host}, DATABASE_PORT="
            f"{address.port} cannot be used: {said} See that PostgreSQL runs there and "
            "takes DATABASE_NAME, DATABASE_USERNAME and DATABASE_PASSWORD, or set "
            "USE_LOCAL_DATABASE=1 to have a private one."
        ) from None
