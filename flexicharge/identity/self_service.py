"""What people do with their own account, once they have a token."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from flexicharge.errors import AccountUnknown, NotAuthorized, TokenError
from flexicharge.identity.entrance import WRONG
from flexicharge.identity.passwords import check_policy
from flexicharge.identity.persons import person_of, profile_of
from flexicharge.identity.recovery import CHANGED
from flexicharge.identity.registry import GONE, Registry
from flexicharge.model.account import ADMINS, AccountChange, Caller, Person


@frozen(kw_only=True)
class SelfService(Registry):
    """Lets the owner of a token see and change what is theirs."""

    async def admit(self, token: str) -> Caller:
        """Return who a token stands for, with the groups of the last 5 seconds.

        Raise `TokenError`, or `DatabaseAway`: nobody is let in unseen.
        """
        caller = self.tokens.read(token, self.clock.seconds())
        account = await self._owner(caller)
        return evolve(caller, groups=frozenset(account.groups))

    async def change_password(self, token: str, previous: str, proposed: str) -> None:
        """Change the password of a token's owner; only that token stays good.

        Wrong previous ones count as at a sign-in. Whatever an administrator does
        meanwhile wins. Raise as `IIdentity` says.
        """
        caller = await self.admit(token)
        check_policy(proposed)
        account = await self._owner_now(caller)
        if not await self._is_password(account.email, account, previous):
            raise NotAuthorized(WRONG)
        change = AccountChange(
            password_hash=await self.hasher.hash(proposed),
            signs_out=True,
            kept_token=caller.token_id,
            voids_codes=True,
        )
        changed = self.accounts.change_account(
            account.account_id,
            change,
            self.clock.seconds(),
            only_as=account,
        )
        try:
            await self._sign_out(account.account_id, CHANGED, changed)
        except (
            AccountUnknown
        ):  # an administrator was here while we hashed, or somebody else
            raise NotAuthorized(WRONG) from None

    async def whoami(self, token: str) -> Person:
        """Return the person that a token stands for; raise `TokenError`."""
        return person_of(await self._owner_now(await self.admit(token)))

    async def change_me(self, token: str, attributes: Mapping[str, str]) -> Person:
        """Change what is known of a token's owner; raise as `IIdentity` says."""
        caller = await self.admit(token)
        change = AccountChange(**profile_of(attributes))
        try:
            changed = await self.accounts.change_account(
                caller.user_id, change, self.clock.seconds()
            )
        except AccountUnknown:
            raise TokenError(GONE) from None
        return person_of(changed)

    async def delete_me(self, token: str) -> None:
        """Delete the account of a token's owner for good; raise as `IIdentity` says."""
        user_id = (await self.admit(token)).user_id
        deleted = self.accounts.delete_account(user_id, unless_last_of=ADMINS)
        try:
            await self._sign_out(user_id, "the account was deleted", deleted)
        except AccountUnknown:
            raise TokenError(GONE) from None
