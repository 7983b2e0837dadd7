"""Accounts seen a moment ago, so that not every request asks the store."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces.stores import IAccountStore
from flexicharge.model.account import Account

FRESH_S: Final = 5.0  # design §7.10: a disabled account is noticed within this
MAX_SEEN: Final = 10_000


class RecentAccounts:
    """Looks accounts up, and believes for 5 s what it saw."""

    def __init__(self, accounts: IAccountStore, clock: IReactorTime) -> None:
        self._accounts = accounts
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, Account]] = OrderedDict()

    async def get(self, account_id: str) -> Account:
        """Return an account as it was at most 5 s ago; raise `AccountUnknown`."""
        asked_at = self._clock.seconds()
        seen = self._seen.get(account_id)
        if seen is not None and asked_at < seen[0] + FRESH_S:
            return seen[1]
        account = await self._accounts.get_account(account_id)
        self._seen[account_id] = (asked_at, account)
        self._seen.move_to_end(account_id)
        if len(self._seen) > MAX_SEEN:
            self._seen.popitem(last=False)
        return account
