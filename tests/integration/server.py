"""The server as people start it: a process of its own, on loopback."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from attrs import define, field

TWISTD = "from twisted.scripts.twistd import run; run()"
ROOT = Path(__file__).resolve().parents[2]
READY = "GatewayFactory starting on"
PATIENCE_S = 60.0


def free_ports() -> tuple[int, int]:
    """Return two ports of loopback that nobody listens on."""
    with closing(socket.socket()) as one, closing(socket.socket()) as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@define(eq=False)
class ServerProcess:
    """A `twistd -n flexicharge` that can be stopped, killed and started again."""

    directory: Path
    settings: dict[str, str] = field(factory=dict)
    ports: tuple[int, int] = field(factory=free_ports)
    process: subprocess.Popen[str] | None = None
    said: list[str] = field(factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """The environment that leads a command to this server."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DATA_DIR": str(self.directory / "data"),
            "PORT": str(self.ports[0]),
            "OCPP_PORT": str(self.ports[1]),
            "HTTP_INTERFACE": "127.0.0.1",
            "OCPP_INTERFACE": "127.0.0.1",
            **self.settings,
        }

    @property
    def ws(self) -> str:
        """Where its WebSockets are."""
        return f"ws://127.0.0.1:{self.ports[1]}"

    def start(self) -> None:
        """Start it; return when it takes connections."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", TWISTD, "-n", "--pidfile=", "flexicharge"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environ,
            cwd=self.directory,
            text=True,
        )
        self.read_until(READY)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """Kill it without a word; its PostgreSQL lives on."""
        return self._end(signal.SIGKILL)

    def ask(
        self, method: str, path: str, body: object = None, token: str | None = None
    ) -> tuple[int, Any]:
        """Send a request; return the status and the body, read as JSON if it is any."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        with closing(
            http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=PATIENCE_S)
        ) as connection:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, headers)
            response = connection.getresponse()
            said = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(said) if is_json else said

    def code_for(self, email: str) -> str:
        """Return the verification code in the newest mail to an address."""
        mails = sorted((self.directory / "data" / "outbox").glob("*.eml"))
        text = [mail.read_text() for mail in mails if email in mail.read_text()][-1]
        return re.findall(r"\b\d{6}\b", text.partition("\n\n")[2])[0]

    def _end(self, how: signal.Signals) -> int:
        process = self.process
        if process is None:
            raise AssertionError("it does not run")
        process.send_signal(how)
        rest, _ = process.communicate(timeout=PATIENCE_S)
        self.said.extend(rest.splitlines())
        self.process = None
        return process.returncode

    def read_until(self, words: str) -> None:
        """Read what it says, up to a line with some words in it."""
        process = self.process
        if process is None or process.stdout is None:
            raise AssertionError("it does not run")
        too_late = Timer(PATIENCE_S, process.kill)
        too_late.start()
        try:
            for line in process.stdout:
                self.said.append(line)
                if words in line:
                    return
        finally:
            too_late.cancel()
        self._end(signal.SIGKILL)
        raise AssertionError("".join(self.said))


@contextmanager
def running(directory: Path, **settings: str) -> Iterator[ServerProcess]:
    """Run a server in a directory; stop it, and its PostgreSQL, whatever happens."""
    server = ServerProcess(directory, settings)
    server.start()
    try:
        yield server
    finally:
        if server.process is None:
            server.start()
        server.stop()
