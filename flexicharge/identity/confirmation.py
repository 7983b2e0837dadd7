"""Six-digit codes that prove an e-mail address is its owner's."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from attrs import field, frozen
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import CodeExpired, CodeMismatch, TooManyRequests
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces.people import IEntropy, IMail
from flexicharge.interfaces.stores import IAccountStore
from flexicharge.model.account import Account, CodePurpose

DAY_S: Final = 86_400.0
CODE_LIFETIME_S: Final = DAY_S  # as Cognito's
MAILS_PER_DAY: Final = 5
TRIES: Final = 5
TRIES_PER_S: Final = 900.0

SUBJECT: Final = "Your FlexiCharge verification code"
TEXT: Final = "Your verification code is {code}.\nIt is good for 24 hours.\n"
WRONG: Final = "Invalid verification code provided, please try again."
TOO_OLD: Final = "Invalid code provided, please request a code again."

NOBODY: Final = str(UUID(int=0))
"""Whose code is tried for those who have no account: it costs the same work."""


@frozen(kw_only=True)
class ConfirmationCodes:
    """Mails codes and checks them; only their HMACs are kept."""

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

    async def send(self, account: Account) -> None:
        """Mail an account a new code, good for a day; the one before is void.

        Raise `TooManyRequests` for more than 5 mails a day, or `MailNotSent`.
        """
        self._mails.take(account.email)
        code = self.entropy.code()
        await self.accounts.put_code(
            account.account_id,
            CodePurpose.SIGN_UP,
            self._mac(account.account_id, code),
            self.clock.seconds() + CODE_LIFETIME_S,
        )
        self._tries.forget(account.email)
        await self.mail.send(account.email, SUBJECT, TEXT.format(code=code))

    async def use(self, email: str, account_id: str, code: str) -> None:
        """Use up the code of the account with this address, `NOBODY` for no account.

        Raise `CodeMismatch` or `CodeExpired`, and `TooManyRequests` for the sixth wrong
        code of an address within 15 minutes, whether it has an account or not. That the
        store has had enough of a code is not told: no unknown account could say so.
        """
        self._tries.take(email)
        mac = self._mac(account_id, code)
        now = self.clock.seconds()
        try:
            await self.accounts.try_code(account_id, CodePurpose.SIGN_UP, mac, now)
        except (CodeMismatch, TooManyRequests):
            raise CodeMismatch(WRONG) from None
        except CodeExpired:
            raise CodeExpired(TOO_OLD) from None
        self._tries.forget(email)

    def _mac(self, account_id: str, code: str) -> bytes:
        return self.server_key.mac("code", CodePurpose.SIGN_UP, account_id, code)
