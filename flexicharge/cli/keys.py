"""`flexicharge keys`: the keys that access tokens are signed with."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from twisted.internet import reactor

from flexicharge.cli.office import add_office_arguments
from flexicharge.config import read_dotenv, read_settings
from flexicharge.identity.key_files import add_key, open_ring, remove_keys
from flexicharge.identity.keys import ANNOUNCED_S, KeyRing, SigningKey
from flexicharge.startup.database import KEYS
from flexicharge.storage.embedded.datadir import locate


def add_arguments(parser: ArgumentParser) -> None:
    """Declare `list` and `rotate`."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    listing = actions.add_parser("list", help="show the keys, oldest first")
    rotate = actions.add_parser(
        "rotate",
        help="make a new key",
        description=(
            "Make a new key, beside those that there are. The server makes one itself "
            "when its newest is old (SIGNING_KEY_DAYS); this is for when one must not "
            "wait. A running server notices within seconds."
        ),
    )
    rotate.add_argument(
        "--forget-old",
        action="store_true",
        help="delete all other keys: everybody has to sign in again",
    )
    add_office_arguments(listing)
    add_office_arguments(rotate)


def run(args: Namespace) -> int:
    """Do it, and show what keys there are then; return 0. Raise `StartUpFailed`."""
    settings = read_settings(
        os.environ,
        options={"DATA_DIR": args.data_dir},
        dotenv=read_dotenv(Path.cwd()),
    )
    directory, now = locate(settings.data_dir).root / KEYS, reactor.seconds()
    ring = open_ring(directory, now)
    if args.action == "rotate":
        newest = add_key(directory, now)
        old = () if args.forget_old else ring.keys
        if args.forget_old:
            remove_keys(directory, ring.keys)
        ring = KeyRing((*old, newest))
    for key in ring.keys:
        made_at = datetime.fromtimestamp(key.made_at, UTC)
        print(f"{key.kid}  made {made_at:%Y-%m-%d %H:%M:%S}Z  {_use(ring, key, now)}")
    return 0


def _use(ring: KeyRing, key: SigningKey, now: float) -> str:
    if key is ring.signing(now):
        return "signs"
    if key.made_at + ANNOUNCED_S > now:
        return f"will sign within {ANNOUNCED_S} seconds"
    return "verifies" if ring.verifying(key.kid, now) else "is over"
