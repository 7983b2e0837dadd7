"""The data directory: whether it is ours, and what lies where in it.

```text
<DATA_DIR>/flexicharge.json  the marker: layout, PostgreSQL's major, where from
<DATA_DIR>/lock              locked by the process that owns the database
<DATA_DIR>/postgres/         the database, and postgres.log beside it
<DATA_DIR>/run/              its socket, if the path is short enough for one
<DATA_DIR>/binaries/         copies of programs, where root needs them
<DATA_DIR>/keys/, outbox/, ca/  other rooms' files, left alone here
```
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from attrs import frozen

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.files import DRAFT, replace
from flexicharge.storage.embedded.osuser import OsUser

LAYOUT: Final = 1
FOR_ROOT: Final = Path("/var/lib/flexicharge")
_MAY_PRECEDE_MARKER: Final = frozenset({"lock", "keys", "outbox", "ca"})


@frozen(kw_only=True)
class _AnyMarker:
    """What a marker of every layout, older or newer, must say."""

    layout: int


@frozen(kw_only=True)
class Marker:
    """What a data directory says of itself; no PostgreSQL major before initdb."""

    layout: int = LAYOUT
    postgresql: int | None = None
    binaries: str = ""


@frozen
class DataDir:
    """A data directory, by its absolute path without links."""

    root: Path

    @property
    def pgdata(self) -> Path:
        """Where PostgreSQL keeps the database."""
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        """Where PostgreSQL writes its log."""
        return self.root / "postgres.log"

    @property
    def lock(self) -> Path:
        """The file whose lock is ownership of the database."""
        return self.root / "lock"

    @property
    def store(self) -> Path:
        """Where copies of programs go."""
        return self.root / "binaries"

    def prepare(self, user: OsUser) -> None:
        """Make the directory if need be, and let the database's user pass through.

        Only a directory without a marker is changed, and never one above it. Raise
        `StartUpFailed` if it is not ours, or out of that user's reach.
        """
        self._demand_passage(user, self.root.parent)
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.read_marker() is None:
            self._demand_nothing_strange()
            if self.root.stat().st_uid == os.geteuid():
                self.root.chmod(0o711 if user.is_another else 0o700)
        self._demand_passage(user, self.root)

    def read_marker(self) -> Marker | None:
        """Return the marker, None if there is none; raise `StartUpFailed`."""
        path = self._marker_path
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            if msgspec.json.decode(raw, type=_AnyMarker).layout > LAYOUT:
                raise StartUpFailed(
                    f"DATA_DIR={self.root} belongs to a newer version of FlexiCharge. "
                    "Install that version, or set DATA_DIR to another directory."
                )
            return msgspec.json.decode(raw, type=Marker)
        except msgspec.DecodeError as why:
            raise self._damaged(f"{path.name} cannot be read: {why}") from why

    def write_marker(self, marker: Marker) -> None:
        """Store the marker, unless it stands there already."""
        if self.read_marker() != marker:
            replace(self._marker_path, msgspec.json.encode(marker) + b"\n")

    def major(self) -> int | None:
        """Return which PostgreSQL the database belongs to, None if there is none yet.

        Raise `StartUpFailed` if there was one and it has gone.
        """
        if self.pgdata.exists():
            noted = (self.pgdata / "PG_VERSION").read_text("utf-8").strip()
            if not noted.isdigit():
                raise self._damaged("postgres/PG_VERSION has no version")
            return int(noted)
        marker = self.read_marker()
        if marker is not None and marker.postgresql is not None:
            raise StartUpFailed(
                f"DATA_DIR={self.root} had a database of PostgreSQL "
                f"{marker.postgresql}, but {self.pgdata} is gone. Mount or restore it, "
                "or set DATA_DIR to a new directory to begin without data."
            )
        return None

    def _demand_nothing_strange(self) -> None:
        names = {path.name for path in self.root.iterdir()} - _MAY_PRECEDE_MARKER
        strange = sorted(name for name in names if not name.startswith(DRAFT))
        if strange:
            raise StartUpFailed(
                f"DATA_DIR={self.root} has files that are not FlexiCharge's (such as "
                f"{strange[0]}). Set DATA_DIR to an empty or a new directory."
            )

    def _demand_passage(self, user: OsUser, to: Path) -> None:
        way = [path for path in (*reversed(to.parents), to) if path.exists()]
        if not user.is_another or user.can_enter(way[-1]):
            return
        closed = next(path for path in way if not user.can_enter(path))
        raise StartUpFailed(
            f"DATA_DIR={self.root} is out of reach for the user {user.name}, whom "
            "PostgreSQL has to run as because it refuses root: that user may not enter "
            f"{closed}. Set DATA_DIR to a directory outside of it, such as {FOR_ROOT}, "
            "or run this as an ordinary user."
        )

    def _damaged(self, how: str) -> StartUpFailed:
        return StartUpFailed(
            f"DATA_DIR={self.root} is damaged ({how}). Restore it from a backup, or "
            "set DATA_DIR to another directory."
        )

    @property
    def _marker_path(self) -> Path:
        return self.root / "flexicharge.json"


def locate(data_dir: Path | None) -> DataDir:
    """Return the data directory that DATA_DIR names, or the default if None."""
    return DataDir((data_dir or default_data_dir()).expanduser().resolve())


def default_data_dir() -> Path:
    """Return where the data of this user lies if DATA_DIR is not set."""
    if os.geteuid() == 0:
        return FOR_ROOT
    return in_home(sys.platform, os.environ)


def in_home(platform: str, environ: Mapping[str, str]) -> Path:
    """Return an ordinary user's data directory; raise `StartUpFailed` without a home.

    A relative XDG_DATA_HOME is ignored, as the XDG base directory specification asks.
    """
    named = Path(environ.get("XDG_DATA_HOME", ""))
    if platform != "darwin" and named.is_absolute():
        return named / "flexicharge"
    try:
        home = Path.home()
    except RuntimeError as why:
        raise StartUpFailed(
            "This user has no home directory for the data; set DATA_DIR."
        ) from why
    inside = "Library/Application Support" if platform == "darwin" else ".local/share"
    return home / inside / "flexicharge"
