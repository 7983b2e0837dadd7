"""Commands beside a server as people start it, over real sockets."""

from __future__ import annotations

import subprocess
import sys
from threading import Timer

from attrs import field, frozen

from tests.integration.server import ServerProcess

# A shell that runs the tests in the background has them ignore Ctrl-C.
COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from flexicharge.cli import main
sys.exit(main())
"""


@frozen
class Town:
    """A running server, and the commands beside it."""

    server: ServerProcess
    started: list[subprocess.Popen[str]] = field(factory=list)

    def start(self, command: str, *words: str) -> subprocess.Popen[str]:
        """Start a command with some options, beside those that lead to the server."""
        url = f"http://127.0.0.1:{self.server.ports[0]}"
        where = ("--url", url, "--ws", self.server.ws)
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, command, *where, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.server.environ,
            cwd=self.server.directory,
            text=True,
        )
        self.started.append(process)
        return process

    def demo(self, *words: str) -> subprocess.Popen[str]:
        """Start the demonstration."""
        return self.start("demo", *words)

    def end(self) -> None:
        """End whatever a failed test left running."""
        for process in self.started:
            process.kill()
            process.communicate()


def wait_for(process: subprocess.Popen[str], words: str, seconds: float = 60) -> None:
    """Wait until a process has said some words; fail if it does not, or ends."""
    stream = process.stderr or process.stdout
    assert stream
    heard = ""
    deadline = Timer(seconds, process.kill)
    deadline.start()
    try:
        while words not in heard:
            line = stream.readline()
            assert line, f"only heard: {heard}"
            heard += line
    finally:
        deadline.cancel()
