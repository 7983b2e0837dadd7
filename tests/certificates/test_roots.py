"""What OCPP names a root by, and which roots are worth installing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from flexicharge.certificates.keys import KeyKind, private_pem
from flexicharge.certificates.pem import pem_of
from flexicharge.certificates.roots import covers
from flexicharge.errors import CertificateRefused
from flexicharge.testing.certificates import known_issuer, known_key, signing_request
from flexicharge.testing.deferreds import result_of
from tests.certificates.conftest import Ca
from tests.certificates.reading import chain_of, elements

NOW = datetime.fromtimestamp(1_800_000_000, UTC)
YEAR = timedelta(days=365)
ROOT_KEY = known_key(2)
CA = (x509.BasicConstraints(True, None), True)
USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(
    subject: str = "Root",
    issuer: str = "Root",
    *,
    key: Any = ROOT_KEY,
    signer: Any = None,
    serial_number: int = 5,
    begins: datetime = NOW - YEAR,
    ends: datetime = NOW + YEAR,
    extensions: Any = (CA,),
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(serial_number)
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(signer or key, SHA256())


def hashed_by_hand(root: x509.Certificate, algorithm: str) -> tuple[str, str, str]:
    """Return a root's hash data, taken from its DER byte by byte (RFC 5280 §4.1)."""
    ((_, body, _),) = elements(root.public_bytes(Encoding.DER))
    (_, to_be_signed, _), *_ = elements(body)
    version, serial, _, issuer, _, _, spki, *_ = elements(to_be_signed)
    assert version[0] == 0xA0
    _, (tag, bits, _) = elements(spki[1])
    assert (tag, bits[0]) == (3, 0)  # BIT STRING without unused bits
    return (
        hashlib.new(algorithm, issuer[2]).hexdigest(),
        hashlib.new(algorithm, bits[1:]).hexdigest(),
        serial[1].hex().lstrip("0"),
    )


@pytest.mark.parametrize("kind", KeyKind)
@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_the_hash_data_are_those_of_rfc_6960(
    ca: Ca, kind: KeyKind, algorithm: str
) -> None:
    """Of the issuer's name as DER, and of its key without tag and length (OCA 076)."""
    root = known_issuer(kind).certificate
    names = ca().names_of(pem_of(root), algorithm)
    assert names.hash_algorithm == algorithm
    assert (
        names.issuer_name_hash,
        names.issuer_key_hash,
        names.serial_number,
    ) == hashed_by_hand(root, algorithm)


@pytest.mark.parametrize(
    ("number", "written"), [(5, "5"), (0xF0, "f0"), (0xABC << 124, "abc" + "0" * 31)]
)
def test_serial_numbers_are_lower_case_without_leading_zeros(
    ca: Ca, number: int, written: str
) -> None:
    """Also where DER puts a zero before a high bit."""
    root = certificate(serial_number=number)
    assert ca().names_of(pem_of(root), "SHA256").serial_number == written
    assert hashed_by_hand(root, "SHA256")[2] == written


def test_only_a_root_has_names(ca: Ca) -> None:
    """What hashes its issuer's key has cannot be known of another certificate."""
    other = certificate(issuer="Another", signer=known_key(3))
    for text in (pem_of(other), "", signing_request("CP-7", known_key(2))):
        with pytest.raises(CertificateRefused):
            ca().names_of(text, "SHA256")


@pytest.mark.filterwarnings("ignore:Parsed a serial number")  # the library's own
def test_a_serial_number_that_is_not_positive_is_refused(ca: Ca) -> None:
    """OCPP could not write it, and such a root could never be deleted again."""
    good = certificate(serial_number=0x7F)
    signed = good.tbs_certificate_bytes.replace(b"\x02\x01\x7f", b"\x02\x01\xff", 1)
    signature = ROOT_KEY.sign(signed, ec.ECDSA(SHA256()))
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
    bits = b"\x03" + bytes([len(signature) + 1, 0]) + signature
    body = signed + algorithm + bits
    whole = b"\x30\x82" + len(body).to_bytes(2, "big") + body
    text = pem_of(x509.load_der_x509_certificate(whole))
    assert "not positive" in ca().objection_to_root(text)
    with pytest.raises(CertificateRefused, match="not positive"):
        ca().names_of(text, "SHA256")


@pytest.mark.parametrize("algorithm", ["SHA1", "MD5", "sha256", ""])
def test_other_hashes_are_refused(ca: Ca, algorithm: str) -> None:
    """OCPP knows three."""
    with pytest.raises(CertificateRefused, match="SHA256, SHA384, SHA512"):
        ca().names_of(pem_of(certificate()), algorithm)


