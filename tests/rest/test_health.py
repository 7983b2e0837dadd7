"""What load balancers are told."""

from __future__ import annotations

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from flexicharge.errors import DatabaseAway
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.health import READY_WITHIN_S, HealthApi
from flexicharge.rest.intake import http_site
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import FakeIdentity

AWAY = {"status": "unavailable", "away": ["database"]}


@define
class Database:
    """Answers each question when the test says so."""

    questions: list[Deferred[None]] = field(factory=list, init=False)

    async def probe(self) -> None:
        """Ask."""
        question: Deferred[None] = Deferred()
        self.questions.append(question)
        await question


@pytest.fixture
def database() -> Database:
    """A database."""
    return Database()


@pytest.fixture
def client(database: Database, clock: Clock) -> HttpClient:
    """A client of the health routes."""
    desk = Desk(identity=FakeIdentity(), entropy=SeededEntropy(), clock=clock)
    return HttpClient(http_site(Door([HealthApi(desk, database.probe).app]), clock))


def test_a_process_that_answers_is_alive(
    client: HttpClient, database: Database
) -> None:
    """Being alive has nothing to do with the database."""
    answer = client.get("/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert database.questions == []


def test_ready_when_the_database_answers(
    client: HttpClient, database: Database, clock: Clock
) -> None:
    """The answer waits for the database's, and leaves nothing behind."""
    connection = client.begin("GET", "/readyz")
    database.questions[0].callback(None)
    assert connection.response().json == {"status": "ok"}
    connection.hang_up()
    assert clock.getDelayedCalls() == []


def test_not_ready_when_the_database_is_away(
    client: HttpClient, database: Database, failures: list[LogEvent]
) -> None:
    """What is away is named; an outage is no failure of ours to log."""
    connection = client.begin("GET", "/readyz")
    database.questions[0].errback(DatabaseAway())
    answer = connection.response()
    assert (answer.status, answer.json) == (503, AWAY)
    assert failures == []


def test_not_ready_when_the_probe_fails_otherwise(
    client: HttpClient, database: Database, failures: list[LogEvent]
) -> None:
    """A database that answers nonsense is not there; what it said is logged."""
    connection = client.begin("GET", "/readyz")
    database.questions[0].errback(ZeroDivisionError())
    assert connection.response().status == 503
    assert failures[0]["log_failure"].check(ZeroDivisionError)


def test_a_database_that_hangs_is_asked_once(
    client: HttpClient, database: Database, clock: Clock
) -> None:
    """Everybody has an answer in time, while one question stays out."""
    waiting = [client.begin("GET", "/readyz") for _ in range(2)]
    clock.advance(READY_WITHIN_S)
    waiting.append(client.begin("GET", "/readyz"))
    clock.advance(READY_WITHIN_S)
    assert [each.response().status for each in waiting] == [503, 503, 503]
    assert len(database.questions) == 1


def test_ready_again_after_a_hang(
    client: HttpClient, database: Database, clock: Clock
) -> None:
    """A late answer counts for whoever asks then; after it the question is put anew."""
    client.begin("GET", "/readyz")
    clock.advance(READY_WITHIN_S)
    second = client.begin("GET", "/readyz")
    database.questions[0].callback(None)
    assert second.response().status == 200
    third = client.begin("GET", "/readyz")
    database.questions[1].callback(None)
    assert third.response().status == 200
