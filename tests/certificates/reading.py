"""Certificates looked at with other eyes than those that made them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from OpenSSL import crypto


def chain_of(pem: str) -> list[x509.Certificate]:
    """Return the certificates of a text, in its order."""
    return x509.load_pem_x509_certificates(pem.encode())


def spki_of(key: object) -> bytes:
    """Return a public key as DER."""
    return key.public_bytes(  # type: ignore[attr-defined,no-any-return]
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def openssl_verifies(leaf: x509.Certificate, root: x509.Certificate, at: float) -> bool:
    """Tell whether OpenSSL trusts a certificate at a POSIX time if it trusts a root."""
    store = crypto.X509Store()
    store.add_cert(crypto.X509.from_cryptography(root))
    store.set_flags(crypto.X509StoreFlags.X509_STRICT)
    store.set_time(datetime.fromtimestamp(at, UTC).replace(tzinfo=None))
    context = crypto.X509StoreContext(store, crypto.X509.from_cryptography(leaf))
    try:
        context.verify_certificate()
    except crypto.X509StoreContextError:
        return False
    return True


def elements(der: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield tag, content and whole of each element that stands in a row (X.690)."""
    while der:
        length, head = der[1], 2
        if length & 0x80:
            head = 2 + (length & 0x7F)
            length = int.from_bytes(der[2:head], "big")
        yield der[0], der[head : head + length], der[: head + length]
        der = der[head + length :]
