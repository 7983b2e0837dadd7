"""The server's secrets are made once, and only their owner can read them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from flexicharge.errors import StartUpFailed
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.identity.keys import (
    SERVER_FILE,
    SIGNING_FILE,
    ServerKey,
    load_or_make,
    load_or_make_server_key,
)
from flexicharge.testing.identity import SeededEntropy


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_keys_stay_the_same(tmp_path: Path) -> None:
    """A second start, or a tool beside the server, finds what the first one made."""
    keys = tmp_path / "data" / "keys"
    signing, secret = load_or_make(keys), load_or_make_server_key(keys, SystemEntropy())
    assert load_or_make(keys).kid == signing.kid
    assert load_or_make_server_key(keys, SystemEntropy()) == secret
    assert signing.public.key_size == 2048
    assert {path.name for path in keys.iterdir()} == {SIGNING_FILE, SERVER_FILE}


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    """Files are 0600 and their directory is 0700."""
    keys = tmp_path / "keys"
    load_or_make(keys)
    load_or_make_server_key(keys, SeededEntropy())
    assert mode_of(keys) == 0o700
    assert {mode_of(path) for path in keys.iterdir()} == {0o600}


def test_two_servers_have_different_keys(tmp_path: Path) -> None:
    """A token's key id tells whose key signed it."""
    here, there = load_or_make(tmp_path / "a"), load_or_make(tmp_path / "b")
    assert here.kid != there.kid


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
    (tmp_path / SIGNING_FILE).write_bytes(content)
    with pytest.raises(StartUpFailed, match=r"signing\.pem is damaged"):
        load_or_make(tmp_path)
    assert (tmp_path / SIGNING_FILE).read_bytes() == content


def test_a_key_of_another_kind_stops_the_start(tmp_path: Path) -> None:
    """Only RSA can sign RS256."""
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / SIGNING_FILE).write_bytes(pem)
    with pytest.raises(StartUpFailed):
        load_or_make(tmp_path)


def test_a_damaged_server_key_stops_the_start(tmp_path: Path) -> None:
    """A shortened secret is not used."""
    (tmp_path / SERVER_FILE).write_bytes(b"short")
    with pytest.raises(StartUpFailed, match=r"server\.key is damaged"):
        load_or_make_server_key(tmp_path, SeededEntropy())


def test_a_directory_that_is_none_is_named(tmp_path: Path) -> None:
    """The message names the file and the cure."""
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(StartUpFailed, match="DATA_DIR"):
        load_or_make(tmp_path / "keys")


def test_a_mac_binds_every_part() -> None:
    """Neither another purpose, nor parts cut elsewhere, have the same MAC."""
    key = ServerKey(b"k" * 32)
    macs = {
        key.mac("code", "ab", "c"),
        key.mac("code", "a", "bc"),
        key.mac("code", "abc"),
        key.mac("station", "ab", "c"),
        ServerKey(b"q" * 32).mac("code", "ab", "c"),
    }
    assert len(macs) == 5
    assert key.mac("code", "ab", "c") in macs
    assert all(len(mac) == 32 for mac in macs)


def test_a_stations_credential_is_a_mac_of_its_password() -> None:
    """It is decided by the password and the key, and is no code's MAC."""
    key = ServerKey(b"k" * 32)
    stored = key.station_credential("a" * 20)
    assert stored == key.station_credential("a" * 20)
    assert stored not in (key.station_credential("b" * 20), key.mac("code", "a" * 20))
    assert stored != ServerKey(b"q" * 32).station_credential("a" * 20)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    """What is printed by mistake gives nothing away."""
    assert "kkk" not in repr(ServerKey(b"k" * 32))
    assert "private" not in repr(load_or_make(tmp_path))
