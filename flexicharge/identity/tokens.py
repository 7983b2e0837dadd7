"""Access tokens of the form Cognito hands out (contract §7.2), signed by us."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from attrs import field, frozen
from jwt import PyJWS
from jwt.exceptions import InvalidSignatureError, PyJWTError
from zope.interface import implementer

from flexicharge.errors import TokenError
from flexicharge.identity.keys import ALGORITHM, KeyRing, SigningKey
from flexicharge.interfaces.people import IEntropy, ITokens
from flexicharge.model.account import Account, Caller

LIFETIME_S: Final = 3600
LONGEST_S: Final = 31 * 86_400  # no token of ours was ever meant to last longer
CLOCK_SKEW_S: Final = 60  # how far ahead the clock of whoever issued it may run
MAX_TOKEN: Final = 8192  # characters
REMEMBERED: Final = 2048  # tokens; the oldest is forgotten
ACCESS: Final = "access"
CLIENT_ID: Final = "flexicharge"
SCOPE: Final = "aws.cognito.signin.user.admin"  # what a password sign-in yields there

MALFORMED: Final = "jwt malformed"
UNKNOWN_KEY: Final = "unknown signing key"

# What PyJWT raises; the last only some versions, of JSON nested too deep for Python.
NO_TOKEN: Final = (PyJWTError, UnicodeError, RecursionError)

_JWS: Final = PyJWS(algorithms=[ALGORITHM])  # signatures only: claims are read here


class _Claims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    sub: str
    iss: str
    client_id: str
    token_use: str
    scope: str
    username: str
    groups: list[str] = msgspec.field(default_factory=list, name="cognito:groups")
    iat: int
    exp: int
    jti: str
    generation: int = 0


@frozen
class _Verified:
    """What a token says, and by which key it was found to be true."""

    kid: str
    claims: _Claims


@implementer(ITokens)
@frozen
class SignedTokens:
    """RS256 tokens of one issuer, good for an hour unless it is told otherwise.

    An app shows the same token with every request, so the claims of the tokens seen
    last are remembered: a signature is verified once. What depends on the time, and on
    the keys that are good then, is looked at every time.
    """

    _keys: KeyRing
    _issuer: str
    _entropy: IEntropy
    _lifetime_s: int = LIFETIME_S
    _jws: PyJWS = _JWS
    _verified: OrderedDict[str, _Verified] = field(
        factory=OrderedDict, init=False, repr=False, eq=False
    )

    def issue(self, account: Account, at: float) -> str:
        """Return an access token for an account, valid from a POSIX time."""
        claims = _Claims(
            sub=account.account_id,
            iss=self._issuer,
            client_id=CLIENT_ID,
            token_use=ACCESS,
            scope=SCOPE,
            username=account.account_id,
            groups=list(account.groups),
            iat=int(at),
            exp=int(at) + self._lifetime_s,
            jti=self._entropy.uuid(),
            generation=account.generation,
        )
        key = self._keys.signing(at)
        return self._jws.encode(
            msgspec.json.encode(claims),
            key.private,
            algorithm=ALGORITHM,
            headers={"kid": key.kid},
        )

    def read(self, token: str, at: float) -> Caller:
        """Return whom a token was issued for, with the groups it names.

        Raise `TokenError` unless it is an access token of this issuer, signed by a key
        that is good `at` a POSIX time, which must lie in its own.
        """
        seen = self._verified.get(token)
        if seen is None:
            seen = self._verify(token, at)
        elif self._keys.verifying(seen.kid, at) is None:
            raise TokenError(UNKNOWN_KEY)
        self._check(seen.claims, at)
        return Caller(
            user_id=seen.claims.sub,
            groups=frozenset(seen.claims.groups),
            expires_at=seen.claims.exp,
            token_id=seen.claims.jti,
            generation=seen.claims.generation,
        )

    def published_keys(self, at: float) -> tuple[Mapping[str, str], ...]:
        """Return the public keys of tokens that are good at a time, as JWKs."""
        return tuple(key.jwk for key in self._keys.good(at))

    def _check(self, claims: _Claims, at: float) -> None:
        if claims.iss != self._issuer:
            raise TokenError("jwt issuer invalid")
        if claims.client_id != CLIENT_ID:
            raise TokenError("jwt audience invalid")
        if claims.token_use != ACCESS:
            raise TokenError("jwt is not an access token")
        if claims.iat > at + CLOCK_SKEW_S:
            raise TokenError("jwt not active")
        if claims.exp <= at:
            raise TokenError("jwt expired")
        if claims.exp > claims.iat + LONGEST_S:
            raise TokenError("jwt lifetime invalid")

    def _verify(self, token: str, at: float) -> _Verified:
        key = self._key_of(token, at)
        verified = _Verified(key.kid, _claims(self._payload(token, key)))
        self._verified[token] = verified
        if len(self._verified) > REMEMBERED:
            self._verified.popitem(last=False)
        return verified

    def _key_of(self, token: str, at: float) -> SigningKey:
        """Return the key that a token names; its name is compared, and no more."""
        if len(token) > MAX_TOKEN:
            raise TokenError(MALFORMED)
        try:
            header: dict[str, Any] = self._jws.get_unverified_header(token)
        except NO_TOKEN as why:
            raise TokenError(MALFORMED) from why
        if header.get("alg") != ALGORITHM:
            raise TokenError("invalid algorithm")
        key = self._keys.verifying(header.get("kid", ""), at)
        if key is None:
            raise TokenError(UNKNOWN_KEY)
        return key

    def _payload(self, token: str, key: SigningKey) -> bytes:
        try:
            payload: bytes = self._jws.decode(token, key.public, [ALGORITHM])
        except InvalidSignatureError as why:
            raise TokenError("invalid signature") from why
        except NO_TOKEN as why:
            raise TokenError(MALFORMED) from why
        return payload


def _claims(payload: bytes) -> _Claims:
    try:
        return msgspec.json.decode(payload, type=_Claims)
    except (msgspec.MsgspecError, UnicodeError) as why:
        raise TokenError(MALFORMED) from why
