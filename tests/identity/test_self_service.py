"""What people see and change of their own account."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from flexicharge.errors import (
    DatabaseAway,
    NotAuthorized,
    ParameterInvalid,
    PasswordTooWeak,
    TokenError,
    TooManyRequests,
)
from flexicharge.model.account import PROFILE
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"
NEW = "N3w-password"
PROFILE_OF_IDA = {
    "name": "Ida",
    "family_name": "Åkesson",
    "phone_number": "+46701234567",
    "custom:street_address": "Gjuterigatan 5",
    "custom:zip_code": "553 18",
    "custom:city": "Jönköping",
    "custom:country": "Sverige",
}


@pytest.fixture
def token(people: People) -> str:
    result_of(people.join(EMAIL))
    return result_of(people.token_of(EMAIL))


def attributes(people: People, token: str) -> dict[str, str]:
    known = dict(result_of(people.identity.whoami(token)).attributes)
    del known["sub"]
    return known


def test_everybody_sees_who_they_are(people: People, token: str) -> None:
    """What is not known of them is not there."""
    person = result_of(people.identity.whoami(token))
    assert person.email == EMAIL
    assert dict(person.attributes) == {
        "sub": person.user_id,
        "email": EMAIL,
        "email_verified": "true",
    }
    assert (person.status, person.enabled) == ("CONFIRMED", True)


def test_everybody_changes_what_is_known_of_them(
    people: People, token: str, clock: Clock
) -> None:
    """All of it, or a part; an empty text takes it away."""
    clock.advance(10.0)
    changed = result_of(people.identity.change_me(token, PROFILE_OF_IDA))
    assert list(changed.attributes)[3:] == list(PROFILE)
    assert changed.modified_at == clock.seconds()
    result_of(people.identity.change_me(token, {"custom:city": "", "name": "Eva"}))
    expected = {**PROFILE_OF_IDA, "name": "Eva"}
    del expected["custom:city"]
    assert attributes(people, token) == {
        "email": EMAIL,
        "email_verified": "true",
        **expected,
    }


@pytest.mark.parametrize("phone", ["", "+1", "+123456789012345"])
def test_a_phone_number_is_a_plus_and_digits(
    people: People, token: str, phone: str
) -> None:
    """One to fifteen of them (E.164), or none at all."""
    changed = result_of(people.identity.change_me(token, {"phone_number": phone}))
    assert changed.attributes.get("phone_number", "") == phone


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("phone_number", "0701234567", "Invalid phone number format."),
        ("phone_number", "+", "Invalid phone number format."),
        ("phone_number", "+1234567890123456", "Invalid phone number format."),
        ("phone_number", "+46 70", "Invalid phone number format."),
        ("phone_number", "+٤٦", "Invalid phone number format."),
        ("phone_number", "+46\n", "Invalid phone number format."),
        ("name", "x" * 257, "no longer than 256"),
        ("custom:zip_code", "1" * 33, "no longer than 32"),
        ("custom:city", "Jön\0köping", "single line"),
        ("family_name", "Åkes\nson", "single line"),
        ("custom:country", "\ud800", "single line"),
        ("email", "other@example.com", "does not exist in the schema"),
        ("email_verified", "true", "does not exist in the schema"),
        ("sub", "4b1f7f0e", "does not exist in the schema"),
        ("cognito:groups", "Admins", "does not exist in the schema"),
        ("custom:admin", "1", "does not exist in the schema"),
        ("password_hash", "x", "does not exist in the schema"),
        ("city", "x", "does not exist in the schema"),
    ],
)
def test_what_cannot_be_known_changes_nothing(
    people: People, token: str, name: str, value: str, message: str
) -> None:
    """Not even what was right beside it."""
    before = attributes(people, token)
    wrong = {"custom:street_address": "Gjuterigatan 5", name: value}
    with pytest.raises(ParameterInvalid, match=message):
        result_of(people.identity.change_me(token, wrong))
    assert attributes(people, token) == before


def test_a_password_is_changed_by_who_knows_it(people: People, token: str) -> None:
    """The token it was changed with stays good."""
    result_of(people.identity.change_password(token, PASSWORD, NEW))
    assert result_of(people.identity.admit(token))
    assert result_of(people.token_of(EMAIL, NEW))
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL))


def test_a_wrong_previous_password_changes_nothing(people: People, token: str) -> None:
    """Whoever found a token does not have the account yet."""
    with pytest.raises(NotAuthorized, match="Incorrect username or password"):
        result_of(people.identity.change_password(token, "Wr0ng-one!", NEW))
    assert result_of(people.token_of(EMAIL))


def test_a_weak_password_is_refused(people: People, token: str) -> None:
    """Before the previous one is looked at."""
    people.hasher.verified = 0
    with pytest.raises(PasswordTooWeak):
        result_of(people.identity.change_password(token, PASSWORD, "weak"))
    assert people.hasher.verified == 0


def test_a_token_is_no_way_to_guess_passwords(
    people: People, token: str, clock: Clock
) -> None:
    """Wrong ones count as they do at sign-in, and together with those."""
    for _ in range(50):
        for guess in (
            people.identity.change_password(token, "Wr0ng-one!", NEW),
            people.identity.sign_in(EMAIL, "Wr0ng-one!"),
        ):
            with pytest.raises(NotAuthorized):
                result_of(guess)
    with pytest.raises(TooManyRequests):
        result_of(people.identity.change_password(token, PASSWORD, NEW))
    clock.advance(3.1)
    result_of(people.identity.change_password(token, PASSWORD, NEW))


def test_of_two_changes_at_once_one_counts(
    people: People, token: str, world: MemoryWorld, clock: Clock
) -> None:
    """The slower one's previous password is not right any more."""
    world.faults.slow(1.0)
    first = fire(people.identity.change_password(token, PASSWORD, NEW))
    second = fire(people.identity.change_password(token, PASSWORD, "0ther-Password"))
    clock.pump([1.0] * 5)
    world.faults.slow(0.0)
    result_of(first)
    with pytest.raises(NotAuthorized):
        result_of(second)
    assert result_of(people.token_of(EMAIL, NEW))


