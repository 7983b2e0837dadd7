"""Tokens that were issued before something happened are no good afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from attrs import evolve
from twisted.internet.task import Clock

from flexicharge.errors import (
    CodeMismatch,
    DatabaseAway,
    NotAuthorized,
    TokenError,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.events import ACCOUNTS, SignedOut
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"
NEW = "N3w-password"
REVOKED, GONE = "jwt revoked", "account disabled or deleted"

# What ends tokens, what is said of them then, and the reason on the bus.
ENDINGS = [
    pytest.param(
        lambda identity: identity.reset_password(EMAIL),
        REVOKED,
        "the password was changed",
        id="reset",
    ),
    pytest.param(
        lambda identity: identity.set_password(EMAIL, NEW),
        REVOKED,
        "the password was changed",
        id="set",
    ),
    pytest.param(
        lambda identity: identity.set_enabled(EMAIL, False),
        GONE,
        "the account is disabled",
        id="disable",
    ),
    pytest.param(
        lambda identity: identity.remove_user(EMAIL),
        GONE,
        "the account was deleted",
        id="remove",
    ),
]
Ending = Callable[[IIdentity], Awaitable[None]]


@pytest.fixture
def token(people: People) -> str:
    """A token that was seen a moment ago."""
    result_of(people.join(EMAIL))
    token = result_of(people.token_of(EMAIL))
    result_of(people.identity.admit(token))
    return token


@pytest.fixture
def published(people: People) -> list[SignedOut]:
    events: list[SignedOut] = []
    people.bus.subscribe(ACCOUNTS, events.append)
    return events


def refused(people: People, token: str) -> str:
    with pytest.raises(TokenError) as caught:
        result_of(people.identity.admit(token))
    return str(caught.value)


def is_in(people: People, token: str) -> bool:
    try:
        result_of(people.identity.admit(token))
    except TokenError:
        return False
    return True


def recover(people: People, new: str = NEW) -> None:
    result_of(people.identity.forgot_password(EMAIL))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, new))


@pytest.mark.parametrize(("end", "words", "why"), ENDINGS)
def test_whoever_is_in_is_out_at_once(
    people: People,
    token: str,
    published: list[SignedOut],
    end: Ending,
    words: str,
    why: str,
) -> None:
    """Though the token was seen a moment ago; and it is published."""
    user_id = result_of(people.identity.admit(token)).user_id
    result_of(end(people.identity))
    assert refused(people, token) == words
    assert published == [SignedOut(user_id, why)]


def test_a_recovered_password_ends_all_tokens(
    people: People, token: str, published: list[SignedOut]
) -> None:
    """Whoever had the old one is out."""
    recover(people)
    assert refused(people, token) == REVOKED
    assert [event.why for event in published] == ["the password was changed"]


def test_deleting_oneself_ends_all_tokens(
    people: People, token: str, published: list[SignedOut]
) -> None:
    """At once, and it is published."""
    result_of(people.identity.delete_me(token))
    assert refused(people, token) == GONE
    assert [event.why for event in published] == ["the account was deleted"]


def test_a_token_of_the_same_second_is_good(people: People, token: str) -> None:
    """Tokens count whole seconds; what is issued after a change works at once."""
    recover(people)
    fresh = result_of(people.token_of(EMAIL, NEW))
    assert is_in(people, fresh)
    result_of(people.identity.set_password(EMAIL, PASSWORD))
    assert not is_in(people, fresh)
    assert is_in(people, result_of(people.token_of(EMAIL)))


def test_tokens_stay_void(people: People, token: str, clock: Clock) -> None:
    """However much later, and though the account is enabled again."""
    result_of(people.identity.set_enabled(EMAIL, False))
    result_of(people.identity.set_enabled(EMAIL, True))
    assert refused(people, token) == REVOKED
    clock.advance(1000.0)
    assert refused(people, token) == REVOKED
    assert is_in(people, result_of(people.token_of(EMAIL)))


def test_whoever_is_enabled_again_is_let_in_at_once(people: People, token: str) -> None:
    """Though they were seen as disabled a moment ago."""
    result_of(people.identity.set_enabled(EMAIL, False))
    assert refused(people, token) == GONE
    result_of(people.identity.set_enabled(EMAIL, True))
    assert is_in(people, result_of(people.token_of(EMAIL)))


def test_changing_a_password_keeps_the_token_it_was_done_with(
    people: People, token: str, published: list[SignedOut]
) -> None:
    """All others are void, the newest included; live sockets are told."""
    others = [result_of(people.token_of(EMAIL)) for _ in range(2)]
    result_of(people.identity.change_password(token, PASSWORD, NEW))
    assert is_in(people, token)
    assert [refused(people, other) for other in others] == [REVOKED] * 2
    assert len(published) == 1
    fresh = result_of(people.token_of(EMAIL, NEW))
    assert is_in(people, fresh)
    result_of(people.identity.change_password(token, NEW, PASSWORD))
    assert is_in(people, token)
    assert not is_in(people, fresh)


def test_the_kept_token_ends_with_the_next_change(people: People, token: str) -> None:
    """It is kept once, not for ever."""
    result_of(people.identity.change_password(token, PASSWORD, NEW))
    fresh = result_of(people.token_of(EMAIL, NEW))
    result_of(people.identity.change_password(fresh, NEW, PASSWORD))
    assert not is_in(people, token)
    assert is_in(people, fresh)
    recover(people)
    assert not is_in(people, fresh)


def test_what_changes_no_password_ends_no_token(
    people: People, token: str, published: list[SignedOut]
) -> None:
    """A profile, a sign-in, a code that was asked for, or one that was wrong."""
    identity = people.identity
    result_of(identity.change_me(token, {"name": "Ida"}))
    result_of(identity.change_user(EMAIL, {"name": "Eva"}))
    result_of(identity.set_enabled(EMAIL, True))
    result_of(people.token_of(EMAIL))
    result_of(identity.forgot_password(EMAIL))
    with pytest.raises(CodeMismatch):
        result_of(identity.confirm_forgot_password(EMAIL, "wrong", NEW))
    with pytest.raises(NotAuthorized):
        result_of(identity.change_password(token, NEW, NEW))
    assert is_in(people, token)
    assert published == []


@pytest.mark.parametrize(("end", "words", "why"), ENDINGS)
def test_another_node_notices_within_five_seconds(
    people: People, token: str, clock: Clock, end: Ending, words: str, why: str
) -> None:
    """Though nobody tells it."""
    elsewhere = People(clock, people.accounts)
    assert is_in(elsewhere, token)
    result_of(end(people.identity))
    clock.advance(4.9)
    assert is_in(elsewhere, token)
    clock.advance(0.1)
    assert refused(elsewhere, token) == words


def test_another_node_that_is_told_notices_at_once(
    people: People, token: str, clock: Clock
) -> None:
    """Over the bus they share."""
    elsewhere = People(clock, people.accounts)
    people.bus.subscribe(ACCOUNTS, lambda it: elsewhere.bus.publish(ACCOUNTS, it))
    assert is_in(elsewhere, token)
    result_of(people.identity.set_enabled(EMAIL, False))
    assert refused(elsewhere, token) == GONE


def test_another_node_takes_a_new_token_at_once(
    people: People, token: str, clock: Clock
) -> None:
    """Though it has seen the account as it was before."""
    elsewhere = People(clock, people.accounts)
    assert is_in(elsewhere, token)
    result_of(people.identity.set_password(EMAIL, NEW))
    assert is_in(elsewhere, result_of(people.token_of(EMAIL, NEW)))
    assert not is_in(elsewhere, token)


def test_a_token_of_a_generation_that_never_was_is_refused(
    people: People, token: str
) -> None:
    """After a backup was put back, say."""
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    later = evolve(account, generation=9)
    ahead = people.tokens.issue(later, people.clock.seconds())
    assert refused(people, ahead) == REVOKED


def test_who_was_let_in_while_asked_for_is_looked_at_again(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """A slow answer from before a change does not undo it."""
    clock.advance(5.0)
    world.faults.slow(2.0, before_commit=False)
    admitting = fire(people.identity.admit(token))
    clock.advance(1.0)
    world.faults.slow(0.0, before_commit=False)
    result_of(people.identity.set_enabled(EMAIL, False))
    clock.advance(1.0)
    with pytest.raises(TokenError, match=GONE):
        result_of(admitting)
    assert refused(people, token) == GONE


@pytest.mark.parametrize("before_commit", [True, False])
def test_a_change_nobody_is_sure_of_is_published(
    people: People,
    token: str,
    world: MemoryWorld,
    published: list[SignedOut],
    before_commit: bool,
) -> None:
    """Sockets are closed rather than left open; tokens are as the database says."""
    world.faults.fail_next("change_account", before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        result_of(people.identity.set_enabled(EMAIL, False))
    assert len(published) == 1
    assert is_in(people, token) is before_commit
