"""What strangers may try, and what they may not take from each other."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.errors import (
    DatabaseAway,
    IdentityAway,
    NotAuthorized,
    ServerBusy,
    Stopping,
    TooManyRequests,
)
from flexicharge.identity.builtin import BuiltInIdentity
from flexicharge.rest.auth import AuthApi
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.rest.people_attempts import Attempts
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.http import Connection, HttpClient
from flexicharge.testing.identity import PASSWORD, People
from tests.rest.accounts import EMAIL, NEW, refusal_of

HOME, THIEF = "198.51.100.1", "203.0.113.9"
TOO_MANY = (429, "TooManyRequestsException")


@pytest.fixture
def identity(people: People) -> BuiltInIdentity:
    """Real accounts, of which one is a driver's."""
    result_of(people.join(EMAIL))
    return people.identity


@pytest.fixture
def site(clock: Clock, desk: Desk) -> HttpClient:
    """A client that comes from wherever it says."""
    door = Door([AuthApi(desk, Attempts(clock)).app])
    return HttpClient(http_site(door, clock, lambda _, forwarded: forwarded))


def begin(
    site: HttpClient, came_from: str, password: str = PASSWORD, email: str = EMAIL
) -> Connection:
    told = {"username": email, "password": password}
    return site.begin("POST", "/auth/sign-in", json=told, x_forwarded_for=came_from)


def sign_in(
    site: HttpClient, came_from: str, password: str = PASSWORD, email: str = EMAIL
) -> int:
    return begin(site, came_from, password, email).response().status


def test_a_stranger_does_not_lock_anybody_out(site: HttpClient, clock: Clock) -> None:
    """Ten guesses at an account in five minutes are enough for one address alone."""
    for _ in range(10):
        assert sign_in(site, THIEF, "x", f" {EMAIL.upper()}") == 400
    assert refusal_of(begin(site, THIEF, "x").response()) == TOO_MANY
    for _ in range(200):
        clock.advance(30.01)
        assert sign_in(site, THIEF, "x") == 400
        assert sign_in(site, THIEF, PASSWORD) == 429
        assert sign_in(site, HOME) == 200


def test_guesses_at_one_account_are_none_at_another(
    site: HttpClient, people: People
) -> None:
    """Of several people behind one address only one has to wait."""
    result_of(people.join("other@example.com"))
    for _ in range(11):
        sign_in(site, HOME, "x")
    assert sign_in(site, HOME) == 429
    assert sign_in(site, HOME, email="other@example.com") == 200


def test_many_strangers_have_a_hundred_guesses_together(
    site: HttpClient, people: People, clock: Clock
) -> None:
    """For known and unknown alike; more addresses do not help them."""
    for email in (EMAIL, "nobody@example.com"):
        guesses = [
            sign_in(site, f"192.0.2.{number % 20}", "x", email) for number in range(101)
        ]
        assert guesses == [400] * 100 + [429]
    clock.advance(3.01)
    assert sign_in(site, HOME) == 200


def test_a_new_password_ends_the_wait_of_its_owner(
    site: HttpClient, people: People
) -> None:
    """They guessed too often first, and then asked for a code."""
    for _ in range(10):
        sign_in(site, HOME, "x")
    assert sign_in(site, HOME) == 429
    result_of(people.identity.forgot_password(EMAIL))
    told = {
        "username": EMAIL,
        "password": NEW,
        "confirmationCode": people.mail.code_for(EMAIL),
    }
    path = "/auth/confirm-forgot-password"
    answer = site.request("POST", path, json=told, x_forwarded_for=HOME)
    assert answer.status == 200
    assert sign_in(site, HOME, NEW) == 200


def test_nobody_fills_the_queue_alone(site: HttpClient, people: People) -> None:
    """Twenty of one address wait at most; who comes from elsewhere waits as well."""
    people.hasher.waiting_for = gate = Deferred[None]()
    waiting = [begin(site, THIEF, email=f"{number}@x.se") for number in range(20)]
    assert refusal_of(begin(site, THIEF).response()) == TOO_MANY
    other = begin(site, HOME)
    people.hasher.waiting_for = None
    gate.callback(None)
    assert {one.response().status for one in waiting} == {400}
    assert other.response().status == 200
    assert sign_in(site, THIEF) == 200


class Request:
    """Whoever comes from an address."""

    def __init__(self, host: str) -> None:
        self.host = host

    def getClientAddress(self) -> Request:
        return self


@pytest.fixture
def attempts(clock: Clock) -> Attempts:
    return Attempts(clock)


@pytest.mark.parametrize(
    "outcome",
    [
        DatabaseAway("away"),
        IdentityAway("away"),
        ServerBusy("busy"),
        Stopping("hashing"),
    ],
)
def test_what_nobody_looked_at_is_no_attempt(
    attempts: Attempts, outcome: Exception
) -> None:
    """Whoever tries again later has all of theirs."""
    for _ in range(150):
        with pytest.raises(type(outcome)), attempts.risk(Request(HOME), EMAIL):
            raise outcome
    for number in range(100):
        with pytest.raises(NotAuthorized), attempts.risk(Request(HOME), str(number)):
            raise NotAuthorized("wrong")
    with pytest.raises(TooManyRequests), attempts.risk(Request(HOME), EMAIL):
        pass


def test_tries_of_codes_are_no_guesses_at_a_password(attempts: Attempts) -> None:
    """They have limits of their own, which know who is meant."""
    for _ in range(20):
        with pytest.raises(NotAuthorized), attempts.risk(Request(HOME)):
            raise NotAuthorized("wrong")
    with attempts.risk(Request(HOME), EMAIL):
        pass


def test_work_that_is_refused_frees_its_place(attempts: Attempts) -> None:
    """Each of these ends before it began."""

    with ExitStack() as stack:
        for number in range(20):
            stack.enter_context(attempts.risk(Request(HOME), str(number)))
        for _ in range(200):
            with pytest.raises(ServerBusy), attempts.risk(Request(HOME), EMAIL):
                pass
    for _ in range(200):
        with attempts.risk(Request(HOME), EMAIL):
            pass