def test_an_account_is_deleted_by_its_owner(people: People, token: str) -> None:
    """It is gone for good, and its address is free again."""
    result_of(people.identity.delete_me(token))
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL))
    result_of(people.join(EMAIL))
    with pytest.raises(TokenError):
        result_of(people.identity.admit(token))


def test_a_deleted_account_is_nobodys(
    people: People, token: str, world: MemoryWorld
) -> None:
    """Whatever its owner asks for, even while it was seen a moment ago."""
    result_of(people.identity.admit(token))
    world.accounts.clear()
    for asked in (
        people.identity.whoami(token),
        people.identity.change_me(token, {"name": "Ida"}),
        people.identity.change_password(token, PASSWORD, NEW),
        people.identity.delete_me(token),
    ):
        with pytest.raises(TokenError, match="account disabled or deleted"):
            result_of(asked)


@pytest.mark.parametrize("token_of", ["", "damaged"])
def test_nothing_is_done_without_a_token(
    people: People, token: str, token_of: str
) -> None:
    """Every one of these asks who it is first."""
    wrong = "" if not token_of else f"{token[:-6]}AAAAAA"
    for asked in (
        people.identity.whoami(wrong),
        people.identity.change_me(wrong, {"name": "Ida"}),
        people.identity.change_password(wrong, PASSWORD, NEW),
        people.identity.delete_me(wrong),
    ):
        with pytest.raises(TokenError):
            result_of(asked)
    assert "name" not in attributes(people, token)


@pytest.mark.parametrize("method", ["change_account", "delete_account"])
@pytest.mark.parametrize("before_commit", [True, False])
def test_it_can_be_repeated_after_a_failure(
    people: People, token: str, world: MemoryWorld, method: str, before_commit: bool
) -> None:
    """Or was done, and says so in its own way."""
    world.faults.fail_next(method, before_commit=before_commit)

    def ask() -> None:
        if method == "change_account":
            result_of(people.identity.change_me(token, {"name": "Ida"}))
        else:
            result_of(people.identity.delete_me(token))

    with pytest.raises(DatabaseAway):
        ask()
    if method == "delete_account" and not before_commit:
        with pytest.raises(TokenError):
            ask()
    else:
        ask()
