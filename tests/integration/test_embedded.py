"""The private PostgreSQL: started, shared, orphaned, killed, refused."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import parse_dsn

import flexicharge
from flexicharge.errors import StartUpFailed
from flexicharge.storage.embedded import RunningPostgres, reach, start
from flexicharge.storage.embedded.binaries import find, wheel_root
from flexicharge.storage.embedded.lock import take
from flexicharge.storage.embedded.osuser import database_user
from flexicharge.storage.embedded.pidfile import running_pid
from tests.integration.conftest import open_to_all

NOBODY = 65534
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

OWNER = """
import sys, time
from pathlib import Path
from flexicharge.storage.embedded import start
running = start(Path(sys.argv[1]))
print("started", flush=True)
time.sleep(600)
"""

ORDINARY_USER = """
import os, sys
from flexicharge.storage.embedded import default_data_dir, start
from pathlib import Path
import psycopg2
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
running = start(None, sys.argv[2])
with open(running.data_dir / "postgres/postmaster.pid") as note:
    print(os.stat(f"/proc/{note.readline().strip()}").st_uid)
print(running.data_dir == default_data_dir())
running.stop()
"""

OWNER_IN_PASSING = """
import sys, os
from pathlib import Path
from flexicharge.storage.embedded import start
data_dir = Path(sys.argv[1])
running = start(data_dir, "wheel")
print(running.source)
pid = (data_dir / "postgres/postmaster.pid").read_text().split()[0]
print(Path(os.readlink(f"/proc/{pid}/exe")).is_relative_to(data_dir / "binaries"))
running.stop()
"""

CONNECT_AS = """
import os, sys
import psycopg2
os.setgroups([])
os.setuid(int(sys.argv[1]))
try:
    psycopg2.connect(sys.argv[2])
except psycopg2.OperationalError as why:
    print(why)
"""


@pytest.fixture(params=["wheel", "system"])
def source(request: pytest.FixtureRequest) -> str:
    """Each source of programs that is present here."""
    if not find(request.param).usable:
        pytest.skip(f"no PostgreSQL from the source {request.param!r}")
    return str(request.param)


@pytest.fixture
def new_dir(open_directory: Path) -> Path:
    """A data directory that does not exist yet."""
    return open_directory / "data"


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A stopped database that tests copy, for making one takes a second."""
    with open_to_all() as directory:
        with started(directory / "data") as running:
            ask(running.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
        yield directory / "data"


@pytest.fixture
def data_dir(open_directory: Path, template: Path) -> Path:
    """A data directory with a stopped database, in which 42 is kept."""
    copy = open_directory / "data"
    subprocess.run(("cp", "-a", template, copy), check=True)
    return copy


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningPostgres]:
    """A running database for tests that leave it as they found it."""
    with open_to_all() as directory, started(directory / "data") as running:
        yield running


@contextmanager
def started(data_dir: Path, source: str = "") -> Iterator[RunningPostgres]:
    """Own the PostgreSQL of a data directory for a while."""
    running = start(data_dir, source)
    try:
        yield running
    finally:
        running.stop()


