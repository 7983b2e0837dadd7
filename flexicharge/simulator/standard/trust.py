"""Certificates on a charger of OCPP 1.6: the roots that it trusts, and its own."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from attrs import define, field
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from flexicharge.ocpp.frames import JsonObject

MOST_ROOTS: Final = 10
ORGANISATION: Final = "FlexiCharge"
PublicKey = ec.EllipticCurvePublicKey


@define(eq=False)
class Trust:
    """Roots by their use, and the newest certificate of the charger's own key."""

    serial_number: str
    chain: str = field(default="", init=False)
    _key: ec.EllipticCurvePrivateKey | None = field(
        default=None, init=False, repr=False
    )
    _roots: list[tuple[str, JsonObject]] = field(factory=list, init=False)

    def csr(self) -> str:
        """Return a request for a certificate of a fresh key, in PEM."""
        self._key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, self.serial_number),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            ]
        )
        request = x509.CertificateSigningRequestBuilder().subject_name(subject)
        signed = request.sign(self._key, hashes.SHA256())
        return signed.public_bytes(Encoding.PEM).decode()

    def signed(self, chain: str) -> str:
        """Take a certificate; return the word that CertificateSigned answers."""
        try:
            own = x509.load_pem_x509_certificates(chain.encode())[0]
        except ValueError:
            return "Rejected"
        if self._key is None or _spki(own) != _spki_of(self._key.public_key()):
            return "Rejected"
        self.chain = chain
        return "Accepted"

    def install(self, use: str, pem: str) -> str:
        """Trust a root; return the word that InstallCertificate answers."""
        try:
            root = x509.load_pem_x509_certificate(pem.encode())
        except ValueError:
            return "Rejected"
        entry = use, _hash_data(root)
        if entry in self._roots:
            return "Accepted"
        if len(self._roots) >= MOST_ROOTS:
            return "Failed"
        self._roots.append(entry)
        return "Accepted"

    def told(self, use: str) -> JsonObject:
        """Return what GetInstalledCertificateIds answers."""
        found = [entry for kind, entry in self._roots if kind == use]
        if not found:
            return {"status": "NotFound"}
        return {"status": "Accepted", "certificateHashData": found}

    def delete(self, wanted: JsonObject) -> str:
        """Trust a root no more; return the word that DeleteCertificate answers."""
        plain = _plain(wanted)
        left = [(use, entry) for use, entry in self._roots if _plain(entry) != plain]
        found = len(left) < len(self._roots)
        self._roots = left
        return "Accepted" if found else "NotFound"


def _hash_data(certificate: x509.Certificate) -> JsonObject:
    """Return what names a certificate (security whitepaper, CertificateHashData)."""
    return {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": sha256(certificate.issuer.public_bytes()).hexdigest(),
        "issuerKeyHash": sha256(_raw(certificate)).hexdigest(),
        "serialNumber": f"{certificate.serial_number:x}",
    }


def _raw(certificate: x509.Certificate) -> bytes:
    """Return the public key of a root, which is its issuer's, without its algorithm."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return key.public_bytes(Encoding.DER, PublicFormat.PKCS1)


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def _spki_of(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _plain(entry: JsonObject) -> tuple[str, ...]:
    return tuple(str(entry.get(key, "")).lower().lstrip("0") for key in _NAMED)


_NAMED: Final = ("hashAlgorithm", "issuerNameHash", "issuerKeyHash", "serialNumber")
