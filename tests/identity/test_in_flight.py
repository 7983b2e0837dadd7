"""What an administrator does while somebody's request is under way wins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from twisted.internet.defer import Deferred

from flexicharge.errors import (
    IdentityError,
    NewPasswordRequired,
    NotAuthorized,
    TokenError,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.account import AccountChange, AccountStatus
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"
CHOSEN, OWNERS = "Attack3r!", "0wners-Word"
OVER = (NotAuthorized, "Invalid session for the user, session is expired.")

Measure = Callable[[IIdentity], Awaitable[None]]


async def disable_for_a_moment(identity: IIdentity) -> None:
    await identity.set_enabled(EMAIL, False)
    await identity.set_enabled(EMAIL, True)


measures = pytest.mark.parametrize(
    "measure",
    [
        lambda identity: identity.reset_password(EMAIL),
        lambda identity: identity.set_enabled(EMAIL, False),
        lambda identity: identity.set_password(EMAIL, OWNERS),
        disable_for_a_moment,
    ],
    ids=["reset", "disable", "set", "disable for a moment"],
)


def during_hashing(
    people: People, work: Awaitable[object], measure: Measure
) -> Deferred[object]:
    """Return what `work` comes to if a measure is taken while it waits for a hash."""
    gate: Deferred[None] = Deferred()
    people.hasher.waiting_for = gate
    under_way = fire(work)
    people.hasher.waiting_for = None
    result_of(measure(people.identity))
    gate.callback(None)
    return under_way


def answered(people: People, session: str) -> tuple[type, str]:
    with pytest.raises(IdentityError) as caught:
        result_of(people.identity.change_forced_password(EMAIL, CHOSEN, session))
    return caught.type, str(caught.value)


@measures
def test_a_challenge_of_a_sign_in_under_way_is_void(
    people: People, measure: Measure
) -> None:
    """The temporary password had leaked; whoever has it does not get the account."""
    result_of(people.identity.add_user(EMAIL, PASSWORD, {}))
    sign_in = people.identity.sign_in(EMAIL, PASSWORD)
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(during_hashing(people, sign_in, measure))
    before = result_of(people.identity.user(EMAIL))
    assert answered(people, caught.value.session) == OVER
    assert result_of(people.identity.user(EMAIL)) == before


def test_the_code_of_a_reset_survives_the_challenge(people: People) -> None:
    """Its owner gets the account with it, whatever the other tries meanwhile."""
    result_of(people.identity.add_user(EMAIL, PASSWORD, {}))
    sign_in = people.identity.sign_in(EMAIL, PASSWORD)
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(during_hashing(people, sign_in, lambda it: it.reset_password(EMAIL)))
    assert answered(people, caught.value.session) == OVER
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, OWNERS))
    assert result_of(people.token_of(EMAIL, OWNERS))


@pytest.mark.parametrize(
    "change",
    [AccountChange(enabled=False), AccountChange(status=AccountStatus.RESET_REQUIRED)],
    ids=["disabled", "reset"],
)
def test_only_who_must_change_a_password_answers_a_challenge(
    people: People, change: AccountChange
) -> None:
    """However the account came to stand as it does."""
    user_id = result_of(people.identity.add_user(EMAIL, PASSWORD, {})).user_id
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(people.identity.sign_in(EMAIL, PASSWORD))
    now = people.clock.seconds()
    before = result_of(people.accounts.change_account(user_id, change, now))
    assert answered(people, caught.value.session) == OVER
    assert result_of(people.accounts.get_account(user_id)) == before


@measures
def test_a_change_of_password_under_way_is_void(
    people: People, measure: Measure
) -> None:
    """Neither the new password nor the token it is changed with is good for anything.

    Not even once the account is enabled again.
    """
    result_of(people.join(EMAIL))
    token = result_of(people.token_of(EMAIL))
    change = people.identity.change_password(token, PASSWORD, CHOSEN)
    with pytest.raises(NotAuthorized):
        result_of(during_hashing(people, change, measure))
    result_of(people.identity.set_enabled(EMAIL, True))
    with pytest.raises(TokenError):
        result_of(people.identity.admit(token))
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL, CHOSEN))


def test_the_code_of_a_reset_survives_a_change_of_password(people: People) -> None:
    """Its owner sets the password that counts."""
    result_of(people.join(EMAIL))
    token = result_of(people.token_of(EMAIL))
    change = people.identity.change_password(token, PASSWORD, CHOSEN)
    with pytest.raises(NotAuthorized):
        result_of(during_hashing(people, change, lambda it: it.reset_password(EMAIL)))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, OWNERS))
    assert result_of(people.token_of(EMAIL, OWNERS))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (AccountChange(signs_out=True), "jwt revoked"),
        (AccountChange(enabled=False), "account disabled or deleted"),
    ],
)
def test_a_password_is_changed_by_nobody_whose_token_is_void(
    people: People, world: MemoryWorld, change: AccountChange, says: str
) -> None:
    """Though this server saw the account a moment ago, and has not heard of it yet."""
    result_of(people.join(EMAIL))
    token = result_of(people.token_of(EMAIL))
    user_id = result_of(people.identity.admit(token)).user_id
    now = people.clock.seconds()
    before = result_of(people.accounts.change_account(user_id, change, now))
    assert result_of(people.identity.admit(token))  # as it was seen
    for work in (
        people.identity.change_password(token, PASSWORD, CHOSEN),
        people.identity.whoami(token),
    ):
        with pytest.raises(TokenError, match=says):
            result_of(work)
    assert world.accounts[user_id] == before
