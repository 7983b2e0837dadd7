"""The server's secrets, as values: what signs tokens, and what codes are kept under."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flexicharge.identity.station_passwords import spelling_of

RSA_BITS: Final = 2048
ALGORITHM: Final = "RS256"

# A new key is published first and signs later, so that by then everybody knows it who
# reads the directory or the published keys now and then.
ANNOUNCED_S: Final = 60
# How long the keys before it are good for, which is longer than what they signed is.
OUTLIVES_S: Final = 2 * 3600


@frozen
class SigningKey:
    """An RSA key that signs access tokens, made at a POSIX time in whole seconds."""

    private: rsa.RSAPrivateKey = field(repr=False, eq=False)
    made_at: int
    public: rsa.RSAPublicKey = field(init=False, repr=False, eq=False)
    kid: str = field(init=False)

    @public.default
    def _its_public_half(self) -> rsa.RSAPublicKey:
        return self.private.public_key()

    @kid.default
    def _named_after_its_public_half(self) -> str:
        spki = self.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).hexdigest()[:32]

    @property
    def jwk(self) -> Mapping[str, str]:
        """The public half as a JSON Web Key (RFC 7517 §4, RFC 7518 §6.3.1)."""
        numbers = self.public.public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": ALGORITHM,
            "kid": self.kid,
            "n": _base64_of(numbers.n),
            "e": _base64_of(numbers.e),
        }


class KeyRing:
    """The signing keys: the newest signs, and those before it verify for a while.

    What it holds may be replaced while others hold it.
    """

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self.replace(keys)

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """All of them, oldest first."""
        return self._keys

    def replace(self, keys: Iterable[SigningKey]) -> None:
        """Hold these keys from now on, at least one."""
        self._keys = tuple(sorted(keys, key=lambda key: key.made_at))

    def signing(self, at: float) -> SigningKey:
        """Return the key to sign with at a POSIX time."""
        announced = [key for key in self._keys if key.made_at + ANNOUNCED_S <= at]
        return announced[-1] if announced else self._keys[0]

    def verifying(self, kid: str, at: float) -> SigningKey | None:
        """Return the key of a name, if what it signed may still be good."""
        good = (key for key in self.good(at) if key.kid == kid)
        return next(good, None)

    def good(self, at: float) -> tuple[SigningKey, ...]:
        """Return the keys whose tokens may be good at a POSIX time, oldest first."""
        kept = [key for key, after in pairwise(self._keys) if not _is_over(after, at)]
        return (*kept, self._keys[-1])


def _is_over(after: SigningKey, at: float) -> bool:
    """Tell whether the time of a key is over, by the one that came after it."""
    return after.made_at + ANNOUNCED_S + OUTLIVES_S <= at


@frozen
class ServerKey:
    """The secret under which codes and passwords of stations are kept."""

    secret: bytes = field(repr=False)

    def mac(self, purpose: str, *parts: str) -> bytes:
        """Return the HMAC-SHA-256 of `parts`, different for every purpose.

        They may be whatever somebody sent, half a surrogate pair included.
        """
        words = [word.encode("utf-8", "surrogatepass") for word in (purpose, *parts)]
        framed = b"".join(len(word).to_bytes(4, "big") + word for word in words)
        return hmac.digest(self.secret, framed, "sha256")

    def station_credential(self, password: str | bytes) -> bytes:
        """Return what is stored of a station's password, however it is spelt.

        Hexadecimal digits and the bytes they stand for are one password.
        """
        return self.mac("station password", spelling_of(password))


def _base64_of(number: int) -> str:
    """Return a number in big-endian base64url without padding (RFC 7518 §2)."""
    octets = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
