"""Seams around people: accounts, passwords, tokens, mail and chance."""

from __future__ import annotations

from collections.abc import Mapping

from zope.interface import Interface

from flexicharge.model.account import (
    Account,
    Caller,
    Delivery,
    Listing,
    PeoplePage,
    Person,
    SignedIn,
)


class IIdentity(Interface):
    """Who somebody is, whichever provider knows it.

    A `username` is an e-mail address or a user's number, as Cognito takes either. Every
    method may raise `TooManyRequests`, `IdentityAway`, `DatabaseAway`, and another
    `IdentityError` that only one provider has. None tells by its words or its time
    whether an account exists, but for `sign_up` and the methods of administrators.
    """

    # --- anybody

    async def sign_up(email: str, password: str) -> None:
        """Make an unconfirmed account and mail it a six-digit code.

        Where the accounts are ours, one that nobody confirmed can be made again, with
        another password. Raise `NameTaken`, `PasswordTooWeak`, `ParameterInvalid` or
        `MailNotSent`.
        """

    async def verify(email: str, code: str) -> None:
        """Confirm the e-mail address of an account.

        Raise `CodeMismatch` (also for an unknown account) or `CodeExpired`.
        """

    async def sign_in(email: str, password: str, *, office: bool = False) -> SignedIn:
        """Return an access token; `office` for who signs in at the admin site.

        Raise `NotAuthorized` for an unknown account, a wrong password or a disabled
        account alike. Only after the right password: `AccountUnconfirmed`,
        `PasswordResetRequired`, and `NewPasswordRequired` with its challenge.
        """

    async def change_forced_password(
        email: str, new_password: str, session: str, *, office: bool = False
    ) -> SignedIn:
        """Answer the challenge of `NewPasswordRequired`; return an access token.

        `session` is used up. Raise `NotAuthorized` for one that is wrong, used up or
        too old, `PasswordTooWeak`.
        """

    async def forgot_password(email: str) -> Delivery:
        """Mail a six-digit code with which the password can be set anew.

        An unknown account looks as if it had been mailed one. Raise `MailNotSent`.
        """

    async def confirm_forgot_password(email: str, code: str, new_password: str) -> None:
        """Set a new password with the code that was mailed; whoever is in is out.

        Raise `PasswordTooWeak`, `CodeMismatch` (also for an unknown account) or
        `CodeExpired`.
        """

    # --- whoever has an access token; all raise `TokenError` as `admit` does

    async def admit(token: str) -> Caller:
        """Return who an access token stands for.

        Raise `TokenError` if it is damaged, expired, not an access token of ours, was
        called back, or its account is disabled or gone.
        """

    async def change_password(token: str, previous: str, proposed: str) -> None:
        """Change the password of a token's owner; that token stays good.

        Raise `NotAuthorized` for a wrong previous one, `PasswordTooWeak`.
        """

    async def whoami(token: str) -> Person:
        """Return the person that a token stands for."""

    async def change_me(token: str, attributes: Mapping[str, str]) -> Person:
        """Change what is known of a token's owner, '' for nothing known.

        Only the attributes of `PROFILE`. Raise `ParameterInvalid`, with nothing
        changed: a phone number is `+` and 1 to 15 digits, or ''.
        """

    async def delete_me(token: str) -> None:
        """Delete the account of a token's owner for good; what they owe stays.

        Raise `ParameterInvalid` as `remove_user` does.
        """

    # --- administrators; all that name somebody raise `UserNotFound`

    async def users(asked: Listing) -> PeoplePage:
        """Return everybody; raise `ParameterInvalid` for a useless token or filter."""

    async def admins(asked: Listing) -> PeoplePage:
        """Return those in the Admins group; raise as `users`."""

    async def user(username: str) -> Person:
        """Return one person."""

    async def add_user(
        email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Make an account that must change its password at its first sign-in.

        It is mailed the password; without one, one is made up. Raise `NameTaken`,
        `PasswordTooWeak`, `ParameterInvalid` or `MailNotSent`.
        """

    async def add_admin(
        email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Do as `add_user`, and put the account into the Admins group."""

    async def change_user(username: str, attributes: Mapping[str, str]) -> Person:
        """Change what is known of somebody: `PROFILE`, `email`, `email_verified`.

        Raise `ParameterInvalid`, with nothing changed, or `NameTaken`.
        """

    async def remove_user(username: str) -> None:
        """Delete an account for good; what they owe stays, and whoever is in is out.

        Where the accounts are ours, raise `ParameterInvalid` for the last administrator
        who is enabled.
        """

    async def set_enabled(username: str, enabled: bool) -> None:
        """Let somebody sign in, or not any more; whoever is in is out then.

        Raise `ParameterInvalid` as `remove_user` does.
        """

    async def reset_password(username: str) -> None:
        """Void a password and mail a code to set a new one, as `forgot_password`."""

    async def set_password(username: str, password: str) -> None:
        """Set a password that need not be changed; raise `PasswordTooWeak`."""

    async def published_keys() -> tuple[Mapping[str, str], ...]:
        """Return the public keys that tokens are verified with, as JWKs (RFC 7517).

        None of a provider that publishes them itself.
        """


class ITokens(Interface):
    """Access tokens: signed by us, readable by anyone with the public key."""

    def issue(account: Account, at: float) -> str:
        """Return an RS256 access token for an account, valid from `at`."""

    def read(token: str, at: float) -> Caller:
        """Return whom a token was issued for; raise `TokenError`."""

    def published_keys(at: float) -> tuple[Mapping[str, str], ...]:
        """Return the public keys of tokens that are good at a time, as JWKs."""


class IPasswordHasher(Interface):
    """Slow hashing that never blocks the reactor."""

    async def hash(password: str) -> str:
        """Return a salted hash; raise `ServerBusy` if too many wait, or `Stopping`."""

    async def verify(password_hash: str, password: str) -> bool:
        """Tell whether a password fits; raise as `hash` does."""


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
