"""What TLS says of the other end of a connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from OpenSSL.SSL import Error
from twisted.python.failure import Failure

from flexicharge.model.entry import Certificate, Tls

TlsOf = Callable[[Any], Tls | None]  # reads the session of a transport


def tls_of(transport: Any) -> Tls | None:
    """Return the TLS session of a transport, None if it has none.

    A certificate in it was verified in the handshake, against the port's roots.
    """
    if not hasattr(transport, "getPeerCertificate"):
        return None
    handle, shown = transport.getHandle(), transport.getPeerCertificate()
    return Tls(
        version=handle.get_protocol_version_name(),
        suite=handle.get_cipher_name() or "",
        certificate=None if shown is None else _read(shown.to_cryptography()),
    )


def tls_trouble(reason: Failure) -> str | None:
    """Return why TLS failed on a connection that was lost, None if it did not."""
    if not isinstance(reason.value, Error):
        return None
    errors = reason.value.args[0] if reason.value.args else ()
    whys = [entry[-1] for entry in errors if isinstance(entry, tuple)]
    return "; ".join(whys) or "it broke off"


def _read(certificate: x509.Certificate) -> Certificate:
    return Certificate(
        common_name=_only(certificate, NameOID.COMMON_NAME),
        organization=_only(certificate, NameOID.ORGANIZATION_NAME),
        serial_number=f"{certificate.serial_number:x}",
    )


def _only(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    """Return a name that stands there once."""
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else ""
