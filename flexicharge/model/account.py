"""People: accounts, what is known of them, what a sign-in yields, who is calling."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import field, frozen

ADMINS: Final = "Admins"
# Whoever calls without a token where that is allowed; no account is numbered so.
GUEST: Final = "guest"

# The names that identity providers have for what is known of a person (contract §4.4,
# from OpenID Connect Core §5.1; `custom:` is Cognito's for what that does not know).
SUB: Final = "sub"
EMAIL: Final = "email"
EMAIL_VERIFIED: Final = "email_verified"
NAME: Final = "name"
FAMILY_NAME: Final = "family_name"
PHONE_NUMBER: Final = "phone_number"
STREET_ADDRESS: Final = "custom:street_address"
ZIP_CODE: Final = "custom:zip_code"
CITY: Final = "custom:city"
COUNTRY: Final = "custom:country"

# What people may change about themselves, in the order they are shown.
PROFILE: Final = (
    NAME,
    FAMILY_NAME,
    PHONE_NUMBER,
    STREET_ADDRESS,
    ZIP_CODE,
    CITY,
    COUNTRY,
)

# What people can be listed by, besides the names above: Cognito's words, `status` being
# `Enabled` or `Disabled`.
USERNAME: Final = "username"
STATUS: Final = "status"
USER_STATUS: Final = "cognito:user_status"
LISTED_BY: Final = (
    USERNAME,
    SUB,
    EMAIL,
    EMAIL_VERIFIED,
    *PROFILE,
    STATUS,
    USER_STATUS,
)


def field_of(attribute: str) -> str:
    """Return what `Account` calls an attribute of `PROFILE`."""
    return attribute.removeprefix("custom:")


class AccountStatus(StrEnum):
    """Where an account stands (the words of the contract's user lists)."""

    UNCONFIRMED = "UNCONFIRMED"
    CONFIRMED = "CONFIRMED"
    FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"
    RESET_REQUIRED = "RESET_REQUIRED"


class CodePurpose(StrEnum):
    """What a confirmation code is good for."""

    SIGN_UP = "signUp"
    RESET = "reset"
    CHALLENGE = "challenge"  # not mailed: a secret that is handed out at sign-in


@frozen(kw_only=True)
class Account:
    """One person; `account_id` is the token's subject, a UUID as text.

    Tokens are good while they name the account's `generation`, or are `kept_token`.
    """

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
    phone_number: str = ""
    street_address: str = ""
    zip_code: str = ""
    city: str = ""
    country: str = ""
    email_verified: bool = False
    generation: int = 0
    kept_token: str = ""


@frozen(kw_only=True)
class AccountChange:
    """What becomes different about an account; None where nothing does.

    `signs_out` voids every token that was issued so far, but the one whose id is
    `kept_token`; `voids_codes` voids every code that is out.
    """

    email: str | None = None
    email_verified: bool | None = None
    password_hash: str | None = field(default=None, repr=False)
    status: AccountStatus | None = None
    enabled: bool | None = None
    name: str | None = None
    family_name: str | None = None
    phone_number: str | None = None
    street_address: str | None = None
    zip_code: str | None = None
    city: str | None = None
    country: str | None = None
    signs_out: bool = False
    kept_token: str = ""
    voids_codes: bool = False


@frozen(kw_only=True)
class Person:
    """An account as its identity provider shows it; times are POSIX seconds.

    `user_id` is the tokens' subject and what the API calls `Username`. `attributes` are
    named as above, what is not known is not in them. `status` is a word of
    `AccountStatus`, or another one that only Cognito has.
    """

    user_id: str
    attributes: Mapping[str, str]
    status: str
    enabled: bool
    created_at: float
    modified_at: float

    @property
    def email(self) -> str:
        """The address they sign in with; '' if the provider has none."""
        return self.attributes.get(EMAIL, "")


@frozen(kw_only=True)
class Listing:
    """Which people an administrator wants to see.

    `limit` is 1 to 60, as Cognito's; `token` is that of the page before. A filter names
    an attribute (or `username`, `status`, `cognito:user_status`) and what its value
    begins with, whatever the case.
    """

    limit: int = 60
    token: str | None = None
    filter_attribute: str | None = None
    filter_value: str = ""


@frozen(kw_only=True)
class PeoplePage:
    """Some people, in an order that stays; `next_token` if there may be more."""

    people: tuple[Person, ...]
    next_token: str | None = None


@frozen(kw_only=True)
class Delivery:
    """Where a code was sent, as much of it as a stranger may see (`i***@e***`)."""

    destination: str
    medium: str = "EMAIL"
    attribute: str = EMAIL


@frozen(kw_only=True)
class SignedIn:
    """What a successful sign-in hands out; the person of whom it is."""

    access_token: str = field(repr=False)
    person: Person


@frozen(kw_only=True)
class Caller:
    """Whoever stands behind a valid access token, until `expires_at` (POSIX s).

    Where a request without one is allowed, its caller is a guest.
    """

    user_id: str
    groups: frozenset[str]
    expires_at: float
    token_id: str = field(default="", eq=False)
    generation: int = field(default=0, eq=False)

    @property
    def is_admin(self) -> bool:
        """True for members of the Admins group."""
        return ADMINS in self.groups

    @property
    def is_guest(self) -> bool:
        """True for whoever calls without a token; all guests are one and the same."""
        return self.user_id == GUEST
