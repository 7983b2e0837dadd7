"""AWS as a test wants it: it answers what it is told to, and remembers the questions.

moto stands in for all that a pool does (tests/integration/cognito); this is for what it
cannot do: refuse for reasons of its own, be slow, be away.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.actors.bus import LocalBus
from flexicharge.errors import IdentityAway
from flexicharge.identity.cognito.calls import AwsRefused
from flexicharge.identity.cognito.identity import (
    CognitoIdentity,
    OpenPool,
    cognito_identity,
)
from flexicharge.identity.cognito.pool import Pool
from flexicharge.model.events import ACCOUNTS, SignedOut
from flexicharge.testing.identity import signing_key

EMAIL = "driver@example.com"
PASSWORD = "Passw0rd!"
SUB = "7d8ca528-4931-4254-9273-ea5ee853f271"
SECRET = "the-secret-of-the-app-client"
POOL = Pool(
    region="eu-west-1",
    pool_id="eu-west-1_Ab12Cd34E",
    client_id="1h57kf5cpq17m0eml12",
    client_secret=SECRET,
)
USER: Mapping[str, Any] = {
    "Username": SUB,
    "UserAttributes": [
        {"Name": "sub", "Value": SUB},
        {"Name": "email", "Value": EMAIL},
    ],
}


@define(eq=False)
class FakeAws:
    """Answers each operation with what `answers` has for it: an answer or an error.

    While `holding`, it answers nothing until `let_go`.
    """

    answers: dict[str, Any] = field(factory=lambda: {"GetUser": USER})
    asked: list[tuple[str, Mapping[str, Any]]] = field(factory=list)
    holding: bool = False
    _held: list[Deferred[None]] = field(factory=list)

    async def __call__(
        self, operation: str, request: Mapping[str, Any], /
    ) -> Mapping[str, Any]:
        self.asked.append((operation, request))
        answer = self.answers.get(operation, {})
        if self.holding:
            self._held.append(held := Deferred[None]())
            await held
        if isinstance(answer, Exception):
            raise answer
        return answer

    def let_go(self) -> None:
        """Answer what is held, as it was to be answered when it was asked."""
        self.holding, held = False, self._held
        self._held = []
        for each in held:
            each.callback(None)

    def refuse(self, operation: str, code: str, message: str = "") -> None:
        """Refuse an operation from now on."""
        self.answers[operation] = AwsRefused(operation, code, message)

    def go_away(self, operation: str) -> None:
        """Be out of reach for an operation from now on."""
        self.answers[operation] = IdentityAway("away")

    def requests(self, operation: str) -> list[Mapping[str, Any]]:
        """Return what was asked of an operation."""
        return [request for name, request in self.asked if name == operation]

    def request(self, operation: str) -> Mapping[str, Any]:
        """Return what was asked of an operation the only time it was asked."""
        (request,) = self.requests(operation)
        return request


@define(eq=False)
class FakeKeySite:
    """Publishes keys, and counts how often they were fetched."""

    keys: list[Mapping[str, Any]] = field(factory=lambda: [jwk()])
    fetched: int = 0
    away: bool = False
    holding: bool = False
    _held: list[Deferred[None]] = field(factory=list)

    async def fetch(self) -> bytes:
        self.fetched += 1
        if self.holding:
            self._held.append(held := Deferred[None]())
            await held
        if self.away:
            raise ConnectionRefusedError("refused")
        return json.dumps({"keys": self.keys}).encode()

    def let_go(self) -> None:
        """Answer what is held."""
        self.holding, held = False, self._held
        self._held = []
        for each in held:
            each.callback(None)


@cache
def another_key() -> rsa.RSAPrivateKey:
    """Return a key that is not the pool's, or not yet."""
    return rsa.generate_private_key(65537, 2048)


def jwk(
    kid: str = "one", key: rsa.RSAPrivateKey | None = None, **more: Any
) -> dict[str, Any]:
    """Return a public key as a pool publishes it."""
    public = (key or signing_key().private).public_key()
    return {
        **RSAAlgorithm.to_jwk(public, as_dict=True),
        "kid": kid,
        "alg": "RS256",
        "use": "sig",
        **more,
    }


def token(
    at: float,
    *,
    kid: str = "one",
    key: rsa.RSAPrivateKey | None = None,
    without: str = "",
    **claims: Any,
) -> str:
    """Return an access token as AWS makes them, but for what is said."""
    told = {
        "sub": SUB,
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E",
        "client_id": POOL.client_id,
        "token_use": "access",
        "scope": "aws.cognito.signin.user.admin",
        "username": SUB,
        "iat": int(at),
        "exp": int(at) + 3600,
        **claims,
    }
    told.pop(without, None)
    return jwt.encode(
        told, key or signing_key().private, algorithm="RS256", headers={"kid": kid}
    )


def id_token(**claims: Any) -> str:
    """Return an ID token; nobody looks at its signature."""
    told = {"sub": SUB, "email": EMAIL, "email_verified": True, **claims}
    payload = base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.c2ln"


def signed_in(access_token: str, **claims: Any) -> dict[str, Any]:
    """Return what AWS answers to somebody who signs in."""
    return {
        "ChallengeParameters": {},
        "AuthenticationResult": {
            "AccessToken": access_token,
            "IdToken": id_token(**claims),
            "RefreshToken": "refresh",
            "ExpiresIn": 3600,
            "TokenType": "Bearer",
        },
    }


@define(eq=False)
class There:
    """A pool's people, with everything they stand on in a test's hands."""

    clock: Clock
    aws: FakeAws = field(factory=FakeAws)
    keys: FakeKeySite = field(factory=FakeKeySite)
    check_every_s: float = 5.0
    bus: LocalBus = field(init=False)
    identity: CognitoIdentity = field(init=False)
    signed_out: list[SignedOut] = field(factory=list, init=False)

    def __attrs_post_init__(self) -> None:
        self.bus = LocalBus(self.clock)
        self.bus.subscribe(ACCOUNTS, self.signed_out.append)
        opened = OpenPool(
            pool=POOL,
            ask=self.aws,
            fetch_keys=self.keys.fetch,
            check_every_s=self.check_every_s,
        )
        self.identity = cognito_identity(opened, bus=self.bus, clock=self.clock)

    def token(self, **claims: Any) -> str:
        """Return a token that AWS has just made."""
        return token(self.clock.seconds(), **claims)
