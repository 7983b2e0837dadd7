"""Roots that chargers trust: what OCPP names them by, and which ones are real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import (
    SHA256,
    SHA384,
    SHA512,
    HashAlgorithm,
)
from cryptography.x509.ocsp import OCSPRequestBuilder

from flexicharge.certificates.keys import strong
from flexicharge.certificates.pem import UNREADABLE
from flexicharge.errors import CertificateRefused
from flexicharge.interfaces.certificates import CertificateNames

E = TypeVar("E", bound=x509.ExtensionType)

_HASHES: Final[Mapping[str, type[HashAlgorithm]]] = {
    "SHA256": SHA256,
    "SHA384": SHA384,
    "SHA512": SHA512,
}


def names_of_root(root: x509.Certificate, hash_algorithm: str) -> CertificateNames:
    """Return the names of a root, the hashes of RFC 6960 §4.1.1 as OCPP has them.

    Raise `CertificateRefused` if it is no root: its issuer's key is not known then.
    """
    hashed = _HASHES.get(hash_algorithm)
    if hashed is None:
        raise CertificateRefused(f"{hash_algorithm} is none of {', '.join(_HASHES)}")
    if not is_issued_by(root, root):
        raise CertificateRefused("it is not signed by its own key")
    asked = OCSPRequestBuilder().add_certificate(root, root, hashed()).build()
    return CertificateNames(
        hash_algorithm=hash_algorithm,
        issuer_name_hash=asked.issuer_name_hash.hex(),
        issuer_key_hash=asked.issuer_key_hash.hex(),
        serial_number=hex_of(root.serial_number),
    )


def demand_root(root: x509.Certificate, now: float) -> None:
    """Raise `CertificateRefused` if a certificate is no root of use at a POSIX time."""
    if not is_issued_by(root, root):
        raise CertificateRefused("it is no root: it is not signed by its own key")
    if not may_sign(root):
        raise CertificateRefused("it is no root: it may not sign other certificates")
    strong(root.public_key())
    if now < root.not_valid_before_utc.timestamp():
        raise CertificateRefused(f"it is good only from {_day(root, begins=True)} on")
    if now > root.not_valid_after_utc.timestamp():
        raise CertificateRefused(f"it has ended on {_day(root, begins=False)}")


def may_sign(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate says that its owner may sign others."""
    basics = _extension(certificate, x509.BasicConstraints)
    usage = _extension(certificate, x509.KeyUsage)
    # RFC 5280 §4.2.1.3 demands a key usage of issuers, but many old roots have none.
    return basics is not None and basics.ca and (usage is None or usage.key_cert_sign)


def covers(root: x509.Certificate, shown: Sequence[x509.Certificate]) -> bool:
    """Tell whether a root vouches for the first of `shown`, perhaps over the others."""
    link, *others = shown
    while not is_issued_by(link, root):
        above = next((one for one in others if is_issued_by(link, one)), None)
        if above is None:
            return False
        others.remove(above)
        link = above
    return True


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether a certificate names an issuer and is signed by its key."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (*UNREADABLE, TypeError, InvalidSignature):
        return False
    return True


def _extension(certificate: x509.Certificate, of: type[E]) -> E | None:
    """Return what a certificate says of something; None if nothing readable."""
    try:
        return certificate.extensions.get_extension_for_class(of).value
    except (*UNREADABLE, x509.ExtensionNotFound):
        return None


def hex_of(serial_number: int) -> str:
    """Return a serial number as OCPP writes it: hexadecimal without leading zeros."""
    return f"{serial_number:x}"


def _day(root: x509.Certificate, *, begins: bool) -> str:
    moment = root.not_valid_before_utc if begins else root.not_valid_after_utc
    return f"{moment:%Y-%m-%d}"
