"""The seam to people's accounts: what is said of all stores holds for this one too."""

from __future__ import annotations

from attrs import frozen
from zope.interface import Interface

from flexicharge.model.account import Account, AccountChange, CodePurpose


@frozen(kw_only=True)
class AccountsAsked:
    """Which accounts are wanted, at most `limit` of them.

    `after` is when the last one that is known was made, and its number. With a `group`
    only its members, with `listed_by` (one of that name) only those that begin with
    `prefix`, whatever the case.
    """

    limit: int
    after: tuple[float, str] | None = None
    group: str | None = None
    listed_by: str | None = None
    prefix: str = ""


class IAccountStore(Interface):
    """People's accounts. E-mail addresses are compared in lower case.

    Those of the self tests are found with `get_account` alone, and in no list.
    """

    async def add_account(account: Account) -> None:
        """Store a new account; raise `NameTaken`."""

    async def get_account(account_id: str) -> Account:
        """Return an account; raise `AccountUnknown`."""

    async def get_listed_account(account_id: str) -> Account:
        """Return an account, but none of the self tests; raise `AccountUnknown`."""

    async def get_account_by_email(email: str) -> Account:
        """Return an account; raise `AccountUnknown`."""

    async def get_accounts(asked: AccountsAsked) -> tuple[Account, ...]:
        """Return accounts by when they were made, then by number."""

    async def change_account(
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

    async def delete_account(
        account_id: str, *, unless_last_of: str | None = None
    ) -> None:
        """Delete an account and its codes for good; raise `AccountUnknown`.

        What it has booked is called off. Raise `LastOfGroup` as `change_account` does.
        """

    async def add_to_group(account_id: str, group: str, at: float) -> None:
        """Put an account into a group, once; raise `AccountUnknown`."""

    async def put_code(
        account_id: str, purpose: CodePurpose, code_mac: bytes, expires_at: float
    ) -> None:
        """Replace an account's code for a purpose; attempts start again at 0.

        Raise `AccountUnknown`.
        """

    async def try_code(
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
