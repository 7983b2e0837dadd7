"""`PostgresDatabase` on the real reactor: what it promises when things go wrong."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import pytest_twisted
from psycopg2.errors import UniqueViolation
from psycopg2.extensions import make_dsn, parse_dsn
from twisted.internet import reactor
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.task import deferLater
from zope.interface.verify import verifyObject

from flexicharge.errors import DatabaseAway, UnusableValue
from flexicharge.interfaces import IDatabase
from flexicharge.storage.database import BlockingDatabase, PostgresDatabase, run_now
from flexicharge.storage.link import Link, with_addresses

SLEEP = "SELECT pg_sleep(%s)"
PID = "SELECT pg_backend_pid()"


def start(work: Any) -> Deferred[Any]:
    """Let a coroutine run until it has to wait."""
    return Deferred.fromCoroutine(work)


async def eventually(attempt: Callable[[], Any], within_s: float = 5.0) -> Any:
    """Return what an attempt comes to once the database is not away any more."""
    deadline = reactor.seconds() + within_s
    while True:
        try:
            return await attempt()
        except DatabaseAway:
            if reactor.seconds() > deadline:
                raise
        await deferLater(reactor, 0.02)


@pytest.fixture
def direct(fresh_dsn: str) -> Iterator[Any]:
    """A connection of the test's own, which commits each statement at once."""
    with closing(psycopg2.connect(fresh_dsn)) as connection:
        connection.autocommit = True
        yield connection


def kill_others(direct: Any, pids: list[int] | None = None) -> None:
    """End the server's side of some connections, or of all but the test's own."""
    with direct.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND pid = ANY(coalesce(%s, ARRAY[pid]))",
            (pids,),
        )
        assert cursor.rowcount > 0


@pytest_twisted.async_yield_fixture
async def database(fresh_dsn: str) -> AsyncIterator[PostgresDatabase]:
    """An open database of two connections."""
    opened = PostgresDatabase(
        reactor, fresh_dsn, size=2, statement_timeout=0.5, grace=0.3
    )
    await opened.open()
    yield opened
    await opened.close()


def test_both_databases_provide_the_interface(fresh_dsn: str) -> None:
    """What the stores are given is what they were promised."""
    with closing(BlockingDatabase(fresh_dsn)) as blocking:
        assert verifyObject(IDatabase, blocking)
    assert verifyObject(IDatabase, PostgresDatabase(reactor, fresh_dsn))


@pytest_twisted.ensureDeferred
async def test_rows_come_back_and_none_where_there_are_none(
    database: PostgresDatabase,
) -> None:
    """A statement without rows yields none instead of failing."""
    assert await database.query("CREATE TABLE t (a bigint)") == []
    assert await database.query("INSERT INTO t VALUES (%s)", (1,)) == []
    assert await database.query("SELECT a FROM t WHERE a = %(a)s", {"a": 1}) == [(1,)]


@pytest_twisted.ensureDeferred
async def test_statements_of_one_query_take_effect_together(
    database: PostgresDatabase,
) -> None:
    """Where the last of several fails, the first have changed nothing either."""
    await database.query("CREATE TABLE t (a bigint UNIQUE)")
    with pytest.raises(UniqueViolation):
        await database.query("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)")
    assert await database.query("SELECT a FROM t") == []


@pytest_twisted.ensureDeferred
async def test_each_statement_sees_what_was_committed_before_it(
    database: PostgresDatabase, fresh_dsn: str
) -> None:
    """A query that waited for a lock then looks at what its holder left behind."""
    await database.query("CREATE TABLE t (a bigint); INSERT INTO t VALUES (1)")
    with closing(psycopg2.connect(fresh_dsn)) as holder:
        holder.cursor().execute("SELECT FROM t FOR UPDATE")
        waiting = start(
            database.query("SELECT FROM t FOR UPDATE; SELECT count(*) FROM t")
        )
        await deferLater(reactor, 0.05)
        holder.cursor().execute("INSERT INTO t VALUES (2)")
        holder.commit()
        assert await waiting == [(2,)]


@pytest_twisted.ensureDeferred
async def test_connections_lost_in_idle_hours_come_back(
    database: PostgresDatabase, direct: Any
) -> None:
    """After the server dropped everybody the next queries are served again."""
    before = await database.query(PID)
    kill_others(direct)
    after = await eventually(lambda: database.query(PID))
    assert after != before


