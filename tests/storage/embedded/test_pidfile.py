"""Whether the process that postmaster.pid names is PostgreSQL."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flexicharge.storage.embedded.pidfile import disarm, running_pid


@pytest.fixture
def at_home(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in the database's directory, as PostgreSQL does."""
    process = subprocess.Popen(("/bin/sleep", "60"), cwd=tmp_path)
    yield process
    process.kill()
    process.wait()


def note(pgdata: Path, text: str) -> Path:
    """Write a note as PostgreSQL would."""
    (pgdata / "postmaster.pid").write_text(text)
    return pgdata


def test_process_at_home_in_the_database_is_postgres(
    tmp_path: Path, at_home: subprocess.Popen[bytes]
) -> None:
    """The noted process counts if it works in that directory."""
    assert running_pid(note(tmp_path, f"{at_home.pid}\nrest\n")) == at_home.pid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rubbish\n",
        "2147483647\n",
        pytest.param(f"{os.getpid()}\n", id="this process"),
    ],
)
def test_others_are_not(tmp_path: Path, text: str) -> None:
    """No note, no number, no process, or one that lives elsewhere: nothing runs."""
    assert running_pid(tmp_path) is None
    assert running_pid(note(tmp_path, text)) is None


def test_zombie_is_not(tmp_path: Path, at_home: subprocess.Popen[bytes]) -> None:
    """A process that is dead and not yet buried does not run."""
    at_home.kill()
    os.waitid(os.P_PID, at_home.pid, os.WEXITED | os.WNOWAIT)
    assert running_pid(note(tmp_path, f"{at_home.pid}\n")) is None


def test_disarmed_note_names_nobody_and_keeps_the_memory(tmp_path: Path) -> None:
    """Only the pid goes: by the rest PostgreSQL finds children that still run."""
    note(tmp_path, f"{os.getpid()}\n/data\n1\n5432\n/run\n\n 123 45\nready\n")
    disarm(tmp_path)
    left = (tmp_path / "postmaster.pid").read_text()
    assert left == "2147483647\n/data\n1\n5432\n/run\n\n 123 45\nready\n"


def test_empty_note_is_removed(tmp_path: Path) -> None:
    """PostgreSQL refuses to start at an empty note."""
    disarm(note(tmp_path, ""))
    assert not (tmp_path / "postmaster.pid").exists()
