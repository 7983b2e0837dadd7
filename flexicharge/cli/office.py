"""Where a command works: the settings, keys and database of the server beside it."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from attrs import frozen
from twisted.internet import reactor

from flexicharge.config import Settings, read_dotenv, read_settings
from flexicharge.errors import StartUpFailed
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.key_files import load_or_make_server_key, open_ring
from flexicharge.identity.keys import KeyRing, ServerKey
from flexicharge.startup.database import KEYS, open_database
from flexicharge.storage import embedded
from flexicharge.storage.database import BlockingDatabase

ELSEWHERE: Final = (
    "IDENTITY=cognito: accounts are in AWS Cognito, and this command reaches only "
    "those in the server's own database. Make administrators there, in the group "
    "Admins, or with POST /admin; sign in for a token."
)


@frozen
class Office:
    """What the server of these settings uses, for as long as one command runs."""

    settings: Settings
    database: BlockingDatabase
    data_dir: Path

    @property
    def signing_keys(self) -> KeyRing:
        """The keys that sign access tokens; may raise `StartUpFailed`.

        With accounts in Cognito, no token that we sign lets anybody in.
        """
        if self.settings.cognito is not None:
            raise StartUpFailed(ELSEWHERE)
        return open_ring(self.data_dir / KEYS, reactor.seconds())

    @property
    def server_key(self) -> ServerKey:
        """The key that codes and passwords of chargers are kept under."""
        return load_or_make_server_key(self.data_dir / KEYS, SystemEntropy())


def add_office_arguments(parser: ArgumentParser) -> None:
    """Declare how to find the server's data, if its own options moved them."""
    parser.add_argument(
        "--data-dir",
        metavar="DIRECTORY",
        help="the server's data directory, if it was started with that option",
    )


@contextmanager
def office(args: Namespace, **options: str | None) -> Iterator[Office]:
    """Open the server's database for one command, whether the server runs or not.

    `options` outweigh the environment, by variable name. Raise `StartUpFailed`.
    """
    settings = read_settings(
        os.environ,
        options={"DATA_DIR": args.data_dir, **options},
        dotenv=read_dotenv(Path.cwd()),
    )
    with (
        closing(open_database(settings, embedded.reach)) as opened,
        closing(BlockingDatabase(opened.dsn)) as database,
    ):
        yield Office(settings, database, opened.data_dir)
