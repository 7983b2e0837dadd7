"""What operators say of a station, and which one they mean."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, TypeVar

from attrs import frozen

from flexicharge.errors import Invalid, StationUnknown
from flexicharge.model.identity import spelled
from flexicharge.model.site import (
    MAX_CONNECTORS,
    MAX_IDENTITY,
    Protocol,
    Registration,
    StationChanges,
)
from flexicharge.rest.charger_fields import showable
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, optional, whole
from flexicharge.rest.paging import MAX_NUMBER
from flexicharge.rest.places import PLACE_KEYS, place

W = TypeVar("W", bound=StrEnum)

MAX_PROFILE: Final = 3
SPOKEN: Final = (Protocol.DIALECT, Protocol.OCPP_1_6)
SERIAL: Final = showable(MAX_IDENTITY)
# 16 to 20 bytes: as they are, or as the digits that a station is handed them in.
PASSWORD_FORM: Final = "^([ -~]{16,20}|([0-9A-Fa-f]{2}){16,20})$"


@frozen
class AsItIs:
    """Nothing is said of a site."""


AS_IT_IS: Final = AsItIs()


def station_named(serial: str) -> str:
    """Return the serial number that a path means; raise `StationUnknown` for none.

    It is spelled as where stations connect.
    """
    meant = spelled(serial)
    if meant is None or not all(re.fullmatch(SERIAL, one) for one in (serial, meant)):
        raise StationUnknown(serial[:MAX_IDENTITY])
    return meant


def word_of(words: tuple[W, ...], code: str) -> Rule:
    """Return a rule for one of some words."""
    known = {str(word): word for word in words}

    def read(value: object, _: str) -> W:
        if not isinstance(value, str) or value not in known:
            raise Invalid(code)
        return known[value]

    return Rule(schema={"type": "string", "enum": list(known)}, read=read)


def _site(value: object, _: str) -> int | None:
    number: int | None = _SITE_NUMBER.read(value, _)
    return number


def _password(value: object, _: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(PASSWORD_FORM, value):
        raise Invalid("invalidPassword")
    return value


def _yes(value: object, _: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid("invalidGeneratePassword")
    return value


_SITE_NUMBER: Final = optional(whole(1, MAX_NUMBER, "invalidChargePointID", example=1))
SITE: Final = Rule(
    schema=_SITE_NUMBER.schema,
    read=_site,
    is_required=False,
    absent=AS_IT_IS,
    example=1,
)
PASSWORD: Final = optional(
    Rule(schema={"type": "string", "pattern": PASSWORD_FORM}, read=_password)
)
YES: Final = optional(Rule(schema={"type": "boolean"}, read=_yes), False)
PROFILE: Final = optional(whole(0, MAX_PROFILE, "invalidSecurityProfile", example=1))
CONNECTORS: Final = optional(whole(1, MAX_CONNECTORS, "invalidConnectors", example=2))
PROTOCOL: Final = optional(word_of(SPOKEN, "invalidProtocol"))
REGISTRATION: Final = optional(
    word_of(tuple(Registration), "invalidRegistrationStatus")
)


@frozen(kw_only=True, repr=False)
class WantedStation:
    """What a station is to be from now on; what is not said stays as it is."""

    protocol: Protocol | None = sent(PROTOCOL, "protocol")
    registration: Registration | None = sent(REGISTRATION, "registrationStatus")
    security_profile: int | None = sent(PROFILE, "securityProfile")
    site_id: int | AsItIs | None = sent(SITE, "chargePointID")
    location: tuple[float, float] | None = sent(
        optional(place("invalidCoordinates")), *PLACE_KEYS
    )
    connectors: int | None = sent(CONNECTORS, "connectors")
    password: str | None = sent(PASSWORD, "password")
    generates: bool = sent(YES, "generatePassword")

    @property
    def changes(self) -> StationChanges:
        """What the store is to change; a password is apart."""
        changes = StationChanges()
        if self.protocol is not None:
            changes["protocol"] = self.protocol
        if self.registration is not None:
            changes["registration"] = self.registration
        if self.security_profile is not None:
            changes["security_profile"] = self.security_profile
        if not isinstance(self.site_id, AsItIs):
            changes["site_id"] = self.site_id
        if self.location is not None:
            changes["location"] = self.location
        if self.connectors is not None:
            changes["connectors"] = self.connectors
        return changes
