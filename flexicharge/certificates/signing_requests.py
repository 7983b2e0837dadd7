"""Certificate signing requests: which of stations' are granted, and our own."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from flexicharge.certificates.issuer import full_name
from flexicharge.certificates.keys import PrivateKey, PublicKey, strong
from flexicharge.certificates.pem import UNREADABLE, read_request
from flexicharge.errors import CertificateRefused

_STRONG_HASHES: Final = (SHA256, SHA384, SHA512)
_BROKEN: Final = "it is damaged"


@frozen(kw_only=True)
class Applicant:
    """The station that asks, and the organisation whose stations we vouch for.

    Without `names_judged` the request may name whom it likes: what is issued bears
    these two names in any case.
    """

    identity: str
    organisation: str
    names_judged: bool


def granted(csr: str, applicant: Applicant) -> PublicKey:
    """Return the key that a station wants certified; raise `CertificateRefused`.

    An RSA key may have signed by either scheme, PKCS #1 v1.5 or PSS: the signature
    only proves that whoever asks has the key.
    """
    request = read_request(csr)
    try:
        key = strong(request.public_key())
        _demand_signature(request)
        if applicant.names_judged:
            _demand_names(request.subject, applicant)
    except UNREADABLE:
        raise CertificateRefused(_BROKEN) from None
    return key


def new_request(key: PrivateKey, identity: str, organisation: str) -> str:
    """Return the request of whoever has a key; raise `CertificateRefused`."""
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(full_name(identity, organisation))
        .sign(key, SHA256())
    )
    return request.public_bytes(Encoding.PEM).decode("ascii")


def _demand_signature(request: x509.CertificateSigningRequest) -> None:
    if not isinstance(request.signature_hash_algorithm, _STRONG_HASHES):
        raise CertificateRefused("it is not signed over SHA-256 or better")
    if not request.is_signature_valid:
        raise CertificateRefused("its signature is wrong")


def _demand_names(subject: x509.Name, applicant: Applicant) -> None:
    if _values(subject, NameOID.COMMON_NAME) != [applicant.identity]:
        raise CertificateRefused("its common name (CN) is not the station's identity")
    others = set(_values(subject, NameOID.ORGANIZATION_NAME))
    if others - {applicant.organisation}:
        raise CertificateRefused(
            f"its organisation (O) is not {applicant.organisation}"
        )


def _values(subject: x509.Name, of: x509.ObjectIdentifier) -> list[str | bytes]:
    return [attribute.value for attribute in subject.get_attributes_for_oid(of)]
