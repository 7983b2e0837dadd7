"""Certificates of the ports that speak TLS: found, and checked before they open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from OpenSSL.SSL import Context, Error
from twisted.logger import Logger

from flexicharge.certificates.directory import ROOTS, CaDirectory
from flexicharge.certificates.keys import KeyKind, kind_of, strong
from flexicharge.certificates.pem import UNREADABLE, pem_of
from flexicharge.certificates.server_certificates import server_certificates
from flexicharge.config import ChargerTls, Settings
from flexicharge.errors import CertificateRefused, StartUpFailed
from flexicharge.gateway.tls import KeyFiles, server_context

_log = Logger()


@frozen(kw_only=True)
class OpenTls:
    """What the ports that speak TLS show, and what they speak it with.

    `chains` are in PEM. `with_certificates` is None where no port demands them.
    """

    chains: tuple[str, ...] = ()
    plain: Context | None = None
    with_certificates: Context | None = None


def open_tls(settings: Settings, authority: CaDirectory, now: float) -> OpenTls:
    """Return what these settings want shown at a POSIX time; raise `StartUpFailed`.

    What our own authority has to issue for it is issued, and kept in its directory.
    """
    tls = settings.tls
    if tls is None:
        return OpenTls()
    files = _files(tls, authority, now)
    chains = tuple(_demand_soundness(files, now))
    plain = with_certificates = None
    if settings.ocpp_tls_port is not None:
        plain = _context(tls, files)
    if settings.ocpp_mtls_port is not None:
        with_certificates = _context(tls, files, _roots(tls, authority, now))
    return OpenTls(chains=chains, plain=plain, with_certificates=with_certificates)


def _files(tls: ChargerTls, authority: CaDirectory, now: float) -> list[KeyFiles]:
    if not tls.certificates:
        own = server_certificates(authority, tls.host, now)
        return [KeyFiles(each.file, each.file) for each in own]
    keys = tls.keys or tls.certificates
    return [KeyFiles(*each) for each in zip(tls.certificates, keys, strict=True)]


def _context(
    tls: ChargerTls, files: list[KeyFiles], client_roots: tuple[Path, ...] = ()
) -> Context:
    try:
        return server_context(
            files, static_rsa=tls.static_rsa, client_roots=client_roots
        )
    except Error as why:
        reasons = "; ".join(str(reason) for *_, reason in why.args[0])
        raise StartUpFailed(
            f"TLS cannot be spoken with OCPP_TLS_CERTIFICATES and OCPP_TLS_KEYS as "
            f"they are ({reasons})."
        ) from None


def _roots(tls: ChargerTls, authority: CaDirectory, now: float) -> tuple[Path, ...]:
    """Return the files of whom we believe that a charger is what it says."""
    for kind in KeyKind:  # what is signed with later must be believed already
        authority.issuer(kind, now)
    for path in tls.client_authorities:
        _certificates_in(path, "OCPP_CLIENT_CA")
    return (authority.path / ROOTS, *tls.client_authorities)


def _demand_soundness(files: list[KeyFiles], now: float) -> Iterator[str]:
    """Yield the chain in each file; raise `StartUpFailed` if one is of no use."""
    kinds = set()
    for each in files:
        chain = _certificates_in(each.certificate, "OCPP_TLS_CERTIFICATES")
        kinds.add(_kind_of(chain[0], each))
        _tell_if_over(chain[0], each.certificate, now)
        yield pem_of(*chain)
    if len(kinds) < len(files):
        raise StartUpFailed(
            "OCPP_TLS_CERTIFICATES names two certificates of one kind of key: give at "
            "most one of an elliptic curve and one of RSA."
        )


def _kind_of(leaf: x509.Certificate, files: KeyFiles) -> KeyKind:
    """Return the kind of key that a certificate and its key file agree on."""
    try:
        public = strong(leaf.public_key())
    except (*UNREADABLE, CertificateRefused) as why:
        raise StartUpFailed(
            f"The certificate {files.certificate} cannot be used: {why}."
        ) from None
    if _spki(public) != _spki(_key_in(files.key).public_key()):
        raise StartUpFailed(
            f"The key in {files.key} is not that of the certificate "
            f"{files.certificate}: name both in the same order in "
            "OCPP_TLS_CERTIFICATES and OCPP_TLS_KEYS."
        )
    return kind_of(public)


def _certificates_in(path: Path, setting: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_bytes_in(path, setting))
    except UNREADABLE:
        raise StartUpFailed(
            f"{setting}: there is no X.509 certificate in PEM in {path}."
        ) from None


def _key_in(path: Path) -> Any:
    try:
        return load_pem_private_key(_bytes_in(path, "OCPP_TLS_KEYS"), password=None)
    except TypeError:
        raise StartUpFailed(
            f"OCPP_TLS_KEYS: the key in {path} is encrypted; give one that is not, "
            "and keep its file to yourself."
        ) from None
    except UNREADABLE:
        raise StartUpFailed(
            f"OCPP_TLS_KEYS: there is no private key in PEM in {path}."
        ) from None


def _bytes_in(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as why:
        raise StartUpFailed(
            f"{setting}: {path} cannot be read ({why.strerror})."
        ) from None


def _tell_if_over(leaf: x509.Certificate, path: Path, now: float) -> None:
    """Log that no charger will believe a certificate; all else can go on."""
    begins = leaf.not_valid_before_utc.timestamp()
    ends = leaf.not_valid_after_utc.timestamp()
    if not begins <= now <= ends:
        _log.critical(
            "the certificate {path} is good from {begins} to {ends} only",
            path=path,
            begins=leaf.not_valid_before_utc.isoformat(),
            ends=leaf.not_valid_after_utc.isoformat(),
        )


def _spki(key: Any) -> bytes:
    spki: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return spki
