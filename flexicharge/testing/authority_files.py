"""A certificate authority's directory with roots that need not be made first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography import x509

from flexicharge.certificates.directory import CaDirectory
from flexicharge.certificates.issuer import CLIENT, Issuer, Wish
from flexicharge.certificates.keys import KeyKind, PrivateKey
from flexicharge.certificates.pairs import pair_text
from flexicharge.certificates.pem import pem_of
from flexicharge.testing.certificates import ORGANISATION, SINCE, known_issuer
from flexicharge.testing.identity import SeededEntropy

DAY_S: Final = 86_400.0


def known_directory(path: Path) -> CaDirectory:
    """Return the directory of the authority that tests know."""
    path.mkdir(mode=0o700)
    for kind in KeyKind:
        issuer = known_issuer(kind)
        file = path / f"{kind}.pem"
        file.write_text(pair_text(issuer.key, issuer.certificate))
        file.chmod(0o600)
    directory = CaDirectory(path, ORGANISATION, SeededEntropy())
    directory.open()
    return directory


def client_certificate(
    issuer: Issuer,
    key: PrivateKey,
    common_name: str,
    *,
    organisation: str = ORGANISATION,
    days: int = 3650,
) -> x509.Certificate:
    """Return a station's certificate, good since shortly after the known roots are."""
    wish = Wish(
        key=key.public_key(),
        common_name=common_name,
        organisation=organisation,
        purpose=CLIENT,
        serial_number=0xC0DE,
        days=days,
    )
    return issuer.issue(wish, SINCE + DAY_S)


def pair_file(path: Path, key: PrivateKey, certificate: x509.Certificate) -> Path:
    """Write a key and its certificate into one file, as our own are; return it."""
    path.write_text(pair_text(key, certificate))
    return path


def certificate_file(path: Path, *certificates: x509.Certificate) -> Path:
    """Write certificates into a file; return it."""
    path.write_text(pem_of(*certificates))
    return path