def ask(dsn: str, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement in a committed transaction; return its rows."""
    with closing(psycopg2.connect(dsn)) as link, link, link.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def answers(dsn: str) -> bool:
    """Tell whether a database can be connected to."""
    try:
        return ask(dsn, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def postgres_pid(data_dir: Path) -> int:
    """Return the process id of the PostgreSQL that runs in a data directory."""
    pid = running_pid(data_dir / "postgres")
    assert pid is not None
    return pid


def run_python(script: str, *arguments: str, **environment: str) -> str:
    """Return what a script prints that runs in a Python of its own."""
    return subprocess.run(
        (sys.executable, "-c", script, *arguments),
        env=environment_with(**environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def environment_with(**more: str) -> dict[str, str]:
    """Return this process's environment, made to find the package, and `more`."""
    here = str(Path(flexicharge.__file__).parents[1])
    path = os.pathsep.join(filter(None, (more.pop("PYTHONPATH", ""), here)))
    return {**os.environ, "PYTHONPATH": path, **more}


def kill_an_owner(data_dir: Path) -> None:
    """Let another process start PostgreSQL, and kill that process at once."""
    owner = subprocess.Popen(
        (sys.executable, "-c", OWNER, str(data_dir)),
        env=environment_with(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "started\n"
        owner.kill()


def test_new_directory_gets_a_database(new_dir: Path, source: str) -> None:
    """An empty start makes a database of the newest version of its source."""
    newest = max(found.major for found in find(source).usable)
    with started(new_dir, source) as running:
        rows = ask(running.dsn, "SHOW server_version")
        assert rows[0][0].split()[0] == running.version
        assert running.version.partition(".")[0] == str(newest)
        assert (running.data_dir, running.source) == (new_dir, source)
        ask(running.dsn, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert not answers(running.dsn)
    with started(new_dir, source) as running:
        assert ask(running.dsn, "SELECT answer FROM kept") == [(42,)]


def test_database_is_unicode_with_checksums_in_utc(shared: RunningPostgres) -> None:
    """Text is UTF-8, pages carry checksums, and every commit is synced."""
    expected = {
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "TimeZone": "UTC",
        "fsync": "on",
        "synchronous_commit": "on",
    }
    settings = dict(ask(shared.dsn, "SELECT name, setting FROM pg_settings"))
    assert settings.items() >= expected.items()


def test_orphaned_postgres_is_adopted(data_dir: Path) -> None:
    """After `kill -9` of the server the next one takes over its PostgreSQL."""
    kill_an_owner(data_dir)
    orphan = postgres_pid(data_dir)
    with started(data_dir) as running:
        assert postgres_pid(data_dir) == orphan
        assert ask(running.dsn, "SELECT answer FROM kept") == [(42,)]
    assert running_pid(data_dir / "postgres") is None


def test_orphaned_postgres_out_of_reach_is_restarted(data_dir: Path) -> None:
    """A PostgreSQL that runs but does not answer on our socket is replaced."""
    kill_an_owner(data_dir)
    orphan = postgres_pid(data_dir)
    (data_dir / "run" / ".s.PGSQL.5432").unlink()
    with started(data_dir) as running:
        assert postgres_pid(data_dir) != orphan
        assert ask(running.dsn, "SELECT answer FROM kept") == [(42,)]


def test_killed_postgres_recovers(data_dir: Path) -> None:
    """After `kill -9` of PostgreSQL `stop` returns, and a start finds every commit."""
    with started(data_dir) as running:
        ask(running.dsn, "UPDATE kept SET answer = 43")
        os.kill(postgres_pid(data_dir), signal.SIGKILL)
    with started(data_dir) as running:
        assert ask(running.dsn, "SELECT answer FROM kept") == [(43,)]


def test_server_and_postgres_killed_together_recover(data_dir: Path) -> None:
    """After `kill -9` of both, a start at once finds every commit."""
    kill_an_owner(data_dir)
    os.kill(postgres_pid(data_dir), signal.SIGKILL)
    with started(data_dir) as running:
        assert ask(running.dsn, "SELECT answer FROM kept") == [(42,)]


def test_start_waits_for_children_of_a_killed_postgres(data_dir: Path) -> None:
    """A statement still at work on the old memory delays the start, not fails it."""
    with ExitStack() as at_work:
        with started(data_dir) as running:
            link = at_work.enter_context(closing(psycopg2.connect(running.dsn)))
            backend = link.info.backend_pid
            os.kill(backend, signal.SIGSTOP)
            at_work.callback(resume, backend)
            os.kill(postgres_pid(data_dir), signal.SIGKILL)
        later = threading.Timer(1.0, resume, (backend,))
        later.start()
        with started(data_dir) as running:
            assert answers(running.dsn)
        later.join()


def resume(pid: int) -> None:
    """Let a stopped process go on, if it is still there."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("ends", [False, True], ids=["alive", "zombie"])
def test_note_of_a_pid_that_is_not_postgres_is_no_obstacle(
    data_dir: Path, *, ends: bool
) -> None:
    """A stale postmaster.pid may name another program by now, or a zombie."""
    with started(data_dir):
        note = data_dir / "postgres" / "postmaster.pid"
        _, _, rest = note.read_text().partition("\n")
        socket_note = data_dir / "run" / ".s.PGSQL.5432.lock"
        _, _, socket_rest = socket_note.read_text().partition("\n")
    user = database_user(data_dir / "postgres")
    with Path(os.devnull).open("wb") as nowhere:
        other = user.spawn("/bin/sleep", "0" if ends else "60", output=nowhere.fileno())
    for path, text in ((note, rest), (socket_note, socket_rest)):
        path.write_text(f"{other.pid}\n{text}")
        user.give(path)
    try:
        with started(data_dir) as running:
            assert answers(running.dsn)
    finally:
        other.kill()
        other.wait()


def test_empty_note_of_a_crash_is_no_obstacle(data_dir: Path) -> None:
    """A postmaster.pid without content, as a power cut may leave, does not matter."""
    (data_dir / "postgres" / "postmaster.pid").touch()
    with started(data_dir) as running:
        assert answers(running.dsn)


def test_second_owner_is_refused(shared: RunningPostgres) -> None:
    """Two servers cannot share a directory; the message names the process."""
    with pytest.raises(StartUpFailed, match=rf"\(pid {os.getpid()}\).*DATA_DIR="):
        start(shared.data_dir)
    assert answers(shared.dsn)


def test_command_uses_the_running_postgres(shared: RunningPostgres) -> None:
    """A command reaches the server's database, and leaves it running."""
    visited = reach(shared.data_dir)
    assert visited == shared
    visited.stop()
    assert answers(shared.dsn)


def test_command_without_a_server_starts_postgres_and_stops_it(data_dir: Path) -> None:
    """A command on its own runs PostgreSQL for as long as it needs it."""
    visited = reach(data_dir)
    assert answers(visited.dsn)
    visited.stop()
    assert not answers(visited.dsn)


def test_command_beside_a_server_that_is_starting_is_told_to_wait(
    data_dir: Path,
) -> None:
    """While the owner's PostgreSQL does not answer there is nothing to use."""
    lock = take(data_dir / "lock")
    with pytest.raises(StartUpFailed, match="try again"):
        reach(data_dir)
    lock.release()


def test_stop_may_be_called_by_many_threads(data_dir: Path) -> None:
    """Whoever calls `stop` finds PostgreSQL stopped when it returns."""
    running = start(data_dir)
    found: list[bool] = []

    def stop() -> None:
        running.stop()
        found.append(answers(running.dsn))

    threads = [threading.Thread(target=stop) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [False] * 3


def test_interrupted_initdb_leaves_nothing_behind(new_dir: Path) -> None:
    """A database half made by a killed start is replaced by a whole one."""
    (new_dir / "postgres-new-x1" / "base").mkdir(parents=True)
    (new_dir / "flexicharge.json").write_text('{"layout": 1}')
    new_dir.chmod(0o711)
    with started(new_dir) as running:
        assert answers(running.dsn)
    assert not list(new_dir.glob("postgres-new-*"))


def test_long_path_gets_its_socket_elsewhere(data_dir: Path) -> None:
    """Where a socket's address cannot hold the path, a private directory serves."""
    moved = data_dir.parent / ("deep" * 30) / "with, comma"
    moved.parent.mkdir(mode=0o711)
    data_dir.rename(moved)
    with started(moved) as running:
        sockets = Path(parse_dsn(running.dsn)["host"])
        assert answers(running.dsn)
        assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert not sockets.exists()


def test_nothing_listens_on_tcp(shared: RunningPostgres) -> None:
    """The only way in is the socket, and it is closed to other users."""
    assert ask(shared.dsn, "SHOW listen_addresses") == [("",)]
    rules = ask(shared.dsn, "SELECT type, auth_method FROM pg_hba_file_rules")
    assert rules == [("local", "peer")]
    assert stat.S_IMODE((shared.data_dir / "run").stat().st_mode) == 0o700


def test_terminal_signals_do_not_reach_postgres(shared: RunningPostgres) -> None:
    """Ctrl-C is for the server alone: PostgreSQL has a session of its own."""
    assert os.getsid(postgres_pid(shared.data_dir)) != os.getsid(0)


def test_environment_is_not_passed_on(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither does it steer PostgreSQL, nor are the server's secrets shown there."""
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGDATA", "KLARNA_TOKEN"):
        monkeypatch.setenv(name, "31337")
    with started(data_dir) as running:
        assert answers(running.dsn)
        around = Path(f"/proc/{postgres_pid(data_dir)}/environ")
        assert not around.exists() or b"31337" not in around.read_bytes()


def test_log_shows_no_values(shared: RunningPostgres) -> None:
    """A refused statement is logged without what it carried."""
    ask(shared.dsn, "CREATE TABLE people (email text PRIMARY KEY)")
    ask(shared.dsn, "INSERT INTO people VALUES ('private')")
    with pytest.raises(psycopg2.IntegrityError):
        ask(shared.dsn, "INSERT INTO people VALUES ('private')")
    log = (shared.data_dir / "postgres.log").read_text()
    assert "people_pkey" in log
    assert "private" not in log


def test_refused_start_shows_the_end_of_the_log(data_dir: Path) -> None:
    """If PostgreSQL will not start, the message has its own words."""
    with (data_dir / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("no_such_setting = 1\n")
    with pytest.raises(StartUpFailed, match=r"did not start[^$]*no_such_setting"):
        start(data_dir)


def test_directory_is_free_after_a_refused_start(data_dir: Path) -> None:
    """A start that failed holds no lock."""
    with pytest.raises(StartUpFailed, match="PG_BINARIES"):
        start(data_dir, "/nowhere")
    with started(data_dir) as running:
        assert answers(running.dsn)


@only_root
def test_root_runs_postgres_as_somebody_else(shared: RunningPostgres) -> None:
    """As root PostgreSQL belongs to an unprivileged user."""
    owner = Path(f"/proc/{postgres_pid(shared.data_dir)}").stat().st_uid
    assert owner == (shared.data_dir / "postgres").stat().st_uid != 0


@only_root
def test_root_is_told_of_a_directory_out_of_reach(tmp_path: Path) -> None:
    """A DATA_DIR in a private home is refused, and nothing is made there."""
    tmp_path.chmod(0o700)
    with pytest.raises(StartUpFailed, match=r"DATA_DIR=.*/var/lib/flexicharge"):
        start(tmp_path / "data")
    assert not list(tmp_path.iterdir())


def nobody_reads(directory: Path | None) -> bool:
    """Tell whether an ordinary user gets to a directory."""
    listing = ["/bin/ls", str(directory)]
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    listed = subprocess.run(listing, check=False, capture_output=True, **user)
    return listed.returncode == 0


@only_root
def test_ordinary_user_needs_no_root(open_directory: Path, source: str) -> None:
    """The data lie in the user's own directory, and stay the user's if root was there.

    Root runs that PostgreSQL as the user.
    """
    if source == "wheel" and not nobody_reads(wheel_root()):
        pytest.skip("the source 'wheel' is in an environment that is root's alone")
    os.chown(open_directory, NOBODY, NOBODY)
    environment = {"HOME": str(open_directory), "XDG_DATA_HOME": ""}
    data_dir = open_directory / ".local/share/flexicharge"
    said = run_python(ORDINARY_USER, str(NOBODY), source, **environment)
    (data_dir / "postgres.log").unlink()
    with started(data_dir, source):
        assert Path(f"/proc/{postgres_pid(data_dir)}").stat().st_uid == NOBODY
    said += run_python(ORDINARY_USER, str(NOBODY), source, **environment)
    assert said.split() == [str(NOBODY), "True"] * 2
    assert {path.stat().st_uid for path in data_dir.rglob("*")} == {NOBODY}


@only_root
def test_other_users_are_turned_away_at_an_open_socket(
    shared: RunningPostgres,
) -> None:
    """Even if somebody opens the directory, the kernel's word decides who comes in."""
    sockets = shared.data_dir / "run"
    sockets.chmod(0o711)
    (sockets / ".s.PGSQL.5432").chmod(0o777)
    said = run_python(CONNECT_AS, str(NOBODY), shared.dsn)
    sockets.chmod(0o700)
    assert "Peer authentication failed" in said


@only_root
def test_wheel_in_a_private_home_is_copied_once(new_dir: Path, tmp_path: Path) -> None:
    """Programs that PostgreSQL's user cannot reach are copied to where it can."""
    site = tmp_path / "site"
    copy_newest_wheel_to(site)
    copies = set()
    for _ in range(2):
        said = run_python(OWNER_IN_PASSING, str(new_dir), PYTHONPATH=str(site))
        assert said.split() == ["wheel", "True"]
        [copy] = (new_dir / "binaries").iterdir()
        copies.add((copy, copy.stat().st_ino))
    assert len(copies) == 1
    assert not list(copy.rglob("*.a"))


def copy_newest_wheel_to(site: Path) -> None:
    """Put the wheel's newest PostgreSQL below a directory closed to others."""
    root = wheel_root()
    found = find("wheel").usable
    if root is None or not found:
        pytest.skip("no PostgreSQL from the source 'wheel'")
    newest = max(found, key=lambda binaries: binaries.major).directory.parent
    site.mkdir(mode=0o700)
    shutil.copytree(newest, site / root.name / newest.name)
    (site / root.name / "__init__.py").touch()
    libraries = root.with_name(f"{root.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, site / libraries.name)