@pytest_twisted.ensureDeferred
async def test_query_that_loses_its_connection_is_away(
    database: PostgresDatabase, direct: Any
) -> None:
    """Whoever was being answered when the server went learns that it did."""
    running = start(database.query(SLEEP, (10,)))
    await deferLater(reactor, 0.05)
    kill_others(direct)
    with pytest.raises(DatabaseAway):
        await running
    assert await eventually(lambda: database.query("SELECT 1")) == [(1,)]


@pytest_twisted.ensureDeferred
async def test_one_lost_connection_is_not_handed_out(
    database: PostgresDatabase, direct: Any
) -> None:
    """While one connection is being dialled again, the other serves everybody."""
    ((pid,),) = await database.query(PID)
    kill_others(direct, [pid])
    await deferLater(reactor, 0.02)
    for _ in range(10):
        assert await database.query("SELECT 1") == [(1,)]


@pytest_twisted.ensureDeferred
async def test_more_queries_than_connections_wait_their_turn(
    database: PostgresDatabase,
) -> None:
    """Twenty at once are all answered by two connections."""
    asked = [start(database.query("SELECT %s", (n,))) for n in range(20)]
    assert await gatherResults(asked) == [[(n,)] for n in range(20)]


@pytest_twisted.ensureDeferred
async def test_statement_that_takes_too_long_is_ended_by_the_server(
    database: PostgresDatabase,
) -> None:
    """The timeout is the server's; the connection it was on stays in use."""
    pids = {await pid_of(database), await pid_of(database)}
    with pytest.raises(DatabaseAway):
        await database.query(SLEEP, (30,))
    assert await pid_of(database) in pids


async def pid_of(database: PostgresDatabase) -> int:
    """Return the process that serves a connection."""
    ((pid,),) = await database.query(PID)
    assert isinstance(pid, int)
    return pid


@pytest_twisted.ensureDeferred
async def test_server_that_hangs_is_given_up(
    database: PostgresDatabase, direct: Any
) -> None:
    """A server process that does not even end its statement loses its connection."""
    running = start(database.query(f"{PID}; {SLEEP}", (30,)))
    await deferLater(reactor, 0.05)
    with direct.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
            " AND pid <> pg_backend_pid()"
        )
        ((pid,),) = cursor.fetchall()
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(DatabaseAway):
            await running
        assert await eventually(lambda: database.query("SELECT 1")) == [(1,)]
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest_twisted.ensureDeferred
async def test_nobody_waits_for_a_query_that_was_cancelled(
    database: PostgresDatabase,
) -> None:
    """Cancelling frees the caller at once, and the connection when it is done."""
    cancelled = [start(database.query(SLEEP, (0.1,))) for _ in range(3)]
    for running in cancelled:
        running.cancel()
        with pytest.raises(CancelledError):
            await running
    assert await database.query("SELECT 1") == [(1,)]


@pytest_twisted.ensureDeferred
async def test_deadlock_is_tried_again(
    database: PostgresDatabase,
) -> None:
    """Of two who wait for each other one is undone by the server, and then done."""
    await database.query(
        "CREATE TABLE t (a bigint, n bigint); INSERT INTO t VALUES (1, 0), (2, 0)"
    )
    add = "UPDATE t SET n = n + 1 WHERE a = %s"
    both = f"SET LOCAL deadlock_timeout = '20ms'; {add}; {SLEEP}; {add}"
    await gatherResults(
        [
            start(database.query(both, (1, 0.1, 2))),
            start(database.query(both, (2, 0.1, 1))),
        ]
    )
    assert await database.query("SELECT n FROM t") == [(2,), (2,)]


@pytest_twisted.ensureDeferred
async def test_number_that_is_not_finite_never_reaches_the_server(
    database: PostgresDatabase,
) -> None:
    """Infinity is a valid timestamp to PostgreSQL, and to nobody else."""
    for number in (float("inf"), float("nan")):
        with pytest.raises(UnusableValue):
            await database.query("SELECT %s", (number,))
        with pytest.raises(UnusableValue):
            await database.query("SELECT %(at)s", {"at": number})


