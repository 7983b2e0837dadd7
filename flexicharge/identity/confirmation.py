"""Six-digit codes that prove an e-mail address is its owner's."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final
from uuid import UUID

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import CodeExpired, CodeMismatch, TooManyRequests
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.limits import RateLimit
from flexicharge.identity.passwords import NOBODYS_HASH
from flexicharge.interfaces.accounts import IAccountStore
from flexicharge.interfaces.people import IEntropy, IMail
from flexicharge.model.account import Account, AccountChange, CodePurpose

DAY_S: Final = 86_400.0
MAILS_PER_DAY: Final = 5
TRIES: Final = 5
TRIES_PER_S: Final = 900.0

WRONG: Final = "Invalid verification code provided, please try again."
TOO_OLD: Final = "Invalid code provided, please request a code again."

NOBODY: Final = str(UUID(int=0))
"""Whose code is tried for those who have no account: it costs the same work."""


@frozen(kw_only=True)
class Letter:
    """What a code is mailed in, and for how many seconds it is good."""

    purpose: CodePurpose
    subject: str
    text: str
    lifetime_s: float


# Both are good for as long as Cognito's.
WELCOME: Final = Letter(
    purpose=CodePurpose.SIGN_UP,
    subject="Your FlexiCharge verification code",
    text=(
        "Your verification code is {code}.\nIt is good for 24 hours.\n"
        "Use it only if you have just signed up: somebody else may have chosen the "
        "password.\n"
    ),
    lifetime_s=DAY_S,
)
RESET: Final = Letter(
    purpose=CodePurpose.RESET,
    subject="Your FlexiCharge password reset code",
    text=(
        "Your password reset code is {code}.\nIt is good for an hour.\n"
        "If you did not ask for it, there is nothing you need to do.\n"
    ),
    lifetime_s=3600.0,
)


@frozen(kw_only=True)
class ConfirmationCodes:
    """Mails codes for one purpose and checks them; only their HMACs are kept.

    An HMAC is bound to the address that a code is mailed to, and to the account as it
    stands then.
    """

    letter: Letter
    accounts: IAccountStore
    mail: IMail
    entropy: IEntropy
    clock: IReactorTime
    server_key: ServerKey
    _mails: RateLimit = field(init=False)
    _tries: RateLimit = field(init=False)

    @_mails.default
    def _a_few_mails_a_day(self) -> RateLimit:
        return RateLimit(self.clock, MAILS_PER_DAY, DAY_S)

    @_tries.default
    def _a_few_tries(self) -> RateLimit:
        return RateLimit(self.clock, TRIES, TRIES_PER_S)

    def count_mail(self, email: str) -> None:
        """Note that an address is to have a code; it may be tried afresh.

        Raise `TooManyRequests` for more than 5 a day.
        """
        self._mails.take(email)
        self.forgive(email)

    def forgive(self, email: str) -> None:
        """Let the codes of an address be tried afresh."""
        self._tries.forget(email)

    async def send(self, account: Account) -> None:
        """Mail an account a new code; the one before is void. Raise `MailNotSent`."""
        code = self.entropy.code()
        await self.accounts.put_code(
            account.account_id,
            self.letter.purpose,
            self._mac(account.email, account, code),
            self.clock.seconds() + self.letter.lifetime_s,
        )
        text = self.letter.text.format(code=code)
        await self.mail.send(account.email, self.letter.subject, text)

    def counting(self, email: str) -> AbstractContextManager[None]:
        """Note that somebody tries a code of an address, with an account or without.

        What nobody comes to look at does not count. Raise `TooManyRequests` for the
        sixth wrong code within 15 minutes.
        """
        return self._tries.counting(email)

    async def use(
        self, email: str, account: Account | None, code: str, change: AccountChange
    ) -> Account:
        """Use up the code of the account with this address, None for no account.

        The change is made with it. Raise `CodeMismatch` or `CodeExpired`. That the
        store has had enough of a code is not told: no unknown account could say so.
        """
        try:
            changed = await self.accounts.try_code(
                NOBODY if account is None else account.account_id,
                self.letter.purpose,
                self._mac(email, account, code.strip()),
                self.clock.seconds(),
                change,
            )
        except (CodeMismatch, TooManyRequests):
            raise CodeMismatch(WRONG) from None
        except CodeExpired:
            raise CodeExpired(TOO_OLD) from None
        self.forgive(email)
        return changed

    def _mac(self, email: str, account: Account | None, code: str) -> bytes:
        bound = (self.letter.purpose, email, *standing_of(account))
        return self.server_key.mac("code", *bound, code)


def standing_of(account: Account | None) -> tuple[str, str, str]:
    """Return what a secret is bound to, so that it is void once that is changed.

    That voids what is stored as well, but something may be stored a moment later: it
    was made for the account as it was.
    """
    if account is None:
        return NOBODY, NOBODYS_HASH, "0"
    return account.account_id, account.password_hash, str(account.generation)
