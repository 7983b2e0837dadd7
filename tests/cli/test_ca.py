"""The certificate authority by hand; the database cannot be reached here."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from flexicharge.cli import main
from flexicharge.testing.certificates import known_key, signing_request


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A working directory beside a server's data, whose database is away."""
    settings = {
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_HOST": "127.0.0.1",
        "DATABASE_PORT": "1",
        "DATABASE_NAME": "none",
        "DATABASE_USERNAME": "none",
        "DATABASE_PASSWORD": "none",
        "BYPASS_KLARNA": "1",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def chain_in(path: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(path.read_bytes())


def test_the_root_is_printed_and_stays(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As PEM and nothing else, made at first need; one for each kind of key."""
    printed = []
    for options in ([], [], ["--rsa"]):
        assert main(["ca", "root", *options]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert printed[0] + printed[2] == (here.parent / "data/ca/root.pem").read_text()
    for text, kind in (
        (printed[0], ec.EllipticCurvePublicKey),
        (printed[2], rsa.RSAPublicKey),
    ):
        root = x509.load_pem_x509_certificate(text.encode())
        assert isinstance(root.public_key(), kind)


def test_a_charger_is_given_a_key_and_its_certificate(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both in files that only their owner can read; the key is not printed."""
    assert main(["ca", "issue", "CP-7"]) == 0
    said = capsys.readouterr()
    assert "CP-7.pem: the certificate, then its root; good until 20" in said.out
    assert "PRIVATE" not in said.out
    assert "was not looked up: The database at" in said.err
    leaf, root = chain_in(here / "CP-7.pem")
    assert leaf.subject.rfc4514_string() == "CN=CP-7,O=FlexiCharge"
    leaf.verify_directly_issued_by(root)
    key = load_pem_private_key((here / "CP-7.key").read_bytes(), None)
    assert key.public_key() == leaf.public_key()
    assert {file.stat().st_mode & 0o777 for file in here.iterdir()} == {0o600}


def test_a_key_can_be_rsa_and_names_can_be_strange(here: Path) -> None:
    """An identity never leads out of the working directory."""
    assert main(["ca", "issue", "../CP 7", "--rsa"]) == 0
    leaf, _ = chain_in(here / "..%2FCP%207.pem")
    assert isinstance(leaf.public_key(), rsa.RSAPublicKey)
    assert (here / "..%2FCP%207.key").exists()


def test_a_chargers_own_request_is_granted(here: Path) -> None:
    """It keeps its private key; who asks in another's name gets nothing."""
    (here / "asked.csr").write_text(signing_request("CP-7", known_key(7)))
    assert main(["ca", "issue", "CP-7", "--csr", "asked.csr"]) == 0
    assert main(["ca", "issue", "CP-8", "--csr", "asked.csr"]) == 1
    leaf, _ = chain_in(here / "CP-7.pem")
    assert leaf.public_key() == known_key(7).public_key()
    assert {file.name for file in here.iterdir()} == {"asked.csr", "CP-7.pem"}


@pytest.mark.parametrize("ending", ["key", "pem"])
def test_no_file_is_overwritten(
    here: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a key nor a certificate that is there."""
    (here / f"CP-7.{ending}").write_text("precious")
    assert main(["ca", "issue", "CP-7"]) == 1
    assert f"CP-7.{ending} is there already" in capsys.readouterr().err
    assert [file.read_text() for file in here.iterdir()] == ["precious"]


def test_what_cannot_be_read_or_granted_is_one_line_and_a_failure(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files that are none, requests that are none, names that do not fit."""
    (here / "words").write_bytes(b"\xff please")
    for arguments, reason in (
        (["CP-7", "--csr", "nowhere"], "nowhere cannot be read"),
        (["CP-7", "--csr", "."], ". cannot be read"),
        (["CP-7", "--csr", "words"], "no certificate signing request"),
        (["x" * 65], "1 to 64 printable bytes"),
    ):
        assert main(["ca", "issue", *arguments]) == 1
        assert reason in capsys.readouterr().err
    assert [file.name for file in here.iterdir()] == ["words"]
