"""`flexicharge token`: an access token for a script on the server's own machine."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from twisted.internet import reactor

from flexicharge.cli.office import Office, add_office_arguments, office
from flexicharge.errors import AccountUnknown, NotAuthorized
from flexicharge.identity.addresses import email_of
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.tokens import SignedTokens
from flexicharge.model.account import Account, AccountStatus
from flexicharge.storage.accounts import PostgresAccounts
from flexicharge.storage.database import run_now


def add_arguments(parser: ArgumentParser) -> None:
    """Declare whose token, and at which server."""
    parser.add_argument("email", metavar="e-mail")
    parser.add_argument(
        "--public-url",
        metavar="URL",
        help="the server's PUBLIC_URL, if it was started with that or a port as option",
    )
    add_office_arguments(parser)


def run(args: Namespace) -> int:
    """Print a token that is good for an hour, and return 0.

    Raise `AccountUnknown` or, for an account that could not sign in, `NotAuthorized`.
    """
    with office(args, PUBLIC_URL=args.public_url) as here:
        issuer = here.settings.public_url
        tokens = SignedTokens(here.signing_keys, issuer, SystemEntropy())
        account = _account(here, email_of(args.email))
        print(tokens.issue(account, reactor.seconds()))
    return 0


def _account(here: Office, email: str) -> Account:
    try:
        account = run_now(PostgresAccounts(here.database).get_account_by_email(email))
    except AccountUnknown:
        raise AccountUnknown(
            f"there is no account {email}; make one with: "
            f"flexicharge admin create {email}"
        ) from None
    if account.status is not AccountStatus.CONFIRMED or not account.enabled:
        raise NotAuthorized(f"{email} is not confirmed or is disabled")
    return account