def test_real_roots_can_be_installed(ca: Ca) -> None:
    """Ours, and those of others, old ones without a key usage too."""
    usage = (x509.KeyUsage(**{**USAGE, "key_cert_sign": True}), True)
    for root in (
        known_issuer(KeyKind.EC).certificate,
        known_issuer(KeyKind.RSA).certificate,
        certificate(),
        certificate(extensions=(CA, usage)),
    ):
        assert ca().objection_to_root(pem_of(root)) == ""
        assert ca().objection_to_root(pem_of(root).replace("\n", "\r\n")) == ""


POOR_ROOTS: dict[str, tuple[str, Callable[[], x509.Certificate]]] = {
    "a leaf": (
        "not signed by its own key",
        lambda: certificate("CP-7", signer=known_key(3), extensions=()),
    ),
    "another's signature": (
        "not signed by its own key",
        lambda: certificate(signer=known_key(3)),
    ),
    "no authority": (
        "may not sign",
        lambda: certificate(extensions=[(x509.BasicConstraints(False, None), True)]),
    ),
    "no constraints": ("may not sign", lambda: certificate(extensions=())),
    "no usage": (
        "may not sign",
        lambda: certificate(
            extensions=(CA, (x509.KeyUsage(**{**USAGE, "crl_sign": True}), True))
        ),
    ),
    "too weak": (
        "192 bits",
        lambda: certificate(key=ec.derive_private_key(2, ec.SECP192R1())),
    ),
    "RSA too weak": (
        "1024 bits",
        lambda: certificate(key=rsa.generate_private_key(65537, 1024)),
    ),
    "ended": (
        "has ended on 2027-01-14",
        lambda: certificate(ends=NOW - timedelta(days=1)),
    ),
    "not begun": (
        "good only from 2027-01-16 on",
        lambda: certificate(begins=NOW + timedelta(days=1)),
    ),
}


@pytest.mark.parametrize(("reason", "make"), POOR_ROOTS.values(), ids=POOR_ROOTS)
def test_what_is_no_root_of_use_is_refused(
    ca: Ca, reason: str, make: Callable[[], x509.Certificate]
) -> None:
    """With a reason that says what is wrong with it."""
    assert reason in ca().objection_to_root(pem_of(make()))


def test_a_root_is_one_certificate_and_nothing_else(ca: Ca) -> None:
    """A private key that was pasted along never leaves for a charger."""
    root, key = pem_of(certificate()), private_pem(known_key(2))
    for text in (root + root, root + key, key + root, f"Subject: me\n{root}", "", key):
        assert "nothing else" in ca().objection_to_root(text)
    damaged = root.replace("\n", "\n!", 2)
    for text in (root[:99], damaged, root.replace("MII", "MIJ", 1)):
        assert "no X.509" in ca().objection_to_root(text)


def test_a_root_has_at_most_5500_characters(ca: Ca) -> None:
    """InstallCertificate has no room for more."""
    root = pem_of(certificate())
    assert ca().objection_to_root(root + "\n" * (5500 - len(root))) == ""
    said = ca().objection_to_root(root + "\n" * (5501 - len(root)))
    assert "5500" in said


def test_a_damaged_extension_is_no_failure(ca: Ca) -> None:
    """It says nothing then, and so not that the certificate may sign others."""
    broken = x509.UnrecognizedExtension(x509.BasicConstraints.oid, b"\x30\x05\x01")
    root = certificate(extensions=[(broken, True)])
    assert "may not sign" in ca().objection_to_root(pem_of(root))


def test_a_server_that_shows_nothing_is_covered_by_all(ca: Ca) -> None:
    """A proxy may show what it likes; but no root is still no root."""
    assert ca().covers_us(pem_of(certificate()))
    assert not ca().covers_us("no root")


def test_a_root_covers_what_it_issued(ca: Ca) -> None:
    """One of the chains that we show is enough: the charger picks."""
    ours = ca()
    chains = [
        result_of(ours.certify(signing_request("CP-7", key), "CP-7")).chain
        for key in (known_key(5), known_key(6))
    ]
    own = evolve(ours, shown=chains)
    assert own.covers_us(pem_of(known_issuer(KeyKind.EC).certificate))
    assert not own.covers_us(pem_of(known_issuer(KeyKind.RSA).certificate))
    assert not own.covers_us(chain_text(chains[0])[0])


def chain_text(chain: str) -> list[str]:
    """Return the certificates of a chain as a text each."""
    return [pem_of(one) for one in chain_of(chain)]


def test_a_root_covers_over_others_between(ca: Ca) -> None:
    """In whatever order they are shown, and never going in a circle."""
    top, middle, low, key = (known_key(number) for number in (11, 12, 13, 14))
    root = certificate("Root", key=top)
    first = certificate("First", "Root", key=middle, signer=top)
    second = certificate("Second", "First", key=low, signer=middle)
    leaf = certificate("us", "Second", key=key, signer=low)
    assert covers(root, [leaf, second, first])
    assert covers(root, [leaf, first, second, root])
    assert not covers(root, [leaf, first])
    circle = certificate("Second", "Second", key=low)
    assert not covers(root, [leaf, circle, circle])
