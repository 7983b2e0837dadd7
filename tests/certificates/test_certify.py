"""What is issued to a station that asks, and whom nothing is issued to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import (
    ExtendedKeyUsageOID,
    NameOID,
    SignatureAlgorithmOID,
)
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.certificates.authority import NOT_LOOKED_AT, LocalCa
from flexicharge.certificates.issuer import BACKDATED_S, ROOT_DAYS
from flexicharge.certificates.keys import KeyKind
from flexicharge.certificates.pem import LONGEST
from flexicharge.config import read_settings
from flexicharge.errors import CertificateRefused, ServerBusy, Stopping
from flexicharge.interfaces import ICertificateAuthority
from flexicharge.interfaces.certificates import Certified
from flexicharge.testing.certificates import (
    SINCE,
    KnownIssuers,
    known_authority,
    known_issuer,
    known_key,
    signing_request,
)
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy, signing_key
from tests.certificates.conftest import Ca
from tests.certificates.reading import chain_of, openssl_verifies, spki_of

NOW = 1_800_000_000
DAY = 86_400
RSA_SIGNATURE = SignatureAlgorithmOID.RSA_WITH_SHA256.dotted_string
KEY = known_key(7)


def issued(ca: LocalCa, csr: str, identity: str = "CP-7") -> Certified:
    return result_of(ca.certify(csr, identity))


def refusal(ca: LocalCa, csr: str, identity: str = "CP-7") -> str:
    with pytest.raises(CertificateRefused) as caught:
        issued(ca, csr, identity)
    return str(caught.value)


def pem(request: x509.CertificateSigningRequest) -> str:
    return request.public_bytes(Encoding.PEM).decode()


def named(*attributes: tuple[x509.ObjectIdentifier, str]) -> str:
    """Return a request with just these names."""
    name = x509.Name([x509.NameAttribute(of, text) for of, text in attributes])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return pem(builder.sign(KEY, SHA256()))


def armoured(der: bytes) -> str:
    text = b64encode(der).decode()
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    label = "CERTIFICATE REQUEST-----"
    return f"-----BEGIN {label}\n{lines}\n-----END {label}\n"


def signed_by(key: Any, algorithm: Any = SHA256, **how: Any) -> str:
    """Return CP-7's request, signed in another way."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CP-7")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return pem(builder.sign(key, algorithm and algorithm(), **how))


def extension(certificate: x509.Certificate, of: Any) -> Any:
    return certificate.extensions.get_extension_for_class(of).value


def test_it_is_a_certificate_authority(ca: Ca) -> None:
    """As the seam declares it."""
    verifyObject(ICertificateAuthority, ca())


def test_a_stations_certificate_names_it_and_serves_clients_alone(ca: Ca) -> None:
    """CN is its identity, O the operator; it signs no others and serves nobody."""
    got = issued(ca(CA_NAME="Bärs Laddning"), named((NameOID.COMMON_NAME, "CP-7")))
    leaf, _ = chain_of(got.chain)
    assert leaf.subject.rfc4514_string() == "CN=CP-7,O=Bärs Laddning"
    assert got.common_name == "CP-7"
    assert got.names_judged
    assert not extension(leaf, x509.BasicConstraints).ca
    assert list(extension(leaf, x509.ExtendedKeyUsage)) == [
        ExtendedKeyUsageOID.CLIENT_AUTH
    ]
    usage = extension(leaf, x509.KeyUsage)
    assert (usage.digital_signature, usage.key_cert_sign) == (True, False)


@pytest.mark.parametrize("curve", [ec.SECP224R1(), ec.SECP256R1(), ec.SECP521R1()])
def test_the_chain_is_the_leaf_then_its_issuer(ca: Ca, curve: ec.EllipticCurve) -> None:
    """The leaf has the key of the request, and OpenSSL trusts it (OCA 074)."""
    key = ec.derive_private_key(7, curve)
    got = issued(ca(), signing_request("CP-7", key))
    leaf, root = chain_of(got.chain)
    assert spki_of(leaf.public_key()) == spki_of(key.public_key())
    assert leaf.issuer == root.subject == root.issuer
    assert openssl_verifies(leaf, root, NOW)
    assert not openssl_verifies(leaf, known_issuer(KeyKind.RSA).certificate, NOW)


def test_an_rsa_key_is_certified_by_an_rsa_root(ca: Ca) -> None:
    """A charger that knows RSA alone could not check anything else (OCA 074)."""
    key = signing_key().private
    leaf, root = chain_of(issued(ca(), signing_request("CP-7", key)).chain)
    assert spki_of(leaf.public_key()) == spki_of(key.public_key())
    assert isinstance(root.public_key(), rsa.RSAPublicKey)
    assert leaf.signature_algorithm_oid.dotted_string == RSA_SIGNATURE
    assert openssl_verifies(leaf, root, NOW)


