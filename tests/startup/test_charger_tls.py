"""What the ports that speak TLS show is checked before they open."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from twisted.logger import capturedLogs, formatEvent

from flexicharge.certificates.directory import CaDirectory
from flexicharge.certificates.keys import KeyKind, private_pem
from flexicharge.config import Settings, read_settings
from flexicharge.errors import StartUpFailed
from flexicharge.startup.charger_tls import open_tls
from flexicharge.testing.authority_files import (
    certificate_file,
    client_certificate,
    known_directory,
    pair_file,
)
from flexicharge.testing.certificates import SINCE, known_issuer, known_key
from flexicharge.testing.identity import signing_key

NOW = SINCE + 10 * 86_400.0
ISSUER = known_issuer(KeyKind.EC)


@pytest.fixture
def authority(tmp_path: Path) -> CaDirectory:
    """The authority's directory."""
    return known_directory(tmp_path / "ca")


@pytest.fixture
def ec_file(tmp_path: Path) -> Path:
    """A certificate of an elliptic curve, with its key."""
    key = known_key(7)
    return pair_file(tmp_path / "ec.pem", key, client_certificate(ISSUER, key, "here"))


def settings(**environ: object) -> Settings:
    """Return settings with a TLS port."""
    told = {name: str(value) for name, value in environ.items()}
    return read_settings({"OCPP_TLS_PORT": "0", **told})


def test_without_a_port_nothing_is_read(authority: CaDirectory) -> None:
    """Files may be named for later."""
    told = read_settings({"OCPP_TLS_CERTIFICATES": "/nowhere"})
    opened = open_tls(told, authority, NOW)
    assert (opened.chains, opened.plain, opened.with_certificates) == ((), None, None)


def test_our_own_authority_issues_what_is_shown(authority: CaDirectory) -> None:
    """One certificate for each kind of key, kept for the next start."""
    told = settings(OCPP_TLS_HOST="charge.example.org", OCPP_MTLS_PORT=0)
    opened = open_tls(told, authority, NOW)
    assert len(opened.chains) == 2
    assert opened.plain is not None
    assert opened.with_certificates is not None
    assert open_tls(told, authority, NOW).chains == opened.chains


def test_files_of_the_operators_own_are_shown(
    authority: CaDirectory, ec_file: Path, tmp_path: Path
) -> None:
    """A key may be in the file of its certificate, or in one of its own."""
    assert len(open_tls(settings(OCPP_TLS_CERTIFICATE=ec_file), authority, NOW).chains)
    key = signing_key().private
    leaf = client_certificate(known_issuer(KeyKind.RSA), key, "here")
    chain = certificate_file(tmp_path / "rsa.pem", leaf, ISSUER.certificate)
    key_file = tmp_path / "rsa.key"
    key_file.write_text(private_pem(key))
    both = settings(
        OCPP_TLS_CERTIFICATES=f"{ec_file}, {chain}",
        OCPP_TLS_KEYS=f"{ec_file},{key_file}",
    )
    chains = open_tls(both, authority, NOW).chains
    assert [text.count("BEGIN CERTIFICATE") for text in chains] == [1, 2]


def refusal(authority: CaDirectory, told: Settings) -> str:
    """Return the one message that ends a start under these settings."""
    with pytest.raises(StartUpFailed) as caught:
        open_tls(told, authority, NOW)
    return str(caught.value)


def test_files_that_cannot_be_read_are_named(
    authority: CaDirectory, ec_file: Path, tmp_path: Path
) -> None:
    """With the setting that names them."""
    text = certificate_file(tmp_path / "no.pem")
    said = refusal(authority, settings(OCPP_TLS_CERTIFICATES="/nowhere/at.pem"))
    assert said.startswith("OCPP_TLS_CERTIFICATES: /nowhere/at.pem cannot be read")
    said = refusal(authority, settings(OCPP_TLS_CERTIFICATES=text))
    assert "no X.509 certificate in PEM in" in said
    told = settings(OCPP_TLS_CERTIFICATES=ec_file, OCPP_TLS_KEYS=text)
    assert "OCPP_TLS_KEYS: there is no private key" in refusal(authority, told)
    told = settings(OCPP_MTLS_PORT=0, OCPP_CLIENT_CA=text)
    assert refusal(authority, told).startswith("OCPP_CLIENT_CA: there is no X.509")


def test_a_key_of_another_certificate_is_refused(
    authority: CaDirectory, ec_file: Path, tmp_path: Path
) -> None:
    """They are named in the same order."""
    other = tmp_path / "other.key"
    other.write_text(private_pem(known_key(8)))
    told = settings(OCPP_TLS_CERTIFICATES=ec_file, OCPP_TLS_KEYS=other)
    assert "is not that of the certificate" in refusal(authority, told)


def test_an_encrypted_key_is_refused(
    authority: CaDirectory, ec_file: Path, tmp_path: Path
) -> None:
    """Nobody is there to type its password."""
    locked = tmp_path / "locked.key"
    secret = BestAvailableEncryption(b"hush")
    locked.write_bytes(
        known_key(7).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, secret)
    )
    told = settings(OCPP_TLS_CERTIFICATES=ec_file, OCPP_TLS_KEYS=locked)
    assert "is encrypted" in refusal(authority, told)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (ec.generate_private_key(ec.SECP192R1()), "192 bits"),
        (rsa.generate_private_key(65537, 1024), "1024 bits"),
        (ed25519.Ed25519PrivateKey.generate(), "neither RSA nor"),
    ],
)
def test_a_weak_key_is_refused(
    authority: CaDirectory, tmp_path: Path, key: object, why: str
) -> None:
    """OCPP wants 2048 bits of RSA, or 224 of an elliptic curve (OCA 086)."""
    weak = pair_file(tmp_path / "weak.pem", key, client_certificate(ISSUER, key, "x"))
    said = refusal(authority, settings(OCPP_TLS_CERTIFICATES=weak))
    assert f"The certificate {weak} cannot be used: " in said
    assert why in said


def test_two_certificates_of_one_kind_are_refused(
    authority: CaDirectory, ec_file: Path, tmp_path: Path
) -> None:
    """The second would be shown, and the first never."""
    key = known_key(8)
    second = pair_file(tmp_path / "2.pem", key, client_certificate(ISSUER, key, "here"))
    told = settings(OCPP_TLS_CERTIFICATES=f"{ec_file},{second}")
    assert "two certificates of one kind of key" in refusal(authority, told)


def test_a_certificate_that_is_over_is_told_loudly(
    authority: CaDirectory, tmp_path: Path
) -> None:
    """Chargers refuse it, but nobody else has to do without the server."""
    key = known_key(7)
    leaf = client_certificate(ISSUER, key, "here", days=2)
    file = pair_file(tmp_path / "old.pem", key, leaf)
    with capturedLogs() as logs:
        assert open_tls(settings(OCPP_TLS_CERTIFICATES=file), authority, NOW).plain
    [event] = [each for each in logs if each["log_level"].name == "critical"]
    assert f"{file} is good from" in formatEvent(event)
