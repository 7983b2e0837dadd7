"""Roots, and what a charger makes of them with its own arithmetic."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flexicharge.certificates.issuer import Issuer, certified_by_itself
from flexicharge.certificates.keys import KeyKind
from flexicharge.certificates.pem import pem_of
from flexicharge.testing.certificates import SINCE, known_issuer, known_key
from flexicharge.testing.identity import SeededEntropy
from flexicharge.testing.standard_charger import JsonObject

from .scene import Scene

OURS: Final = "CentralSystemRootCertificate"
MAKERS: Final = "ManufacturerRootCertificate"
OUR_ROOT: Final = known_issuer(KeyKind.EC)


@cache
def maker(number: int) -> Issuer:
    """Return the root of somebody who makes chargers, the same for a number."""
    name = f"Maker {number}"
    return certified_by_itself(known_key(number), name, SINCE, SeededEntropy(name))


def pem(issuer: Issuer) -> str:
    """Return a root as it is sent."""
    return pem_of(issuer.certificate)


def hash_data(root: x509.Certificate, algorithm: str = "SHA256") -> JsonObject:
    """Return what a charger names a root by: RFC 6960 §4.1.1, worked out afresh."""

    def hashed(data: bytes) -> str:
        return hashlib.new(algorithm, data).hexdigest()

    return {
        "hashAlgorithm": algorithm,
        "issuerNameHash": hashed(root.issuer.public_bytes()),
        "issuerKeyHash": hashed(_key_bits(root)),
        "serialNumber": f"{root.serial_number:x}",
    }


def _key_bits(root: x509.Certificate) -> bytes:
    """Return a public key as the bits of its certificate, without what it is of."""
    key = root.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    assert isinstance(key, rsa.RSAPublicKey)
    return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)


def install(scene: Scene, type_: str, root: str, reply: str) -> JsonObject:
    """Have the charger given a root; return the command on record."""
    payload = {"certificateType": type_, "certificate": root}
    command = scene.tell("InstallCertificate", payload, reply)
    assert command["payload"] == payload
    return command


def list_roots(scene: Scene, type_: str, *listed: JsonObject) -> JsonObject:
    """Have the charger list its roots of a type; return the command on record."""
    answer: JsonObject = {"status": "NotFound"}
    if listed:
        answer = {"status": "Accepted", "certificateHashData": list(listed)}
    asked = {"certificateType": type_}
    command = scene.tell("GetInstalledCertificateIds", asked, answer)
    assert (command["payload"], command["response"]) == (asked, answer)
    return command


def delete(scene: Scene, hashes: JsonObject, reply: str) -> None:
    """Have the charger told to forget a root; it goes out as the charger named it."""
    payload = {"certificateHashData": hashes}
    command = scene.tell("DeleteCertificate", payload, reply)
    assert (command["payload"], command["response"]) == (payload, {"status": reply})


def roots(scene: Scene) -> list[JsonObject]:
    """Return the roots on record."""
    found: list[JsonObject] = scene.get(f"{scene.at}/certificates")["trusted"]
    return found


def states(scene: Scene) -> list[str]:
    """Return whether each root on record is there."""
    return [one["status"] for one in roots(scene)]


def issued(scene: Scene) -> list[JsonObject]:
    """Return the charger's own certificates on record, newest first."""
    found: list[JsonObject] = scene.get(f"{scene.at}/certificates")["issued"]
    return found
