"""People's accounts in PostgreSQL."""

from __future__ import annotations

from typing import Final

from attrs import asdict, frozen
from psycopg2.errors import ForeignKeyViolation, UniqueViolation
from zope.interface import implementer

from flexicharge.errors import (
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    NameTaken,
    TooManyRequests,
)
from flexicharge.interfaces import IAccountStore, IDatabase
from flexicharge.interfaces.stores import Row
from flexicharge.model.account import Account, AccountStatus, CodePurpose
from flexicharge.storage.locks import in_one_commit
from flexicharge.storage.values import is_storable, storable

ATTEMPTS: Final = 5

READ: Final = """
SELECT account_id, email, password_hash, status, enabled, groups,
    extract(epoch FROM created_at)::float8, extract(epoch FROM modified_at)::float8,
    name, family_name
FROM accounts
"""
ADD: Final = """
INSERT INTO accounts (
    account_id, email, password_hash, status, enabled, groups, created_at, modified_at,
    name, family_name
)
VALUES (
    %(account_id)s, %(email)s, %(password_hash)s, %(status)s, %(enabled)s,
    %(groups)s::text[], to_timestamp(%(created_at)s), to_timestamp(%(modified_at)s),
    %(name)s, %(family_name)s
)
"""
SET_STATUS: Final = """
UPDATE accounts SET status = %(status)s, modified_at = to_timestamp(%(at)s)
WHERE account_id = %(account_id)s
"""
ADD_TO_GROUP: Final = """
UPDATE accounts SET groups = array_append(groups, %(group)s),
    modified_at = to_timestamp(%(at)s)
WHERE account_id = %(account_id)s AND %(group)s <> ALL(groups)
"""
EXISTS: Final = "SELECT account_id FROM accounts WHERE account_id = %(account_id)s"
PUT_CODE: Final = """
INSERT INTO codes (account_id, purpose, mac, expires_at)
VALUES (%(account_id)s, %(purpose)s, %(mac)s, to_timestamp(%(expires_at)s))
ON CONFLICT (account_id, purpose) DO UPDATE
SET mac = excluded.mac, expires_at = excluded.expires_at, attempts = 0
"""
# The attempt is counted and the code used up on one row, so of two who try it at once
# the second sees what the first has done. A code that was used is not there any more.
TRY_CODE: Final = """
UPDATE codes SET attempts = attempts + 1,
    mac = CASE
        WHEN attempts < %(attempts)s AND mac = %(mac)s
            AND expires_at > to_timestamp(%(at)s)
        THEN NULL ELSE mac
    END
WHERE account_id = %(account_id)s AND purpose = %(purpose)s AND mac IS NOT NULL
RETURNING attempts, mac IS NULL, mac = %(mac)s
"""


@implementer(IAccountStore)
@frozen
class PostgresAccounts:
    """Accounts and the confirmation codes that are out."""

    _database: IDatabase

    async def add_account(self, account: Account) -> None:
        """Store a new account; raise `NameTaken`."""
        params = {
            **asdict(account),
            "email": account.email.lower(),
            "groups": list(account.groups),
            "name": storable(account.name),
            "family_name": storable(account.family_name),
        }
        try:
            await self._database.query(ADD, params)
        except UniqueViolation as why:
            raise NameTaken(account.email) from why

    async def get_account(self, account_id: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        return await self._get(READ + "WHERE account_id = %s", account_id)

    async def get_account_by_email(self, email: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        return await self._get(
            READ + "WHERE email = %s AND NOT for_self_tests", email.lower()
        )

    async def set_account_status(
        self, account_id: str, status: AccountStatus, at: float
    ) -> None:
        """Change where an account stands; raise `AccountUnknown`."""
        await self._change(SET_STATUS, account_id, status=status, at=at)

    async def add_to_group(self, account_id: str, group: str, at: float) -> None:
        """Put an account into a group, once; raise `AccountUnknown`."""
        await self._change(ADD_TO_GROUP, account_id, group=group, at=at)

    async def put_code(
        self, account_id: str, purpose: CodePurpose, code_mac: bytes, expires_at: float
    ) -> None:
        """Replace an account's code for a purpose; attempts start again at 0.

        Raise `AccountUnknown`.
        """
        params = {
            "account_id": account_id,
            "purpose": purpose,
            "mac": code_mac,
            "expires_at": expires_at,
        }
        try:
            await self._database.query(PUT_CODE, params)
        except ForeignKeyViolation as why:
            raise AccountUnknown(account_id) from why

    async def try_code(
        self, account_id: str, purpose: CodePurpose, code_mac: bytes, at: float
    ) -> None:
        """Use up a code, or raise why not; every call counts as an attempt.

        Raise `TooManyRequests` from the sixth on, `CodeMismatch` if it is wrong or
        there is none, `CodeExpired` if it is right but too old.
        """
        params = {
            "account_id": account_id,
            "purpose": purpose,
            "mac": code_mac,
            "at": at,
            "attempts": ATTEMPTS,
        }
        if not is_storable(account_id):
            raise CodeMismatch
        rows = await self._database.query(TRY_CODE, params)
        attempts, used_up, fits = rows[0] if rows else (0, False, False)
        if used_up:
            return
        if attempts > ATTEMPTS:
            raise TooManyRequests
        raise CodeExpired if fits else CodeMismatch

    async def _change(self, sql: str, account_id: str, **params: object) -> None:
        if not is_storable(account_id) or not await self._database.query(
            in_one_commit(sql, EXISTS), {"account_id": account_id, **params}
        ):
            raise AccountUnknown(account_id)

    async def _get(self, sql: str, key: str) -> Account:
        rows = await self._database.query(sql, (key,)) if is_storable(key) else []
        if not rows:
            raise AccountUnknown(key)
        return account_of(rows[0])


def account_of(row: Row) -> Account:
    """Return the account that a row of `READ` stands for."""
    return Account(
        account_id=row[0],
        email=row[1],
        password_hash=row[2],
        status=AccountStatus(row[3]),
        enabled=row[4],
        groups=tuple(row[5]),
        created_at=row[6],
        modified_at=row[7],
        name=row[8],
        family_name=row[9],
    )