def test_a_request_may_be_signed_by_either_scheme_of_rsa(ca: Ca) -> None:
    """The extension wants PSS, the tester and most chargers have PKCS #1 v1.5."""
    key = signing_key().private
    pss = padding.PSS(padding.MGF1(SHA256()), 32)
    for how in ({}, {"rsa_padding": pss}):
        assert issued(ca(), signed_by(key, **how)).common_name == "CP-7"


def test_it_is_good_from_a_day_ago_for_the_days_of_the_setting(ca: Ca) -> None:
    """Chargers' clocks are behind, and mistake time zones."""
    got = issued(ca(CERTIFICATE_DAYS="30"), signing_request("CP-7", KEY))
    leaf, root = chain_of(got.chain)
    assert got.not_before == NOW - BACKDATED_S == NOW - DAY
    assert got.not_after == NOW + 30 * DAY
    assert got.not_after == leaf.not_valid_after_utc.timestamp()
    assert openssl_verifies(leaf, root, NOW - DAY + 1)
    assert not openssl_verifies(leaf, root, NOW + 30 * DAY + 1)


def test_no_certificate_outlives_its_root(ca: Ca, clock: Clock) -> None:
    """And an ended root signs nothing."""
    ends = SINCE + ROOT_DAYS * DAY
    clock.advance(ends - NOW - 5 * DAY)
    assert issued(ca(), signing_request("CP-7", KEY)).not_after == ends
    clock.advance(5 * DAY)
    assert "root" in refusal(ca(), signing_request("CP-7", KEY))


def test_serial_numbers_are_long_random_and_hexadecimal(ca: Ca) -> None:
    """All of one length, so that nobody trips over leading zeros."""
    authority, csr = ca(), signing_request("CP-7", KEY)
    got = [issued(authority, csr) for _ in range(20)]
    assert len({one.serial_number for one in got}) == 20
    for one in got:
        leaf, _ = chain_of(one.chain)
        assert leaf.serial_number == int(one.serial_number, 16)
        assert one.serial_number == one.serial_number.lower()
        assert len(one.serial_number) == 32


@pytest.mark.parametrize(
    "write",
    [
        lambda csr: csr.replace("\n", "\r\n"),
        lambda csr: csr.replace("\n", "\r"),
        lambda csr: csr.strip(),
        lambda csr: f"\n Certificate Request:\n{csr}\n\n",
        lambda csr: csr.replace("CERTIFICATE", "NEW CERTIFICATE"),
        lambda csr: csr + " " * (LONGEST - len(csr)),
    ],
)
def test_requests_are_read_however_they_are_laid_out(
    ca: Ca, write: Callable[[str], str]
) -> None:
    """The answer has LF and nothing else at its line ends."""
    chain = issued(ca(), write(signing_request("CP-7", KEY))).chain
    assert chain.isascii()
    assert "\r" not in chain
    assert chain.startswith("-----BEGIN CERTIFICATE-----\n")
    assert chain.endswith("\n-----END CERTIFICATE-----\n")


def test_the_largest_chain_fits_into_the_message(ca: Ca) -> None:
    """CertificateSigned.certificateChain has at most 10,000 characters."""
    identity, key = "Ö" * 32, signing_key().private
    csr = signing_request(identity, key, "")
    chain = issued(ca(CA_NAME="Å" * 32), csr, identity).chain
    # A request may bring a key as long as itself; our root is 3072 bits long, not 2048.
    assert len(chain) + LONGEST + 1000 < 10_000


OTHERS = {
    "another station": [(NameOID.COMMON_NAME, "CP-8")],
    "another letter case": [(NameOID.COMMON_NAME, "cp-7")],
    "two stations": [(NameOID.COMMON_NAME, "CP-7"), (NameOID.COMMON_NAME, "CP-8")],
    "nobody": [],
    "only an operator": [(NameOID.ORGANIZATION_NAME, "FlexiCharge")],
    "another operator": [
        (NameOID.COMMON_NAME, "CP-7"),
        (NameOID.ORGANIZATION_NAME, "Rival"),
    ],
    "two operators": [
        (NameOID.COMMON_NAME, "CP-7"),
        (NameOID.ORGANIZATION_NAME, "FlexiCharge"),
        (NameOID.ORGANIZATION_NAME, "Rival"),
    ],
}


@pytest.mark.parametrize("names", OTHERS.values(), ids=OTHERS)
def test_a_request_in_another_name_is_refused_unless_names_are_not_judged(
    ca: Ca, names: list[tuple[x509.ObjectIdentifier, str]]
) -> None:
    """`CSR_STRICT=0` is on record then; what is issued bears the right names still."""
    assert "its " in refusal(ca(), named(*names))
    got = issued(ca(CSR_STRICT="0"), named(*names))
    leaf, _ = chain_of(got.chain)
    assert leaf.subject.rfc4514_string() == "CN=CP-7,O=FlexiCharge"
    assert not got.names_judged


