"""A private PostgreSQL for this server, or for one command of its command line.

All of it blocks: it runs before the reactor, in a command, or (`stop`) in a thread.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from attrs import define, field, frozen

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded import cluster
from flexicharge.storage.embedded.binaries import Binaries, find
from flexicharge.storage.embedded.copies import within_reach
from flexicharge.storage.embedded.datadir import DataDir, Marker, locate
from flexicharge.storage.embedded.lock import DirectoryInUse, Lock, take
from flexicharge.storage.embedded.osuser import OsUser, database_user
from flexicharge.storage.embedded.postmaster import Postmaster
from flexicharge.storage.embedded.sockets import (
    DATABASE,
    MAINTENANCE,
    Address,
    address,
    check_private,
)


@define
class _Ownership:
    """The duty of stopping PostgreSQL and freeing the data directory, done once."""

    _postmaster: Postmaster
    _lock: Lock
    _turn: threading.Lock = field(factory=threading.Lock, init=False)
    _is_over: bool = field(default=False, init=False)

    def end(self) -> None:
        with self._turn:
            if self._is_over:
                return
            self._is_over = True
            try:
                self._postmaster.stop()
            finally:
                self._lock.release()


@frozen(kw_only=True)
class RunningPostgres:
    """A PostgreSQL that answers.

    `dsn` is in libpq's keywords, over a Unix socket; `version` is such as "16.14";
    `source` is "wheel", "system" or the directory of its programs.
    """

    dsn: str
    data_dir: Path
    version: str
    source: str
    _ownership: _Ownership | None = field(default=None, repr=False, eq=False)

    def stop(self) -> None:
        """Shut it down fast and free its data directory, if it is ours to stop.

        May be called from any thread and more than once; every call returns after the
        shutdown, which takes up to 70 s.
        """
        if self._ownership is not None:
            self._ownership.end()


def start(data_dir: Path | None, binaries: str = "") -> RunningPostgres:
    """Return the PostgreSQL of a data directory (DATA_DIR), owned by this process.

    A new directory gets a new database. `binaries` is PG_BINARIES: "" for the wheel or
    else the system's, "wheel", "system" or a directory. Raise `DirectoryInUse` if
    another process owns it, `StartUpFailed` for everything else that stands against it.
    """
    place = locate(data_dir)
    with _failures_explained(place):
        user = database_user(place.pgdata)
        place.prepare(user)
        lock = take(place.lock)
        try:
            return _start(place, user, binaries, lock)
        except BaseException:
            lock.release()
            raise


def reach(data_dir: Path | None, binaries: str = "") -> RunningPostgres:
    """Return the PostgreSQL of a data directory for the time of one command.

    If another process owns it, it is only used, and `stop` does nothing. Arguments and
    errors are those of `start`.
    """
    try:
        return start(data_dir, binaries)
    except DirectoryInUse as in_use:
        place = locate(data_dir)
        with _failures_explained(place):
            return _visit(place, in_use)


def _visit(place: DataDir, in_use: DirectoryInUse) -> RunningPostgres:
    user = database_user(place.pgdata)
    door = address(place.root, user.uid)
    if door.directory.exists():
        check_private(door.directory, {user.uid})
    if not door.serves(place.pgdata, DATABASE):
        raise StartUpFailed(
            f"{in_use} Its PostgreSQL does not answer now; it may be starting or "
            "stopping: try again in a moment."
        ) from None
    marker = place.read_marker() or Marker()
    return _running(place, door, marker.binaries, None)


def _start(place: DataDir, user: OsUser, choice: str, lock: Lock) -> RunningPostgres:
    programs = _programs(place, user, choice)
    _ensure_cluster(place, user, programs)
    door = address(place.root, user.uid)
    postmaster = Postmaster(place, user, programs, door)
    try:
        postmaster.run()
        _ensure_database(door)
        owned = _Ownership(postmaster, lock)
        return _running(place, door, programs.source, owned)
    except BaseException:
        postmaster.stop()
        raise


def _programs(place: DataDir, user: OsUser, choice: str) -> Binaries:
    programs = find(choice).choose(place.root, place.major())
    return within_reach(programs, user, place.store)


def _ensure_cluster(place: DataDir, user: OsUser, programs: Binaries) -> None:
    """Make the database if there is none; the marker frames it on both sides.

    It says that the directory is ours before anything is made there, and PostgreSQL's
    major only when the database is whole.
    """
    if place.major() is None:
        place.write_marker(Marker())
        cluster.create(place, user, programs)
    place.write_marker(Marker(postgresql=programs.major, binaries=programs.source))


def _ensure_database(door: Address) -> None:
    names = door.ask("SELECT datname FROM pg_database", MAINTENANCE)
    if (DATABASE,) not in names:
        door.ask(f"CREATE DATABASE {DATABASE}", MAINTENANCE)


def _running(
    place: DataDir, door: Address, source: str, ownership: _Ownership | None
) -> RunningPostgres:
    [(version,)] = door.ask("SHOW server_version")
    return RunningPostgres(
        dsn=door.dsn(),
        data_dir=place.root,
        version=version.split()[0],
        source=source,
        ownership=ownership,
    )


@contextmanager
def _failures_explained(place: DataDir) -> Iterator[None]:
    try:
        yield
    except OSError as why:
        raise StartUpFailed(
            f"DATA_DIR={place.root} cannot be used: {why.strerror or why} "
            f"({why.filename}). Make it accessible to this user and see that there is "
            "room, or set DATA_DIR to another directory."
        ) from why
    except psycopg2.Error as why:
        raise StartUpFailed(
            f"The PostgreSQL of DATA_DIR={place.root} failed at start-up: {why} Its "
            f"log is {place.log}."
        ) from why
