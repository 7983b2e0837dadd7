"""People's accounts, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hmac import compare_digest
from typing import Any, Final

from attrs import asdict, evolve, fields_dict, frozen
from zope.interface import implementer

from flexicharge.errors import (
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    LastOfGroup,
    NameTaken,
    TooManyRequests,
)
from flexicharge.interfaces import IAccountStore
from flexicharge.interfaces.accounts import AccountsAsked
from flexicharge.model.account import (
    EMAIL,
    EMAIL_VERIFIED,
    PROFILE,
    STATUS,
    SUB,
    USER_STATUS,
    USERNAME,
    Account,
    AccountChange,
    AccountStatus,
    CodePurpose,
    field_of,
)
from flexicharge.storage.memory.bookings import BookingState
from flexicharge.storage.memory.guards import stored_account_id, stored_at, stored_text
from flexicharge.storage.memory.rows import CodeRow
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.storage.values import (
    ascii_lower,
    is_storable,
    spellings,
    storable,
)

ATTEMPTS: Final = 5

# What an account shows under each name that accounts are listed by.
SHOWN: Final[dict[str, Callable[[Account], str]]] = {
    USERNAME: lambda account: account.account_id,
    SUB: lambda account: account.account_id,
    EMAIL: lambda account: account.email,
    EMAIL_VERIFIED: lambda account: str(account.email_verified),
    STATUS: lambda account: "Enabled" if account.enabled else "Disabled",
    USER_STATUS: lambda account: account.status,
}


@implementer(IAccountStore)
@frozen
class MemoryAccounts:
    """Accounts by number, and the confirmation codes that are out."""

    _world: MemoryWorld

    async def add_account(self, account: Account) -> None:
        """Store a new account; raise `NameTaken`."""
        async with self._world.commit("add_account"):
            row = _stored(account)
            if row.account_id in self._world.accounts or self._called(row.email):
                raise NameTaken(row.email)
            self._world.accounts[stored_account_id(row.account_id)] = row

    async def get_account(self, account_id: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        async with self._world.commit("get_account"):
            return self._account(account_id)

    async def get_listed_account(self, account_id: str) -> Account:
        """Return an account, but none of the self tests; raise `AccountUnknown`."""
        async with self._world.commit("get_listed_account"):
            if account_id in self._world.self_test_accounts:
                raise AccountUnknown(account_id)
            return self._account(account_id)

    async def get_account_by_email(self, email: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        async with self._world.commit("get_account_by_email"):
            account = self._called(email.lower())
            if account is None or account.account_id in self._world.self_test_accounts:
                raise AccountUnknown
            return account

    async def get_accounts(self, asked: AccountsAsked) -> tuple[Account, ...]:
        """Return accounts by when they were made, then by number."""
        async with self._world.commit("get_accounts"):
            found = sorted(self._asked_for(asked), key=_place)
            return tuple(found[: asked.limit])

    async def change_account(
        self,
        account_id: str,
        change: AccountChange,
        at: float,
        *,
        only_as: Account | None = None,
        unless_last_of: str | None = None,
    ) -> Account:
        """Change an account and return it as it is then; raise `NameTaken`.

        Raise `AccountUnknown`, also if it has another password, generation or status
        than `only_as`, or is not as enabled. Raise `LastOfGroup` if of the enabled ones
        it is the last in the group `unless_last_of`.
        """
        async with self._world.commit("change_account"):
            account = self._account(account_id)
            self._keep_last(account, unless_last_of)
            if only_as is not None and _standing(account) != _standing(only_as):
                raise AccountUnknown(account_id)
            changed = self._change(account, change, at)
            if change.voids_codes:
                self._drop_codes(account_id)
            return changed

    async def delete_account(
        self, account_id: str, *, unless_last_of: str | None = None
    ) -> None:
        """Delete an account and its codes for good; raise `AccountUnknown`.

        Raise `LastOfGroup` as `change_account` does.
        """
        async with self._world.commit("delete_account"):
            self._keep_last(self._account(account_id), unless_last_of)
            del self._world.accounts[account_id]
            self._world.self_test_accounts.discard(account_id)
            self._drop_codes(account_id)
            for booking in self._world.bookings.booked(
                lambda b: b.user_id == account_id
            ):
                self._world.bookings.put(booking.booking_id, BookingState.CANCELLED)

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
        self,
        account_id: str,
        purpose: CodePurpose,
        code_mac: bytes,
        at: float,
        change: AccountChange | None = None,
    ) -> Account:
        """Use up a code, change its account in the same commit, and return that.

        Each call counts as an attempt, whatever its verdict. Raise `TooManyRequests`
        from the sixth on, `CodeMismatch` if it is wrong or there is none, `CodeExpired`
        if it is right but too old.
        """
        async with self._world.commit("try_code"):
            self._check_code(account_id, purpose, code_mac, at)
            account = self._account(account_id)
            changed = self._change(account, change or AccountChange(), at)
            del self._world.codes[account_id, purpose]
            if change is not None and change.voids_codes:
                self._drop_codes(account_id)
            return changed

    def _check_code(
        self, account_id: str, purpose: CodePurpose, code_mac: bytes, at: float
    ) -> None:
        """Count an attempt; raise unless the code fits."""
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

    def _account(self, account_id: str) -> Account:
        if account_id not in self._world.accounts:
            raise AccountUnknown(account_id)
        return self._world.accounts[account_id]

    def _keep_last(self, account: Account, group: str | None) -> None:
        """Raise `LastOfGroup` if without an account nobody enabled is in a group."""
        there = [
            one
            for one in self._world.accounts.values()
            if one.enabled
            and group in one.groups
            and one.account_id not in self._world.self_test_accounts
        ]
        if there == [account]:
            raise LastOfGroup(group)

    def _called(self, email: str) -> Account | None:
        accounts = self._world.accounts.values()
        return next((a for a in accounts if a.email == email), None)

    def _asked_for(self, asked: AccountsAsked) -> Iterator[Account]:
        if not is_storable(asked.prefix):
            return
        begins = spellings(asked.prefix)
        for account in self._world.accounts.values():
            if (
                account.account_id not in self._world.self_test_accounts
                and (asked.after is None or _place(account) > asked.after)
                and (asked.group is None or asked.group in account.groups)
                and (
                    asked.listed_by is None
                    or ascii_lower(_shown(account, asked.listed_by)).startswith(begins)
                )
            ):
                yield account

    def _change(self, account: Account, change: AccountChange, at: float) -> Account:
        """Change an account; raise `NameTaken` with nothing changed."""
        known = fields_dict(Account)
        given = {
            name: value
            for name, value in asdict(change).items()
            if name in known and value is not None
        }
        given["kept_token"] = (
            change.kept_token if change.signs_out else account.kept_token
        )
        changed = _stored(
            evolve(
                account,
                **given,
                generation=account.generation + change.signs_out,
                modified_at=at,
            )
        )
        owner = self._called(changed.email)
        if owner is not None and owner.account_id != account.account_id:
            raise NameTaken(changed.email)
        self._world.accounts[account.account_id] = changed
        return changed

    def _drop_codes(self, account_id: str) -> None:
        codes = self._world.codes
        for key in [key for key in codes if key[0] == account_id]:
            del codes[key]


def _stored(account: Account) -> Account:
    """Return an account as its row keeps it; raise `ValueError`."""
    profile: dict[str, Any] = {
        field: storable(getattr(account, field)) for field in map(field_of, PROFILE)
    }
    return evolve(
        account,
        email=stored_text(account.email).lower(),
        password_hash=stored_text(account.password_hash),
        created_at=stored_at(account.created_at),
        modified_at=stored_at(account.modified_at),
        **profile,
    )


def _standing(account: Account) -> tuple[str, int, AccountStatus, bool]:
    """Return what of an account decides whether it is as somebody saw it."""
    return (
        account.password_hash,
        account.generation,
        account.status,
        account.enabled,
    )


def _place(account: Account) -> tuple[float, str]:
    """Return where an account stands among all others."""
    return account.created_at, account.account_id


def _shown(account: Account, listed_by: str) -> str:
    if listed_by in PROFILE:
        return str(getattr(account, field_of(listed_by)))
    return SHOWN[listed_by](account)
