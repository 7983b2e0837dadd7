"""The authority's roots are made once, and only their owner can read them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from twisted.internet.task import Clock

from flexicharge.certificates import private_files
from flexicharge.certificates.authority import NO_AUTHORITY, LocalCa
from flexicharge.certificates.directory import ROOTS, CaDirectory
from flexicharge.certificates.issuer import Issuer
from flexicharge.certificates.keys import KeyKind, private_pem
from flexicharge.certificates.pairs import pair_text
from flexicharge.certificates.pem import pem_of
from flexicharge.errors import CertificateRefused, StartUpFailed
from flexicharge.identity.threads import at_once
from flexicharge.testing.certificates import known_issuer, known_key, signing_request
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import SeededEntropy
from tests.certificates.reading import chain_of

NOW = 1_800_000_000
EC, RSA = KeyKind.EC, KeyKind.RSA


def directory(path: Path) -> CaDirectory:
    return CaDirectory(path, "FlexiCharge", SeededEntropy())


def opened(path: Path) -> CaDirectory:
    """Return what a new start finds."""
    found = directory(path)
    found.open()
    return found


def authority(path: Path, clock: Clock) -> LocalCa:
    """Return an authority that has not looked at its directory yet."""
    return LocalCa(
        issuers=directory(path),
        organisation="FlexiCharge",
        days=1,
        names_judged=True,
        clock=clock,
        entropy=SeededEntropy(),
        run=at_once,
    )


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put_rsa(path: Path) -> Issuer:
    """Store an RSA root as the authority would, without making one."""
    issuer = known_issuer(RSA)
    path.mkdir(exist_ok=True)
    (path / "rsa.pem").write_text(pair_text(issuer.key, issuer.certificate))
    return issuer


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    """A server that never certifies has no authority."""
    path = tmp_path / "data" / "ca"
    assert opened(path).roots == ()
    assert not path.exists()


def test_a_root_is_made_at_first_need_and_stays(tmp_path: Path) -> None:
    """A new start, or a tool beside the server, finds the same."""
    path = tmp_path / "data" / "ca"
    made = directory(path).issuer(EC, NOW)
    for found in (opened(path), directory(path)):
        assert found.issuer(EC, NOW + 1).certificate == made.certificate
    assert {file.name for file in path.iterdir()} == {"ec.pem", ROOTS}


def test_an_rsa_root_is_made_for_those_who_need_one(tmp_path: Path) -> None:
    """It is as strong as the curve, and the file of roots has both."""
    ca = directory(tmp_path)
    rsa, curve = ca.issuer(RSA, NOW), ca.issuer(EC, NOW)
    assert rsa.key.key_size == 3072
    published = chain_of((tmp_path / ROOTS).read_text())
    assert published == [curve.certificate, rsa.certificate] == list(ca.roots)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """Files are 0600 and their directory is 0700."""
    path = tmp_path / "ca"
    directory(path).issuer(EC, NOW)
    assert mode_of(path) == 0o700
    assert {mode_of(file) for file in path.iterdir()} == {0o600}


def test_what_one_process_makes_another_takes(tmp_path: Path) -> None:
    """Though both had looked before: neither makes a second root."""
    server, tool = opened(tmp_path), opened(tmp_path)
    made = tool.issuer(EC, NOW)
    assert server.issuer(EC, NOW).certificate == made.certificate


def test_roots_of_others_are_published_along(tmp_path: Path) -> None:
    """A process that knows one root loses none that another made."""
    server = directory(tmp_path)
    curve = server.issuer(EC, NOW)
    rsa = put_rsa(tmp_path)
    assert directory(tmp_path).issuer(EC, NOW).certificate == curve.certificate
    published = chain_of((tmp_path / ROOTS).read_text())
    assert published == [curve.certificate, rsa.certificate]


def test_a_crash_before_a_root_is_published_is_mended(tmp_path: Path) -> None:
    """Its key is there already, so it is the one."""
    made = directory(tmp_path).issuer(EC, NOW)
    (tmp_path / ROOTS).unlink()
    assert opened(tmp_path).roots == (made.certificate,)
    assert chain_of((tmp_path / ROOTS).read_text()) == [made.certificate]


def test_a_crash_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    """A text that cannot be written leaves the file before it, and no draft."""
    file = tmp_path / "file"
    private_files.put(file, "before")
    with pytest.raises(UnicodeEncodeError):
        private_files.put(file, "é")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "before"


def test_a_root_whose_key_is_gone_is_never_made_anew(tmp_path: Path) -> None:
    """Certificates are out that it issued; a start says so and stops."""
    before = directory(tmp_path)
    before.issuer(EC, NOW)
    (tmp_path / "ec.pem").unlink()
    for use in (
        lambda: opened(tmp_path),
        lambda: directory(tmp_path).issuer(EC, NOW),
    ):
        with pytest.raises(StartUpFailed, match=r"ec\.pem .* is gone: restore it"):
            use()
    assert not (tmp_path / "ec.pem").exists()


def test_the_whole_authority_can_be_begun_anew(tmp_path: Path) -> None:
    """By removing all of it, as the message says."""
    before = directory(tmp_path / "ca").issuer(EC, NOW)
    for file in (tmp_path / "ca").iterdir():
        file.unlink()
    again = opened(tmp_path / "ca").issuer(EC, NOW)
    assert again.certificate != before.certificate


def damaged_pairs() -> dict[str, str]:
    curve, rsa = known_issuer(EC), known_issuer(RSA)
    text = pair_text(curve.key, curve.certificate)
    root = x509.CertificateBuilder(
        curve.certificate.subject,
        curve.certificate.subject,
        curve.key.public_key(),
        5,
        curve.certificate.not_valid_before_utc,
        curve.certificate.not_valid_after_utc,
    )
    constraints = x509.BasicConstraints(True, None)
    foreign = root.add_extension(constraints, True).sign(known_key(9), SHA256())
    return {
        "nothing": "",
        "words": "no key",
        "strange bytes": "ÿ" + text[:50],
        "half": text[: len(text) // 2],
        "key alone": private_pem(curve.key),
        "certificate alone": pem_of(curve.certificate),
        "another key": pair_text(known_key(9), curve.certificate),
        "another kind of key": pair_text(rsa.key, curve.certificate),
        "another kind": pair_text(rsa.key, rsa.certificate),
        "no authority": pair_text(curve.key, root.sign(curve.key, SHA256())),
        "another's signature": pair_text(curve.key, foreign),
    }


@pytest.mark.parametrize("kind", damaged_pairs())
def test_a_damaged_key_stops_the_start(tmp_path: Path, kind: str) -> None:
    """It is neither used nor replaced."""
    content = damaged_pairs()[kind].encode("latin-1")
    (tmp_path / "ec.pem").write_bytes(content)
    with pytest.raises(StartUpFailed, match=r"ec\.pem .* is damaged: restore it"):
        opened(tmp_path)
    assert (tmp_path / "ec.pem").read_bytes() == content


def test_an_rsa_key_that_does_not_fit_stops_the_start(tmp_path: Path) -> None:
    """Its certificate would verify nothing that it signs."""
    own = known_issuer(RSA)
    other = directory(tmp_path / "other").issuer(RSA, NOW)
    (tmp_path / "rsa.pem").write_text(pair_text(other.key, own.certificate))
    with pytest.raises(StartUpFailed, match="damaged"):
        opened(tmp_path)


@pytest.mark.parametrize("text", ["no PEM", "-----BEGIN CERTIFICATE-----\n"])
def test_a_damaged_file_of_roots_stops_the_start(tmp_path: Path, text: str) -> None:
    """It may have told of a key that is gone."""
    directory(tmp_path).issuer(EC, NOW)
    (tmp_path / ROOTS).write_text(text)
    with pytest.raises(StartUpFailed, match=r"root\.pem .* is damaged"):
        opened(tmp_path)


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    """The message names it and the cure."""
    (tmp_path / "ca").write_text("a file")
    for use in (
        lambda: opened(tmp_path / "ca"),
        lambda: directory(tmp_path / "ca").issuer(EC, NOW),
    ):
        with pytest.raises(StartUpFailed, match=r"/ca cannot be used .* DATA_DIR"):
            use()


def test_a_running_server_whose_keys_are_taken_away_refuses(
    tmp_path: Path, clock: Clock
) -> None:
    """What it has read, it goes on with; what it would need, it does not make."""
    put_rsa(tmp_path)
    running, restarted = authority(tmp_path, clock), authority(tmp_path, clock)
    csr = signing_request("CP-7", known_key(7))
    result_of(running.certify(csr, "CP-7"))
    for name in ("ec.pem", "rsa.pem"):
        (tmp_path / name).unlink()
    result_of(running.certify(csr, "CP-7"))
    with pytest.raises(CertificateRefused, match=NO_AUTHORITY):
        result_of(restarted.certify(csr, "CP-7"))
