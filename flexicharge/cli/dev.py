"""`flexicharge dev`: the same server, started anew whenever its source changes.

Arguments it does not know are those of `twistd flexicharge`. The server tests itself
after every start, unless RUN_OCPP_TEST is set to something else.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final, Protocol

from attrs import define, field
from watchfiles import PythonFilter, watch

import flexicharge
from flexicharge.config import Settings, read_dotenv
from flexicharge.config.declaration import variables_of
from flexicharge.errors import StartUpFailed

SOURCE: Final = Path(flexicharge.__file__).parent
LOOK_EVERY_MS: Final = 500
GATHER_MS: Final = 300  # an editor saves in several steps
SELF_TESTS: Final = dict(variables_of(Settings))["ocpp_self_tests"]
TWISTD: Final = "from twisted.scripts.twistd import run; run()"


class Child(Protocol):
    """What we need of `subprocess.Popen`."""

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, if it still runs."""

    def wait(self) -> int:
        """Wait for its end and return the exit code."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare nothing: everything is passed on."""
    parser.usage = "flexicharge dev [options of twistd flexicharge]"


def run(args: Namespace) -> int:
    """Run the server until SIGINT or SIGTERM; return 0 if it then ended cleanly."""
    stop = Event()
    runner = Runner(lambda: start(args.passed_on))

    def pass_on(signum: int, _: FrameType | None) -> None:
        runner.last_signal = signum
        stop.set()

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, pass_on)
    changes = watch(
        SOURCE,
        watch_filter=PythonFilter(extra_extensions=(".sql",)),
        stop_event=stop,
        debounce=GATHER_MS,
        rust_timeout=LOOK_EVERY_MS,
        yield_on_timeout=True,
    )
    return runner.run(changes)


def start(options: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the server in the foreground, from the code that runs now (-P).

    It gets a process group of its own, for a terminal's Ctrl-C would reach it twice.
    """
    twistd = (sys.executable, "-P", "-c", TWISTD, "--nodaemon", "--pidfile=")
    return subprocess.Popen(  # noqa: S603  # no shell, and the user's own arguments
        (*twistd, "flexicharge", *options),
        process_group=0,
        env=environment(os.environ, Path.cwd()),
    )


def environment(environ: Mapping[str, str], directory: Path) -> Mapping[str, str]:
    """Return what a server in a directory is started with: told to test itself.

    Unless that is decided already, in the environment or in `.env`.
    """
    names = (SELF_TESTS.name, *SELF_TESTS.aliases)
    try:
        dotenv = read_dotenv(directory)
    except StartUpFailed:
        dotenv = {}  # the server will say so
    if any(name in environ or name in dotenv for name in names):
        return environ
    return {**environ, SELF_TESTS.name: "1"}


@define
class Runner:
    """Keeps one server running; `last_signal` is what it is asked to end with."""

    _start: Callable[[], Child]
    last_signal: int = signal.SIGTERM
    _child: Child = field(init=False)
    _was_missed: bool = field(default=False, init=False)

    def run(self, changes: Iterable[object]) -> int:
        """Start the server, and start it anew for every change that is not empty.

        When there are no more, stop it, and return 0 unless it failed.
        """
        self._child = self._start()
        for change in changes:
            if change:
                _say("the source has changed: starting the server anew")
                self._stop()
                self._child = self._start()
                self._was_missed = False
            self._look()
        return self._stop()

    def _look(self) -> None:
        """Say once that the server has ended by itself."""
        code = self._child.poll()
        if code is not None and not self._was_missed:
            self._was_missed = True
            _say(f"the server has ended ({code}); waiting for a change of the source")

    def _stop(self) -> int:
        """Ask the server to end, wait for it, and return 0 if it ended as asked."""
        if self._child.poll() is None:
            self._child.send_signal(self.last_signal)
        code = self._child.wait()
        return 0 if code in (0, -self.last_signal) else 1


def _say(what: str) -> None:
    print(f"flexicharge dev: {what}", file=sys.stderr)
