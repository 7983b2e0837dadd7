"""Which key signs, which ones verify, and what is told of them."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from flexicharge.identity.keys import (
    ANNOUNCED_S,
    OUTLIVES_S,
    KeyRing,
    ServerKey,
    SigningKey,
)
from flexicharge.identity.tokens import CLOCK_SKEW_S, LIFETIME_S
from flexicharge.testing.identity import signing_key

DAY = 86_400


@cache
def private(number: int) -> rsa.RSAPrivateKey:
    """Return a private key; a small one, for nothing is signed with it."""
    return rsa.generate_private_key(65537, 1024)


def key_made_at(made_at: int) -> SigningKey:
    return SigningKey(private(made_at), made_at)


OLD, NEW = key_made_at(0), key_made_at(DAY)
RETIRED_AT = DAY + ANNOUNCED_S + OUTLIVES_S


def test_the_only_key_signs_at_once() -> None:
    """A server that has just been installed has nobody to announce it to."""
    assert KeyRing([NEW]).signing(0.0) is NEW
    assert KeyRing([NEW]).good(0.0) == (NEW,)


@pytest.mark.parametrize(
    ("at", "signer"),
    [(1.0, OLD), (DAY, OLD), (DAY + ANNOUNCED_S - 1, OLD), (DAY + ANNOUNCED_S, NEW)],
)
def test_a_new_key_signs_once_everybody_knows_it(at: float, signer: SigningKey) -> None:
    """It verifies from the first moment."""
    ring = KeyRing([NEW, OLD])
    assert ring.signing(at) is signer
    assert ring.verifying(NEW.kid, at) is NEW


def test_an_old_key_verifies_until_its_tokens_have_ended() -> None:
    """Then it is published and believed no more, though its file may still be there."""
    ring = KeyRing([OLD, NEW])
    assert ring.verifying(OLD.kid, RETIRED_AT - 1) is OLD
    assert ring.good(RETIRED_AT - 1) == (OLD, NEW)
    assert ring.verifying(OLD.kid, RETIRED_AT) is None
    assert ring.good(RETIRED_AT) == (NEW,)
    assert ring.keys == (OLD, NEW)


def test_no_token_outlives_its_key() -> None:
    """Not even one that was signed at the last moment, by a clock that is ahead."""
    assert OUTLIVES_S > LIFETIME_S + CLOCK_SKEW_S


@pytest.mark.parametrize(
    "kid",
    ["", "../signing", f"{OLD.kid} ", OLD.kid.upper()],
    ids=["none", "a path", "a blank", "another case"],
)
def test_a_key_goes_by_its_own_name_only(kid: str) -> None:
    """A name is compared, never looked up anywhere."""
    assert KeyRing([OLD]).verifying(kid, 0.0) is None


def test_what_a_ring_holds_can_be_replaced() -> None:
    """Whoever holds the ring has the new keys then."""
    ring = KeyRing([OLD])
    ring.replace([NEW])
    assert ring.keys == (NEW,)
    assert ring.verifying(OLD.kid, 0.0) is None


def test_a_key_is_published_as_a_jwk() -> None:
    """Any JWT library makes the public key of it again; nothing private is in it."""
    key = signing_key()
    assert {name: key.jwk[name] for name in ("kty", "use", "alg", "kid")} == {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key.kid,
    }
    assert set(key.jwk) == {"kty", "use", "alg", "kid", "n", "e"}
    assert urlsafe_b64decode(key.jwk["e"]) == b"\x01\x00\x01"
    assert "=" not in key.jwk["n"]
    assert jwt.PyJWK(dict(key.jwk)).key.public_numbers() == key.public.public_numbers()


def test_a_mac_binds_every_part() -> None:
    """Neither another purpose, nor parts cut elsewhere, have the same MAC."""
    key = ServerKey(b"k" * 32)
    macs = {
        key.mac("code", "ab", "c"),
        key.mac("code", "a", "bc"),
        key.mac("code", "abc"),
        key.mac("station", "ab", "c"),
        ServerKey(b"q" * 32).mac("code", "ab", "c"),
    }
    assert len(macs) == 5
    assert key.mac("code", "ab", "c") in macs
    assert all(len(mac) == 32 for mac in macs)


def test_a_stations_credential_is_a_mac_of_its_password() -> None:
    """It is decided by the password and the key, and is no code's MAC."""
    key = ServerKey(b"k" * 32)
    stored = key.station_credential("a" * 20)
    assert stored == key.station_credential("a" * 20)
    assert stored not in (key.station_credential("b" * 20), key.mac("code", "a" * 20))
    assert stored != ServerKey(b"q" * 32).station_credential("a" * 20)


def test_whatever_was_sent_has_a_mac() -> None:
    """Half a surrogate pair is no reason to fail."""
    key = ServerKey(b"k" * 32)
    assert key.mac("code", "\ud800") != key.mac("code", "\ud801")


def test_secrets_are_not_shown() -> None:
    """What is printed by mistake gives nothing away."""
    assert "kkk" not in repr(ServerKey(b"k" * 32))
    assert "private" not in repr(OLD)
