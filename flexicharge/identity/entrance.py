"""What people do before they have a token: sign up, confirm, sign in."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.errors import (
    AccountUnconfirmed,
    AccountUnknown,
    NameTaken,
    NotAuthorized,
    PasswordResetRequired,
)
from flexicharge.identity.addresses import MAX_ADDRESS, email_of
from flexicharge.identity.passwords import check_policy
from flexicharge.identity.persons import person_of
from flexicharge.identity.registry import TAKEN, Registry
from flexicharge.model.account import (
    ADMINS,
    Account,
    AccountChange,
    AccountStatus,
    SignedIn,
)

WRONG: Final = "Incorrect username or password."
UNCONFIRMED: Final = "User is not confirmed."
VOIDED: Final = "Password reset required for the user"

CONFIRMED: Final = AccountChange(status=AccountStatus.CONFIRMED, email_verified=True)


@frozen(kw_only=True)
class Entrance(Registry):
    """Lets people in who show that they are who they say."""

    async def sign_up(self, email: str, password: str) -> None:
        """Make an unconfirmed account and mail it a code.

        Before the address is confirmed it can be repeated: the mail may be lost, or
        somebody else was first, who must not know the password then. That is the one
        given last, and only the last code is good. Raise as `IIdentity` says.
        """
        address = email_of(email)
        check_policy(password)
        account = await self._find(address)
        if account is None:
            account = await self._add(address, password, AccountStatus.UNCONFIRMED)
            self._welcomes.count_mail(address)
        elif account.enabled and account.status is AccountStatus.UNCONFIRMED:
            account = await self._begin_again(account, password)
        else:
            raise NameTaken(TAKEN)
        await self._welcomes.send(account)

    async def verify(self, email: str, code: str) -> None:
        """Confirm the e-mail address of an account; raise as `IIdentity` says."""
        address, account = await self._look_up(email)
        with self._welcomes.counting(address):
            await self._welcomes.use(address, account, code, CONFIRMED)

    async def sign_in(
        self, email: str, password: str, *, office: bool = False
    ) -> SignedIn:
        """Return an access token, at whichever site; raise as `IIdentity` says.

        A hundred wrong passwords in 5 minutes are too many for an address, known or
        not.
        """
        address, account = await self._look_up(email)
        fits = await self._is_password(address, account, password)
        if account is None or not fits:
            raise NotAuthorized(WRONG)
        match account.status:
            case AccountStatus.UNCONFIRMED:
                raise AccountUnconfirmed(UNCONFIRMED)
            case AccountStatus.RESET_REQUIRED:
                raise PasswordResetRequired(VOIDED)
            case AccountStatus.FORCE_CHANGE_PASSWORD:
                raise await self._challenges.issue(account)
            case AccountStatus.CONFIRMED:
                return self._signed_in(account)

    async def change_forced_password(
        self, email: str, new_password: str, session: str, *, office: bool = False
    ) -> SignedIn:
        """Answer a challenge; return an access token. Raise as `IIdentity` says.

        Who is meant may also be told as the challenge does it: by number.
        """
        check_policy(new_password)
        name, account = await self._look_up_challenged(email)
        with self._challenges.counting(name):
            password_hash = await self.hasher.hash(new_password)
        change = AccountChange(
            password_hash=password_hash,
            status=AccountStatus.CONFIRMED,
            voids_codes=True,
        )
        changed = await self._challenges.answer(name, account, session, change)
        return self._signed_in(changed)

    async def make_admin(self, email: str, password: str) -> tuple[Account, bool]:
        """Return an admin's account, and True if it had to be made.

        One that exists keeps its password. Raise `PasswordTooWeak`, `ParameterInvalid`,
        or `AccountUnconfirmed` for one whose address was never verified: anybody could
        have chosen its password.
        """
        address = email_of(email)
        account = await self._find(address)
        is_new = account is None
        if account is None:
            check_policy(password)
            confirmed = AccountStatus.CONFIRMED
            account = await self._add(address, password, confirmed, email_verified=True)
        elif account.status is AccountStatus.UNCONFIRMED:
            raise AccountUnconfirmed(UNCONFIRMED)
        now = self.clock.seconds()
        await self.accounts.add_to_group(account.account_id, ADMINS, now)
        return await self.accounts.get_account(account.account_id), is_new

    def _signed_in(self, account: Account) -> SignedIn:
        token = self.tokens.issue(account, self.clock.seconds())
        return SignedIn(access_token=token, person=person_of(account))

    async def _begin_again(self, account: Account, password: str) -> Account:
        """Return an account that nobody has confirmed yet, with another password.

        Raise `NameTaken` if somebody did meanwhile, or was faster.
        """
        password_hash = await self.hasher.hash(password)
        self._welcomes.count_mail(account.email)
        change = AccountChange(password_hash=password_hash, voids_codes=True)
        now = self.clock.seconds()
        try:
            return await self.accounts.change_account(
                account.account_id, change, now, only_as=account
            )
        except AccountUnknown:
            raise NameTaken(TAKEN) from None

    async def _look_up_challenged(self, name: str) -> tuple[str, Account | None]:
        if "@" in name:
            return await self._look_up(name)
        try:
            account = await self.accounts.get_listed_account(name[:MAX_ADDRESS])
        except AccountUnknown:
            return name[:MAX_ADDRESS], None
        return account.email, account
