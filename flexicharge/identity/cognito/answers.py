"""What AWS answers, as far as it is read; its own names, checked types."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec
from twisted.logger import Logger

from flexicharge.errors import IdentityAway
from flexicharge.identity.cognito.refusals import AWAY
from flexicharge.model.account import (
    EMAIL,
    EMAIL_VERIFIED,
    PROFILE,
    SUB,
    AccountStatus,
    Person,
)

SHOWN: Final = (SUB, EMAIL, EMAIL_VERIFIED, *PROFILE)
UNKNOWN_TIME: Final = 0.0

T = TypeVar("T")
_log: Final = Logger()


class Attribute(msgspec.Struct, frozen=True):
    """One thing known of somebody."""

    Name: str
    Value: str = ""


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, as operations of administrators and GetUser show them.

    GetUser leaves out all but the name and the attributes.
    """

    Username: str
    Attributes: tuple[Attribute, ...] = ()
    UserAttributes: tuple[Attribute, ...] = ()
    UserCreateDate: datetime | None = None
    UserLastModifiedDate: datetime | None = None
    Enabled: bool = True
    UserStatus: str = AccountStatus.CONFIRMED

    @property
    def person(self) -> Person:
        """Who that is; times are 0 where AWS does not tell them."""
        told = {each.Name: each.Value for each in self.Attributes + self.UserAttributes}
        return Person(
            user_id=told.get(SUB, self.Username),
            attributes=_shown({SUB: self.Username, **told}),
            status=self.UserStatus,
            enabled=self.Enabled,
            created_at=_posix(self.UserCreateDate),
            modified_at=_posix(self.UserLastModifiedDate),
        )


class NewUser(msgspec.Struct, frozen=True):
    """What AdminCreateUser answers."""

    User: User


class Tokens(msgspec.Struct, frozen=True):
    """What a sign-in hands out, as far as it is handed on."""

    AccessToken: str
    IdToken: str


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in answers: tokens, or a challenge that stands before them."""

    AuthenticationResult: Tokens | None = None
    ChallengeName: str = ""
    ChallengeParameters: dict[str, str] = {}
    Session: str = ""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some people; the token's name depends on who asks for whom."""

    Users: tuple[User, ...] = ()
    PaginationToken: str | None = None
    NextToken: str | None = None


def read(answer: Mapping[str, Any], shape: type[T]) -> T:
    """Return an answer in a shape; raise `IdentityAway` if it has another."""
    try:
        return msgspec.convert(answer, shape)
    except msgspec.ValidationError as why:
        raise _unreadable() from why


def person_of_token(id_token: str) -> Person:
    """Return whom a fresh ID token is of, as far as it tells; times are 0.

    Its signature is not looked at: AWS itself has just handed it out.
    """
    try:
        payload = id_token.split(".")[1]
        claims = msgspec.json.decode(
            urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, Any]
        )
        user_id = str(claims[SUB])
    except (LookupError, binascii.Error, msgspec.MsgspecError, ValueError) as why:
        raise _unreadable() from why
    return Person(
        user_id=user_id,
        attributes=_shown({name: _text(claims.get(name)) for name in SHOWN}),
        status=AccountStatus.CONFIRMED,
        enabled=True,
        created_at=UNKNOWN_TIME,
        modified_at=UNKNOWN_TIME,
    )


def _shown(attributes: Mapping[str, str]) -> Mapping[str, str]:
    return {name: attributes[name] for name in SHOWN if attributes.get(name)}


def _text(value: Any) -> str:
    """Return a claim as an attribute: what is true or false there is a word here."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else ""


def _posix(at: datetime | None) -> float:
    return UNKNOWN_TIME if at is None else at.timestamp()


def _unreadable() -> IdentityAway:
    _log.error("Cognito's answer cannot be read")
    return IdentityAway(AWAY)
