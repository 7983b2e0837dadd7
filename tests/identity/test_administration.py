"""What administrators do with other people's accounts."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
from twisted.internet.task import Clock

from flexicharge.errors import (
    CodeMismatch,
    DatabaseAway,
    IdentityError,
    MailNotSent,
    NameTaken,
    NewPasswordRequired,
    NotAuthorized,
    ParameterInvalid,
    PasswordResetRequired,
    PasswordTooWeak,
    TokenError,
    UserNotFound,
)
from flexicharge.interfaces import IIdentity
from flexicharge.model.account import ADMINS, AccountStatus, Listing
from flexicharge.storage.memory import MemorySelfTests
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People
from flexicharge.testing.memory import driver_account

EMAIL, NOBODY = "driver@example.com", "nobody@example.com"
TEMPORARY, NEW = "T3mporary!", "N3w-password"
NUMBER, ADMIN = "7a4fdc2e-6d1c-4a0b-9a53-5b1e1d0f6f11", "admin@example.com"

# Whatever administrators ask of somebody.
ASKED: list[Callable[[IIdentity, str], Awaitable[object]]] = [
    lambda identity, name: identity.user(name),
    lambda identity, name: identity.change_user(name, {"name": "x"}),
    lambda identity, name: identity.remove_user(name),
    lambda identity, name: identity.set_enabled(name, True),
    lambda identity, name: identity.set_enabled(name, False),
    lambda identity, name: identity.reset_password(name),
    lambda identity, name: identity.set_password(name, NEW),
]
ASKED_FOR = ["user", "change", "remove", "enable", "disable", "reset", "set"]


@pytest.fixture
def driver(people: People) -> str:
    """The number of a driver who has joined."""
    result_of(people.join(EMAIL))
    people.mail.sent.clear()
    return result_of(people.identity.user(EMAIL)).user_id


def mailed_password(people: People, to: str = EMAIL) -> str:
    (text,) = [letter.text for letter in people.mail.sent if letter.to == to]
    found = re.search(r"temporary password is (\S+)\n", text)
    assert found
    return found[1]


def test_somebody_is_invited(people: People, clock: Clock) -> None:
    """With a password they are mailed, and must change."""
    added = result_of(
        people.identity.add_user(
            " Driver@Example.com ", TEMPORARY, {"name": "Ida", "custom:city": ""}
        )
    )
    assert dict(added.attributes) == {
        "sub": added.user_id,
        "email": EMAIL,
        "email_verified": "false",
        "name": "Ida",
    }
    assert (added.status, added.enabled) == ("FORCE_CHANGE_PASSWORD", True)
    assert added.created_at == added.modified_at == clock.seconds()
    assert result_of(people.identity.user(EMAIL)) == added
    assert mailed_password(people) == TEMPORARY
    with pytest.raises(NewPasswordRequired):
        result_of(people.token_of(EMAIL, TEMPORARY))


def test_a_password_that_is_not_given_is_made_up(people: People) -> None:
    """It keeps to the policy, and only its reader knows it."""
    result_of(people.identity.add_user(EMAIL, None, {}))
    result_of(people.identity.add_user("other@example.com", None, {}))
    password = mailed_password(people)
    assert password != mailed_password(people, "other@example.com")
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(people.token_of(EMAIL, password))
    session = caught.value.session
    result_of(people.identity.change_forced_password(EMAIL, password + "!", session))


def test_an_administrator_is_invited(people: People) -> None:
    """And is one once the password is changed."""
    result_of(people.identity.add_admin(EMAIL, TEMPORARY, {"email_verified": "True"}))
    with pytest.raises(NewPasswordRequired) as caught:
        result_of(people.token_of(EMAIL, TEMPORARY))
    signed_in = result_of(
        people.identity.change_forced_password(EMAIL, NEW, caught.value.session)
    )
    assert result_of(people.identity.admit(signed_in.access_token)).is_admin
    (person,) = result_of(people.identity.admins(Listing())).people
    assert person == signed_in.person
    assert person.attributes["email_verified"] == "true"


@pytest.mark.parametrize(
    ("email", "password", "attributes", "error"),
    [
        (EMAIL, TEMPORARY, {}, NameTaken),
        (EMAIL.upper(), TEMPORARY, {}, NameTaken),
        ("no address", TEMPORARY, {}, ParameterInvalid),
        ("new@example.com", "weak", {}, PasswordTooWeak),
        ("new@example.com", "", {}, PasswordTooWeak),
        ("new@example.com", TEMPORARY, {"phone_number": "07"}, ParameterInvalid),
        ("new@example.com", TEMPORARY, {"email_verified": "yes"}, ParameterInvalid),
        ("new@example.com", TEMPORARY, {"email": "x@y.se"}, ParameterInvalid),
        ("new@example.com", TEMPORARY, {"custom:admin": "1"}, ParameterInvalid),
    ],
)
def test_what_breaks_the_rules_invites_nobody(
    people: People,
    driver: str,
    email: str,
    password: str,
    attributes: dict[str, str],
    error: type[IdentityError],
) -> None:
    """Nothing is stored and nothing mailed."""
    for add in (people.identity.add_user, people.identity.add_admin):
        with pytest.raises(error):
            result_of(add(email, password, attributes))
    assert people.mail.sent == []
    assert len(result_of(people.identity.users(Listing())).people) == 1


def test_whoever_cannot_be_told_the_password_has_no_account(people: People) -> None:
    """So it can be done again once mail goes out."""
    people.mail.refusing = True
    with pytest.raises(MailNotSent):
        result_of(people.identity.add_user(EMAIL, TEMPORARY, {}))
    people.mail.refusing = False
    with pytest.raises(UserNotFound):
        result_of(people.identity.user(EMAIL))
    result_of(people.identity.add_user(EMAIL, TEMPORARY, {}))


def test_an_invitation_that_cannot_be_taken_back_can_be_mended(
    people: People, world: MemoryWorld
) -> None:
    """A code that is mailed later does as well as the password."""
    people.mail.refusing = True
    world.faults.fail_next("delete_account", before_commit=True)
    with pytest.raises(MailNotSent):
        result_of(people.identity.add_user(EMAIL, TEMPORARY, {}))
    people.mail.refusing = False
    result_of(people.identity.reset_password(EMAIL))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, NEW))
    assert result_of(people.token_of(EMAIL, NEW))


@pytest.mark.parametrize("username", [EMAIL, " Driver@Example.COM "])
def test_somebody_is_named_by_address_or_number(
    people: People, driver: str, username: str
) -> None:
    """Whatever the case of an address."""
    person = result_of(people.identity.user(username))
    assert person == result_of(people.identity.user(driver))
    assert person.user_id == driver


@pytest.mark.parametrize(
    "username",
    [NOBODY, "no address", "@", "", "\0", "\ud800@x", "x" * 10_000, "' OR true --"],
)
@pytest.mark.parametrize("ask", ASKED, ids=ASKED_FOR)
def test_nobody_is_not_found(
    people: People,
    driver: str,
    ask: Callable[[IIdentity, str], Awaitable[object]],
    username: str,
) -> None:
    """Whatever is asked of them; nothing is changed or mailed."""
    with pytest.raises(UserNotFound, match=r"User does not exist\."):
        result_of(ask(people.identity, username))
    assert people.mail.sent == []


@pytest.mark.parametrize("ask", ASKED, ids=ASKED_FOR)
def test_an_account_of_the_self_tests_is_nobodys(
    people: People,
    world: MemoryWorld,
    ask: Callable[[IIdentity, str], Awaitable[object]],
) -> None:
    """By number as by address; its own token still lets it in."""
    tester = driver_account(NUMBER, 1, people.clock.seconds())
    tests = MemorySelfTests(world)
    result_of(tests.prepare("selftest", b"x", (tester,), people.clock.seconds()))
    for name in (tester.account_id, tester.email):
        with pytest.raises(UserNotFound, match=r"User does not exist\."):
            result_of(ask(people.identity, name))
    assert result_of(people.accounts.get_account(NUMBER)) == tester
    token = people.tokens.issue(tester, people.clock.seconds())
    assert result_of(people.identity.admit(token)).user_id == NUMBER
    assert result_of(people.identity.whoami(token)).email == tester.email


LAST = "The last administrator who is enabled can be neither disabled nor deleted."


@pytest.mark.parametrize("which", ["disable", "remove", "leave"])
def test_the_last_administrator_stays(people: People, driver: str, which: str) -> None:
    """Whoever asks; somebody else can be made one first."""
    result_of(people.identity.make_admin(ADMIN, PASSWORD))
    result_of(people.identity.make_admin("off@example.com", PASSWORD))
    result_of(people.identity.set_enabled("off@example.com", False))
    token = result_of(people.token_of(ADMIN))

    def ask() -> Awaitable[None]:
        match which:
            case "disable":
                return people.identity.set_enabled(ADMIN, False)
            case "remove":
                return people.identity.remove_user(ADMIN)
            case _:
                return people.identity.delete_me(token)

    with pytest.raises(ParameterInvalid) as caught:
        result_of(ask())
    assert str(caught.value) == LAST
    assert result_of(people.identity.admit(token)).is_admin
    result_of(people.identity.make_admin(EMAIL, PASSWORD))
    result_of(ask())
    with pytest.raises(TokenError):
        result_of(people.identity.admit(token))


@pytest.mark.parametrize(
    "ask",
    [
        lambda identity: identity.change_user(EMAIL, {}),
        lambda identity: identity.set_enabled(EMAIL, False),
        lambda identity: identity.remove_user(EMAIL),
    ],
    ids=["change", "disable", "remove"],
)
def test_whoever_is_deleted_meanwhile_is_not_found(
    people: People,
    driver: str,
    world: MemoryWorld,
    clock: Clock,
    ask: Callable[[IIdentity], Awaitable[object]],
) -> None:
    """Between being looked up and being changed."""
    world.faults.slow(1.0)
    asked = fire(ask(people.identity))
    clock.advance(1.0)
    world.accounts.clear()
    clock.advance(1.0)
    with pytest.raises(UserNotFound):
        result_of(asked)


def test_a_profile_is_changed(people: People, driver: str) -> None:
    """As its owner would, and no more than is given."""
    changed = result_of(
        people.identity.change_user(driver, {"name": "Ida", "phone_number": "+46"})
    )
    assert changed.attributes["name"] == "Ida"
    assert changed.attributes["email_verified"] == "true"
    result_of(people.identity.change_user(driver, {"name": ""}))
    assert "name" not in result_of(people.identity.user(driver)).attributes


def test_a_new_address_is_one_to_sign_in_with(people: People, driver: str) -> None:
    """It is not verified unless that is said as well, and the old one is free."""
    changed = result_of(
        people.identity.change_user(driver, {"email": "New@Example.com"})
    )
    assert changed.email == "new@example.com"
    assert changed.attributes["email_verified"] == "false"
    assert result_of(people.token_of("new@example.com"))
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL))
    both = {"email": EMAIL, "email_verified": "true"}
    changed = result_of(people.identity.change_user(driver, both))
    assert changed.attributes["email_verified"] == "true"


def test_the_same_address_stays_as_verified_as_it_is(
    people: People, driver: str
) -> None:
    """And a code that was mailed to it stays good."""
    result_of(people.identity.forgot_password(EMAIL))
    changed = result_of(people.identity.change_user(driver, {"email": EMAIL.upper()}))
    assert changed.attributes["email_verified"] == "true"
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, NEW))


def test_what_was_mailed_to_the_old_address_is_void(
    people: People, driver: str
) -> None:
    """Whoever reads that does not get the account any more."""
    result_of(people.identity.forgot_password(EMAIL))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.change_user(driver, {"email": "new@example.com"}))
    with pytest.raises(CodeMismatch):
        result_of(people.identity.confirm_forgot_password("new@example.com", code, NEW))


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"email": "Taken@example.com"}, NameTaken),
        ({"email": "no address"}, ParameterInvalid),
        ({"email": ""}, ParameterInvalid),
        ({"email_verified": ""}, ParameterInvalid),
        ({"email_verified": "1"}, ParameterInvalid),
        ({"phone_number": "07"}, ParameterInvalid),
        ({"sub": "x"}, ParameterInvalid),
        ({"status": "CONFIRMED"}, ParameterInvalid),
    ],
)
def test_what_cannot_be_changes_nothing(
    people: People,
    driver: str,
    attributes: dict[str, str],
    error: type[IdentityError],
) -> None:
    """Not even what was right beside it."""
    result_of(people.join("taken@example.com"))
    before = result_of(people.identity.user(driver))
    with pytest.raises(error):
        result_of(people.identity.change_user(driver, {"name": "x", **attributes}))
    assert result_of(people.identity.user(driver)) == before


def test_whoever_is_disabled_cannot_sign_in(people: People, driver: str) -> None:
    """Until they are enabled again; then their password is the one they had."""
    result_of(people.identity.set_enabled(driver, False))
    assert not result_of(people.identity.user(driver)).enabled
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL))
    result_of(people.identity.set_enabled(driver, True))
    token = result_of(people.token_of(EMAIL))
    assert result_of(people.identity.admit(token))


def test_a_code_does_not_outlive_being_disabled(people: People, driver: str) -> None:
    """One that was mailed before sets no password afterwards."""
    result_of(people.identity.forgot_password(EMAIL))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.set_enabled(driver, False))
    result_of(people.identity.set_enabled(driver, True))
    with pytest.raises(CodeMismatch):
        result_of(people.identity.confirm_forgot_password(EMAIL, code, NEW))


def test_a_removed_account_is_gone(people: People, driver: str) -> None:
    """Its address may be used anew, by somebody with another number."""
    result_of(people.identity.remove_user(EMAIL))
    with pytest.raises(UserNotFound):
        result_of(people.identity.user(driver))
    result_of(people.join(EMAIL))
    assert result_of(people.identity.user(EMAIL)).user_id != driver


def test_a_password_that_is_reset_is_void(people: People, driver: str) -> None:
    """Who still knows it is told; who guesses is not. A mailed code sets a new one."""
    result_of(people.identity.reset_password(driver))
    assert result_of(people.identity.user(driver)).status == "RESET_REQUIRED"
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL, NEW))
    with pytest.raises(PasswordResetRequired):
        result_of(people.token_of(EMAIL))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, NEW))
    assert result_of(people.token_of(EMAIL, NEW))
    assert result_of(people.identity.user(driver)).status == "CONFIRMED"


def test_a_reset_that_cannot_be_mailed_is_told(people: People, driver: str) -> None:
    """The password is void all the same; the owner may ask for a code as well."""
    people.mail.refusing = True
    with pytest.raises(MailNotSent):
        result_of(people.identity.reset_password(driver))
    people.mail.refusing = False
    with pytest.raises(PasswordResetRequired):
        result_of(people.token_of(EMAIL))
    result_of(people.identity.forgot_password(EMAIL))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, NEW))


def test_a_reset_can_be_tried_after_too_many_wrong_codes(
    people: People, driver: str
) -> None:
    """Whoever asks an administrator for help gets it."""
    for _ in range(5):
        with pytest.raises(CodeMismatch):
            result_of(people.identity.confirm_forgot_password(EMAIL, "x", NEW))
    result_of(people.identity.reset_password(driver))
    code = people.mail.code_for(EMAIL)
    result_of(people.identity.confirm_forgot_password(EMAIL, code, NEW))


@pytest.mark.parametrize("was", ["UNCONFIRMED", "FORCE_CHANGE_PASSWORD", "CONFIRMED"])
def test_a_password_is_set_for_somebody(people: People, was: str) -> None:
    """It opens the account at once, wherever that stood."""
    match was:
        case "UNCONFIRMED":
            result_of(people.identity.sign_up(EMAIL, PASSWORD))
        case "FORCE_CHANGE_PASSWORD":
            result_of(people.identity.add_user(EMAIL, PASSWORD, {}))
        case _:
            result_of(people.join(EMAIL))
    assert result_of(people.identity.user(EMAIL)).status == AccountStatus(was)
    with pytest.raises(PasswordTooWeak):
        result_of(people.identity.set_password(EMAIL, "weak"))
    result_of(people.identity.set_password(EMAIL, NEW))
    assert result_of(people.token_of(EMAIL, NEW))
    with pytest.raises(NotAuthorized):
        result_of(people.token_of(EMAIL))


def test_an_administrator_is_a_user(people: People, driver: str) -> None:
    """One list shows everybody, the other those in the group."""
    result_of(people.identity.make_admin("admin@example.com", PASSWORD))
    everybody = result_of(people.identity.users(Listing())).people
    assert {person.email for person in everybody} == {EMAIL, "admin@example.com"}
    (admin,) = result_of(people.identity.admins(Listing())).people
    assert admin.email == "admin@example.com"
    account = result_of(people.accounts.get_account(admin.user_id))
    assert account.groups == (ADMINS,)


@pytest.mark.parametrize("before_commit", [True, False])
def test_changes_can_be_repeated_after_a_failure(
    people: People, driver: str, world: MemoryWorld, before_commit: bool
) -> None:
    """Wherever the database went away, the second time it is done."""
    for change in (
        lambda: people.identity.change_user(EMAIL, {"name": "Ida"}),
        lambda: people.identity.set_enabled(EMAIL, False),
        lambda: people.identity.set_enabled(EMAIL, True),
        lambda: people.identity.reset_password(EMAIL),
        lambda: people.identity.set_password(EMAIL, NEW),
    ):
        world.faults.fail_next("change_account", before_commit=before_commit)
        with pytest.raises(DatabaseAway):
            result_of(change())
        result_of(change())
    assert result_of(people.token_of(EMAIL, NEW))
