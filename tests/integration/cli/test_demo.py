"""`flexicharge demo` against a server as people start it, over real sockets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Timer

import pytest
from attrs import field, frozen

from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, running

# A shell that runs the tests in the background has them ignore Ctrl-C.
COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from flexicharge.cli import main
sys.exit(main())
"""


@frozen
class Town:
    """A running server, and the command beside it."""

    server: ServerProcess
    started: list[subprocess.Popen[str]] = field(factory=list)

    def demo(self, *words: str) -> subprocess.Popen[str]:
        """Start the command with some options, beside those that lead to the server."""
        url = f"http://127.0.0.1:{self.server.ports[0]}"
        where = ("--url", url, "--ws", self.server.ws)
        process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, "demo", *where, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.server.environ,
            cwd=self.server.directory,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """End whatever a failed test left running."""
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """A server with the demo network, on a data directory and ports of its own."""
    with open_to_all() as directory, running(directory) as server:
        town = Town(server)
        yield town
        town.end()


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


def test_a_first_charge_ends_with_a_receipt(town: Town) -> None:
    """On stdout stands one object, and the outbox is found through DATA_DIR."""
    out, err = town.demo("--seconds", "1", "--json").communicate(timeout=60)
    receipt = json.loads(out)
    assert receipt["energyWh"] == pytest.approx(150_000 / 3600, abs=20)
    assert receipt["price"] >= 1
    assert receipt["endTimestamp"] >= receipt["startTimestamp"]
    assert "Plugged in abc118: 100008" in err


def test_ctrl_c_stops_the_charge_and_a_namesake_is_refused(town: Town) -> None:
    """The second demonstration says so; the first ends with a receipt and 130."""
    first = town.demo("--seconds", "600", "--json")
    wait_for(first, "Charging")
    second = town.demo("--seconds", "1", "--json")
    out, err = second.communicate(timeout=60)
    assert (second.returncode, out) == (1, "")
    assert "abc118 is already in use (Charging); unplug it or use --serial" in err
    first.send_signal(signal.SIGINT)
    out, _ = first.communicate(timeout=60)
    assert first.returncode == 130
    assert json.loads(out)["energyWh"] > 0


def test_without_a_server_the_cure_is_said(town: Town) -> None:
    """One line on stderr, exit status 1."""
    demo = town.demo("--url", "http://127.0.0.1:1")
    out, err = demo.communicate(timeout=60)
    assert (demo.returncode, out) == (1, "")
    assert err.endswith("; start the server with: twistd -n flexicharge\n")
    assert len(err.splitlines()) == 1
