"""Where the database's socket is, and that nobody else has laid the way to it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.osuser import ourselves
from flexicharge.storage.embedded.sockets import SOCKET, address, make_private


def test_socket_lies_in_the_data_directory() -> None:
    """A path that a socket's address can hold is used as it is."""
    dsn = parse_dsn(address(Path("/var/lib/flexi charge"), 101).dsn())
    assert dsn == {
        "host": "/var/lib/flexi charge/run",
        "port": "5432",
        "user": "flexicharge",
        "dbname": "flexicharge",
    }


@pytest.mark.parametrize("name", ["x" * 90, "å" * 45, "with,comma", 'with"quote'])
def test_unusable_path_is_replaced_by_a_short_one(name: str) -> None:
    """Bytes count, not letters; every directory and user has a place of its own."""
    short = address(Path("/", name), 101).directory
    assert short.parent == Path("/tmp")
    assert len(os.fsencode(short / SOCKET)) < 100
    assert short == address(Path("/", name), 101).directory
    assert short != address(Path("/", name), 102).directory
    assert short != address(Path("/other", name), 101).directory


def test_private_directory_is_made_once(tmp_path: Path) -> None:
    """A directory of our own may be there from an earlier run."""
    for _ in range(2):
        make_private(tmp_path / "run", ourselves())
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_directory_open_to_others_is_refused(tmp_path: Path) -> None:
    """Where others may write, a socket may be theirs."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run").chmod(0o755)
    with pytest.raises(StartUpFailed, match=r"/run .*DATA_DIR"):
        make_private(tmp_path / "run", ourselves())


def test_link_laid_by_somebody_is_refused(tmp_path: Path) -> None:
    """A link is not followed, even to a directory of our own."""
    (tmp_path / "ours").mkdir(mode=0o700)
    (tmp_path / "run").symlink_to(tmp_path / "ours")
    with pytest.raises(StartUpFailed, match=r"/run "):
        make_private(tmp_path / "run", ourselves())


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    """A directory that somebody else made first is not used."""
    (tmp_path / "run").mkdir(mode=0o700)
    os.chown(tmp_path / "run", 65534, 65534)
    with pytest.raises(StartUpFailed, match=r"/run .*somebody else"):
        make_private(tmp_path / "run", ourselves())
