"""People's accounts in PostgreSQL."""

from __future__ import annotations

from typing import Any, Final

from attrs import asdict, frozen
from psycopg2.errors import ForeignKeyViolation, UniqueViolation
from zope.interface import implementer

from flexicharge.errors import (
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    LastOfGroup,
    NameTaken,
    TooManyRequests,
)
from flexicharge.interfaces import IAccountStore, IDatabase
from flexicharge.interfaces.accounts import AccountsAsked
from flexicharge.interfaces.stores import Params, Row
from flexicharge.model.account import (
    PROFILE,
    Account,
    AccountChange,
    CodePurpose,
    field_of,
)
from flexicharge.storage.account_rows import CHANGES, COLUMNS, SHOWN, account_of
from flexicharge.storage.locks import LOCK_ACCOUNT, LOCK_GROUP, in_one_commit
from flexicharge.storage.values import is_storable, spellings, storable

ATTEMPTS: Final = 5

READ: Final = f"SELECT {COLUMNS} FROM accounts "  # noqa: S608  # all of it is ours
ADD: Final = """
INSERT INTO accounts (
    account_id, email, password_hash, status, enabled, groups, created_at, modified_at,
    email_verified, generation, kept_token,
    name, family_name, phone_number, street_address, zip_code, city, country
)
VALUES (
    %(account_id)s, %(email)s, %(password_hash)s, %(status)s, %(enabled)s,
    %(groups)s::text[], to_timestamp(%(created_at)s), to_timestamp(%(modified_at)s),
    %(email_verified)s, %(generation)s, %(kept_token)s, %(name)s, %(family_name)s,
    %(phone_number)s, %(street_address)s, %(zip_code)s, %(city)s, %(country)s
)
"""
# An account that is to be changed or deleted, and whether that would leave nobody.
ASKED_FOR: Final = """
WITH asked_for AS (
    SELECT account_id, coalesce(
        %(unless_last_of)s IS NOT NULL
            AND enabled AND %(unless_last_of)s = ANY (groups)
            AND NOT EXISTS (
                SELECT FROM accounts AS other
                WHERE other.account_id <> %(account_id)s
                    AND other.enabled AND %(unless_last_of)s = ANY (other.groups)
                    AND NOT other.for_self_tests
            ),
        false
    ) AS is_last
    FROM accounts WHERE account_id = %(account_id)s
)
"""
CHANGE: Final = f"""
{ASKED_FOR}, changed AS (
    UPDATE accounts SET {CHANGES}
    WHERE account_id IN (SELECT account_id FROM asked_for WHERE NOT is_last)
        AND (
            %(seen_hash)s IS NULL
            OR (password_hash, generation, status, enabled)
                = (%(seen_hash)s, %(seen_generation)s, %(seen_status)s, %(seen_on)s)
        )
    RETURNING {COLUMNS}
), voided AS (
    DELETE FROM codes USING changed
    WHERE codes.account_id = changed.account_id AND %(voids_codes)s
)
SELECT is_last, changed.* FROM asked_for LEFT JOIN changed USING (account_id)
"""  # noqa: S608  # all of it is ours
DELETE: Final = f"""
{ASKED_FOR}, deleted AS (
    DELETE FROM accounts
    WHERE account_id IN (SELECT account_id FROM asked_for WHERE NOT is_last)
    RETURNING account_id
), called_off AS (
    UPDATE bookings SET state = 'cancelled'
    FROM deleted WHERE user_id = deleted.account_id AND state = 'booked'
)
SELECT is_last, deleted.* FROM asked_for LEFT JOIN deleted USING (account_id)
"""  # noqa: S608  # all of it is ours
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
# An attempt that finds no code changes no row. So that it takes no less time, it has
# the disk waited for as well: whoever tries codes does not learn who has an account.
LEAVE_A_TRACE: Final = "SELECT pg_logical_emit_message(true, 'flexicharge', '')"
# The attempt is counted and the code used up on one row, so of two who try it at once
# the second sees what the first has done. A code that was used is not there any more.
TRY_CODE: Final = f"""
WITH tried AS (
    UPDATE codes SET attempts = attempts + 1,
        mac = CASE
            WHEN attempts < %(attempts)s AND mac = %(mac)s
                AND expires_at > to_timestamp(%(at)s)
            THEN NULL ELSE mac
        END
    WHERE account_id = %(account_id)s AND purpose = %(purpose)s AND mac IS NOT NULL
    RETURNING account_id, attempts, mac IS NULL AS is_used_up, mac = %(mac)s AS fits
), changed AS (
    UPDATE accounts SET {CHANGES}
    WHERE account_id IN (SELECT account_id FROM tried WHERE is_used_up)
    RETURNING {COLUMNS}
), voided AS (
    DELETE FROM codes USING changed
    WHERE codes.account_id = changed.account_id AND %(voids_codes)s
        AND purpose <> %(purpose)s
)
SELECT attempts, is_used_up, fits, changed.*
FROM tried LEFT JOIN changed USING (account_id)
"""  # noqa: S608  # all of it is ours