def test_other_names_and_wishes_do_not_matter(ca: Ca) -> None:
    """A country passes; that it wants to be an authority is not granted."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "FlexiCharge"),
            x509.NameAttribute(NameOID.COMMON_NAME, "CP-7"),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    builder = builder.add_extension(x509.BasicConstraints(True, 3), critical=True)
    leaf, _ = chain_of(issued(ca(), pem(builder.sign(KEY, SHA384()))).chain)
    assert not extension(leaf, x509.BasicConstraints).ca
    assert leaf.subject.rfc4514_string() == "CN=CP-7,O=FlexiCharge"


def weak_requests() -> dict[str, tuple[str, str]]:
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), b"\x2a\x86H\x86\xf7\r\1\1\5"
    good = x509.load_pem_x509_csr(signed_by(signing_key().private).encode())
    der = bytearray(good.public_bytes(Encoding.DER))
    der[-1] ^= 1
    return {
        "1024 bits": ("1024", signed_by(rsa.generate_private_key(65537, 1024))),
        "192 bits": ("192", signed_by(ec.derive_private_key(7, ec.SECP192R1()))),
        "Ed25519": ("neither", signed_by(ed25519.Ed25519PrivateKey.generate(), None)),
        "DSA": ("neither", signed_by(dsa.generate_private_key(1024))),
        "SHA-1": ("SHA-256", armoured(bytes(der).replace(sha256, sha1))),
        "signature": ("signature", armoured(bytes(der))),
    }


def test_weak_keys_and_wrong_signatures_are_refused(ca: Ca) -> None:
    """RSA from 2048 bits on, curves from 224 on (OCA 074)."""
    for reason, csr in weak_requests().values():
        assert reason in refusal(ca(CSR_STRICT="0"), csr)


HOSTILE = {
    "nothing": "",
    "words": "please",
    "half": signing_request("CP-7", KEY)[:200],
    "no ASN.1": armoured(b"\x30\x80" + b"\0" * 40),
    "deep ASN.1": armoured(b"\x30\x80" * 1500),
    "long ASN.1": armoured(b"\x30\x84\xff\xff\xff\xff" + b"\x30" * 99),
    "a certificate": known_issuer(KeyKind.EC)
    .certificate.public_bytes(Encoding.PEM)
    .decode(),
    "literal line ends": signing_request("CP-7", KEY).replace("\n", "\\n"),
    "surrogates": "\ud800" + signing_request("CP-7", KEY),
    "NUL": "\0" * 99,
}


@pytest.mark.parametrize("csr", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_request_is_refused(ca: Ca, csr: str) -> None:
    """Each with a reason, none with a failure."""
    assert "no certificate signing request" in refusal(ca(), csr)


def test_over_5500_characters_nothing_is_read(ca: Ca) -> None:
    """Not even of a request that is right."""
    csr = signing_request("CP-7", KEY)
    said = refusal(ca(), csr + "\n" * (LONGEST + 1 - len(csr)))
    assert said == "it has 5501 characters, and at most 5500 are allowed"


@pytest.mark.parametrize("identity", ["", "x" * 65, "Ö" * 33, "CP\n7", "\ud800"])
def test_an_identity_that_no_certificate_can_bear_is_refused(
    ca: Ca, identity: str
) -> None:
    """X.520 has room for 64 bytes."""
    said = refusal(ca(CSR_STRICT="0"), signing_request("CP-7", KEY), identity)
    assert "64" in said


DER = x509.load_pem_x509_csr(signing_request("CP-7", KEY).encode()).public_bytes(
    Encoding.DER
)


@pytest.mark.filterwarnings("ignore:Attribute's length")  # the library's, when changed
@given(
    changes=st.dictionaries(
        st.integers(0, len(DER) - 1), st.integers(0, 255), min_size=1, max_size=4
    )
)
def test_a_damaged_request_is_refused_and_fails_in_no_other_way(
    changes: dict[int, int],
) -> None:
    """Whatever bytes of it are changed."""
    clock, der = Clock(), bytearray(DER)
    clock.advance(NOW)
    for at, byte in changes.items():
        der[at] = byte
    ca = known_authority(read_settings({}), clock, SeededEntropy())
    if der == DER:
        assert issued(ca, armoured(bytes(der))).common_name == "CP-7"
    else:
        assert refusal(ca, armoured(bytes(der)))


@pytest.mark.parametrize("why", [ServerBusy("busy"), Stopping("certificates")])
def test_signing_is_done_where_it_blocks_nobody(clock: Clock, why: Exception) -> None:
    """All of it goes through the seam; if that takes nothing, nothing is issued."""

    async def closed(work: Callable[[], Any]) -> Any:
        raise why

    ca = LocalCa(
        issuers=KnownIssuers(),
        organisation="FlexiCharge",
        days=1,
        names_judged=True,
        clock=clock,
        entropy=SeededEntropy(),
        run=closed,
    )
    assert refusal(ca, "anything") == NOT_LOOKED_AT


def test_secrets_show_in_no_repr(ca: Ca) -> None:
    """Neither of the authority nor of its roots."""
    root = known_issuer(KeyKind.EC)
    assert "key" not in repr(root).lower()
    assert "PrivateKey" not in repr(ca())