@pytest_twisted.ensureDeferred
async def test_database_that_starts_later_is_found(
    fresh_dsn: str, tmp_path: Path
) -> None:
    """Opening does not wait for a server that is not there; queries say so."""
    directory = Path(parse_dsn(fresh_dsn)["host"])
    elsewhere = make_dsn(fresh_dsn, host=str(tmp_path))
    database = PostgresDatabase(reactor, elsewhere, size=1)
    with pytest.raises(DatabaseAway):
        await database.query("SELECT 1")
    await database.open()
    with pytest.raises(DatabaseAway):
        await database.query("SELECT 1")
    (tmp_path / ".s.PGSQL.5432").symlink_to(directory / ".s.PGSQL.5432")
    assert await eventually(lambda: database.query("SELECT 1")) == [(1,)]
    await database.close()


@pytest_twisted.ensureDeferred
async def test_closing_fails_whoever_waits(fresh_dsn: str) -> None:
    """A query under way, one in the queue and one that comes later are all told."""
    database = PostgresDatabase(reactor, fresh_dsn, size=1)
    await database.open()
    asked = [start(database.query(SLEEP, (30,))) for _ in range(2)]
    await database.close()
    for running in (*asked, start(database.query("SELECT 1"))):
        with pytest.raises(DatabaseAway):
            await running


@pytest_twisted.ensureDeferred
async def test_closed_database_never_dials_again(fresh_dsn: str, direct: Any) -> None:
    """Not even if it is closed by the very one who was told that it is open."""
    for name in (fresh_dsn, make_dsn(fresh_dsn, dbname="nowhere")):
        database = PostgresDatabase(reactor, name, size=2)
        opening = start(database.open())
        opening.addCallback(lambda _, one=database: start(one.close()))
        await opening
        before = len(reactor.getDelayedCalls())
        await deferLater(reactor, 0.7)
        assert len(reactor.getDelayedCalls()) <= before
    with direct.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'flexicharge' AND state IS NOT NULL"
        )
        assert cursor.fetchall() == [(0,)]


@pytest.fixture
def silent_dsn(tmp_path: Path) -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind(str(tmp_path / ".s.PGSQL.5432"))
        listening.listen()
        yield make_dsn(host=str(tmp_path), user="flexicharge")


@pytest_twisted.ensureDeferred
async def test_silent_server_is_not_waited_for(silent_dsn: str) -> None:
    """Dialling has an end even where the other side takes the call and says nothing."""
    link = Link(reactor, silent_dsn, dial_within=0.05)
    with pytest.raises(DatabaseAway):
        await link.dial()
    assert not link.is_up


@pytest_twisted.ensureDeferred
async def test_closing_breaks_off_a_dialling(silent_dsn: str) -> None:
    """Who waits for the first connections is let go when the server stops."""
    database = PostgresDatabase(reactor, silent_dsn)
    opening = start(database.open())
    await deferLater(reactor, 0.02)
    assert not opening.called
    await database.close()
    await opening


@pytest_twisted.ensureDeferred
async def test_host_names_are_looked_up_outside_the_reactor() -> None:
    """The DSN that libpq gets has addresses, so that it looks nothing up itself."""
    given = parse_dsn(await with_addresses(reactor, "host=localhost port=6000"))
    addresses = given["hostaddr"].split(",")
    assert {"127.0.0.1", "::1"} & set(addresses)
    assert given["host"].split(",") == ["localhost"] * len(addresses)
    assert given["port"] == "6000"


def test_blocking_database_says_when_it_is_away(fresh_dsn: str) -> None:
    """Before the reactor runs a lost connection has the same name as afterwards."""
    with pytest.raises(DatabaseAway):
        BlockingDatabase("host=/nowhere")
    database = BlockingDatabase(fresh_dsn)
    assert run_now(database.query("SELECT %s", (1,))) == [(1,)]
    database.close()
    with pytest.raises(DatabaseAway):
        run_now(database.query("SELECT 1"))


def test_what_has_to_wait_cannot_be_run_now() -> None:
    """A coroutine that waits for the reactor is refused instead of forgotten."""

    async def wait() -> None:
        await Deferred()

    with pytest.raises(RuntimeError):
        run_now(wait())
