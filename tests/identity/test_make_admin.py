"""Admins are made at the command line."""

from __future__ import annotations

import pytest

from flexicharge.errors import (
    AccountUnconfirmed,
    DatabaseAway,
    IdentityError,
    NotAuthorized,
    ParameterInvalid,
    PasswordTooWeak,
)
from flexicharge.model.account import ADMINS
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "admin@example.com"
OTHER_PASSWORD = "0ther-Password"


def test_a_new_admin_can_sign_in_at_once(people: People) -> None:
    """Nobody needs to confirm anything; the token says what they are."""
    account, is_new = result_of(
        people.identity.make_admin("Admin@example.com", PASSWORD)
    )
    assert is_new
    assert account.email == EMAIL
    assert account.groups == (ADMINS,)
    assert people.mail.sent == []
    signed_in = result_of(people.identity.sign_in(EMAIL, PASSWORD))
    assert result_of(people.identity.admit(signed_in.access_token)).is_admin


def test_an_account_becomes_an_admins_and_keeps_its_password(people: People) -> None:
    """The given password is not taken."""
    result_of(people.join(EMAIL))
    account, is_new = result_of(people.identity.make_admin(EMAIL, OTHER_PASSWORD))
    assert not is_new
    assert account.groups == (ADMINS,)
    assert result_of(people.identity.sign_in(EMAIL, PASSWORD))
    with pytest.raises(NotAuthorized):
        result_of(people.identity.sign_in(EMAIL, OTHER_PASSWORD))


def test_an_admin_stays_one(people: People) -> None:
    """Doing it twice changes nothing."""
    result_of(people.identity.make_admin(EMAIL, PASSWORD))
    account, is_new = result_of(people.identity.make_admin(EMAIL, PASSWORD))
    assert not is_new
    assert account.groups == (ADMINS,)


def test_an_unconfirmed_account_is_not_made_an_admins(people: People) -> None:
    """Whoever knows its password need not own its address."""
    result_of(people.identity.sign_up(EMAIL, OTHER_PASSWORD))
    with pytest.raises(AccountUnconfirmed):
        result_of(people.identity.make_admin(EMAIL, PASSWORD))
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    assert account.groups == ()


@pytest.mark.parametrize(
    ("email", "password", "error"),
    [("admin", PASSWORD, ParameterInvalid), (EMAIL, "weak", PasswordTooWeak)],
)
def test_the_rules_are_the_same_for_admins(
    people: People, email: str, password: str, error: type[IdentityError]
) -> None:
    """A weak password opens no door."""
    with pytest.raises(error):
        result_of(people.identity.make_admin(email, password))


@pytest.mark.parametrize("method", ["add_account", "add_to_group"])
@pytest.mark.parametrize("before_commit", [True, False])
def test_it_can_be_repeated_after_a_failure(
    people: People, world: MemoryWorld, method: str, before_commit: bool
) -> None:
    """Wherever the database went away, the second time makes an admin."""
    world.faults.fail_next(method, before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        result_of(people.identity.make_admin(EMAIL, PASSWORD))
    account, _ = result_of(people.identity.make_admin(EMAIL, PASSWORD))
    assert account.groups == (ADMINS,)
