"""Whose a data directory is, and which ones are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.datadir import DataDir, Marker, in_home
from flexicharge.storage.embedded.osuser import ourselves


@pytest.fixture
def place(tmp_path: Path) -> DataDir:
    """A data directory that exists and is empty."""
    return DataDir(tmp_path)


def with_database(place: DataDir, noted: str) -> DataDir:
    """Put a database there, as far as its version is concerned."""
    place.pgdata.mkdir()
    (place.pgdata / "PG_VERSION").write_text(noted)
    return place


def test_new_directory_is_private(tmp_path: Path) -> None:
    """A directory is made with those above it, closed to everybody else."""
    place = DataDir(tmp_path / "above" / "data")
    place.prepare(ourselves())
    assert place.root.stat().st_mode & 0o777 == 0o700


def test_foreign_directory_is_refused_and_left_alone(place: DataDir) -> None:
    """A directory with somebody's files is not for a database."""
    (place.root / "thesis.txt").touch()
    with pytest.raises(StartUpFailed, match=r"DATA_DIR=.*thesis\.txt.* new directory"):
        place.prepare(ourselves())
    assert [path.name for path in place.root.iterdir()] == ["thesis.txt"]


def test_files_of_other_rooms_may_be_there_first(place: DataDir) -> None:
    """Keys and mail may have been stored before there was a database of our own."""
    for name in ("keys", "outbox", "ca", "lock"):
        (place.root / name).mkdir()
    place.prepare(ourselves())
    assert place.major() is None


def test_marker_makes_a_directory_ours(place: DataDir) -> None:
    """What was marked before is accepted with all that is in it."""
    place.write_marker(Marker(postgresql=16, binaries="wheel"))
    with_database(place, "16\n").prepare(ourselves())
    assert place.read_marker() == Marker(postgresql=16, binaries="wheel")


def test_directory_of_a_newer_version_is_refused(place: DataDir) -> None:
    """A layout of the future is left alone, whatever else its marker says."""
    (place.root / "flexicharge.json").write_text('{"layout": 2, "postgresql": "x"}')
    with pytest.raises(StartUpFailed, match=r"DATA_DIR=.*newer version"):
        place.prepare(ourselves())


@pytest.mark.parametrize("text", ["", "{", "[]", '{"layout": "1"}', '{"binaries": ""}'])
def test_damaged_marker_is_refused(place: DataDir, text: str) -> None:
    """A marker that says nothing sensible is not overwritten."""
    (place.root / "flexicharge.json").write_text(text)
    with pytest.raises(StartUpFailed, match=r"DATA_DIR=.*damaged"):
        place.prepare(ourselves())


def test_database_says_its_own_version(place: DataDir) -> None:
    """The database's own file counts: the marker may be a crash behind."""
    place.write_marker(Marker())
    assert with_database(place, "16\n").major() == 16


def test_database_without_a_version_is_refused(place: DataDir) -> None:
    """An emptied PG_VERSION is damage, and no reason to start afresh."""
    with pytest.raises(StartUpFailed, match=r"DATA_DIR=.*PG_VERSION"):
        with_database(place, "").major()


def test_vanished_database_is_not_replaced_silently(place: DataDir) -> None:
    """If the marker tells of a database, an empty place for it is an alarm."""
    place.write_marker(Marker(postgresql=16, binaries="wheel"))
    with pytest.raises(StartUpFailed, match=r"DATA_DIR=.*PostgreSQL 16.*gone"):
        place.major()


def test_data_of_an_ordinary_user_lie_where_the_system_wants_them() -> None:
    """XDG_DATA_HOME counts on Linux if it is absolute; macOS has a place of its own."""
    home = Path.home()
    assert in_home("linux", {}) == home / ".local/share/flexicharge"
    assert in_home("linux", {"XDG_DATA_HOME": "rel"}) == in_home("linux", {})
    assert in_home("linux", {"XDG_DATA_HOME": "/x"}) == Path("/x/flexicharge")
    assert in_home("darwin", {}) == home / "Library/Application Support/flexicharge"
