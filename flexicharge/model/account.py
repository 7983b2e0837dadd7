"""People: accounts, what a sign-in yields, and who is calling."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import field, frozen

ADMINS: Final = "Admins"


class AccountStatus(StrEnum):
    """Where an account stands (the words of the contract's user lists)."""

    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"


class CodePurpose(StrEnum):
    """What a confirmation code is good for."""

    SIGN_UP = "signUp"


@frozen(kw_only=True)
class Account:
    """One person; `account_id` is the token's subject, a UUID as text."""

    account_id: str
    email: str
    password_hash: str = field(repr=False)
    status: AccountStatus
    enabled: bool
    groups: tuple[str, ...]
    created_at: float
    modified_at: float
    name: str = ""
    family_name: str = ""


@frozen(kw_only=True)
class SignedIn:
    """What a successful sign-in hands out."""

    access_token: str = field(repr=False)
    account: Account


@frozen(kw_only=True)
class Caller:
    """Whoever stands behind a valid access token, until `expires_at` (POSIX s)."""

    user_id: str
    groups: frozenset[str]
    expires_at: float

    @property
    def is_admin(self) -> bool:
        """True for members of the Admins group."""
        return ADMINS in self.groups
