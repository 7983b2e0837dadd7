"""Who PostgreSQL's programs run as: never root, which they refuse to be.

An ordinary user runs them as oneself. Root hands them to an unprivileged user that
exists already, and makes no users and opens no directories of others for that.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from flexicharge.errors import StartUpFailed

PREFERRED: Final = ("postgres", "_postgres", "nobody")
PROGRAM_TIMEOUT_S: Final = 120.0
LAST_LINES: Final = 8
_PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class ProgramFailed(StartUpFailed):
    """A program could not be run or ended badly; the message has its last words."""


@frozen
class OsUser:
    """An account of the operating system that programs are run as."""

    name: str
    uid: int
    gid: int

    @property
    def is_another(self) -> bool:
        """Tell whether we, being root, have to become this user."""
        return os.geteuid() == 0 and self.uid != 0

    def run(
        self, *command: str | Path, timeout: float = PROGRAM_TIMEOUT_S
    ) -> subprocess.CompletedProcess[str]:
        """Run a program for at most `timeout` seconds; raise `ProgramFailed`."""
        try:
            return subprocess.run(  # noqa: S603  # no shell, and only our own callers
                command,
                check=True,
                timeout=timeout,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                **self._surroundings(),
            )
        except subprocess.CalledProcessError as why:
            reason = last_lines(why.stdout) or f"it ended with status {why.returncode}"
        except subprocess.TimeoutExpired:
            reason = f"it did not end within {timeout:.0f} seconds"
        except OSError as why:
            reason = why.strerror or str(why)
        raise ProgramFailed(f"{command[0]} failed: {reason}")

    def spawn(self, *command: str | Path, output: int) -> subprocess.Popen[bytes]:
        """Start a program that outlives us and our terminal; `output` is its log."""
        return subprocess.Popen(  # noqa: S603  # as above
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            **self._surroundings(),
        )

    def can_enter(self, directory: Path) -> bool:
        """Tell whether this user may pass through a directory and all above it."""
        try:
            self.run("/bin/sh", "-c", 'cd "$1"', "sh", directory)
        except ProgramFailed:
            return False
        return True

    def give(self, path: Path) -> None:
        """Make this user the owner of a file or directory that we made."""
        if self.is_another:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _surroundings(self) -> dict[str, Any]:
        """Return what every program gets: its own session, and none of our secrets.

        PG* variables would override settings, and those of the server hold passwords.
        """
        surroundings: dict[str, Any] = {
            "cwd": "/",
            "umask": 0o077,
            "start_new_session": True,
            "env": {
                "LC_ALL": "C",
                **{k: v for k, v in os.environ.items() if k in _PASSED_ON},
            },
        }
        if self.is_another:
            surroundings |= {"user": self.uid, "group": self.gid, "extra_groups": []}
        return surroundings


def ourselves() -> OsUser:
    """Return the user of this process; raise `StartUpFailed` if it has no name."""
    return _named(os.geteuid())


def database_user(pgdata: Path) -> OsUser:
    """Return who runs the database in `pgdata`: its owner, if it exists already.

    Raise `StartUpFailed` if that is neither us nor somebody root may become.
    """
    owner_uid = pgdata.stat().st_uid if pgdata.exists() else None
    if os.geteuid() == 0:
        return _named(owner_uid) if owner_uid else _unprivileged()
    if owner_uid not in {None, os.geteuid()}:
        raise StartUpFailed(
            f"DATA_DIR={pgdata.parent} belongs to user id {owner_uid}; run this as "
            "that user or as root, or set DATA_DIR to a directory of your own."
        )
    return ourselves()


def last_lines(text: str) -> str:
    """Return the end of a program's output, for a message."""
    return "\n".join(text.strip().splitlines()[-LAST_LINES:])


def _unprivileged() -> OsUser:
    for name in PREFERRED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return OsUser(name, entry.pw_uid, entry.pw_gid)
    raise StartUpFailed(
        "PostgreSQL refuses to run as root, and none of the users "
        f"{', '.join(PREFERRED)} exists here. Run the server as an ordinary user, "
        "make a user named postgres, or set USE_LOCAL_DATABASE=0 and DATABASE_HOST."
    )


def _named(uid: int) -> OsUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise StartUpFailed(
            f"User id {uid} has no name in /etc/passwd, and PostgreSQL needs one. Add "
            "it there, run as another user, or set USE_LOCAL_DATABASE=0 and "
            "DATABASE_HOST."
        ) from None
    return OsUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
