"""A start that fails: nothing it started goes on, and there is one message."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import field, frozen
from twisted.internet.task import Clock

from flexicharge.config import Settings, read_settings
from flexicharge.errors import StartUpFailed
from flexicharge.startup.database import OpenDatabase
from flexicharge.startup.listening import HTTP, bind, port_of
from flexicharge.tap import assemble

HERE = "127.0.0.1"
ROOT = Path(__file__).parents[3]
TWISTD = "from twisted.scripts.twistd import run; run()"


@frozen(kw_only=True)
class WatchedDatabase(OpenDatabase):
    """A database that nobody gets to, and that says when it is closed."""

    closings: list[str] = field(factory=list)

    def close(self) -> None:
        """Note it."""
        self.closings.append("closed")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port of this machine that somebody listens on."""
    with closing(bind(HTTP, HERE, 0)) as listening:
        yield port_of(listening)


@pytest.fixture
def free() -> int:
    """A port that nobody listens on."""
    with closing(bind(HTTP, HERE, 0)) as listening:
        return port_of(listening)


def settings(**more: str) -> Settings:
    """Return settings that listen on this machine only."""
    here = {"HTTP_INTERFACE": HERE, "OCPP_INTERFACE": HERE, "DEMO_SEED": "0"}
    return read_settings({**here, **more})


def test_a_taken_port_leaves_nothing_running(
    taken: int, free: int, tmp_path: Path
) -> None:
    """The database is closed again, and the other port is free."""
    database = WatchedDatabase(dsn="", postgres=None, data_dir=tmp_path, where="here")
    with pytest.raises(StartUpFailed, match=f"OCPP_PORT={taken} is in use"):
        assemble(
            Clock(), settings(PORT=str(free), OCPP_PORT=str(taken)), lambda: database
        )
    assert database.closings == ["closed"]
    bind(HTTP, HERE, free).close()


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"OCPP_TLS_PORT": "taken"}, "OCPP_TLS_PORT=[0-9]+ is in use"),
        ({"OCPP_MTLS_PORT": "taken"}, "OCPP_MTLS_PORT=[0-9]+ is in use"),
        (
            {"OCPP_TLS_PORT": "0", "OCPP_TLS_CERTIFICATES": "/nowhere/at.pem"},
            "OCPP_TLS_CERTIFICATES: /nowhere/at.pem cannot be read",
        ),
    ],
)
def test_ports_for_tls_are_part_of_the_start(
    taken: int, free: int, tmp_path: Path, told: dict[str, str], why: str
) -> None:
    """One that cannot be opened as it should stops everything."""
    database = WatchedDatabase(dsn="", postgres=None, data_dir=tmp_path, where="here")
    told = {name: text.replace("taken", str(taken)) for name, text in told.items()}
    with pytest.raises(StartUpFailed, match=why):
        assemble(
            Clock(), settings(PORT=str(free), OCPP_PORT="0", **told), lambda: database
        )
    assert database.closings == ["closed"]
    bind(HTTP, HERE, free).close()


@pytest.mark.parametrize("name", ["keys/signing.pem", "ca/ec.pem"])
def test_damaged_keys_leave_nothing_running(
    free: int, tmp_path: Path, name: str
) -> None:
    """What fails last undoes everything before it."""
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text("not a key")
    database = WatchedDatabase(dsn="", postgres=None, data_dir=tmp_path, where="here")
    with pytest.raises(StartUpFailed, match="damaged"):
        assemble(Clock(), settings(PORT=str(free), OCPP_PORT="0"), lambda: database)
    assert database.closings == ["closed"]
    bind(HTTP, HERE, free).close()


def test_twistd_says_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    """The message on standard error, exit code 1, no traceback and nothing left."""
    done = subprocess.run(
        [sys.executable, "-c", TWISTD, "-n", "flexicharge", "--http-port", "first"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("FlexiCharge cannot start with these settings:\n")
    assert "PORT is 'first' in the options" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout
    assert not list(tmp_path.iterdir())
