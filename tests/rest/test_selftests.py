"""The self tests over HTTP: who may have them run, and what is answered."""

from __future__ import annotations

import pytest
from attrs import define
from klein import Klein
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface import implementer
from zope.interface.verify import verifyObject

from flexicharge.errors import DatabaseAway
from flexicharge.interfaces import ISelfTests
from flexicharge.interfaces.selftests import SelfTestReport
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.selftests import SelfTestsApi
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import FakeIdentity

REPORT = SelfTestReport(failed=("ReserveNow",), successful=("B", "A"))
LISTS = {"failedTests": ["ReserveNow"], "successfulTests": ["B", "A"]}


@implementer(ISelfTests)
@define
class FakeSelfTests:
    """Tests that come to what they are told to."""

    outcome: SelfTestReport | Deferred[SelfTestReport] | Exception = REPORT
    runs: int = 0

    async def run(self) -> SelfTestReport:
        """Count, and return the report."""
        self.runs += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if isinstance(self.outcome, Deferred):
            return await self.outcome
        return self.outcome


@pytest.fixture
def tests() -> FakeSelfTests:
    """The self tests."""
    return FakeSelfTests()


def client(tests: FakeSelfTests, clock: Clock, *, anybody: bool = False) -> HttpClient:
    """Return a client of the self tests alone."""
    desk = Desk(
        identity=FakeIdentity(),
        entropy=SeededEntropy(),
        clock=clock,
        open_self_tests=anybody,
    )
    app: Klein = SelfTestsApi(desk, tests).app
    return HttpClient(http_site(Door([app]), clock))


def test_the_fake_is_one(tests: FakeSelfTests) -> None:
    """It has what the interface asks for."""
    verifyObject(ISelfTests, tests)


@pytest.mark.parametrize("path", ["/tests/ocpp", "/Tests/OCPP/"])
def test_an_administrator_gets_both_lists(
    tests: FakeSelfTests, clock: Clock, path: str
) -> None:
    """200 whatever failed, in the order of the tests."""
    answer = client(tests, clock).get(path, token="admin")
    assert (answer.status, answer.json) == (200, LISTS)


def test_others_get_nothing_run(tests: FakeSelfTests, clock: Clock) -> None:
    """Without a token 401, with a driver's 403."""
    api = client(tests, clock)
    assert api.get("/tests/ocpp").status == 401
    assert api.get("/tests/ocpp", token="driver").status == 403
    assert api.get("/tests/ocpp", token="nonsense").status == 401
    assert tests.runs == 0


def test_anybody_may_where_the_server_tests_itself(
    tests: FakeSelfTests, clock: Clock
) -> None:
    """RUN_OCPP_TEST=1: as the original, with no token at all."""
    answer = client(tests, clock, anybody=True).get("/tests/ocpp")
    assert (answer.status, answer.json) == (200, LISTS)


def test_a_database_that_is_away_is_told_so(tests: FakeSelfTests, clock: Clock) -> None:
    """503, and when to come back."""
    tests.outcome = DatabaseAway("away")
    answer = client(tests, clock, anybody=True).get("/tests/ocpp")
    assert (answer.status, answer.json) == (503, ["dbError"])
    assert answer.header("Retry-After")


def test_a_client_that_goes_away_harms_nothing(
    tests: FakeSelfTests, clock: Clock
) -> None:
    """Nothing is cancelled, and nothing is written to a connection that is gone."""
    waiting: Deferred[SelfTestReport] = Deferred()
    tests.outcome = waiting
    connection = client(tests, clock, anybody=True).begin("GET", "/tests/ocpp")
    connection.hang_up()
    assert not waiting.called
    waiting.callback(REPORT)
    assert connection.received == b""
