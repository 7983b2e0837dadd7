"""Who a token lets in, and how soon a change is noticed."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from twisted.internet.task import Clock

from flexicharge.errors import DatabaseAway, TokenError
from flexicharge.identity.sightings import MAX_SEEN, RecentAccounts
from flexicharge.model.account import ADMINS, Account
from flexicharge.storage.memory.accounts import MemoryAccounts
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"


@pytest.fixture
def token(people: People) -> str:
    result_of(people.join(EMAIL))
    return result_of(people.identity.sign_in(EMAIL, PASSWORD)).access_token


def refused(people: People, token: str) -> str:
    with pytest.raises(TokenError) as caught:
        result_of(people.identity.admit(token))
    return str(caught.value)


def change(world: MemoryWorld, **changes: Any) -> None:
    for number, account in world.accounts.items():
        world.accounts[number] = evolve(account, **changes)


def test_a_token_lets_its_owner_in(people: People, token: str) -> None:
    """The caller is the account that signed in, and no admin."""
    caller = result_of(people.identity.admit(token))
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    assert caller.user_id == account.account_id
    assert not caller.is_admin


def test_a_token_ends_after_an_hour(people: People, token: str, clock: Clock) -> None:
    """The server's clock decides."""
    clock.advance(3599.0)
    result_of(people.identity.admit(token))
    clock.advance(1.0)
    assert refused(people, token) == "jwt expired"


def test_what_is_no_token_lets_nobody_in(people: People) -> None:
    """The store is not even asked."""
    assert refused(people, "x") == "jwt malformed"


def test_a_disabled_account_is_noticed_within_five_seconds(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """However often its token is used meanwhile."""
    result_of(people.identity.admit(token))
    change(world, enabled=False)
    for _ in range(4):
        clock.advance(1.0)
        result_of(people.identity.admit(token))
    clock.advance(1.0)
    assert refused(people, token) == "account disabled or deleted"


def test_a_deleted_account_is_noticed(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """A valid signature does not outlive the account."""
    result_of(people.identity.admit(token))
    world.accounts.clear()
    clock.advance(5.0)
    assert refused(people, token) == "account disabled or deleted"


def test_groups_are_those_of_now(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """A token from before makes nobody an admin who is none any more."""
    change(world, groups=(ADMINS,))
    assert result_of(people.identity.admit(token)).is_admin
    of_an_admin = result_of(people.identity.sign_in(EMAIL, PASSWORD)).access_token
    change(world, groups=())
    clock.advance(5.0)
    assert not result_of(people.identity.admit(of_an_admin)).is_admin


def test_the_store_is_asked_once_in_five_seconds(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """A busy caller costs nothing; without the database nobody new comes in."""
    result_of(people.identity.admit(token))
    world.faults.away = True
    clock.advance(4.9)
    result_of(people.identity.admit(token))
    clock.advance(0.1)
    with pytest.raises(DatabaseAway):
        result_of(people.identity.admit(token))


def test_an_answer_is_as_old_as_its_question(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """A slow database does not make what it says last longer."""
    world.faults.slow(3.0, before_commit=False)
    asked = fire(people.identity.admit(token))
    clock.advance(2.0)
    change(world, enabled=False)
    clock.advance(1.0)
    result_of(asked)
    world.faults.slow(0.0, before_commit=False)
    clock.advance(2.0)
    assert refused(people, token) == "account disabled or deleted"


def test_memory_of_accounts_is_bounded(
    people: People, world: MemoryWorld, clock: Clock
) -> None:
    """The one seen longest ago is asked for again."""
    result_of(people.join(EMAIL))
    account = result_of(people.accounts.get_account_by_email(EMAIL))

    class Everyone(MemoryAccounts):
        async def get_account(self, account_id: str) -> Account:
            asked.append(account_id)
            return evolve(account, account_id=account_id)

    asked: list[str] = []
    recent = RecentAccounts(Everyone(world), clock)
    for number in range(MAX_SEEN + 1):
        result_of(recent.get(str(number)))
    result_of(recent.get("1"))
    result_of(recent.get("0"))
    assert asked[MAX_SEEN + 1 :] == ["0"]
