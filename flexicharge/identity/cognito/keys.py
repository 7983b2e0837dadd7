"""The keys that a pool signs its tokens with, as it publishes them (RFC 7517)."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from flexicharge.errors import IdentityAway, TokenError
from flexicharge.identity.cognito.refusals import AWAY
from flexicharge.identity.cognito.shared import Shared

FETCHES: Final = 5
FETCHES_WITHIN_S: Final = 60.0
FRESH_S: Final = 3600.0
MIN_BITS: Final = 2048

Fetch = Callable[[], Awaitable[bytes]]


class _KeySet(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


class PoolKeys:
    """A pool's public keys by their ids, fetched when they are needed.

    They are fetched anew for an id that is not among them, and once they are an hour
    old; at most five times a minute, and once for everybody who waits. Those that are
    known stay while nothing newer can be fetched.
    """

    _log = Logger()

    def __init__(self, fetch: Fetch, clock: IReactorTime) -> None:
        self._fetch, self._clock = fetch, clock
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._begun: deque[float] = deque(maxlen=FETCHES)
        self._fresh_until = clock.seconds()
        self._failed = False
        self._shared: Shared[None] = Shared()

    async def get(self, kid: str) -> RSAPublicKey:
        """Return a key; raise `TokenError` if the pool has none of that id.

        Raise `IdentityAway` if that is not known because the pool does not answer.
        """
        if kid not in self._keys:
            await self._refresh()
        elif self._clock.seconds() >= self._fresh_until:
            # Those that are known are good enough for whoever asks now.
            self._refresh()
        if kid in self._keys:
            return self._keys[kid]
        if self._failed:
            raise IdentityAway(AWAY)
        raise TokenError("unknown signing key")

    def _refresh(self) -> Awaitable[None]:
        return self._shared.join("keys", self._fetch_if_allowed)

    async def _fetch_if_allowed(self) -> None:
        now = self._clock.seconds()
        if len(self._begun) == FETCHES and now < self._begun[0] + FETCHES_WITHIN_S:
            return
        self._begun.append(now)
        try:
            self._keys = _read(await self._fetch())
        except CancelledError:
            raise
        except Exception as why:  # of the network, TLS, HTTP, JSON: all mean the same
            self._failed = True
            self._log.error(
                "the pool's keys cannot be fetched: {why}", why=type(why).__name__
            )
        else:
            self._failed = False
            self._fresh_until = now + FRESH_S


def _read(text: bytes) -> Mapping[str, RSAPublicKey]:
    published = msgspec.json.decode(text, type=_KeySet).keys
    keys = {str(jwk.get("kid")): _rsa_key(jwk) for jwk in published}
    usable = {kid: key for kid, key in keys.items() if key is not None}
    if not usable:
        raise ValueError("no key of use is published")
    return usable


def _rsa_key(jwk: dict[str, Any]) -> RSAPublicKey | None:
    """Return a key that signatures may be made with, None for any other."""
    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig":
        return None
    try:
        key = RSAAlgorithm.from_jwk(jwk)
    except (InvalidKeyError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_BITS:
        return key
    return None
