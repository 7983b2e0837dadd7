"""A real certificate authority on known keys, and chargers' requests to it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from twisted.internet.interfaces import IReactorTime

from flexicharge.certificates.authority import LocalCa
from flexicharge.certificates.issuer import Issuer, certified_by_itself
from flexicharge.certificates.keys import KeyKind, PrivateKey
from flexicharge.config import Settings
from flexicharge.identity.threads import at_once
from flexicharge.interfaces.people import IEntropy
from flexicharge.testing.identity import SeededEntropy, signing_key

ORGANISATION: Final = "FlexiCharge"  # the default of CA_NAME
SINCE: Final = 1_700_000_000.0  # before any test clock starts


def known_key(number: int) -> ec.EllipticCurvePrivateKey:
    """Return a key of the curve P-256, the same one for the same number."""
    return ec.derive_private_key(number, ec.SECP256R1())


@cache
def known_issuer(kind: KeyKind) -> Issuer:
    """Return a root, the same one for all tests of a process."""
    key = known_key(1) if kind is KeyKind.EC else signing_key().private
    return certified_by_itself(key, ORGANISATION, SINCE, SeededEntropy("root"))


class KnownIssuers:
    """Roots that outlive every server."""

    def issuer(self, kind: KeyKind, now: float) -> Issuer:
        """Return the root of a kind."""
        return known_issuer(kind)


def known_authority(
    settings: Settings,
    clock: IReactorTime,
    entropy: IEntropy,
    shown: Sequence[str] = (),
) -> LocalCa:
    """Return an authority on those roots that does as settings say, at once.

    `shown` are the chains of our own TLS ports.
    """
    return LocalCa(
        issuers=KnownIssuers(),
        organisation=settings.ca_name,
        days=settings.certificate_days,
        names_judged=settings.csr_strict,
        clock=clock,
        entropy=entropy,
        run=at_once,
        shown=shown,
    )


def signing_request(
    identity: str, key: PrivateKey, organisation: str = ORGANISATION
) -> str:
    """Return what a charger sends as `csr`; a blank name is left out."""
    names = {
        NameOID.COMMON_NAME: identity,
        NameOID.ORGANIZATION_NAME: organisation,
    }
    subject = [x509.NameAttribute(of, name) for of, name in names.items() if name]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(subject))
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode("ascii")
