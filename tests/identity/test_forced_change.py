"""Whoever was given a temporary password must change it at the first sign-in."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from twisted.internet.task import Clock

from flexicharge.errors import (
    DatabaseAway,
    IdentityError,
    NewPasswordRequired,
    NotAuthorized,
    PasswordTooWeak,
    ServerBusy,
    TooManyRequests,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.account import AccountStatus, Person
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL, STRANGER = "new@example.com", "nobody@example.com"
TEMPORARY, CHOSEN = "T3mporary!", "My-0wn-choice"
OVER = (NotAuthorized, "Invalid session for the user, session is expired.")


@pytest.fixture
def newcomer(people: People) -> Person:
    """Somebody whom an administrator has made an account for."""
    added = people.identity.add_user(EMAIL, TEMPORARY, {"name": "Åsa"})
    return result_of(added)


def challenged(people: People, password: str = TEMPORARY) -> NewPasswordRequired:
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(people.identity.sign_in(EMAIL, password))
    return caught.value


def failure_of(
    people: People, session: str, email: str = EMAIL, password: str = CHOSEN
) -> tuple[type, str]:
    with pytest.raises(IdentityError) as caught:
        result_of(people.identity.change_forced_password(email, password, session))
    return caught.type, str(caught.value)


def test_the_challenge_is_cognitos(people: People, newcomer: Person) -> None:
    """The same parameters, the attributes as JSON in a text; no token yet."""
    challenge = challenged(people)
    parameters = dict(challenge.parameters)
    assert json.loads(parameters.pop("userAttributes")) == {
        "email": EMAIL,
        "email_verified": "false",
        "name": "Åsa",
    }
    assert parameters == {
        "USER_ID_FOR_SRP": newcomer.user_id,
        "requiredAttributes": "[]",
    }
    assert len(challenge.session) >= 32
    assert challenge.session not in str(challenge)


@pytest.mark.parametrize("by_number", [False, True])
def test_a_new_password_lets_them_in(
    people: People, newcomer: Person, by_number: bool
) -> None:
    """At once and from then on; they may be named as the challenge names them."""
    session = challenged(people).session
    name = newcomer.user_id if by_number else EMAIL.upper()
    signed_in = result_of(
        people.identity.change_forced_password(name, CHOSEN, session, office=True)
    )
    assert signed_in.person.status == AccountStatus.CONFIRMED
    caller = result_of(people.identity.admit(signed_in.access_token))
    assert caller.user_id == newcomer.user_id
    assert result_of(people.identity.sign_in(EMAIL, CHOSEN))
    with pytest.raises(NotAuthorized):
        result_of(people.identity.sign_in(EMAIL, TEMPORARY))


def test_only_the_right_password_is_challenged(
    people: People, newcomer: Person
) -> None:
    """Whoever guesses learns nothing of the state of an account."""
    for email in (EMAIL, STRANGER):
        with pytest.raises(NotAuthorized, match="Incorrect username or password"):
            result_of(people.identity.sign_in(email, PASSWORD))


def test_the_secret_is_not_stored(
    people: People, newcomer: Person, world: MemoryWorld
) -> None:
    """Whoever reads the database changes no password."""
    session = challenged(people).session
    (row,) = world.codes.values()
    assert len(row.code_mac) == 32
    assert session.encode() not in row.code_mac


def test_a_challenge_is_good_once(people: People, newcomer: Person) -> None:
    """Even for who knows its secret."""
    session = challenged(people).session
    result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))
    assert failure_of(people, session) == OVER


def test_a_challenge_lasts_three_minutes(
    people: People, newcomer: Person, clock: Clock
) -> None:
    """As Cognito's; signing in again gives another."""
    session = challenged(people).session
    clock.advance(180.0)
    assert failure_of(people, session) == OVER
    session = challenged(people).session
    clock.advance(179.9)
    result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))


def test_only_the_newest_challenge_counts(people: People, newcomer: Person) -> None:
    """The one before is void."""
    first, second = challenged(people).session, challenged(people).session
    assert failure_of(people, first) == OVER
    result_of(people.identity.change_forced_password(EMAIL, CHOSEN, second))


def test_a_challenge_is_its_owners(people: People, newcomer: Person) -> None:
    """Nobody sets another one's password with their own."""
    result_of(people.identity.add_user("thief@example.com", TEMPORARY, {}))
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(people.identity.sign_in("thief@example.com", TEMPORARY))
    challenged(people)
    assert failure_of(people, caught.value.session) == OVER


@pytest.mark.parametrize(
    "stranger", [STRANGER, "no address", "4b1f7f0e-0000-4000-8000-000000000001", "\0"]
)
def test_an_unknown_account_looks_like_a_wrong_secret(
    people: People, newcomer: Person, clock: Clock, stranger: str
) -> None:
    """Word for word, for as many tries as one likes, and with the same work."""
    challenged(people)
    for _ in range(2):
        for _ in range(7):
            before = people.hasher.hashed
            known = failure_of(people, "guess")
            work = people.hasher.hashed - before
            assert failure_of(people, "guess", stranger) == known
            assert people.hasher.hashed - before == 2 * work
        assert known[0] is TooManyRequests
        clock.advance(400.0)


def test_a_wrong_secret_may_be_tried_five_times(
    people: People, newcomer: Person, clock: Clock
) -> None:
    """Then not even the right one is taken."""
    session = challenged(people).session
    for _ in range(5):
        assert failure_of(people, "guess") == OVER
    assert failure_of(people, session)[0] is TooManyRequests


def test_a_secret_nobody_looked_at_is_no_try(people: People, newcomer: Person) -> None:
    """The server had no time to hash the new password; later it has."""
    session = challenged(people).session
    people.hasher.outcome = ServerBusy("busy")
    for _ in range(6):
        assert failure_of(people, session)[0] is ServerBusy
    people.hasher.outcome = None
    result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))


def test_a_weak_password_uses_nothing_up(people: People, newcomer: Person) -> None:
    """Whoever is told so tries another."""
    session = challenged(people).session
    assert failure_of(people, session, password="weak")[0] is PasswordTooWeak
    result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))


@pytest.mark.parametrize(
    "change",
    [
        lambda identity: identity.set_password(EMAIL, PASSWORD),
        lambda identity: identity.reset_password(EMAIL),
        lambda identity: identity.set_enabled(EMAIL, False),
        lambda identity: identity.remove_user(EMAIL),
    ],
    ids=["set", "reset", "disable", "remove"],
)
def test_a_challenge_ends_with_what_it_is_for(
    people: People, newcomer: Person, change: Callable[[IIdentity], Awaitable[None]]
) -> None:
    """Whatever an administrator does meanwhile."""
    session = challenged(people).session
    result_of(change(people.identity))
    assert failure_of(people, session) == OVER


def test_a_challenge_of_the_old_password_is_void(
    people: People, newcomer: Person, world: MemoryWorld
) -> None:
    """Though it was stored after the password was changed: a sign-in was slower."""
    session = challenged(people).session
    codes = dict(world.codes)
    result_of(people.identity.set_password(EMAIL, PASSWORD))
    world.codes.update(codes)
    assert failure_of(people, session) == OVER


@pytest.mark.parametrize("before_commit", [True, False])
def test_nobody_is_locked_out_by_a_failure(
    people: People, newcomer: Person, world: MemoryWorld, before_commit: bool
) -> None:
    """The password was changed, or it can be changed again."""
    session = challenged(people).session
    world.faults.fail_next("try_code", before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))
    if before_commit:
        result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))
    assert result_of(people.identity.sign_in(EMAIL, CHOSEN))
