"""What a charger remembers from one connection to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID


def iso_now() -> str:
    """Return the time as a charger writes it."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return now.replace("+00:00", "Z")


@define
class Memory:
    """A charger's own state; registers are in Wh."""

    identity: str
    settings: dict[str, str] = field(
        factory=lambda: {
            "HeartbeatInterval": "300",
            "NumberOfConnectors": "2",
            "SupportedFeatureProfiles": "Core,LocalAuthListManagement,Reservation",
        }
    )
    register_wh: int = 1000
    transactions: dict[int, int] = field(factory=dict)  # by number: its connector
    list_version: int = 0
    local_list: dict[str, Any] = field(factory=dict)
    reservations: dict[int, int] = field(factory=dict)  # by number: its connector
    profiles: dict[int, dict[str, Any]] = field(factory=dict)  # by number
    roots: list[x509.Certificate] = field(factory=list)
    key: ec.EllipticCurvePrivateKey = field(
        factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    chain: str = ""

    def signing_request(self) -> str:
        """Return a request for a certificate of its key, in PEM."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.identity)])
        request = x509.CertificateSigningRequestBuilder().subject_name(name)
        return request.sign(self.key, SHA256()).public_bytes(Encoding.PEM).decode()

    def takes(self, chain: str) -> bool:
        """Keep a certificate, if it is one of its key, by the issuer beside it."""
        leaf, issuer = x509.load_pem_x509_certificates(chain.encode())
        leaf.verify_directly_issued_by(issuer)
        if leaf.public_key() != self.key.public_key():
            return False
        self.chain = chain
        return True

    def key_and_chain(self) -> str:
        """Return what it shows who it is with, in PEM."""
        key = self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()
        return key + self.chain
