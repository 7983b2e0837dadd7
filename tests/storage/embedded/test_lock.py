"""Ownership of a data directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flexicharge.storage.embedded.lock import DirectoryInUse, take


def test_held_lock_is_refused_with_its_holder(tmp_path: Path) -> None:
    """The second one is told which process holds the directory."""
    lock = take(tmp_path / "lock")
    with pytest.raises(DirectoryInUse, match=rf"\(pid {os.getpid()}\)"):
        take(tmp_path / "lock")
    lock.release()


def test_released_lock_is_free(tmp_path: Path) -> None:
    """What was released can be taken, though the file remains."""
    take(tmp_path / "lock").release()
    take(tmp_path / "lock").release()


@pytest.mark.parametrize("noted", ["", "2147483647\n"])
def test_pid_that_is_no_process_is_not_named(tmp_path: Path, noted: str) -> None:
    """A server that went into the background noted the pid of its launcher."""
    lock = take(tmp_path / "lock")
    (tmp_path / "lock").write_text(noted)
    with pytest.raises(DirectoryInUse, match="runs on this directory:"):
        take(tmp_path / "lock")
    lock.release()


def test_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    """Nobody makes root write over another file."""
    (tmp_path / "precious").write_text("content")
    (tmp_path / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(OSError, match="symbolic links"):
        take(tmp_path / "lock")
    assert (tmp_path / "precious").read_text() == "content"
