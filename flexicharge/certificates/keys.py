"""Keys that certificates are made of: how ours are made, and which are too weak."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from flexicharge.errors import CertificateRefused

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

# OCPP security whitepaper, edition 3, A00.FR.501 ff.; OCA 074 and 086.
LEAST_RSA_BITS: Final = 2048
LEAST_EC_BITS: Final = 224
RSA_BITS: Final = 3072  # as strong as the curve, and still quick enough for chargers
PUBLIC_EXPONENT: Final = 65537


class KeyKind(StrEnum):
    """Which mathematics: a charger may know only one of them."""

    EC = "ec"
    RSA = "rsa"


def new_key(kind: KeyKind) -> PrivateKey:
    """Return a new key; an RSA one takes up to a second to make."""
    if kind is KeyKind.EC:
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(PUBLIC_EXPONENT, RSA_BITS)


def strong(key: object) -> PublicKey:
    """Return a public key that is of use; raise `CertificateRefused`."""
    if isinstance(key, rsa.RSAPublicKey):
        least = LEAST_RSA_BITS
    elif isinstance(key, ec.EllipticCurvePublicKey):
        least = LEAST_EC_BITS
    else:
        raise CertificateRefused("its key is neither RSA nor of an elliptic curve")
    if key.key_size < least:
        raise CertificateRefused(
            f"its key has {key.key_size} bits, and at least {least} are needed"
        )
    return key


def kind_of(key: PublicKey) -> KeyKind:
    """Return which mathematics a key belongs to."""
    return KeyKind.RSA if isinstance(key, rsa.RSAPublicKey) else KeyKind.EC


def private_pem(key: PrivateKey) -> str:
    """Return a key as unencrypted PKCS #8 text."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode("ascii")
