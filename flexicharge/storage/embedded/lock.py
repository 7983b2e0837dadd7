"""Who owns the database of a data directory: the process that holds its lock.

The kernel frees the lock when that process ends, however it ends. Programs we start do
not inherit it, so a PostgreSQL that outlived its owner does not hold it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from attrs import frozen

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded.files import open_private


class DirectoryInUse(StartUpFailed):
    """Another process of ours owns the database of this directory."""


@frozen
class Lock:
    """A lock that is held."""

    _descriptor: int

    def release(self) -> None:
        """Let others have it; to be called once."""
        os.close(self._descriptor)


def take(path: Path) -> Lock:
    """Return the lock of a data directory; raise `DirectoryInUse` if it is held."""
    descriptor = open_private(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, b"%d\n" % os.getpid())
    except BlockingIOError:
        holder = _holder(os.read(descriptor, 32))
        os.close(descriptor)
        raise DirectoryInUse(
            f"Another FlexiCharge runs on this directory{holder}: "
            f"DATA_DIR={path.parent}. Stop it first, or set DATA_DIR to another one."
        ) from None
    except BaseException:
        os.close(descriptor)
        raise
    return Lock(descriptor)


def _holder(noted: bytes) -> str:
    """Return " (pid N)", or nothing if that process has handed the lock to a child."""
    try:
        pid = int(noted)
        os.kill(pid, 0)
    except PermissionError:
        pass  # it is there, and somebody else's
    except (ValueError, ProcessLookupError):
        return ""
    return f" (pid {pid})"
