"""A root that issues: its key, its certificate, and what it certifies.

There is no issuing authority between a root and what it certifies: both keys would lie
on the same disk, and a charger has to be given one certificate less.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import field, frozen
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from flexicharge.certificates.keys import (
    KeyKind,
    PrivateKey,
    PublicKey,
    kind_of,
    new_key,
    strong,
)
from flexicharge.errors import CertificateRefused
from flexicharge.interfaces.people import IEntropy

DAY_S: Final = 86_400
ROOT_DAYS: Final = 20 * 365
BACKDATED_S: Final = DAY_S  # chargers mistake time zones, and we may set our clock
SERIAL_BYTES: Final = 16
LONGEST_NAME: Final = 64  # bytes, X.520

CLIENT: Final = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER: Final = ExtendedKeyUsageOID.SERVER_AUTH


def random_serial(entropy: IEntropy) -> int:
    """Return a number of 127 bits; as hexadecimal it always has 32 digits."""
    first, *rest = entropy.token(SERIAL_BYTES)
    return int.from_bytes(bytes([first & 0x3F | 0x40, *rest]), "big")


@frozen(kw_only=True)
class Wish:
    """What a certificate is to say. `names` are alternative names of a server."""

    key: PublicKey
    common_name: str
    organisation: str
    purpose: x509.ObjectIdentifier
    serial_number: int
    days: int
    names: Sequence[x509.GeneralName] = ()


@frozen
class Issuer:
    """A root's private key, and the certificate that chargers trust it by."""

    key: PrivateKey = field(repr=False, eq=False)
    certificate: x509.Certificate

    @property
    def kind(self) -> KeyKind:
        """Which mathematics it stands on."""
        return kind_of(strong(self.key.public_key()))

    def issue(self, wish: Wish, now: float) -> x509.Certificate:
        """Return a certificate that is good from a day before `now`.

        It ends with the root at the latest. Raise `CertificateRefused` if that has
        ended, or if a name is too long.
        """
        root = self.certificate
        ends = min(_time(now + wish.days * DAY_S), root.not_valid_after_utc)
        if ends <= _time(now):
            raise CertificateRefused("the root of the authority itself has ended")
        builder = (
            x509.CertificateBuilder()
            .subject_name(full_name(wish.common_name, wish.organisation))
            .issuer_name(root.subject)
            .public_key(wish.key)
            .serial_number(wish.serial_number)
            .not_valid_before(max(_time(now - BACKDATED_S), root.not_valid_before_utc))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(False, None), critical=True)
            .add_extension(_leaf_usage(wish), critical=True)
            .add_extension(x509.ExtendedKeyUsage([wish.purpose]), critical=False)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(wish.key), critical=False
            )
            .add_extension(_identifier_of(self), critical=False)
        )
        if wish.names:
            names = x509.SubjectAlternativeName(wish.names)
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, SHA256())


def new_issuer(
    kind: KeyKind, organisation: str, now: float, entropy: IEntropy
) -> Issuer:
    """Return a new root with a new key, good for twenty years."""
    return certified_by_itself(new_key(kind), organisation, now, entropy)


def certified_by_itself(
    key: PrivateKey, organisation: str, now: float, entropy: IEntropy
) -> Issuer:
    """Return the root that a key makes, good for twenty years."""
    public = strong(key.public_key())
    name = full_name(f"Charging root {kind_of(public).upper()}", organisation)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(random_serial(entropy))
        .not_valid_before(_time(now - BACKDATED_S))
        .not_valid_after(_time(now + ROOT_DAYS * DAY_S))
        .add_extension(x509.BasicConstraints(True, 0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(public), critical=False
        )
        .sign(key, SHA256())
    )
    return Issuer(key, certificate)


def full_name(common_name: str, organisation: str) -> x509.Name:
    """Return the name that certificates bear; raise `CertificateRefused`."""
    for text in (common_name, organisation):
        if not (text.isprintable() and 1 <= len(text.encode()) <= LONGEST_NAME):
            raise CertificateRefused(
                f"a name in a certificate has 1 to {LONGEST_NAME} printable bytes"
            )
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _leaf_usage(wish: Wish) -> x509.KeyUsage:
    # A client of TLS 1.2 without ECDHE encrypts to a server's RSA key (OCA 086).
    is_encrypted_to = wish.purpose == SERVER and kind_of(wish.key) is KeyKind.RSA
    return _usage(digital_signature=True, key_encipherment=is_encrypted_to)


def _usage(
    *,
    digital_signature: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_encipherment=key_encipherment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _identifier_of(issuer: Issuer) -> x509.AuthorityKeyIdentifier:
    own = issuer.certificate.extensions.get_extension_for_class(
        x509.SubjectKeyIdentifier
    )
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own.value)


def _time(at: float) -> datetime:
    """Return a POSIX time in whole seconds, as certificates have them."""
    return datetime.fromtimestamp(int(at), UTC)
