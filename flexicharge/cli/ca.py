"""`flexicharge ca`: the certificate authority that vouches for chargers."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from twisted.internet import reactor

from flexicharge.certificates.authority import LocalCa
from flexicharge.certificates.directory import CaDirectory
from flexicharge.certificates.keys import KeyKind, new_key, private_pem
from flexicharge.certificates.pem import LONGEST, pem_of
from flexicharge.certificates.signing_requests import new_request
from flexicharge.cli.office import add_office_arguments, office
from flexicharge.config import Settings, read_dotenv, read_settings
from flexicharge.errors import (
    AlreadyTaken,
    DatabaseAway,
    StartUpFailed,
    StationUnknown,
    UnusableValue,
)
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.threads import at_once
from flexicharge.startup.database import CA
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import run_now
from flexicharge.storage.embedded.datadir import locate


def add_arguments(parser: ArgumentParser) -> None:
    """Declare `root` and `issue`."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    root = actions.add_parser(
        "root",
        help="print the root that chargers are to trust",
        description=(
            "Print the root certificate (PEM) of this server's certificate authority, "
            "which is made if there is none yet. Chargers that trust it know our "
            "server by it (InstallCertificate, CentralSystemRootCertificate)."
        ),
    )
    issue = actions.add_parser(
        "issue",
        help="issue a charger's certificate",
        description=(
            "Issue a certificate for the charger of an identity, and write it beside "
            "its private key into the working directory. Chargers that speak OCPP ask "
            "for theirs themselves; this is for testing, and for a first one."
        ),
    )
    issue.add_argument("identity", help="the last part of the charger's address")
    issue.add_argument(
        "--csr",
        type=Path,
        metavar="FILE",
        help="the charger's own signing request (PEM); no private key is made then",
    )
    for action in (root, issue):
        action.add_argument(
            "--rsa", action="store_true", help="for chargers that know RSA alone"
        )
        add_office_arguments(action)


def run(args: Namespace) -> int:
    """Do it and return 0; raise `StartUpFailed` or `CertificateRefused`."""
    settings = read_settings(
        os.environ,
        options={"DATA_DIR": args.data_dir},
        dotenv=read_dotenv(Path.cwd()),
    )
    path = locate(settings.data_dir).root / CA
    directory = CaDirectory(path, settings.ca_name, SystemEntropy())
    kind = KeyKind.RSA if args.rsa else KeyKind.EC
    if args.action == "root":
        root = directory.issuer(kind, reactor.seconds()).certificate
        print(pem_of(root), end="")
    elif args.csr is None:
        _issue_with_key(_authority(directory, settings), args.identity, kind)
    else:
        _issue(_authority(directory, settings), args.identity, _read(args.csr))
    if args.action == "issue":
        _warn_of_stranger(args)
    return 0


def _authority(directory: CaDirectory, settings: Settings) -> LocalCa:
    return LocalCa(
        issuers=directory,
        organisation=settings.ca_name,
        days=settings.certificate_days,
        names_judged=settings.csr_strict,
        clock=reactor,
        entropy=SystemEntropy(),
        run=at_once,
    )


def _issue_with_key(authority: LocalCa, identity: str, kind: KeyKind) -> None:
    key = new_key(kind)
    csr = new_request(key, identity, authority.organisation)
    file = _file(identity, "key")
    _demand_free(file)
    _issue(authority, identity, csr)
    _write_new(file, private_pem(key))
    print(f"{file}: its private key")


def _issue(authority: LocalCa, identity: str, csr: str) -> None:
    issued = run_now(authority.certify(csr, identity))
    file = _file(identity, "pem")
    _write_new(file, issued.chain)
    until = datetime.fromtimestamp(issued.not_after, UTC)
    print(f"{file}: the certificate, then its root; good until {until:%Y-%m-%d}")


def _file(identity: str, ending: str) -> Path:
    """Return where something goes, whatever the identity is made of."""
    return Path(f"{quote(identity, safe='')}.{ending}")


def _demand_free(path: Path) -> None:
    if path.exists():
        raise AlreadyTaken(f"{path} is there already")


def _write_new(path: Path, text: str) -> None:
    """Write a file that only its owner can read, and never over another."""
    _demand_free(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as why:
        raise UnusableValue(f"{path} cannot be written: {why.strerror}") from why
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1).decode("ascii", "replace")
    except OSError as why:
        raise UnusableValue(f"{path} cannot be read: {why.strerror}") from why


def _warn_of_stranger(args: Namespace) -> None:
    """Say so if no such charger is on record: it will not be let in."""
    try:
        with office(args) as here:
            run_now(PostgresChargers(here.database).get_station(args.identity))
    except StationUnknown:
        _warn(f"there is no charger {args.identity} on record")
    except (StartUpFailed, DatabaseAway) as why:
        _warn(f"whether there is a charger {args.identity} was not looked up: {why}")


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr)
