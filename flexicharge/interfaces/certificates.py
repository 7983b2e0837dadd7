"""Seam to our own certificate authority (OCPP security whitepaper, edition 3)."""

from __future__ import annotations

from attrs import frozen
from zope.interface import Interface


@frozen(kw_only=True)
class Certified:
    """A certificate that was issued: its chain as PEM, leaf first, then its issuer.

    `serial_number` is hexadecimal, as OCPP writes it; times are POSIX seconds. Unless
    `names_judged`, it was not looked at whom the request named (`CSR_STRICT=0`).
    """

    chain: str
    serial_number: str
    common_name: str
    not_before: float
    not_after: float
    names_judged: bool = True


@frozen(kw_only=True)
class CertificateNames:
    """What OCPP names a certificate by, as lower-case hexadecimal text."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str


class ICertificateAuthority(Interface):
    """Issues the certificates of stations, and reads those that are sent to them."""

    async def certify(csr: str, identity: str) -> Certified:
        """Issue a certificate for the station of an identity.

        Raise `CertificateRefused` with the reason: no CSR, a bad signature, a weak key,
        another station's name, or no time to look at it.
        """

    def names_of(certificate: str, hash_algorithm: str) -> CertificateNames:
        """Return what OCPP names a root certificate by; raise `CertificateRefused`.

        `hash_algorithm` is SHA256, SHA384 or SHA512.
        """

    def objection_to_root(certificate: str) -> str:
        """Return why a PEM text cannot be installed as a root; '' if it can."""

    def covers_us(certificate: str) -> bool:
        """Tell whether a root covers a certificate that our own server shows.

        True if it shows none, behind a proxy that ends TLS for it, say.
        """
