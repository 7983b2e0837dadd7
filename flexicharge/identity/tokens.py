"""Access tokens of the form Cognito hands out (contract §7.2), signed by us."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

import msgspec
from attrs import field, frozen
from jwt import PyJWS
from jwt.exceptions import InvalidAlgorithmError, InvalidSignatureError, PyJWTError
from zope.interface import implementer

from flexicharge.errors import TokenError
from flexicharge.identity.keys import SigningKeys
from flexicharge.interfaces.people import IEntropy, ITokens
from flexicharge.model.account import Account, Caller

LIFETIME_S: Final = 3600
CLOCK_SKEW_S: Final = 60  # how far ahead the clock of whoever issued it may run
MAX_TOKEN: Final = 8192  # characters
REMEMBERED: Final = 2048  # tokens; the oldest is forgotten
ALGORITHM: Final = "RS256"
ACCESS: Final = "access"
CLIENT_ID: Final = "flexicharge"
SCOPE: Final = "aws.cognito.signin.user.admin"  # what a password sign-in yields there

MALFORMED: Final = "jwt malformed"

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


@implementer(ITokens)
@frozen
class SignedTokens:
    """RS256 tokens of one issuer, good for an hour unless it is told otherwise.

    An app shows the same token with every request, so the claims of the tokens seen
    last are remembered: a signature is verified once. What depends on the time is
    looked at every time.
    """

    _keys: SigningKeys
    _issuer: str
    _entropy: IEntropy
    _lifetime_s: int = LIFETIME_S
    _verified_claims: OrderedDict[str, _Claims] = field(
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
        )
        return _JWS.encode(
            msgspec.json.encode(claims),
            self._keys.private,
            algorithm=ALGORITHM,
            headers={"kid": self._keys.kid},
        )

    def read(self, token: str, at: float) -> Caller:
        """Return whom a token was issued for, with the groups it names.

        Raise `TokenError` unless it is an access token of this issuer and key, and `at`
        lies in its time.
        """
        claims = self._verified_claims.get(token) or self._verify(token)
        if claims.iss != self._issuer:
            raise TokenError("jwt issuer invalid")
        if claims.token_use != ACCESS:
            raise TokenError("jwt is not an access token")
        if claims.iat > at + CLOCK_SKEW_S:
            raise TokenError("jwt not active")
        if claims.exp <= at:
            raise TokenError("jwt expired")
        return Caller(
            user_id=claims.sub,
            groups=frozenset(claims.groups),
            expires_at=claims.exp,
        )

    def _verify(self, token: str) -> _Claims:
        claims = self._claims(self._verified(token))
        self._verified_claims[token] = claims
        if len(self._verified_claims) > REMEMBERED:
            self._verified_claims.popitem(last=False)
        return claims

    def _verified(self, token: str) -> bytes:
        if len(token) > MAX_TOKEN:
            raise TokenError(MALFORMED)
        try:
            parts: dict[str, Any] = _JWS.decode_complete(
                token, self._keys.public, algorithms=[ALGORITHM]
            )
        except InvalidSignatureError as why:
            raise TokenError("invalid signature") from why
        except InvalidAlgorithmError as why:
            raise TokenError("invalid algorithm") from why
        except (PyJWTError, UnicodeError) as why:
            raise TokenError(MALFORMED) from why
        if parts["header"].get("kid") != self._keys.kid:
            raise TokenError("unknown signing key")
        payload: bytes = parts["payload"]
        return payload

    def _claims(self, payload: bytes) -> _Claims:
        try:
            return msgspec.json.decode(payload, type=_Claims)
        except (msgspec.MsgspecError, UnicodeError) as why:
            raise TokenError(MALFORMED) from why
