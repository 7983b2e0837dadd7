"""A forgotten password, set anew with a code that was mailed."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.identity.addresses import masked
from flexicharge.identity.confirmation import NOBODY
from flexicharge.identity.passwords import check_policy
from flexicharge.identity.registry import Registry
from flexicharge.model.account import AccountChange, AccountStatus, Delivery

CHANGED: Final = "the password was changed"


@frozen(kw_only=True)
class Recovery(Registry):
    """Helps those who own an account's address, and tells others nothing."""

    async def forgot_password(self, email: str) -> Delivery:
        """Mail a code with which the password can be set anew.

        Whatever differs for those who can have none is done after the answer: that
        comes as soon, and says the same, whoever is asked for. So a mail that does not
        go out is logged.
        """
        address, account = await self._look_up(email)
        self._resets.count_mail(address)
        is_unconfirmed = account and account.status is AccountStatus.UNCONFIRMED
        if account is not None and account.enabled and not is_unconfirmed:
            self.background.spawn("mailing a code", self._resets.send(account))
        return Delivery(destination=masked(email))

    async def confirm_forgot_password(
        self, email: str, code: str, new_password: str
    ) -> None:
        """Set a new password with the code that was mailed.

        Whoever has that has the address as well. Raise as `IIdentity` says.
        """
        check_policy(new_password)
        address, account = await self._look_up(email)
        with self._resets.counting(address):
            password_hash = await self.hasher.hash(new_password)
        change = AccountChange(
            password_hash=password_hash,
            status=AccountStatus.CONFIRMED,
            email_verified=True,
            signs_out=True,
            voids_codes=True,
        )
        account_id = NOBODY if account is None else account.account_id
        used = self._resets.use(address, account, code, change)
        await self._sign_out(account_id, CHANGED, used)
        self._guesses.forget(address)
