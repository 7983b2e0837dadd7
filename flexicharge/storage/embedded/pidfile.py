"""PostgreSQL's own note of who runs: `postmaster.pid`, which outlives a crash.

PostgreSQL refuses to start while a process with the noted number exists, be it a zombie
that nobody buries or another program. Here it is known whether it is PostgreSQL.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flexicharge.storage.embedded.files import replace
from flexicharge.storage.embedded.osuser import ProgramFailed, ourselves

_NAME: Final = "postmaster.pid"
_PROC: Final = Path("/proc")
_NOBODY: Final = b"2147483647"  # beyond what any system numbers its processes up to


def running_pid(pgdata: Path) -> int | None:
    """Return the process id of the PostgreSQL that runs on `pgdata`, None if none."""
    pid = _noted_pid(pgdata)
    return pid if pid is not None and _is_postgres_of(pid, pgdata) else None


def disarm(pgdata: Path) -> None:
    """Make a stale note harmless; to be called when no PostgreSQL runs on `pgdata`.

    The rest of it stays: by it PostgreSQL sees whether children of the one that died
    still use its memory.
    """
    path = pgdata / _NAME
    if not path.exists():
        return
    _, _, rest = path.read_bytes().partition(b"\n")
    if rest:
        replace(path, _NOBODY + b"\n" + rest)
    else:
        path.unlink()


def _noted_pid(pgdata: Path) -> int | None:
    try:
        return int((pgdata / _NAME).read_bytes().partition(b"\n")[0])
    except (FileNotFoundError, ValueError):
        return None


def _is_postgres_of(pid: int, pgdata: Path) -> bool:
    if not (_PROC / "self").exists():
        return _shown_by_ps(pid, pgdata)
    try:
        return (_PROC / str(pid) / "cwd").samefile(pgdata)
    except OSError:  # it is gone, a zombie (which is nowhere) or somebody else's
        return False


def _shown_by_ps(pid: int, pgdata: Path) -> bool:
    command = ("/bin/ps", "-ww", "-o", "stat=,command=", "-p", str(pid))
    try:
        shown = ourselves().run(*command).stdout
    except ProgramFailed:  # there is no such process
        return False
    return str(pgdata) in shown and not shown.startswith("Z")
