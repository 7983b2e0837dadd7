"""People with an access token, and what they may do about themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from attrs import frozen

from flexicharge.errors import NotAuthorized
from flexicharge.identity.cognito import refusals
from flexicharge.identity.cognito.attributes import pairs_of
from flexicharge.identity.cognito.calls import AwsRefused
from flexicharge.identity.cognito.reception import (
    CHANGED,
    DELETED,
    Reception,
)
from flexicharge.identity.cognito.tokens import PoolTokens
from flexicharge.model.account import PROFILE, Caller, Person


@frozen(kw_only=True, slots=False)
class Owners(Reception):
    """What is open to whoever has an access token of the pool."""

    tokens: PoolTokens

    async def admit(self, token: str) -> Caller:
        """Return who a token stands for, with the groups it names.

        That its owner may still come in is what AWS said a few seconds ago. Raise
        `TokenError`, or `IdentityAway`: nobody is let in unseen.
        """
        caller = await self._read(token)
        with self._noticing(caller):
            await self.presence.check(token, caller.user_id)
        return caller

    async def change_password(self, token: str, previous: str, proposed: str) -> None:
        """Change the password of a token's owner.

        Live sockets are closed, but other tokens stay good until they end: AWS can void
        none without voiding this one.
        """
        caller = await self.admit(token)
        with self._noticing(caller):
            try:
                await self.cognito.for_owner(
                    "ChangePassword",
                    token,
                    PreviousPassword=previous,
                    ProposedPassword=proposed,
                )
            except AwsRefused as why:
                if refusals.is_wrong_password(why):
                    raise NotAuthorized(refusals.WRONG) from None
                raise
        self._sign_out(caller.user_id, CHANGED)

    async def whoami(self, token: str) -> Person:
        """Return the person that a token stands for; times are 0, AWS tells none."""
        caller = await self._read(token)
        with self._noticing(caller):
            return (await self.presence.look(token, caller.user_id)).person

    async def change_me(self, token: str, attributes: Mapping[str, str]) -> Person:
        """Change what is known of a token's owner; raise as `IIdentity` says."""
        changes = pairs_of(attributes, PROFILE)
        caller = await self.admit(token)
        if changes:
            with self._noticing(caller):
                await self.cognito.for_owner(
                    "UpdateUserAttributes", token, UserAttributes=changes
                )
            self.presence.forget(caller.user_id)
        return await self.whoami(token)

    async def delete_me(self, token: str) -> None:
        """Delete the account of a token's owner for good."""
        caller = await self.admit(token)
        with self._noticing(caller):
            await self.cognito.for_owner("DeleteUser", token)
        self._sign_out(caller.user_id, DELETED)

    async def _read(self, token: str) -> Caller:
        return await self.tokens.read(token, self.clock.seconds())

    @contextmanager
    def _noticing(self, caller: Caller) -> Iterator[None]:
        """Raise a refusal as the owner of a token hears it.

        Everybody hears of an account that was disabled or deleted, maybe in AWS itself.
        """
        try:
            yield
        except AwsRefused as why:
            if refusals.is_no_token(why) and refusals.is_shut(why):
                self._sign_out(caller.user_id, refusals.GONE)
            raise refusals.to_owner(why) from None
