"""What administrators may do about people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from flexicharge.errors import IdentityError
from flexicharge.identity.cognito import listing, refusals
from flexicharge.identity.cognito.answers import NewUser, Page, User, read
from flexicharge.identity.cognito.attributes import pairs_of
from flexicharge.identity.cognito.reception import (
    CHANGED,
    DELETED,
    DISABLED,
    Reception,
)
from flexicharge.identity.cognito.refusals import told
from flexicharge.model.account import (
    ADMINS,
    EMAIL,
    EMAIL_VERIFIED,
    PROFILE,
    Listing,
    PeoplePage,
    Person,
)

CHANGEABLE: Final = (*PROFILE, EMAIL, EMAIL_VERIFIED)
MAX_PAGES: Final = 10


@frozen(kw_only=True, slots=False)
class Office(Reception):
    """What is done in the name of an administrator, with this server's credentials.

    Whoever calls has seen to it that it is one who asks.
    """

    async def users(self, asked: Listing) -> PeoplePage:
        """Return everybody, in AWS's order; raise as `IIdentity` says."""
        wanted = listing.filter_of(asked)
        more = {} if wanted is None else {"Filter": wanted}
        return await self._page(asked, "ListUsers", "PaginationToken", **more)

    async def admins(self, asked: Listing) -> PeoplePage:
        """Return those in the Admins group; raise as `users`."""
        return await self._page(
            asked, "ListUsersInGroup", "NextToken", GroupName=ADMINS
        )

    async def user(self, username: str) -> Person:
        """Return one person; raise `UserNotFound`."""
        return read(await self._do("AdminGetUser", Username=username), User).person

    async def add_user(
        self, email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Make an account; AWS mails the password, or makes one up.

        The address counts as verified unless that is said: AWS mails no code to set a
        password anew to one that is not.
        """
        email = email.strip()
        known = {EMAIL_VERIFIED: "true", **attributes}
        more = {} if password is None else {"TemporaryPassword": password}
        answer = await self._do(
            "AdminCreateUser",
            Username=email,
            UserAttributes=[
                {"Name": EMAIL, "Value": email},
                *pairs_of(known, (*PROFILE, EMAIL_VERIFIED)),
            ],
            DesiredDeliveryMediums=["EMAIL"],
            **more,
        )
        return read(answer, NewUser).User.person

    async def add_admin(
        self, email: str, password: str | None, attributes: Mapping[str, str]
    ) -> Person:
        """Do as `add_user`, and put the account into the Admins group.

        If that fails there is no account, and it can be tried again.
        """
        person = await self.add_user(email, password, attributes)
        try:
            await self._do(
                "AdminAddUserToGroup", Username=person.user_id, GroupName=ADMINS
            )
        except IdentityError:
            await self._undo(person)
            raise
        return person

    async def change_user(self, username: str, attributes: Mapping[str, str]) -> Person:
        """Change what is known of somebody.

        A new address counts as verified unless that is said: nobody could verify it.
        """
        pairs_of(attributes, CHANGEABLE)
        person, changes = await self.user(username), dict(attributes)
        if changes.get(EMAIL) == person.email:
            del changes[EMAIL]  # it stays as verified as it is
        if changes.get(EMAIL):
            changes.setdefault(EMAIL_VERIFIED, "true")
        if not changes:
            return person
        await self._do(
            "AdminUpdateUserAttributes",
            Username=person.user_id,
            UserAttributes=pairs_of(changes, CHANGEABLE),
        )
        return await self.user(person.user_id)

    async def remove_user(self, username: str) -> None:
        """Delete an account for good."""
        person = await self.user(username)
        await self._do("AdminDeleteUser", Username=username)
        self._sign_out(person.user_id, DELETED)

    async def set_enabled(self, username: str, enabled: bool) -> None:
        """Let somebody sign in, or not any more."""
        if enabled:
            await self._do("AdminEnableUser", Username=username)
            return
        person = await self.user(username)
        await self._do("AdminDisableUser", Username=username)
        self._sign_out(person.user_id, DISABLED)

    async def reset_password(self, username: str) -> None:
        """Void a password; AWS mails the code to set a new one, and takes no token."""
        person = await self.user(username)
        await self._do("AdminResetUserPassword", Username=username)
        self._sign_out(person.user_id, CHANGED)

    async def set_password(self, username: str, password: str) -> None:
        """Set a password that need not be changed, and void all tokens."""
        person = await self.user(username)
        await self._do(
            "AdminSetUserPassword",
            Username=username,
            Password=password,
            Permanent=True,
        )
        await self._do("AdminUserGlobalSignOut", Username=username)
        self._sign_out(person.user_id, CHANGED)

    async def published_keys(self) -> tuple[Mapping[str, str], ...]:
        """Return none: AWS publishes the pool's keys itself."""
        return ()

    async def _page(
        self, asked: Listing, operation: str, token_name: str, **request: Any
    ) -> PeoplePage:
        """Return the next page on which anybody is who is asked for.

        AWS does not filter by everything; a page can have fewer people then than it
        could, and after many without any even none, though there may be more.
        """
        listing.check(asked)
        token = asked.token
        for _ in range(MAX_PAGES):
            if token:
                request[token_name] = token
            page = read(await self._do(operation, Limit=asked.limit, **request), Page)
            people = tuple(user.person for user in page.Users)
            if "Filter" not in request:
                people = tuple(p for p in people if listing.is_asked_for(p, asked))
            token = page.PaginationToken or page.NextToken
            if people or not token:
                break
        return PeoplePage(people=people, next_token=token)

    async def _undo(self, person: Person) -> None:
        try:
            await self._do("AdminDeleteUser", Username=person.user_id)
        except IdentityError:
            self._log.error(
                "{user_id} was to be an administrator, and is none",
                user_id=person.user_id,
            )

    async def _do(self, operation: str, **request: Any) -> Mapping[str, Any]:
        with told(refusals.to_office):
            return await self.cognito.for_office(operation, **request)
