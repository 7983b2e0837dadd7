"""What our TLS listeners show, and that chargers and we trust each other by it."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from twisted.internet.task import Clock

from flexicharge.certificates.authority import LocalCa
from flexicharge.certificates.directory import ROOTS, CaDirectory
from flexicharge.certificates.keys import private_pem
from flexicharge.certificates.pem import pem_of
from flexicharge.certificates.server_certificates import (
    LEAST_DAYS_LEFT,
    SERVER_DAYS,
    server_certificates,
)
from flexicharge.errors import StartUpFailed
from flexicharge.identity.threads import at_once
from flexicharge.testing.certificates import known_key, signing_request
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy
from tests.certificates.reading import chain_of, openssl_verifies

NOW = 1_800_000_000
DAY = 86_400
HOST = "ocpp.example.org"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all roots and certificates in it: RSA keys take long."""
    path = tmp_path_factory.mktemp("ca")
    server_certificates(directory(path), HOST, NOW)
    return path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    for file in made.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def directory(path: Path) -> CaDirectory:
    return CaDirectory(path, "FlexiCharge", SeededEntropy(str(path)))


def first(text: str) -> x509.Certificate:
    return chain_of(text)[0]


def shown(path: Path, host: str = HOST, now: float = NOW) -> list[x509.Certificate]:
    """Return what a server that starts at a time will show."""
    found = server_certificates(directory(path), host, now)
    return [first(one.chain) for one in found]


def test_there_is_one_for_each_kind_of_key(path: Path) -> None:
    """CN and alternative name are the host, and OpenSSL trusts it (OCA 086)."""
    curve, rsa_one = shown(path)
    assert isinstance(curve.public_key(), ec.EllipticCurvePublicKey)
    assert isinstance(rsa_one.public_key(), rsa.RSAPublicKey)
    for leaf, root in zip((curve, rsa_one), directory_roots(path), strict=True):
        (name,) = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        use = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
        assert name.value == HOST
        assert names.value.get_values_for_type(x509.DNSName) == [HOST]
        assert list(use.value) == [ExtendedKeyUsageOID.SERVER_AUTH]
        assert openssl_verifies(leaf, root, NOW)
    usage = rsa_one.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_encipherment  # suites without ECDHE need it


def directory_roots(path: Path) -> list[x509.Certificate]:
    return chain_of((path / ROOTS).read_text())


def test_they_are_kept_over_a_restart(path: Path) -> None:
    """In files of their own, each with its key, that only the owner can read."""
    before = shown(path)
    curve, rsa_one = server_certificates(directory(path), HOST, NOW + DAY)
    assert [first(curve.chain), first(rsa_one.chain)] == before
    for one in (curve, rsa_one):
        assert one.file.read_text() == one.key + one.chain
        assert one.key not in repr(one)
    (path / "server-ec.pem").unlink()
    shown(path)
    assert (path / "server-ec.pem").stat().st_mode & 0o777 == 0o600


def test_they_are_renewed_well_before_they_end(path: Path) -> None:
    """At a start; a server runs on for more than a year with what it has then."""
    spare = (SERVER_DAYS - LEAST_DAYS_LEFT) * DAY
    before = shown(path)[0]
    assert shown(path, now=NOW + spare)[0] == before
    renewed = shown(path, now=NOW + spare + 1)[0]
    assert renewed.not_valid_after_utc > before.not_valid_after_utc
    assert renewed.public_key() != before.public_key()


def test_another_host_needs_another_one(path: Path) -> None:
    """And may be an IP address."""
    (leaf, _), before = shown(path, host="192.0.2.7"), shown(path)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == [
        "192.0.2.7"
    ]
    assert leaf != before[0]


def test_one_from_before_the_authority_was_begun_anew_is_replaced(path: Path) -> None:
    """Nobody would trust it any more."""
    before = shown(path)[0]
    for name in (ROOTS, "ec.pem"):
        (path / name).unlink()
    after = shown(path)[0]
    assert after != before
    assert openssl_verifies(after, directory_roots(path)[0], NOW)


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff\x00"])
def test_a_damaged_one_is_made_anew(path: Path, content: bytes) -> None:
    """Nothing is lost with it."""
    (path / "server-ec.pem").write_bytes(content)
    assert openssl_verifies(shown(path)[0], directory_roots(path)[0], NOW)


@pytest.mark.parametrize("host", ["x" * 65, "bär.example", ""])
def test_a_host_that_no_certificate_can_bear_stops_the_start(
    path: Path, host: str
) -> None:
    """The message names it."""
    with pytest.raises(StartUpFailed, match=f"the host {host}:"):
        shown(path, host=host)


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> str:
    """Return the suite that two ends agree on, over no socket; raise `SSLError`."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        server.wrap_bio(up, down, server_side=True),
        client.wrap_bio(down, up, server_hostname=host),
    ]
    for _ in range(6):
        for end in ends:
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    ends[0].do_handshake()
    suite = ends[1].cipher()
    assert suite is not None
    return suite[0]


def test_a_charger_and_we_trust_each_other(tmp_path: Path, clock: Clock) -> None:
    """TLS both ways, on nothing but what the authority gave out (OCA 086, 087).

    OpenSSL looks at the clock of the machine, so this one test does.
    """
    import time

    clock.advance(time.time() - clock.seconds())
    path = tmp_path / "ca"
    place = directory(path)
    listeners = server_certificates(place, HOST, clock.seconds())
    ca = LocalCa(
        issuers=place,
        organisation="FlexiCharge",
        days=1,
        names_judged=True,
        clock=clock,
        entropy=SeededEntropy(),
        run=at_once,
        shown=[one.chain for one in listeners],
    )
    issued = result_of(ca.certify(signing_request("CP-7", known_key(7)), "CP-7"))
    charger_file = tmp_path / "charger.pem"
    charger_file.write_text(private_pem(known_key(7)) + issued.chain)
    for listener, root in zip(listeners, place.roots, strict=True):
        assert ca.covers_us(pem_of(root))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(listener.file)
        server.load_verify_locations(path / ROOTS)
        server.verify_mode = ssl.CERT_REQUIRED
        charger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        charger.load_cert_chain(charger_file)
        charger.load_verify_locations(cadata=pem_of(root))
        assert handshake(server, charger, HOST)
        with pytest.raises(ssl.SSLError):
            handshake(server, charger, "elsewhere.example.org")
        stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        stranger.load_verify_locations(cadata=pem_of(root))
        stranger.load_cert_chain(listener.file)  # a server's is no client's
        with pytest.raises(ssl.SSLError):
            handshake(server, stranger, HOST)
