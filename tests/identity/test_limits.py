"""A token bucket lets some attempts through and no more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from flexicharge.errors import (
    DatabaseAway,
    IdentityAway,
    NewPasswordRequired,
    NotAuthorized,
    ServerBusy,
    Stopping,
    TooManyRequests,
)
from flexicharge.identity.limits import MAX_KEYS, Places, RateLimit

NOW = 1_800_000_000.0


def clock_at(now: float = NOW) -> Clock:
    clock = Clock()
    clock.advance(now)
    return clock


def taken(limit: RateLimit, key: str = "a", wanted: int = 1000) -> int:
    """Return how many of `wanted` attempts a limit lets through."""
    for number in range(wanted):
        try:
            limit.take(key)
        except TooManyRequests:
            return number
    return wanted


@given(st.integers(1, 200), st.floats(1.0, 100_000.0), st.floats(0.0, 2e9))
def test_exactly_as_many_tries_as_it_says(tries: int, per_s: float, now: float) -> None:
    """Whatever the figures, rounding neither takes nor gives a try."""
    assert taken(RateLimit(clock_at(now), tries, per_s)) == tries


def test_a_try_returns_after_its_share_of_the_time() -> None:
    """Ten in five minutes is one more every thirty seconds."""
    clock = clock_at()
    limit = RateLimit(clock, 10, 300.0)
    assert taken(limit) == 10
    clock.advance(29.9)
    assert taken(limit) == 0
    clock.advance(0.2)
    assert taken(limit) == 1
    clock.advance(10_000.0)
    assert taken(limit) == 10


def test_keys_do_not_disturb_each_other() -> None:
    """One who tries too often locks out nobody else."""
    limit = RateLimit(clock_at(), 2, 60.0)
    assert taken(limit, "a") == 2
    assert taken(limit, "b") == 2


def test_a_try_given_back_can_be_taken_again() -> None:
    """What was no attack does not count."""
    limit = RateLimit(clock_at(), 2, 60.0)
    for _ in range(50):
        limit.take("a")
        limit.give_back("a")
    assert taken(limit) == 2


def test_giving_back_makes_no_credit() -> None:
    """A try given back late, after it had returned by itself, is not one more."""
    clock = clock_at()
    limit = RateLimit(clock, 2, 60.0)
    limit.take("a")
    clock.advance(600.0)
    limit.give_back("a")
    limit.give_back("never seen")
    assert taken(limit) == 2
    assert taken(limit, "never seen") == 2


@pytest.mark.parametrize(
    "outcome",
    [
        DatabaseAway("away"),
        IdentityAway("away"),
        ServerBusy("busy"),
        Stopping("hashing"),
    ],
)
def test_what_nobody_looked_at_costs_nothing(outcome: Exception) -> None:
    """Neither one that is counted anyway nor one that is at risk."""
    limit = RateLimit(clock_at(), 2, 60.0)
    for one in (limit.counting, limit.risk):
        for _ in range(3):
            with pytest.raises(type(outcome)), one("a"):
                raise outcome
    assert taken(limit) == 2


def test_a_try_at_risk_is_lost_by_who_fails() -> None:
    """Whoever is right has it back; one that is counted is used up by both."""
    limit = RateLimit(clock_at(), 2, 60.0)
    for _ in range(3):
        with limit.risk("a"):
            pass
    for failed in (NotAuthorized("wrong"), TooManyRequests("too many")):
        with pytest.raises(type(failed)), limit.risk("a"):
            raise failed
    with pytest.raises(TooManyRequests), limit.risk("a"):
        pass
    for _ in range(2):
        with limit.counting("b"):
            pass
    with pytest.raises(TooManyRequests), limit.counting("b"):
        pass


def test_whoever_must_change_a_right_password_was_right() -> None:
    """They are told only after it."""
    limit = RateLimit(clock_at(), 1, 60.0)
    for _ in range(3):
        with pytest.raises(NewPasswordRequired), limit.risk("a"):
            raise NewPasswordRequired("session", {})


def test_a_few_at_once_have_a_place() -> None:
    """Each key has its own; a place is free again however its work ended."""
    places = Places(2)
    with places.taken("a"), places.taken("b"), places.taken("a"):
        with pytest.raises(ServerBusy), places.taken("a"):
            pass
        with places.taken("b"):
            pass
    with pytest.raises(NotAuthorized), places.taken("a"):
        raise NotAuthorized("wrong")
    with places.taken("a"), places.taken("a"):
        pass


def test_a_forgotten_key_starts_again() -> None:
    """Whoever has proved to be right has all tries again."""
    limit = RateLimit(clock_at(), 2, 60.0)
    assert taken(limit) == 2
    limit.forget("a")
    assert taken(limit) == 2


def test_the_key_used_longest_ago_makes_room() -> None:
    """Memory is bounded; a busy key stays remembered."""
    limit = RateLimit(clock_at(), 3, 60.0)
    limit.take("old")
    assert taken(limit, "busy", wanted=2) == 2
    for number in range(MAX_KEYS - 1):
        limit.take(str(number))
    limit.take("busy")
    with pytest.raises(TooManyRequests):
        limit.take("busy")
    assert taken(limit, "old") == 3
