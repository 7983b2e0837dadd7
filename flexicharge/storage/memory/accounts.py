"""People's accounts, in memory."""

from __future__ import annotations

from hmac import compare_digest
from typing import Final

from attrs import evolve, frozen
from zope.interface import implementer

from flexicharge.errors import (
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    NameTaken,
    TooManyRequests,
)
from flexicharge.interfaces import IAccountStore
from flexicharge.model.account import Account, AccountStatus, CodePurpose
from flexicharge.storage.memory.guards import stored_at, stored_text
from flexicharge.storage.memory.rows import CodeRow
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.values import storable

ATTEMPTS: Final = 5


@implementer(IAccountStore)
@frozen
class MemoryAccounts:
    """Accounts by number, and the confirmation codes that are out."""

    _world: MemoryWorld

    async def add_account(self, account: Account) -> None:
        """Store a new account; raise `NameTaken`."""
        async with self._world.commit("add_account"):
            email = stored_text(account.email).lower()
            if account.account_id in self._world.accounts or self._called(email):
                raise NameTaken(email)
            self._world.accounts[stored_text(account.account_id)] = evolve(
                account,
                email=email,
                name=storable(account.name),
                family_name=storable(account.family_name),
                created_at=stored_at(account.created_at),
                modified_at=stored_at(account.modified_at),
            )

    async def get_account(self, account_id: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        async with self._world.commit("get_account"):
            return self._account(account_id)

    async def get_account_by_email(self, email: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        async with self._world.commit("get_account_by_email"):
            account = self._may_be_called(email.lower())
            if account is None:
                raise AccountUnknown
            return account

    async def set_account_status(
        self, account_id: str, status: AccountStatus, at: float
    ) -> None:
        """Change where an account stands; raise `AccountUnknown`."""
        async with self._world.commit("set_account_status"):
            account = self._account(account_id)
            self._world.accounts[account_id] = evolve(
                account, status=status, modified_at=stored_at(at)
            )

    async def add_to_group(self, account_id: str, group: str, at: float) -> None:
        """Put an account into a group, once; raise `AccountUnknown`."""
        async with self._world.commit("add_to_group"):
            account = self._account(account_id)
            if stored_text(group) not in account.groups:
                self._world.accounts[account_id] = evolve(
                    account,
                    groups=(*account.groups, group),
                    modified_at=stored_at(at),
                )

    async def put_code(
        self, account_id: str, purpose: CodePurpose, code_mac: bytes, expires_at: float
    ) -> None:
        """Replace an account's code for a purpose; attempts start again at 0.

        Raise `AccountUnknown`.
        """
        async with self._world.commit("put_code"):
            self._account(account_id)
            self._world.codes[account_id, purpose] = CodeRow(
                code_mac=code_mac, expires_at=stored_at(expires_at)
            )

    async def try_code(
        self, account_id: str, purpose: CodePurpose, code_mac: bytes, at: float
    ) -> None:
        """Use up a code.

        Each call counts as an attempt in the same commit, whatever its verdict. Raise
        `TooManyRequests` from the sixth on, `CodeMismatch` if it is wrong or there is
        none, `CodeExpired` if it is right but too old.
        """
        async with self._world.commit("try_code"):
            code = self._world.codes.get((account_id, purpose))
            if code is None:
                raise CodeMismatch
            tried = evolve(code, attempts=code.attempts + 1)
            self._world.codes[account_id, purpose] = tried
            if tried.attempts > ATTEMPTS:
                raise TooManyRequests
            if not compare_digest(code.code_mac, code_mac):
                raise CodeMismatch
            if code.expires_at <= stored_at(at):
                raise CodeExpired
            del self._world.codes[account_id, purpose]

    def _account(self, account_id: str) -> Account:
        if account_id not in self._world.accounts:
            raise AccountUnknown(account_id)
        return self._world.accounts[account_id]

    def _called(self, email: str) -> Account | None:
        accounts = self._world.accounts.values()
        return next((a for a in accounts if a.email == email), None)

    def _may_be_called(self, email: str) -> Account | None:
        account = self._called(email)
        hidden = self._world.self_test_accounts
        return None if account and account.account_id in hidden else account
