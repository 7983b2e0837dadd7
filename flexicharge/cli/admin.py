"""`flexicharge admin`: the accounts of administrators."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from getpass import getpass
from typing import TypeVar

from twisted.internet import reactor

from flexicharge.actors.background import Background
from flexicharge.actors.bus import LocalBus
from flexicharge.cli.office import Office, add_office_arguments, office
from flexicharge.errors import PasswordTooWeak
from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.outbox import DevelopmentOutbox
from flexicharge.identity.passwords import ThreadedHasher, made_up_password
from flexicharge.identity.threads import at_once
from flexicharge.identity.tokens import SignedTokens
from flexicharge.interfaces.people import IEntropy
from flexicharge.model.account import Listing, Person
from flexicharge.startup.database import OUTBOX
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.database import run_now

T = TypeVar("T")


def add_arguments(parser: ArgumentParser) -> None:
    """Declare `create` and `list`, and their arguments."""
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
    listing = actions.add_parser("list", help="show who is an administrator")
    add_office_arguments(listing)


def run(args: Namespace) -> int:
    """Do it; return 0. Raise as `make_admin` does."""
    return _create(args) if args.action == "create" else _list(args)


def _list(args: Namespace) -> int:
    with office(args) as here:
        for person in run_now(_admins(_identity(here, SystemEntropy()))):
            state = person.status if person.enabled else "disabled"
            print(f"{person.email}  {state}")
    return 0


async def _admins(identity: BuiltInIdentity) -> list[Person]:
    page = await identity.admins(Listing())
    people = list(page.people)
    while page.next_token is not None:
        page = await identity.admins(Listing(token=page.next_token))
        people.extend(page.people)
    return people


def _create(args: Namespace) -> int:
    entropy = SystemEntropy()
    password = made_up_password(entropy) if args.generate else _asked_for()
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


def _identity(here: Office, entropy: IEntropy) -> BuiltInIdentity:
    return BuiltInIdentity(
        accounts=PostgresAccounts(here.database),
        hasher=ThreadedHasher(at_once),
        tokens=SignedTokens(here.signing_keys, here.settings.public_url, entropy),
        mail=DevelopmentOutbox(here.data_dir / OUTBOX, reactor, entropy, at_once),
        entropy=entropy,
        clock=reactor,
        server_key=here.server_key,
        bus=LocalBus(reactor),
        background=Background(),
    )
