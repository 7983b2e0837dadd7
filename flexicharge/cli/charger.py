"""`flexicharge charger password`: what a charger must present to connect."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from flexicharge.cli.office import Office, add_office_arguments, office
from flexicharge.errors import StationUnknown
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import run_now

PASSWORD_BYTES: Final = 20  # what OCPP's AuthorizationKey can carry, as hex


def add_arguments(parser: ArgumentParser) -> None:
    """Declare `password` and its arguments."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    password = actions.add_parser(
        "password",
        help="make a charger's password, or take it away",
        description=(
            "Make a password for a charger, store its fingerprint and print it, this "
            "once. The charger presents it as HTTP Basic authentication; from its next "
            "connection on it needs to."
        ),
    )
    password.add_argument("serial", metavar="serial-number")
    password.add_argument(
        "--clear", action="store_true", help="let it connect without one again"
    )
    add_office_arguments(password)


def run(args: Namespace) -> int:
    """Set or clear the password, and return 0; raise `StationUnknown`."""
    password = "" if args.clear else SystemEntropy().token(PASSWORD_BYTES).hex()
    with office(args) as here:
        _store(here, args.serial, password)
    print(password or f"{args.serial} has no password any more.")
    return 0


def _store(here: Office, serial_number: str, password: str) -> None:
    credential = None
    if password:
        credential = here.server_key.station_credential(password)
    chargers = PostgresChargers(here.database)
    try:
        run_now(chargers.set_credential(serial_number, credential))
    except StationUnknown:
        raise StationUnknown(f"there is no charger {serial_number}") from None
