"""The certificates of a station and the roots it trusts, as its operators read them."""

from __future__ import annotations

from collections.abc import Iterable

from flexicharge.charging.beliefs.certificates import (
    CertificateState,
    IssuedCertificate,
)
from flexicharge.charging.beliefs.root_names import HashData
from flexicharge.charging.beliefs.roots import RootState, TrustedRoot
from flexicharge.rest.declared.shapes import Shape
from flexicharge.rest.station_shapes import iso_or_none
from flexicharge.rest.times import iso_of


class StationCertificate(Shape, kw_only=True):
    """A certificate that was issued to a station; its number is hexadecimal.

    `namesJudged` tells whether its request was held to the names it may ask for.
    """

    serialNumber: str
    commonName: str
    notBefore: str
    notAfter: str
    namesJudged: bool
    status: CertificateState
    issuedAt: str
    answeredAt: str | None
    seenAt: str | None


class CertificateHashData(Shape):
    """What a root is named by, as the station spells it."""

    hashAlgorithm: str
    issuerNameHash: str
    issuerKeyHash: str
    serialNumber: str


class Root(Shape):
    """A root that a station trusts, or did; `certificate` where we have sent it.

    `differs` tells that the station hashes that to something else than we do.
    """

    certificateType: str
    certificateHashData: CertificateHashData | None
    certificate: str | None
    status: RootState
    differs: bool
    since: str


class Certificates(Shape):
    """Both, the newest certificate first."""

    issued: list[StationCertificate]
    trusted: list[Root]


def certificates_of(
    issued: Iterable[IssuedCertificate], roots: Iterable[TrustedRoot]
) -> Certificates:
    """Return a station's certificates as operators read them."""
    return Certificates(list(map(_certificate, issued)), list(map(_root, roots)))


def _certificate(known: IssuedCertificate) -> StationCertificate:
    return StationCertificate(
        serialNumber=known.serial_number,
        commonName=known.common_name,
        notBefore=iso_of(known.not_before),
        notAfter=iso_of(known.not_after),
        namesJudged=known.names_judged,
        status=known.state,
        issuedAt=iso_of(known.issued_at),
        answeredAt=iso_or_none(known.answered_at),
        seenAt=iso_or_none(known.seen_at),
    )


def _root(known: TrustedRoot) -> Root:
    named = known.hash_data
    return Root(
        certificateType=known.certificate_type,
        certificateHashData=None if named is None else _hash(named),
        certificate=known.certificate or None,
        status=known.state,
        differs=known.differs,
        since=iso_of(known.at),
    )


def _hash(named: HashData) -> CertificateHashData:
    return CertificateHashData(
        hashAlgorithm=named.hash_algorithm,
        issuerNameHash=named.issuer_name_hash,
        issuerKeyHash=named.issuer_key_hash,
        serialNumber=named.serial_number,
    )
