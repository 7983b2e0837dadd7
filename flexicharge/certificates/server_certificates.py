"""What our own TLS listeners show, issued by us and renewed when the server starts.

There are two, because chargers must be let in that know only one kind of key (OCA 086).
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Final

from attrs import field, frozen
from cryptography import x509
from cryptography.x509.oid import NameOID

from flexicharge.certificates.directory import CaDirectory
from flexicharge.certificates.issuer import (
    DAY_S,
    SERVER,
    Issuer,
    Wish,
    random_serial,
)
from flexicharge.certificates.keys import KeyKind, new_key, private_pem
from flexicharge.certificates.pairs import pair_text, read_pair
from flexicharge.certificates.pem import pem_of
from flexicharge.certificates.private_files import put
from flexicharge.certificates.roots import is_issued_by
from flexicharge.errors import CertificateRefused, StartUpFailed

SERVER_DAYS: Final = 825
# A server is restarted before it has run for so long; nothing else renews it.
LEAST_DAYS_LEFT: Final = 400


@frozen(kw_only=True)
class ServerCertificate:
    """A certificate of a TLS listener and its key, in PEM; `file` holds them both."""

    chain: str
    key: str = field(repr=False)
    file: Path


def server_certificates(
    directory: CaDirectory, host: str, now: float
) -> tuple[ServerCertificate, ServerCertificate]:
    """Return the EC and the RSA certificate of a host name or IP address.

    Those of the directory, or new ones if they are for another host, end within
    `LEAST_DAYS_LEFT`, or are no good. Roots are made if there are none. Takes a second
    when it makes RSA keys. Raise `StartUpFailed`.
    """
    return (
        _server_certificate(directory, KeyKind.EC, host, now),
        _server_certificate(directory, KeyKind.RSA, host, now),
    )


def _server_certificate(
    directory: CaDirectory, kind: KeyKind, host: str, now: float
) -> ServerCertificate:
    issuer, file = directory.issuer(kind, now), directory.path / f"server-{kind}.pem"
    with directory.writing():
        text = directory.text(file.name) or ""
        if not _is_good(text, issuer, host, now):
            text = _made(directory, issuer, host, now)
            put(file, text)
    key, certificate = read_pair(text)
    return ServerCertificate(chain=pem_of(certificate), key=private_pem(key), file=file)


def _is_good(text: str, issuer: Issuer, host: str, now: float) -> bool:
    try:
        _, certificate = read_pair(text)
    except ValueError:
        return False
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    begins = certificate.not_valid_before_utc.timestamp()
    ends = certificate.not_valid_after_utc.timestamp()
    return (
        is_issued_by(certificate, issuer.certificate)
        and [name.value for name in names] == [host]
        and begins <= now <= ends - LEAST_DAYS_LEFT * DAY_S
    )


def _made(directory: CaDirectory, issuer: Issuer, host: str, now: float) -> str:
    key = new_key(issuer.kind)
    try:
        wish = Wish(
            key=key.public_key(),
            common_name=host,
            organisation=directory.organisation,
            purpose=SERVER,
            serial_number=random_serial(directory.entropy),
            days=SERVER_DAYS,
            names=(_alternative_name(host),),
        )
        return pair_text(key, issuer.issue(wish, now))
    except (CertificateRefused, ValueError) as why:
        raise StartUpFailed(
            f"The TLS listeners can have no certificate for the host {host}: {why}."
        ) from None


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)
