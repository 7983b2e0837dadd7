"""Accounts seen a moment ago, so that not every request asks the store."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces.accounts import IAccountStore
from flexicharge.model.account import Account
from flexicharge.model.events import SignedOut

FRESH_S: Final = 5.0  # design §7.10: a disabled account is noticed within this
MAX_SEEN: Final = 10_000


class RecentAccounts:
    """Looks accounts up, and believes for 5 s what it saw, unless told otherwise."""

    def __init__(self, accounts: IAccountStore, clock: IReactorTime) -> None:
        self._accounts = accounts
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, Account]] = OrderedDict()
        self._changes = 0  # of which we were told

    async def get(self, account_id: str) -> Account:
        """Return an account as it was at most 5 s ago; raise `AccountUnknown`.

        What we are told while we ask may be newer than the answer: we ask again.
        """
        asked_at = self._clock.seconds()
        seen = self._seen.get(account_id)
        if seen is not None and asked_at < seen[0] + FRESH_S:
            return seen[1]
        changes = self._changes
        account = await self._accounts.get_account(account_id)
        if changes != self._changes:
            return await self.get(account_id)
        self._remember(asked_at, account)
        return account

    def forget(self, account_id: str) -> None:
        """Ask for an account the next time, however fresh what we saw is."""
        self._changes += 1
        self._seen.pop(account_id, None)

    def signed_out(self, event: SignedOut) -> None:
        """Forget an account whose tokens became void."""
        self.forget(event.user_id)

    def _remember(self, asked_at: float, account: Account) -> None:
        self._seen[account.account_id] = (asked_at, account)
        self._seen.move_to_end(account.account_id)
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)
