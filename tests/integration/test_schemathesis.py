"""The served document against the server that serves it, by an independent judge.

Schemathesis makes requests from `/openapi.json`, sound and unsound ones, and holds
every answer against it with all its checks on: no 5xx, no status, type or body that is
not documented, nothing unsound accepted, nothing sound refused, no token ignored. The
few things that are not as it expects are in `schemathesis.toml` beside this, each with
its reason.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.integration.conftest import open_to_all
from tests.integration.server import ServerProcess, running

CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED = "20261126"
COMMAND = "from flexicharge.cli import main; raise SystemExit(main())"
# With these an administrator can put an end to the token that they ask with.
ENDS_SOMEBODY = r"^/admin/(reset-.*|set-.*|.*\{username\}.*)$"
PASSWORD = "Passw0rd!"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    """A server with the demo network."""
    with open_to_all() as directory, running(directory) as server:
        Thread(target=_listen_to, args=(server,), daemon=True).start()
        yield server


def _listen_to(server: ServerProcess) -> None:
    """Take what it says, or it would wait for somebody who does."""
    process = server.process
    if process is not None and process.stdout is not None:
        server.said.extend(process.stdout)


def _flexicharge(server: ServerProcess, *words: str, typed: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        input=typed,
        env=server.environ,
        cwd=server.directory,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


def admin(server: ServerProcess, email: str) -> str:
    """Return the token of a new administrator."""
    _flexicharge(server, "admin", "create", email, typed=PASSWORD)
    return _flexicharge(server, "token", email)


def judged(server: ServerProcess, email: str, *more: str) -> str:
    """Return what Schemathesis says in the end; fail if it finds anything."""
    token = admin(server, email)
    url = f"http://127.0.0.1:{server.ports[0]}/openapi.json"
    done = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            f"--config-file={CONFIG}",
            "run",
            url,
            f"--header=Authorization: Bearer {token}",
            f"--seed={SEED}",
            "--checks=all",
            "--no-color",
            *more,
        ],
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "default"},
        cwd=server.directory,
        capture_output=True,
        text=True,
        timeout=1200,
    )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
    said = "".join(server.said)
    assert "Traceback" not in said, said[-5000:]
    return done.stdout


def passed(report: str) -> int:
    """Return how many cases passed, of those that were made."""
    found = re.search(r"(\d+) generated, (\d+) passed", report)
    assert found is not None, report[-2000:]
    return int(found[2])


def test_the_document_is_true(server: ServerProcess) -> None:
    """Some requests of every kind to every route, with a token that lasts."""
    report = judged(
        server,
        "judge@flexicharge.example",
        "--phases=examples,fuzzing",
        "--max-examples=3",
        f"--exclude-path-regex={ENDS_SOMEBODY}",
    )
    assert passed(report) > 200
    refused = re.search(r"401 Unauthorized \((\d+) operation", report)
    assert refused is None or int(refused[1]) == 1, report[-3000:]


@pytest.mark.soak
def test_the_document_is_true_where_somebody_may_end(server: ServerProcess) -> None:
    """Among them the one who asks: addresses of a list are tried here too."""
    report = judged(
        server,
        "second@flexicharge.example",
        "--phases=examples,coverage,fuzzing",
        "--max-examples=20",
        f"--include-path-regex={ENDS_SOMEBODY}",
    )
    assert passed(report) > 500


@pytest.mark.soak
def test_the_document_is_true_for_long(server: ServerProcess) -> None:
    """Many requests, those at every border among them, and in sequences."""
    report = judged(
        server,
        "third@flexicharge.example",
        "--max-examples=40",
        f"--exclude-path-regex={ENDS_SOMEBODY}",
    )
    assert passed(report) > 5000
