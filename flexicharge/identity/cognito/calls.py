"""Calls to a user pool: who asks in whose name, and how a refusal is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from attrs import field, frozen

from flexicharge.errors import FlexiChargeError, ParameterInvalid
from flexicharge.identity.cognito.pool import Pool

MAX_TEXT: Final = 8192  # characters: the longest thing that is sent is a token
MAX_SENTENCE: Final = 300
MIN_SECRET: Final = 4  # characters: shorter ones are in every other word

# What is AWS's own business, or its customer's: resources, account numbers.
_TELLTALE: Final = re.compile(r"arn:|\b\d{12}\b")
_SECRETS: Final = frozenset(
    {
        "AccessToken",
        "ConfirmationCode",
        "NEW_PASSWORD",
        "PASSWORD",
        "Password",
        "PreviousPassword",
        "ProposedPassword",
        "SECRET_HASH",
        "SecretHash",
        "Session",
        "TemporaryPassword",
    }
)


class AwsRefused(FlexiChargeError):
    """AWS would not; `code` is its word for why.

    `message` is what AWS said, to be looked at and never shown. `sentence` is the same
    if it can be shown to whoever asked, '' otherwise.
    """

    def __init__(
        self, operation: str, code: str, message: str = "", sentence: str = ""
    ) -> None:
        super().__init__(f"{operation}: {code}")
        self.operation: Final = operation
        self.code: Final = code
        self.message: Final = message
        self.sentence: Final = sentence


class AskAws(Protocol):
    """The seam to AWS: one operation of Cognito, by its name in AWS's own words."""

    async def __call__(
        self, operation: str, request: Mapping[str, Any], /
    ) -> Mapping[str, Any]:
        """Return the answer.

        Raise `AwsRefused`, `IdentityAway` or `TooManyRequests`.
        """


@frozen
class Cognito:
    """A user pool's operations, each asked for with the ids that it takes."""

    pool: Pool
    _ask: AskAws = field(repr=False)

    async def for_anybody(
        self, operation: str, username: str, **request: Any
    ) -> Mapping[str, Any]:
        """Ask as the app client, for somebody who is not known yet."""
        return await self._call(
            operation,
            ClientId=self.pool.client_id,
            SecretHash=self.pool.secret_hash(_capped(username)),
            Username=username,
            **request,
        )

    async def for_owner(
        self, operation: str, token: str, **request: Any
    ) -> Mapping[str, Any]:
        """Ask for whoever an access token stands for."""
        return await self._call(operation, AccessToken=token, **request)

    async def for_office(self, operation: str, **request: Any) -> Mapping[str, Any]:
        """Ask as an administrator of the pool, with this server's AWS credentials."""
        return await self._call(operation, UserPoolId=self.pool.pool_id, **request)

    async def sign_in(
        self, username: str, password: str, *, office: bool
    ) -> Mapping[str, Any]:
        """Ask for tokens, or for the challenge that stands before them."""
        parameters = {
            "USERNAME": username,
            "PASSWORD": password,
            "SECRET_HASH": self.pool.secret_hash(_capped(username)),
        }
        if office:
            return await self.for_office(
                "AdminInitiateAuth",
                ClientId=self.pool.client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters=parameters,
            )
        return await self._call(
            "InitiateAuth",
            ClientId=self.pool.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters=parameters,
        )

    async def answer_challenge(
        self, username: str, new_password: str, session: str
    ) -> Mapping[str, Any]:
        """Ask for tokens against a new password."""
        return await self._call(
            "RespondToAuthChallenge",
            ClientId=self.pool.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=session,
            ChallengeResponses={
                "USERNAME": username,
                "NEW_PASSWORD": new_password,
                "SECRET_HASH": self.pool.secret_hash(_capped(username)),
            },
        )

    async def _call(self, operation: str, **request: Any) -> Mapping[str, Any]:
        for _, text in _texts(request):
            _capped(text)
        try:
            return await self._ask(operation, request)
        except AwsRefused as why:
            sentence = _harmless(why.message, request)
            raise AwsRefused(operation, why.code, why.message, sentence) from None


def _texts(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a request with the name it goes under."""
    match value:
        case str():
            yield key, value
        case Mapping():
            for name, part in value.items():
                yield from _texts(part, name)
        case list():
            for part in value:
                yield from _texts(part, key)


def _capped(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise ParameterInvalid("A parameter is too long.")
    return text


def _harmless(message: str, request: Mapping[str, Any]) -> str:
    """Return what AWS said, unless it shows something of its own or a secret sent."""
    secrets = (text for key, text in _texts(request) if key in _SECRETS)
    if _TELLTALE.search(message) or any(
        len(secret) >= MIN_SECRET and secret in message for secret in secrets
    ):
        return ""
    return " ".join(message.split())[:MAX_SENTENCE]
