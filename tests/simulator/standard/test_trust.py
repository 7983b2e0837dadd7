"""The certificates of a charger of OCPP 1.6."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID

from tests.simulator.standard.conftest import MakeBench

AT = datetime(2027, 1, 15, tzinfo=UTC)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def a_name(text: str) -> x509.Name:
    """Return a name with nothing but a common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def a_root(key: Key, name: str = "root") -> x509.Certificate:
    """Return a certificate that signs itself."""
    return (
        x509.CertificateBuilder()
        .subject_name(a_name(name))
        .issuer_name(a_name(name))
        .public_key(key.public_key())
        .serial_number(4711)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)],
)
def test_roots_are_installed_told_and_deleted(bench: MakeBench, key: Key) -> None:
    """Under the hashes that OCSP names a certificate with."""
    made, use = bench(), "CentralSystemRootCertificate"
    root = a_root(key)
    asked = {"certificateType": use, "certificate": pem(root)}
    assert made.order("InstallCertificate", **asked) == {"status": "Accepted"}
    assert made.order("InstallCertificate", **asked) == {"status": "Accepted"}
    told = made.order("GetInstalledCertificateIds", certificateType=use)
    [data] = told["certificateHashData"]
    request = ocsp.OCSPRequestBuilder().add_certificate(root, root, hashes.SHA256())
    known = request.build()
    assert data == {
        "hashAlgorithm": "SHA256",
        "issuerNameHash": known.issuer_name_hash.hex(),
        "issuerKeyHash": known.issuer_key_hash.hex(),
        "serialNumber": f"{4711:x}",
    }
    padded = data | {"serialNumber": f"00{4711:X}"}
    deleted = made.order("DeleteCertificate", certificateHashData=padded)
    assert deleted == {"status": "Accepted"}
    deleted = made.order("DeleteCertificate", certificateHashData=padded)
    assert deleted == {"status": "NotFound"}
    told = made.order("GetInstalledCertificateIds", certificateType=use)
    assert told == {"status": "NotFound"}


def test_so_many_roots_and_no_more(bench: MakeBench) -> None:
    """What is no certificate is rejected."""
    made, key = bench(), ec.generate_private_key(ec.SECP256R1())
    use = {"certificateType": "ManufacturerRootCertificate"}
    told = made.order("InstallCertificate", **use, certificate="nonsense")
    assert told == {"status": "Rejected"}
    words = [
        made.order("InstallCertificate", **use, certificate=pem(a_root(key, str(no))))
        for no in range(11)
    ]
    assert [each["status"] for each in words] == 10 * ["Accepted"] + ["Failed"]


def test_a_certificate_of_its_own_is_asked_for_and_taken(bench: MakeBench) -> None:
    """Only one for the key that it has just made."""
    made, key = bench(), ec.generate_private_key(ec.SECP256R1())
    stranger = pem(a_root(key))
    told = made.order("CertificateSigned", certificateChain=stranger)
    assert told == {"status": "Rejected"}
    trigger = {"requestedMessage": "SignChargePointCertificate"}
    assert made.order("ExtendedTriggerMessage", **trigger) == {"status": "Accepted"}
    [asked] = made.payloads("SignCertificate")
    request = x509.load_pem_x509_csr(asked["csr"].encode())
    assert request.is_signature_valid
    signed = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(a_name("root"))
        .public_key(request.public_key())
        .serial_number(5)
        .not_valid_before(AT)
        .not_valid_after(AT + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    for chain, word in (
        (stranger, "Rejected"),
        ("no", "Rejected"),
        (pem(signed), "Accepted"),
    ):
        told = made.order("CertificateSigned", certificateChain=chain)
        assert told == {"status": word}
    assert made.charger.trust.chain == pem(signed)
