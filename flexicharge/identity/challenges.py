"""The secret that whoever must change their password is given at sign-in."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from contextlib import AbstractContextManager
from typing import Final

import msgspec
from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import (
    CodeExpired,
    CodeMismatch,
    NewPasswordRequired,
    NotAuthorized,
    TooManyRequests,
)
from flexicharge.identity.confirmation import (
    NOBODY,
    TRIES,
    TRIES_PER_S,
    standing_of,
)
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.limits import RateLimit
from flexicharge.identity.persons import person_of
from flexicharge.interfaces.accounts import IAccountStore
from flexicharge.interfaces.people import IEntropy
from flexicharge.model.account import (
    SUB,
    Account,
    AccountChange,
    AccountStatus,
    CodePurpose,
)

SECRET_BYTES: Final = 32
LIFETIME_S: Final = 180.0  # as Cognito's
OVER: Final = "Invalid session for the user, session is expired."


@frozen(kw_only=True)
class Challenges:
    """Challenges to set a new password; only their HMACs are kept, each good once.

    An HMAC is bound to the account as it stood when the password was right: it is void
    once that is changed or voided, or the account was disabled.
    """

    accounts: IAccountStore
    entropy: IEntropy
    clock: IReactorTime
    server_key: ServerKey
    _tries: RateLimit = field(init=False)

    @_tries.default
    def _a_few_tries(self) -> RateLimit:
        return RateLimit(self.clock, TRIES, TRIES_PER_S)

    async def issue(self, account: Account) -> NewPasswordRequired:
        """Return a challenge to raise; the one before is void."""
        secret = urlsafe_b64encode(self.entropy.token(SECRET_BYTES)).decode()
        await self.accounts.put_code(
            account.account_id,
            CodePurpose.CHALLENGE,
            self._mac(account, secret),
            self.clock.seconds() + LIFETIME_S,
        )
        known = dict(person_of(account).attributes)
        del known[SUB]
        return NewPasswordRequired(
            secret,
            {
                "USER_ID_FOR_SRP": account.account_id,
                "requiredAttributes": "[]",
                "userAttributes": msgspec.json.encode(known).decode(),
            },
        )

    def counting(self, name: str) -> AbstractContextManager[None]:
        """Note that somebody answers a challenge; raise `TooManyRequests` at last.

        What nobody comes to look at does not count.
        """
        return self._tries.counting(name)

    async def answer(
        self, name: str, account: Account | None, session: str, change: AccountChange
    ) -> Account:
        """Use up a challenge and make the change with it; raise `NotAuthorized`.

        `account` is as it stands now; only who must change a password has a challenge.
        """
        if account is not None and not _must_change(account):
            account = None
        try:
            changed = await self.accounts.try_code(
                NOBODY if account is None else account.account_id,
                CodePurpose.CHALLENGE,
                self._mac(account, session),
                self.clock.seconds(),
                change,
            )
        except (CodeMismatch, CodeExpired, TooManyRequests):
            raise NotAuthorized(OVER) from None
        self._tries.forget(name)
        return changed

    def _mac(self, account: Account | None, secret: str) -> bytes:
        return self.server_key.mac("challenge", *standing_of(account), secret)


def _must_change(account: Account) -> bool:
    return account.enabled and account.status is AccountStatus.FORCE_CHANGE_PASSWORD
