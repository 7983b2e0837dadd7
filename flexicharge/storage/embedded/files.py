"""Files of the data directory: private, and whole after a crash.

Root may work here in a directory of somebody else: what it makes there belongs to whom
the directory belongs, and no link is followed that somebody may have laid.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

DRAFT: Final = ".draft-"


def open_private(path: Path, flags: int) -> int:
    """Return the descriptor of a file, made (mode 0600) if it is not there."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    _belong_to_directory(descriptor, path.parent)
    return descriptor


def replace(path: Path, content: bytes) -> None:
    """Put a file (mode 0600) at `path`: after a crash the old one or this is there."""
    descriptor, draft = tempfile.mkstemp(prefix=DRAFT, dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
        _belong_to_directory(descriptor, path.parent)
    Path(draft).replace(path)
    sync(path.parent)


def sync(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _belong_to_directory(descriptor: int, directory: Path) -> None:
    if os.geteuid() == 0:
        about = directory.stat()
        os.fchown(descriptor, about.st_uid, about.st_gid)
