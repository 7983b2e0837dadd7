"""`flexicharge admin create`: the account of an administrator."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass
from typing import TypeVar

from twisted.internet import reactor

from flexicharge.cli.office import Office, add_office_arguments, office
from flexicharge.errors import PasswordTooWeak
from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.outbox import DevelopmentOutbox
from flexicharge.identity.passwords import ThreadedHasher
from flexicharge.identity.threads import at_once
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces.people import IEntropy
from flexicharge.startup.database import OUTBOX
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.database import run_now

T = TypeVar("T")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare `create` and its arguments."""
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    create = actions.add_parser(
        "create",
        help="make an account, or promote one",
        description=(
            "Make an administrator's account. Its password is asked for, or read from "
            "standard input if that is no terminal. An account that exists becomes an "
            "administrator's and keeps its password."
        ),
    )
    create.add_argument("email", metavar="e-mail")
    create.add_argument(
        "--generate", action="store_true", help="make a password up, and print it once"
    )
    add_office_arguments(create)


def run(args: Namespace) -> int:
    """Make the account; return 0. Raise as `make_admin` does."""
    entropy = SystemEntropy()
    password = _made_up(entropy) if args.generate else _asked_for()
    with office(args) as here:
        identity = _identity(here, entropy)
        account, is_new = run_now(identity.make_admin(args.email, password))
    if not is_new:
        print(f"{account.email} is an administrator; the password is the one it had.")
    elif args.generate:
        print(f"{account.email} is an administrator, with this password:\n{password}")
    else:
        print(f"{account.email} is an administrator.")
    return 0


def _asked_for() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise PasswordTooWeak("The two passwords differ; nothing was changed.")
    return password


def _made_up(entropy: IEntropy) -> str:
    """Return a password of 96 random bits that has every class the policy asks for."""
    return f"Fc1-{entropy.token(12).hex()}"


def _identity(here: Office, entropy: IEntropy) -> BuiltInIdentity:
    return BuiltInIdentity(
        accounts=PostgresAccounts(here.database),
        hasher=ThreadedHasher(at_once),
        tokens=SignedTokens(here.signing_keys, here.settings.public_url, entropy),
        mail=DevelopmentOutbox(here.data_dir / OUTBOX, reactor, entropy, at_once),
        entropy=entropy,
        clock=reactor,
        server_key=here.server_key,
    )
