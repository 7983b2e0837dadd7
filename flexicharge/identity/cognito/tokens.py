"""Reading the access tokens of a pool (contract §7.2)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import msgspec
from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWS
from jwt.exceptions import InvalidSignatureError, PyJWTError

from flexicharge.errors import TokenError
from flexicharge.identity.cognito.keys import PoolKeys
from flexicharge.identity.cognito.pool import Pool
from flexicharge.model.account import Caller

ALGORITHM: Final = "RS256"
ACCESS: Final = "access"
CLOCK_SKEW_S: Final = 60  # how far ahead AWS's clock may run
MAX_TOKEN: Final = 8192  # characters
MAX_KID: Final = 128
REMEMBERED: Final = 2048  # tokens; the oldest is forgotten
MALFORMED: Final = "jwt malformed"

# What PyJWT raises; the last only some versions, of JSON nested too deep for Python.
NO_TOKEN: Final = (PyJWTError, msgspec.MsgspecError, UnicodeError, RecursionError)

_JWS: Final = PyJWS(algorithms=[ALGORITHM])  # signatures only: claims are read here


class _Claims(msgspec.Struct, frozen=True, kw_only=True):
    sub: str
    iss: str
    client_id: str
    token_use: str
    groups: list[str] = msgspec.field(default_factory=list, name="cognito:groups")
    iat: int
    exp: int


@frozen
class PoolTokens:
    """The access tokens of one pool and one app client.

    The claims of the tokens seen last are remembered: a signature is verified once, as
    long as the pool goes on publishing its key. What depends on the time is looked at
    every time.
    """

    _pool: Pool
    _keys: PoolKeys
    _remembered: int = REMEMBERED
    _jws: PyJWS = _JWS
    _verified_claims: OrderedDict[str, _Claims] = field(
        factory=OrderedDict, init=False, repr=False, eq=False
    )

    async def read(self, token: str, at: float) -> Caller:
        """Return whom a token was issued for, with the groups it names.

        Raise `TokenError` unless it is an access token of this pool and app client, and
        `at` lies in its time. Raise `IdentityAway` if the pool's keys are out of reach.
        """
        key = await self._keys.get(self._kid_of(token))
        claims = self._verified_claims.get(token) or self._verify(token, key)
        return self._caller(claims, at)

    def _caller(self, claims: _Claims, at: float) -> Caller:
        if claims.iss != self._pool.issuer:
            raise TokenError("jwt issuer invalid")
        if claims.token_use != ACCESS:
            raise TokenError("jwt is not an access token")
        if claims.client_id != self._pool.client_id:
            raise TokenError("jwt audience invalid")
        if claims.iat > at + CLOCK_SKEW_S:
            raise TokenError("jwt not active")
        if claims.exp <= at:
            raise TokenError("jwt expired")
        return Caller(
            user_id=claims.sub,
            groups=frozenset(claims.groups),
            expires_at=claims.exp,
        )

    def _verify(self, token: str, key: RSAPublicKey) -> _Claims:
        try:
            payload = self._jws.decode(token, key, [ALGORITHM])
            claims = msgspec.json.decode(payload, type=_Claims)
        except InvalidSignatureError as why:
            raise TokenError("invalid signature") from why
        except NO_TOKEN as why:
            raise TokenError(MALFORMED) from why
        self._verified_claims[token] = claims
        if len(self._verified_claims) > self._remembered:
            self._verified_claims.popitem(last=False)
        return claims

    def _kid_of(self, token: str) -> str:
        """Return which key a token says it is signed with; raise `TokenError`."""
        if len(token) > MAX_TOKEN:
            raise TokenError(MALFORMED)
        try:
            header: dict[str, Any] = self._jws.get_unverified_header(token)
        except NO_TOKEN as why:
            raise TokenError(MALFORMED) from why
        if header.get("alg") != ALGORITHM:
            raise TokenError("invalid algorithm")
        kid = header.get("kid")
        if not isinstance(kid, str) or not 0 < len(kid) <= MAX_KID:
            raise TokenError("unknown signing key")
        return kid
