"""What is known of people: as attributes with names, and checked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from flexicharge.errors import ParameterInvalid
from flexicharge.identity.addresses import email_of
from flexicharge.model.account import (
    EMAIL,
    EMAIL_VERIFIED,
    PHONE_NUMBER,
    PROFILE,
    SUB,
    ZIP_CODE,
    Account,
    AccountChange,
    Person,
    field_of,
)

MAX_TEXT: Final = 256
MAX_ZIP_CODE: Final = 32
_PHONE: Final = re.compile(r"\+[0-9]{1,15}")  # ITU-T E.164
_TRUTH: Final = {"true": True, "false": False}
_NO_TEXT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of Unicode that no line of text has: NUL and line feeds among them."""


def person_of(account: Account) -> Person:
    """Return an account as others may see it."""
    known = {name: getattr(account, field_of(name)) for name in PROFILE}
    return Person(
        user_id=account.account_id,
        attributes={
            SUB: account.account_id,
            EMAIL: account.email,
            EMAIL_VERIFIED: str(account.email_verified).lower(),
            **{name: value for name, value in known.items() if value},
        },
        status=account.status,
        enabled=account.enabled,
        created_at=account.created_at,
        modified_at=account.modified_at,
    )


def profile_of(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return attributes of `PROFILE` by the fields of an account.

    Raise `ParameterInvalid` for one that is not known, or whose value cannot be used.
    """
    for name, value in attributes.items():
        if name not in PROFILE:
            raise ParameterInvalid(
                f"Attributes did not conform to the schema: {name[:MAX_TEXT]}: "
                "Attribute does not exist in the schema."
            )
        _check(name, value)
    return {field_of(name): value for name, value in attributes.items()}


def change_of(attributes: Mapping[str, str]) -> AccountChange:
    """Return what an administrator changes: as `profile_of`, and the address.

    A new address is not verified unless that is said as well, and whatever was mailed
    to the old one is void.
    """
    rest = dict(attributes)
    email, verified = rest.pop(EMAIL, None), rest.pop(EMAIL_VERIFIED, None)
    known = profile_of(rest)
    if email is not None:
        known.update(email=email_of(email), email_verified=False, voids_codes=True)
    if verified is not None:
        known.update(email_verified=truth_of(verified))
    return AccountChange(**known)


def truth_of(verified: str) -> bool:
    """Return what `email_verified` says; raise `ParameterInvalid`."""
    try:
        return _TRUTH[verified.lower()]
    except KeyError:
        raise ParameterInvalid(f"{EMAIL_VERIFIED} must be true or false.") from None


def _check(name: str, value: str) -> None:
    most = MAX_ZIP_CODE if name == ZIP_CODE else MAX_TEXT
    if len(value) > most:
        raise ParameterInvalid(
            f"Attributes did not conform to the schema: {name}: "
            f"String must be no longer than {most} characters."
        )
    if name == PHONE_NUMBER and value and not _PHONE.fullmatch(value):
        raise ParameterInvalid("Invalid phone number format.")
    if any(unicodedata.category(char) in _NO_TEXT for char in value):
        raise ParameterInvalid(f"{name} must be a single line of text.")
