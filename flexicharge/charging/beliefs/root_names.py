"""What root certificates are named by: hashes, by us and by stations."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from flexicharge.charging.beliefs.kept import text_of
from flexicharge.errors import CertificateRefused
from flexicharge.interfaces import ICertificateAuthority
from flexicharge.ocpp.v16.security_commands import CertificateHash

LONGEST_FIELD: Final = 128
ALGORITHMS: Final = ("SHA256", "SHA384", "SHA512")


@frozen(kw_only=True)
class HashData:
    """What a root is named by, in the spelling of whoever named it."""

    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @property
    def folded(self) -> tuple[str, str, str, str]:
        """What all spellings have in common: case and leading zeros say nothing."""
        return (
            self.hash_algorithm.upper(),
            self.issuer_name_hash.lower(),
            self.issuer_key_hash.lower(),
            self.folded_serial,
        )

    @property
    def folded_serial(self) -> str:
        """The serial number, however it is spelt."""
        return folded_serial(self.serial_number)


def folded_serial(serial_number: str) -> str:
    """Return what all spellings of a serial number in hexadecimal have in common."""
    return serial_number.replace(":", "").lower().lstrip("0")


def named_by_us(
    authority: ICertificateAuthority, certificate: str, algorithm: str
) -> HashData | None:
    """Return what we name a root by; None if we cannot."""
    if not certificate or algorithm.upper() not in ALGORITHMS:
        return None
    try:
        names = authority.names_of(certificate, algorithm.upper())
    except CertificateRefused:
        return None
    return HashData(
        hash_algorithm=names.hash_algorithm,
        issuer_name_hash=names.issuer_name_hash,
        issuer_key_hash=names.issuer_key_hash,
        serial_number=names.serial_number,
    )


def named_by_station(names: CertificateHash) -> HashData | None:
    """Return what a station names a root by; None if it is too long to be true."""
    fields = (
        names.hash_algorithm,
        names.issuer_name_hash,
        names.issuer_key_hash,
        names.serial_number,
    )
    if any(len(field) > LONGEST_FIELD for field in fields):
        return None
    algorithm, name, key, serial = map(text_of, fields)
    return HashData(
        hash_algorithm=algorithm,
        issuer_name_hash=name,
        issuer_key_hash=key,
        serial_number=serial,
    )


def named_in(payload: dict[str, Any]) -> HashData:
    """Return what a command that fits its schema names a root by."""
    return HashData(
        hash_algorithm=payload["hashAlgorithm"],
        issuer_name_hash=payload["issuerNameHash"],
        issuer_key_hash=payload["issuerKeyHash"],
        serial_number=payload["serialNumber"],
    )
