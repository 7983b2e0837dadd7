"""The server's secrets are made once, and only their owner can read them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from flexicharge.errors import StartUpFailed
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.key_files import (
    SERVER_FILE,
    add_key,
    load_or_make_server_key,
    open_ring,
    read_keys,
    remove_keys,
)
from flexicharge.identity.keys import ServerKey
from flexicharge.testing.identity import SeededEntropy

NOW = 1_800_000_000


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def kids(directory: Path) -> list[str]:
    return [key.kid for key in read_keys(directory)]


def test_keys_stay_the_same(tmp_path: Path) -> None:
    """A second start, or a tool beside the server, finds what the first one made."""
    keys = tmp_path / "data" / "keys"
    ring = open_ring(keys, NOW)
    secret = load_or_make_server_key(keys, SystemEntropy())
    assert open_ring(keys, NOW + 1).keys == ring.keys
    assert load_or_make_server_key(keys, SystemEntropy()) == secret
    (key,) = ring.keys
    assert (key.public.key_size, key.made_at) == (2048, NOW)
    names = {path.name for path in keys.iterdir()}
    assert names == {f"signing-{NOW}.pem", SERVER_FILE}


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    """Files are 0600 and their directory is 0700."""
    keys = tmp_path / "keys"
    open_ring(keys, NOW)
    load_or_make_server_key(keys, SeededEntropy())
    assert mode_of(keys) == 0o700
    assert {mode_of(path) for path in keys.iterdir()} == {0o600}


def test_a_key_of_before_keys_were_changed_is_the_oldest(tmp_path: Path) -> None:
    """It was called `signing.pem`, and goes on verifying."""
    (old,) = open_ring(tmp_path, NOW).keys
    (tmp_path / f"signing-{NOW}.pem").rename(tmp_path / "signing.pem")
    new = add_key(tmp_path, NOW)
    assert kids(tmp_path) == [old.kid, new.kid]
    assert read_keys(tmp_path)[0].made_at == 0


def test_a_new_key_is_newer_than_all_others(tmp_path: Path) -> None:
    """Within the same second, and when the clock was set back."""
    made = [add_key(tmp_path, at) for at in (NOW, NOW + 0.9, NOW - 99)]
    assert [key.made_at for key in made] == [NOW, NOW + 1, NOW + 2]
    assert kids(tmp_path) == [key.kid for key in made]


def test_what_is_known_is_not_read_again(tmp_path: Path) -> None:
    """Only files that are new, whatever happened to the others."""
    (first,) = open_ring(tmp_path, NOW).keys
    (tmp_path / f"signing-{NOW}.pem").write_text("damaged since")
    second = add_key(tmp_path, NOW + 1)
    assert read_keys(tmp_path, [first]) == (first, second)


def test_only_the_keys_that_are_meant_are_removed(tmp_path: Path) -> None:
    """And removing one again is nothing new."""
    first, second = add_key(tmp_path, NOW), add_key(tmp_path, NOW)
    for _ in range(2):
        remove_keys(tmp_path, [first])
        assert kids(tmp_path) == [second.kid]


def test_other_files_are_let_be(tmp_path: Path) -> None:
    """A copy, or a key that is still being written, is none of ours."""
    names = {"signing-x.pem", "signing-1.pem.bak", ".signing-1.pem", "signing-.pem"}
    for name in names:
        (tmp_path / name).write_text("no key")
    assert len(open_ring(tmp_path, NOW).keys) == 1
    assert all((tmp_path / name).read_text() == "no key" for name in names)


def test_the_slower_of_two_takes_the_key_of_the_quicker(tmp_path: Path) -> None:
    """Server and tool may start at once; neither overwrites what the other made."""

    class Slow(SeededEntropy):
        def token(self, nbytes: int) -> bytes:
            quicker.append(load_or_make_server_key(tmp_path, SeededEntropy("quick")))
            return super().token(nbytes)

    quicker: list[ServerKey] = []
    assert load_or_make_server_key(tmp_path, Slow("slow")) == quicker[0]
    assert [path.name for path in tmp_path.iterdir()] == [SERVER_FILE]


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_damaged_signing_key_stops_the_start(tmp_path: Path, content: bytes) -> None:
    """It is never replaced silently: that would end every sign-in."""
    path = tmp_path / f"signing-{NOW}.pem"
    path.write_bytes(content)
    with pytest.raises(StartUpFailed, match=rf"signing-{NOW}\.pem is damaged"):
        open_ring(tmp_path, NOW)
    assert path.read_bytes() == content


def test_a_key_of_another_kind_stops_the_start(tmp_path: Path) -> None:
    """Only RSA can sign RS256."""
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "signing-1.pem").write_bytes(pem)
    with pytest.raises(StartUpFailed):
        open_ring(tmp_path, NOW)


def test_two_halves_that_do_not_belong_together_stop_the_start(tmp_path: Path) -> None:
    """A key whose signatures nobody could verify is damaged."""
    numbers = rsa.generate_private_key(65537, 1024).private_numbers()
    mixed = rsa.RSAPrivateNumbers(
        numbers.p,
        numbers.q,
        numbers.d,
        numbers.dmp1,
        numbers.dmq1,
        numbers.iqmp,
        rsa.RSAPublicNumbers(3, numbers.public_numbers.n),
    ).private_key(unsafe_skip_rsa_key_validation=True)
    pem = mixed.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    (tmp_path / "signing-1.pem").write_bytes(pem)
    with pytest.raises(StartUpFailed, match="damaged"):
        open_ring(tmp_path, NOW)


def test_a_damaged_server_key_stops_the_start(tmp_path: Path) -> None:
    """A shortened secret is not used."""
    (tmp_path / SERVER_FILE).write_bytes(b"short")
    with pytest.raises(StartUpFailed, match=r"server\.key is damaged"):
        load_or_make_server_key(tmp_path, SeededEntropy())


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    """The message names the file and the cure."""
    (tmp_path / "keys").write_text("a file")
    for use in (
        lambda: open_ring(tmp_path / "keys", NOW),
        lambda: load_or_make_server_key(tmp_path / "keys", SeededEntropy()),
    ):
        with pytest.raises(StartUpFailed, match="DATA_DIR"):
            use()


def test_a_key_that_is_no_file_is_named(tmp_path: Path) -> None:
    """It can be neither read nor removed."""
    key = add_key(tmp_path, NOW)
    path = tmp_path / f"signing-{NOW}.pem"
    path.unlink()
    path.mkdir()
    with pytest.raises(StartUpFailed, match=path.name):
        open_ring(tmp_path, NOW)
    with pytest.raises(StartUpFailed, match=path.name):
        remove_keys(tmp_path, [key])


def test_keys_that_cannot_be_written_are_named(tmp_path: Path) -> None:
    """The directory is a file, say."""
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(StartUpFailed, match="DATA_DIR"):
        add_key(tmp_path / "keys" / "deeper", NOW)
