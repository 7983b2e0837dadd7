"""How an account is read from its row, and changed in it."""

from __future__ import annotations

from typing import Final

from flexicharge.interfaces.stores import Row
from flexicharge.model.account import (
    EMAIL,
    EMAIL_VERIFIED,
    PROFILE,
    STATUS,
    SUB,
    USER_STATUS,
    USERNAME,
    Account,
    AccountStatus,
    field_of,
)

_PROFILE: Final = tuple(map(field_of, PROFILE))

COLUMNS: Final = f"""
account_id, email, password_hash, status, enabled, groups,
extract(epoch FROM created_at)::float8 AS created_at,
extract(epoch FROM modified_at)::float8 AS modified_at,
email_verified, generation, kept_token, {", ".join(_PROFILE)}
"""

# Nothing of a field is changed where its parameter is null.
CHANGES: Final = f"""
email = coalesce(%(email)s, email),
email_verified = coalesce(%(email_verified)s, email_verified),
password_hash = coalesce(%(password_hash)s, password_hash),
status = coalesce(%(status)s, status),
enabled = coalesce(%(enabled)s, enabled),
{"".join(f"{field} = coalesce(%({field})s, {field}), " for field in _PROFILE)}
generation = generation + %(signs_out)s::int,
kept_token = CASE WHEN %(signs_out)s THEN %(kept_token)s ELSE kept_token END,
modified_at = to_timestamp(%(at)s)
"""

# What an account shows under each name that accounts are listed by.
SHOWN: Final = {
    USERNAME: "account_id",
    SUB: "account_id",
    EMAIL: "email",
    EMAIL_VERIFIED: "email_verified::text",
    STATUS: "CASE WHEN enabled THEN 'Enabled' ELSE 'Disabled' END",
    USER_STATUS: "status",
    **{attribute: field_of(attribute) for attribute in PROFILE},
}


def account_of(row: Row) -> Account:
    """Return the account that a row of `COLUMNS` stands for."""
    return Account(
        account_id=row[0],
        email=row[1],
        password_hash=row[2],
        status=AccountStatus(row[3]),
        enabled=row[4],
        groups=tuple(row[5]),
        created_at=row[6],
        modified_at=row[7],
        email_verified=row[8],
        generation=row[9],
        kept_token=row[10],
        **dict(zip(_PROFILE, row[11:], strict=True)),
    )
