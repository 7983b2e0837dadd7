"""Where a command works: the settings, keys and database of the server beside it."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from attrs import frozen

from flexicharge.config import Settings, read_dotenv, read_settings
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.keys import (
    ServerKey,
    SigningKeys,
    load_or_make,
    load_or_make_server_key,
)
from flexicharge.startup.database import KEYS, open_database
from flexicharge.storage import embedded
from flexicharge.storage.database import BlockingDatabase


@frozen
class Office:
    """What the server of these settings uses, for as long as one command runs."""

    settings: Settings
    database: BlockingDatabase
    data_dir: Path

    @property
    def signing_keys(self) -> SigningKeys:
        """The key that signs access tokens; may raise `StartUpFailed`."""
        return load_or_make(self.data_dir / KEYS)

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
