"""PEM texts: those of strangers read with care, ours written as OCPP wants them."""

from __future__ import annotations

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from flexicharge.errors import CertificateRefused

LONGEST: Final = (
    5500  # characters of SignCertificate.csr, InstallCertificate.certificate
)
_BOUNDARY: Final = "-----BEGIN "
_CERTIFICATE: Final = f"{_BOUNDARY}CERTIFICATE-----"

# What reading a stranger's ASN.1 may raise, there and then or when a part is looked at.
UNREADABLE: Final = (
    ValueError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


def read_request(text: str) -> x509.CertificateSigningRequest:
    """Return a certificate signing request; raise `CertificateRefused`."""
    _demand_brevity(text)
    try:
        return x509.load_pem_x509_csr(text.encode())
    except UNREADABLE:
        raise CertificateRefused(
            "it is no certificate signing request (PKCS #10) in PEM"
        ) from None


def read_certificate(text: str) -> x509.Certificate:
    """Return the only certificate of a text with nothing else in it.

    Raise `CertificateRefused`. A text that goes to a charger as it is must not hold a
    private key by mistake.
    """
    _demand_brevity(text)
    if text.count(_BOUNDARY) > 1 or not text.lstrip().startswith(_CERTIFICATE):
        raise CertificateRefused("it must be one certificate in PEM and nothing else")
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except UNREADABLE:
        raise CertificateRefused("it is no X.509 certificate in PEM") from None
    if certificate.serial_number <= 0:  # RFC 5280 §4.1.2.2; OCPP has no sign for it
        raise CertificateRefused("its serial number is not positive")
    return certificate


def pem_of(*certificates: x509.Certificate) -> str:
    """Return certificates as one text, in this order, each line ended by LF."""
    return "".join(
        certificate.public_bytes(Encoding.PEM).decode("ascii")
        for certificate in certificates
    )


def _demand_brevity(text: str) -> None:
    if len(text) > LONGEST:
        raise CertificateRefused(
            f"it has {len(text)} characters, and at most {LONGEST} are allowed"
        )
