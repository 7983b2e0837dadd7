"""What is asked about people: who is meant, which password, what becomes different.

Values that bear secrets have no repr of their own, so that nothing can print one.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from flexicharge.model.account import (
    CITY,
    COUNTRY,
    FAMILY_NAME,
    NAME,
    PHONE_NUMBER,
    STREET_ADDRESS,
    ZIP_CODE,
    Listing,
)
from flexicharge.rest import people_rules as rules
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import any_text, optional


@frozen(kw_only=True, repr=False)
class Credentials:
    """An e-mail address and a password."""

    username: str = sent(rules.USERNAME, "username")
    password: str = sent(rules.SECRET, "password")


@frozen(kw_only=True, repr=False)
class CodeOf:
    """An e-mail address, and the code that was mailed there."""

    username: str = sent(rules.USERNAME, "username")
    code: str = sent(rules.CODE, "code")


@frozen(kw_only=True, repr=False)
class ForgottenPassword:
    """A new password, and the code that was mailed to set one."""

    username: str = sent(rules.USERNAME, "username")
    password: str = sent(rules.SECRET, "password")
    code: str = sent(rules.CODE, "confirmationCode")


@frozen(kw_only=True, repr=False)
class ForcedPassword:
    """A new password, and the session that a sign-in was answered with."""

    username: str = sent(rules.USERNAME, "username")
    password: str = sent(rules.SECRET, "password")
    session: str = sent(rules.SECRET, "session")


@frozen(kw_only=True, repr=False)
class ChangedPassword:
    """An access token, and its owner's password before and after."""

    token: str = sent(rules.SECRET, "accessToken")
    previous: str = sent(rules.SECRET, "previousPassword")
    proposed: str = sent(rules.SECRET, "newPassword")


@frozen(kw_only=True)
class Profile:
    """What people say about themselves; None is left as it is, '' is cleared."""

    first_name: str | None = sent(rules.line(example="Ida"), "firstName")
    last_name: str | None = sent(rules.line(example="Berg"), "lastName")
    phone_number: str | None = sent(rules.PHONE_NUMBER, "phoneNumber")
    street_address: str | None = sent(
        rules.line(example="Hamngatan 1"), "streetAddress"
    )
    zip_code: str | None = sent(
        rules.line(longest=rules.MAX_ZIP_CODE, example="553 18"), "zipCode"
    )
    city: str | None = sent(rules.line(example="Jönköping"), "city")
    country: str | None = sent(rules.line(example="Sweden"), "country")

    @property
    def attributes(self) -> dict[str, str]:
        """What is to become different, by the names that identity providers have."""
        said = {
            NAME: self.first_name,
            FAMILY_NAME: self.last_name,
            PHONE_NUMBER: self.phone_number,
            STREET_ADDRESS: self.street_address,
            ZIP_CODE: self.zip_code,
            CITY: self.city,
            COUNTRY: self.country,
        }
        return {name: value for name, value in said.items() if value is not None}


@frozen(kw_only=True, repr=False)
class NewPerson:
    """An account that an administrator wants; without a password one is made up."""

    username: str = sent(rules.USERNAME, "username")
    password: str | None = sent(optional(rules.SECRET), "password")
    name: str | None = sent(rules.line(example="Ida"), "name")
    family_name: str | None = sent(rules.line(example="Berg"), "family_name")

    @property
    def attributes(self) -> dict[str, str]:
        """What is known of the person."""
        said = {NAME: self.name, FAMILY_NAME: self.family_name}
        return {name: value for name, value in said.items() if value}


@frozen(kw_only=True)
class ChangedPerson:
    """What becomes different of somebody, by attribute; of a repeated one the last."""

    attributes: Mapping[str, str] = sent(rules.ATTRIBUTES, "userAttributes")


@frozen(kw_only=True)
class AskedPeople:
    """Which people an administrator wants to see; what is empty is not asked."""

    limit: int = sent(rules.PAGE_SIZE, "limit")
    page: str | None = sent(rules.PAGE, "pagination_token")
    listed_by: str | None = sent(rules.LISTED, "filter_attribute")
    beginning: str | None = sent(any_text(rules.MAX_LINE), "filter_value")

    @property
    def listing(self) -> Listing:
        """The same, as the identity provider takes it."""
        return Listing(
            limit=self.limit,
            token=self.page,
            filter_attribute=self.listed_by,
            filter_value=self.beginning or "",
        )