@implementer(IAccountStore)
@frozen
class PostgresAccounts:
    """Accounts and the confirmation codes that are out."""

    _database: IDatabase

    async def add_account(self, account: Account) -> None:
        """Store a new account; raise `NameTaken`."""
        params = {**_params(account), "groups": list(account.groups)}
        try:
            await self._database.query(ADD, params)
        except UniqueViolation as why:
            raise NameTaken(account.email) from why

    async def get_account(self, account_id: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        return await self._get(READ + "WHERE account_id = %s", account_id)

    async def get_listed_account(self, account_id: str) -> Account:
        """Return an account, but none of the self tests; raise `AccountUnknown`."""
        return await self._get(
            READ + "WHERE account_id = %s AND NOT for_self_tests", account_id
        )

    async def get_account_by_email(self, email: str) -> Account:
        """Return an account; raise `AccountUnknown`."""
        return await self._get(
            READ + "WHERE email = %s AND NOT for_self_tests", email.lower()
        )

    async def get_accounts(self, asked: AccountsAsked) -> tuple[Account, ...]:
        """Return accounts by when they were made, then by number."""
        if not is_storable(asked.prefix):
            return ()
        rows = await self._database.query(*_listing(asked))
        return tuple(map(account_of, rows))

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
        params = {**_params(change), **_seen(only_as), "at": at}
        try:
            row = await self._unless_last(CHANGE, account_id, unless_last_of, **params)
        except UniqueViolation as why:
            raise NameTaken(str(change.email)) from why
        return account_of(row)

    async def delete_account(
        self, account_id: str, *, unless_last_of: str | None = None
    ) -> None:
        """Delete an account and its codes for good; raise `AccountUnknown`.

        Raise `LastOfGroup` as `change_account` does.
        """
        await self._unless_last(DELETE, account_id, unless_last_of)

    async def add_to_group(self, account_id: str, group: str, at: float) -> None:
        """Put an account into a group, once; raise `AccountUnknown`."""
        sql = in_one_commit(LOCK_ACCOUNT, ADD_TO_GROUP, EXISTS)
        await self._one(sql, account_id, group=group, at=at)

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
            await self._database.query(in_one_commit(LOCK_ACCOUNT, PUT_CODE), params)
        except ForeignKeyViolation as why:
            raise AccountUnknown(account_id) from why

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
        params = {
            **_params(change or AccountChange()),
            "account_id": account_id,
            "purpose": purpose,
            "mac": code_mac,
            "at": at,
            "attempts": ATTEMPTS,
        }
        if not is_storable(account_id):
            raise CodeMismatch
        sql = in_one_commit(LEAVE_A_TRACE, LOCK_ACCOUNT, TRY_CODE)
        rows = await self._database.query(sql, params)
        attempts, is_used_up, fits, *row = rows[0] if rows else (0, False, False)
        if is_used_up:
            return account_of(tuple(row))
        if attempts > ATTEMPTS:
            raise TooManyRequests
        raise CodeExpired if fits else CodeMismatch

    async def _unless_last(
        self, sql: str, account_id: str, group: str | None, **params: object
    ) -> Row:
        """Return the row of an account once it is changed.

        Raise `AccountUnknown`, or `LastOfGroup` with nothing changed.
        """
        sql = in_one_commit(LOCK_ACCOUNT if group is None else LOCK_GROUP, sql)
        row = await self._one(sql, account_id, unless_last_of=group, **params)
        is_last, *changed = row
        if is_last:
            raise LastOfGroup(group)
        if changed[0] is None:
            raise AccountUnknown(account_id)
        return tuple(changed)

    async def _one(self, sql: str, account_id: str, **params: object) -> Row:
        """Return the one row of an account that SQL yields; raise `AccountUnknown`."""
        rows: list[Row] = []
        if is_storable(account_id):
            rows = await self._database.query(sql, {"account_id": account_id, **params})
        if not rows:
            raise AccountUnknown(account_id)
        return rows[0]

    async def _get(self, sql: str, key: str) -> Account:
        rows = await self._database.query(sql, (key,)) if is_storable(key) else []
        if not rows:
            raise AccountUnknown(key)
        return account_of(rows[0])


def _params(about: Account | AccountChange) -> dict[str, Any]:
    """Return the fields of an account, or of its change, as its row takes them."""
    params = asdict(about)
    for field in map(field_of, PROFILE):
        if params[field] is not None:
            params[field] = storable(params[field])
    if params["email"] is not None:
        params["email"] = params["email"].lower()
    return params


def _seen(account: Account | None) -> dict[str, Any]:
    """Return how an account must still stand, nulls for anyhow."""
    return {
        "seen_hash": None if account is None else account.password_hash,
        "seen_generation": None if account is None else account.generation,
        "seen_status": None if account is None else account.status,
        "seen_on": None if account is None else account.enabled,
    }


def _listing(asked: AccountsAsked) -> tuple[str, Params]:
    """Return what is asked as SQL; whatever somebody typed is a parameter."""
    made_at, account_id = asked.after or (0.0, "")
    sql = [
        READ,
        "WHERE NOT for_self_tests",
        "AND (created_at, account_id) > (to_timestamp(%(made_at)s), %(account_id)s)",
    ]
    if asked.group is not None:
        sql.append("AND %(group)s = ANY (groups)")
    if asked.listed_by is not None:
        text = f'lower(({SHOWN[asked.listed_by]}) COLLATE "C")'
        sql.append(
            "AND EXISTS (SELECT FROM unnest(%(prefixes)s::text[]) AS prefix"
            f" WHERE starts_with({text}, prefix))"
        )
    sql.append("ORDER BY created_at, account_id LIMIT %(limit)s")
    params = {
        "made_at": made_at,
        "account_id": account_id,
        "group": asked.group,
        "prefixes": list(spellings(asked.prefix)),
        "limit": asked.limit,
    }
    return " ".join(sql), params
