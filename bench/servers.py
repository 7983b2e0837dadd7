"""The two servers as child processes on loopback, and how to end them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from bench.sockets import LoadFailed
from flexicharge.errors import FlexiChargeError
from flexicharge.model.id_tag import IdTag
from flexicharge.storage import embedded
from flexicharge.storage.chargers import PostgresChargers
from flexicharge.storage.database import BlockingDatabase, run_now
from flexicharge.storage.tags import PostgresIdTags

ROOT = Path(__file__).resolve().parent.parent
START_WITHIN_S = 90.0
STOP_WITHIN_S = 30.0
TWISTD = "from twisted.scripts.twistd import run; run()"
PLACE = (57.78, 14.16)
READINGS = "SELECT count(*) FROM meter_readings"


class Server(NamedTuple):
    """A server that answers: its process, its port, and that of its PostgreSQL."""

    pid: int
    port: int
    postmaster: int | None = None
    data_dir: Path | None = None


@contextmanager
def bare_server() -> Iterator[Server]:
    """Run the bare Autobahn responder."""
    command = [sys.executable, "-m", "bench.bare"]
    with _child(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        yield Server(child.pid, int(child.stdout.readline()))


@contextmanager
def our_server(
    serials: list[str],
    add: Callable[[Path, list[str]], None] | None = None,
    **settings: str,
) -> Iterator[Server]:
    """Run `twistd -n flexicharge` on a scratch database that knows some chargers.

    They are of the dialect, unless `add` writes others into it.
    """
    with tempfile.TemporaryDirectory(prefix="fcbench") as scratch:
        Path(scratch).chmod(0o711)  # PostgreSQL's user passes through, if we are root
        data_dir, log = Path(scratch) / "data", Path(scratch) / "server.log"
        http_port, ocpp_port = _free_ports(2)
        environ = {**_environ(data_dir, http_port, ocpp_port), **settings}
        command = [sys.executable, "-c", TWISTD, "-n", "--pidfile=", "flexicharge"]
        with (
            log.open("wb") as out,
            _child(command, stdout=out, stderr=out, env=environ, cwd=scratch) as child,
        ):
            _wait_for(child, ocpp_port, log)
            (add or add_chargers)(data_dir, serials)
            pidfile = data_dir / "postgres" / "postmaster.pid"
            postmaster = int(pidfile.read_text().splitlines()[0])
            yield Server(child.pid, ocpp_port, postmaster, data_dir)


def add_chargers(data_dir: Path, serials: list[str]) -> None:
    """Write a site and its chargers into the database of a running server."""
    with _database(data_dir) as database:
        chargers = PostgresChargers(database)
        site = run_now(
            chargers.add_charge_point(
                "Bench", "Nowhere 1", PLACE, sek_per_kwh=Decimal("2.50")
            )
        )
        for serial in serials:
            run_now(chargers.add_charger(site.site_id, serial, PLACE))


def add_standard_chargers(data_dir: Path, serials: list[str]) -> None:
    """Write chargers that speak OCPP 1.6, each with a tag of its own name."""
    with _database(data_dir) as database:
        chargers, tags, now = PostgresChargers(database), PostgresIdTags(database), 0.0
        for serial in serials:
            run_now(chargers.put_station(serial, {"connectors": 1}, now))
            run_now(tags.put_tag(IdTag(id_tag=serial), now))


def count_readings(data_dir: Path) -> int:
    """Return how many meter readings are stored."""
    return ask(data_dir, READINGS)


def ask(data_dir: Path, sql: str) -> int:
    """Return the number that a query of a running server's database yields."""
    with _database(data_dir) as database:
        [(number,)] = run_now(database.query(sql))
        return int(number)


@contextmanager
def _database(data_dir: Path) -> Iterator[BlockingDatabase]:
    try:
        postgres = embedded.reach(data_dir)  # the server's: it is not ours to stop
        with closing(BlockingDatabase(postgres.dsn)) as database:
            yield database
    except FlexiChargeError as why:
        raise LoadFailed(f"The scratch database cannot be used: {why}") from why


@contextmanager
def _child(command: list[str], **how: object) -> Iterator[subprocess.Popen[str]]:
    """Run a process; end it by its number, gently first."""
    how.setdefault("cwd", ROOT)
    child: subprocess.Popen[str] = subprocess.Popen(command, **how)  # type: ignore[call-overload]
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _environ(data_dir: Path, http_port: int, ocpp_port: int) -> dict[str, str]:
    """Return the settings; the rest of our own environment says nothing about them."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "USE_LOCAL_DATABASE": "1",
        "DATA_DIR": str(data_dir),
        "PORT": str(http_port),
        "OCPP_PORT": str(ocpp_port),
        "HTTP_INTERFACE": "127.0.0.1",
        "OCPP_INTERFACE": "127.0.0.1",
    }


def _free_ports(how_many: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(how_many)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _wait_for(child: subprocess.Popen[str], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise LoadFailed(f"The server did not start:\n{log.read_text()}")
