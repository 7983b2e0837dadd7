"""Those who are billed, as the identity provider knows them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final

from attrs import define, field, frozen
from twisted.internet.defer import Deferred, gatherResults
from twisted.logger import Logger

from flexicharge.errors import (
    DatabaseAway,
    IdentityAway,
    IdentityError,
    TooManyRequests,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.account import FAMILY_NAME, NAME, Person
from flexicharge.model.invoice import Customer

AT_ONCE: Final = 4  # of the 8 threads that a provider elsewhere has for everybody
PASSING: Final = (DatabaseAway, IdentityAway, TooManyRequests)


@frozen
class Addressees:
    """People by e-mail address or number; many of them have no account any more.

    Raise `DatabaseAway`, `IdentityAway` or `TooManyRequests` where that cannot be told
    now.
    """

    _identity: IIdentity

    async def known(self, username: str) -> Person | None:
        """Return somebody, None for nobody."""
        try:
            return await self._identity.user(username)
        except PASSING:
            raise
        except IdentityError:
            return None

    async def customer(self, user_id: str) -> Customer:
        """Return a user as a bill shows them."""
        person = await self.known(user_id)
        if person is None:
            return Customer()
        names = (person.attributes.get(name, "") for name in (NAME, FAMILY_NAME))
        return Customer(name=" ".join(filter(None, names)), email=person.email)


@define(eq=False)
class AddressBook:
    """The e-mail addresses in one answer; everybody is asked about once.

    Once the provider fails nobody else is asked about: what a list is of is worth more
    than the addresses in it.
    """

    _addressees: Addressees
    _emails: dict[str, str] = field(factory=dict, init=False)
    _gave_up: bool = field(default=False, init=False)
    _log = Logger()

    async def look_up(self, user_ids: Iterable[str]) -> None:
        """Learn the addresses of users, as far as there are any."""
        unasked = deque(one for one in dict.fromkeys(user_ids) if one not in self)
        asking = [Deferred.fromCoroutine(self._ask(unasked)) for _ in range(AT_ONCE)]
        await gatherResults(asking, consumeErrors=True)

    def email_of(self, user_id: str) -> str:
        """Return a user's address, '' if none was found."""
        return self._emails.get(user_id, "")

    def __contains__(self, user_id: str) -> bool:
        return user_id in self._emails

    async def _ask(self, unasked: deque[str]) -> None:
        while unasked and not self._gave_up:
            user_id = unasked.popleft()
            try:
                person = await self._addressees.known(user_id)
            except PASSING as why:
                self._gave_up = True
                self._log.warn("Invoices are listed without addresses: {why}", why=why)
            else:
                self._emails[user_id] = "" if person is None else person.email
