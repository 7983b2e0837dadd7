"""What administrators do with everybody's accounts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from attrs import frozen

from flexicharge.errors import (
    AccountUnknown,
    DatabaseAway,
    MailNotSent,
    NameTaken,
    ParameterInvalid,
    UserNotFound,
)
from flexicharge.identity.addresses import email_of
from flexicharge.identity.passwords import check_policy, made_up_password
from flexicharge.identity.persons import change_of, person_of, profile_of, truth_of
from flexicharge.identity.recovery import CHANGED
from flexicharge.identity.registry import TAKEN, Registry
from flexicharge.model.account import (
    ADMINS,
    EMAIL,
    EMAIL_VERIFIED,
    Account,
    AccountChange,
    AccountStatus,
    Listing,
    PeoplePage,
    Person,
)

NOT_FOUND: Final = "User does not exist."
SUBJECT: Final = "Your FlexiCharge account"
INVITATION: Final = (
    "An account was made for you, with your e-mail address as its name.\n"
    "Your temporary password is {password}\n"
    "You will be asked for a new one when you sign in.\n"
)


@frozen(kw_only=True)
class Administration(Registry):
    """Lets administrators see and change accounts that are not theirs."""

    async def users(self, asked: Listing) -> PeoplePage:
        """Return everybody, a page at a time; raise `ParameterInvalid`."""
        return await self._pages.read(asked)

    async def admins(self, asked: Listing) -> PeoplePage:
        """Return those in the Admins group, a page at a time; raise as `users`."""
        return await self._pages.read(asked, ADMINS)

    async def user(self, username: str) -> Person:
        """Return one person; raise `UserNotFound`."""
        return person_of(await self._named(username))

    async def add_user(
        self, email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Make an account and mail it a temporary password; raise as `IIdentity`."""
        return await self._invite(email, password, attributes, ())

    async def add_admin(
        self, email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Do as `add_user`, and put the account into the Admins group."""
        return await self._invite(email, password, attributes, (ADMINS,))

    async def change_user(self, username: str, attributes: Mapping[str, str]) -> Person:
        """Change what is known of somebody; raise as `IIdentity` says."""
        account = await self._named(username)
        given = dict(attributes)
        if EMAIL in given and email_of(given[EMAIL]) == account.email:
            del given[EMAIL]  # it stays as verified as it is
        try:
            return person_of(await self._change(account, change_of(given)))
        except NameTaken:
            raise NameTaken(TAKEN) from None

    async def remove_user(self, username: str) -> None:
        """Delete an account for good; raise as `IIdentity` says."""
        account_id = (await self._named(username)).account_id
        deleted = self.accounts.delete_account(account_id, unless_last_of=ADMINS)
        try:
            await self._sign_out(account_id, "the account was deleted", deleted)
        except AccountUnknown:
            raise UserNotFound(NOT_FOUND) from None

    async def set_enabled(self, username: str, enabled: bool) -> None:
        """Let somebody sign in, or not any more, and sign them out then."""
        account = await self._named(username)
        if enabled:
            await self._change(account, AccountChange(enabled=True))
        else:
            change = AccountChange(enabled=False, signs_out=True, voids_codes=True)
            why = "the account is disabled"
            await self._change(account, change, why, unless_last_of=ADMINS)

    async def reset_password(self, username: str) -> None:
        """Void a password, and mail a code to set a new one.

        Raise `UserNotFound`, or `MailNotSent` with the password void all the same.
        """
        account = await self._named(username)
        change = AccountChange(
            status=AccountStatus.RESET_REQUIRED, signs_out=True, voids_codes=True
        )
        changed = await self._change(account, change, CHANGED)
        self._resets.forgive(changed.email)
        await self._resets.send(changed)

    async def set_password(self, username: str, password: str) -> None:
        """Set a password that need not be changed; raise as `IIdentity` says."""
        check_policy(password)
        account = await self._named(username)
        change = AccountChange(
            password_hash=await self.hasher.hash(password),
            status=AccountStatus.CONFIRMED,
            signs_out=True,
            voids_codes=True,
        )
        await self._change(account, change, CHANGED)

    async def _named(self, username: str) -> Account:
        """Return an account by its address or its number; raise `UserNotFound`.

        Those of the self tests are nobody's.
        """
        try:
            if "@" in username:
                return await self.accounts.get_account_by_email(email_of(username))
            return await self.accounts.get_listed_account(username)
        except (AccountUnknown, ParameterInvalid):
            raise UserNotFound(NOT_FOUND) from None

    async def _invite(
        self,
        email: str,
        password: str | None,
        attributes: Mapping[str, str],
        groups: tuple[str, ...],
    ) -> Person:
        address, rest = email_of(email), dict(attributes)
        is_verified = truth_of(rest.pop(EMAIL_VERIFIED, "false"))
        profile = profile_of(rest)
        temporary = made_up_password(self.entropy) if password is None else password
        check_policy(temporary)
        account = await self._add(
            address,
            temporary,
            AccountStatus.FORCE_CHANGE_PASSWORD,
            groups=groups,
            email_verified=is_verified,
            **profile,
        )
        await self._mail_invitation(account, temporary)
        return person_of(account)

    async def _mail_invitation(self, account: Account, password: str) -> None:
        """Mail a temporary password; an account that cannot be told it goes again."""
        text = INVITATION.format(password=password)
        try:
            await self.mail.send(account.email, SUBJECT, text)
        except MailNotSent:
            with suppress(AccountUnknown, DatabaseAway):
                await self.accounts.delete_account(account.account_id)
            raise

    async def _change(
        self,
        account: Account,
        change: AccountChange,
        why: str | None = None,
        *,
        unless_last_of: str | None = None,
    ) -> Account:
        """Change an account, and sign it out if that is why; raise `UserNotFound`."""
        account_id, now = account.account_id, self.clock.seconds()
        changed = self.accounts.change_account(
            account_id, change, now, unless_last_of=unless_last_of
        )
        try:
            if why is None:
                return await changed
            return await self._sign_out(account_id, why, changed)
        except AccountUnknown:
            raise UserNotFound(NOT_FOUND) from None
        finally:
            self._recent.forget(account_id)
