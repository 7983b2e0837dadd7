"""The running PostgreSQL: adopting one that lost its owner, starting, stopping."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded import pidfile
from flexicharge.storage.embedded.binaries import Binaries
from flexicharge.storage.embedded.cluster import write_access_rules
from flexicharge.storage.embedded.datadir import DataDir
from flexicharge.storage.embedded.files import open_private
from flexicharge.storage.embedded.osuser import OsUser, ProgramFailed, last_lines
from flexicharge.storage.embedded.sockets import PORT, Address, make_private

READY_WITHIN_S: Final = 120.0  # a long recovery after a crash included
LOOK_EVERY_S: Final = 0.02
CHILDREN_GONE_WITHIN_S: Final = 10.0
BURIED_WITHIN_S: Final = 5.0
LOG_MAX_BYTES: Final = 8 * 1024 * 1024
_WAYS_TO_STOP: Final = (("fast", 60.0), ("immediate", 10.0))  # with seconds to wait
_SETTINGS: Final = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # One log in the data directory, without the values that statements carry.
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
_CHILDREN_REMAIN: Final = "shared memory block"  # in PostgreSQL's refusal to start


@define
class Postmaster:
    """The PostgreSQL of one data directory, to be used by the holder of its lock."""

    data_dir: DataDir
    user: OsUser
    binaries: Binaries
    address: Address
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    _log = Logger()

    def run(self) -> None:
        """Adopt the PostgreSQL that an earlier owner left running, or start one.

        Raise `StartUpFailed` if it neither answers nor stops, or does not start.
        """
        make_private(self.address.directory, self.user)
        if self._left_running():
            return
        pidfile.disarm(self.data_dir.pgdata)
        self.address.clear()
        write_access_rules(self.data_dir.pgdata, self.user)
        self._start()

    def stop(self) -> None:
        """Stop PostgreSQL and wait for it; what is committed stays."""
        if not self._stopped():
            self._log.error(
                "PostgreSQL did not stop and runs on in {directory}",
                directory=self.data_dir.pgdata,
            )
        self.address.remove()

    def _left_running(self) -> bool:
        """Return True if PostgreSQL runs and answers; one that does not is stopped."""
        pgdata = self.data_dir.pgdata
        pid = pidfile.running_pid(pgdata)
        if pid is None:
            return False
        if self.address.serves(pgdata):
            self._log.warn("Adopted the PostgreSQL left running (pid {pid})", pid=pid)
            return True
        if not self._stopped():
            raise StartUpFailed(
                f"The PostgreSQL that an earlier run left on DATA_DIR="
                f"{self.data_dir.root} neither answers nor stops. End it with "
                f"`kill -9 {pid}` and start again."
            )
        return False

    def _start(self) -> None:
        deadline = time.monotonic() + CHILDREN_GONE_WITHIN_S
        said = self._attempt()
        while said and _CHILDREN_REMAIN in said and time.monotonic() < deadline:
            _pause(LOOK_EVERY_S)
            said = self._attempt()
        if said is not None:
            raise StartUpFailed(
                f"PostgreSQL {self.binaries.version} did not start on DATA_DIR="
                f"{self.data_dir.root}. The end of its log, {self.data_dir.log}:\n"
                f"{last_lines(said) or '(empty)'}"
            )

    def _attempt(self) -> str | None:
        """Start PostgreSQL; return None when it answers, else what it logged."""
        with _appending(self.data_dir) as log:
            before = os.fstat(log).st_size
            self._child = self.user.spawn(*self._command(), output=log)
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(LOOK_EVERY_S)
                break
            if self.address.serves(self.data_dir.pgdata):
                return None
        self._stopped()
        return self.data_dir.log.read_bytes()[before:].decode(errors="replace")

    def _command(self) -> Iterator[str]:
        yield str(self.binaries.program("postgres"))
        yield from ("-D", str(self.data_dir.pgdata))
        for name, value in _SETTINGS.items():
            yield from ("-c", f"{name}={value}")
        yield from ("-c", f"unix_socket_directories={self.address.directory}")

    def _stopped(self) -> bool:
        """Stop PostgreSQL, if it runs, and return whether that was achieved.

        `pg_ctl` only gives the signal: it would wait in vain for a zombie to go.
        """
        pgdata = self.data_dir.pgdata
        command = (self.binaries.program("pg_ctl"), "stop", "-W", "-D", pgdata, "-m")
        for how, seconds in _WAYS_TO_STOP:
            if pidfile.running_pid(pgdata) is None:
                break
            with suppress(ProgramFailed):
                self.user.run(*command, how)
            self._wait_for_end(seconds)
        self._bury()
        return pidfile.running_pid(pgdata) is None

    def _wait_for_end(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while pidfile.running_pid(self.data_dir.pgdata) is not None:
            if time.monotonic() > deadline:
                break
            _pause(LOOK_EVERY_S)

    def _bury(self) -> None:
        """Wait for the end of the process we started, so that it is no zombie."""
        if self._child is None:
            return
        try:
            self._child.wait(BURIED_WITHIN_S)
        except subprocess.TimeoutExpired:  # it had not even noted its pid
            self._child.send_signal(signal.SIGQUIT)


@contextmanager
def _appending(data_dir: DataDir) -> Iterator[int]:
    """Open PostgreSQL's log, as a new file if the old one has grown too long."""
    log = data_dir.log
    if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
        log.replace(log.with_suffix(".log.1"))
    descriptor = open_private(log, os.O_WRONLY | os.O_APPEND)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _pause(seconds: float) -> None:
    threading.Event().wait(seconds)
