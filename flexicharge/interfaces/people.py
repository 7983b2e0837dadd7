"""Seams around people: accounts, passwords, tokens, mail and chance."""

from __future__ import annotations

from zope.interface import Interface

from flexicharge.model.account import Account, Caller, SignedIn


class IIdentity(Interface):
    """Who somebody is, whichever provider knows it."""

    async def sign_up(email: str, password: str) -> None:
        """Make an unconfirmed account and mail it a six-digit code.

        Raise `NameTaken`, `PasswordTooWeak`, `ParameterInvalid`, `TooManyRequests` or
        `MailNotSent`.
        """

    async def verify(email: str, code: str) -> None:
        """Confirm the e-mail address of an account.

        Raise `CodeMismatch` (also for an unknown account), `CodeExpired` or
        `TooManyRequests`.
        """

    async def sign_in(email: str, password: str) -> SignedIn:
        """Return an access token.

        Raise `NotAuthorized` for an unknown account, a wrong password or a disabled
        account alike; `AccountUnconfirmed` only after the right password;
        `TooManyRequests`.
        """

    async def admit(token: str) -> Caller:
        """Return who an access token stands for.

        Raise `TokenError` if it is damaged, expired, not an access token of ours, or
        its account is disabled or gone.
        """


class ITokens(Interface):
    """Access tokens: signed by us, readable by anyone with the public key."""

    def issue(account: Account, at: float) -> str:
        """Return an RS256 access token for an account, valid from `at`."""

    def read(token: str, at: float) -> Caller:
        """Return whom a token was issued for; raise `TokenError`."""


class IPasswordHasher(Interface):
    """Slow hashing that never blocks the reactor."""

    async def hash(password: str) -> str:
        """Return a salted hash; raise `TooManyRequests` if too many wait."""

    async def verify(password_hash: str, password: str) -> bool:
        """Tell whether a password fits; raise `TooManyRequests` if too many wait."""


class IMail(Interface):
    """Mail to people."""

    async def send(to: str, subject: str, text: str) -> None:
        """Hand over one plain-text message; raise `MailNotSent`."""


class IEntropy(Interface):
    """Chance that nobody may predict: codes, ids, keys, tokens."""

    def code() -> str:
        """Return six decimal digits."""

    def uuid() -> str:
        """Return a random UUID as text."""

    def token(nbytes: int) -> bytes:
        """Return random bytes."""
