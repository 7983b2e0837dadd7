"""Copies of the wheel's programs, for a user who cannot reach the originals.

Root's Python often lives in a home that no other user may enter. The copy lies in the
data directory, under the version of the wheel, and is made once.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Final

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.binaries import (
    WHEEL,
    WHEEL_PACKAGE,
    Binaries,
    examine,
)
from flexicharge.storage.embedded.osuser import OsUser, ProgramFailed

_DRAFT: Final = "new-"
_NOT_NEEDED: Final = ("include", "pgxs", "pkgconfig", "*.a")


def within_reach(binaries: Binaries, user: OsUser, store: Path) -> Binaries:
    """Return programs that `user` can run: the given ones, or a copy in `store`.

    Only the wheel's are copied. Raise `StartUpFailed` for others out of reach.
    """
    if not user.is_another:
        return binaries
    try:
        return examine(binaries.directory, binaries.source, user)
    except ProgramFailed as why:
        if binaries.source == WHEEL:
            return _copied(binaries.directory, user, store)
        raise StartUpFailed(
            f"PostgreSQL refuses to run as root, and the user {user.name} cannot run "
            f"the programs in {binaries.directory}: {why}. Open that directory to "
            "everybody, or set PG_BINARIES to another one."
        ) from why


def _copied(directory: Path, user: OsUser, store: Path) -> Binaries:
    """Return the copy of a `bin` directory of the wheel, made now if need be."""
    installation, site = directory.parent, directory.parents[2]
    home = store / f"{metadata.version(WHEEL_PACKAGE)}-{installation.name}"
    copy = home / directory.relative_to(site)
    try:
        return examine(copy, WHEEL, user)
    except ProgramFailed:
        shutil.rmtree(home, ignore_errors=True)
        _copy(installation, site, home)
    return examine(copy, WHEEL, user)


def _copy(installation: Path, site: Path, home: Path) -> None:
    """Copy an installation and its libraries; `home` appears only when it is whole.

    Programs look for their libraries relative to themselves, so the tree is kept.
    """
    home.parent.mkdir(exist_ok=True)
    home.parent.chmod(0o755)
    for left_over in home.parent.glob(f"{_DRAFT}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=home.parent))
    libraries = (site / f"{WHEEL_PACKAGE}.libs", installation.parent / ".dylibs")
    for tree in (installation, *(path for path in libraries if path.exists())):
        _copy_tree(tree, draft / tree.relative_to(site))
    _open_to_all(draft)
    draft.rename(home)


def _copy_tree(tree: Path, to: Path) -> None:
    ignored = shutil.ignore_patterns(*_NOT_NEEDED)
    shutil.copytree(tree, to, symlinks=True, ignore=ignored)


def _open_to_all(tree: Path) -> None:
    """Let everybody read a tree, enter its directories and run its programs."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        enter = 0o111 if path.is_dir() or mode & 0o100 else 0
        path.chmod(mode | 0o444 | enter)
