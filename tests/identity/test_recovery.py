"""A forgotten password is set anew by whoever reads the account's mail."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogEvent, globalLogPublisher

from flexicharge.errors import (
    CodeExpired,
    CodeMismatch,
    DatabaseAway,
    IdentityError,
    NotAuthorized,
    PasswordTooWeak,
    ServerBusy,
    TooManyRequests,
)
from flexicharge.identity.addresses import masked
from flexicharge.model.account import AccountStatus, Delivery
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL, STRANGER = "driver@example.com", "nobody@example.com"
NEW = "N3w-password"


@pytest.fixture
def driver(people: People) -> People:
    """The people among whom one driver has joined."""
    result_of(people.join(EMAIL))
    people.mail.sent.clear()
    people.hasher.hashed = 0
    return people


def forgot(people: People, email: str = EMAIL) -> Delivery:
    return result_of(people.identity.forgot_password(email))


def confirm(people: People, code: str, email: str = EMAIL, new: str = NEW) -> None:
    result_of(people.identity.confirm_forgot_password(email, code, new))


def failure_of(people: People, code: str, email: str = EMAIL) -> tuple[type, str]:
    with pytest.raises(IdentityError) as caught:
        confirm(people, code, email)
    return caught.type, str(caught.value)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_is_mailed_and_sets_a_new_password(driver: People) -> None:
    """Only that opens the account afterwards; blanks and case do not matter."""
    assert forgot(driver, " Driver@Example.com ") == Delivery(destination="D***@E***")
    (letter,) = driver.mail.sent
    assert letter.to == EMAIL
    confirm(driver, f" {driver.mail.code_for(EMAIL)}\n", EMAIL.upper())
    assert result_of(driver.identity.sign_in(EMAIL, NEW))
    with pytest.raises(NotAuthorized):
        result_of(driver.identity.sign_in(EMAIL, PASSWORD))


def test_the_code_itself_is_not_stored(driver: People, world: MemoryWorld) -> None:
    """Whoever reads the database changes no password."""
    forgot(driver)
    row = next(iter(world.codes.values()))
    assert len(row.code_mac) == 32
    assert driver.mail.code_for(EMAIL).encode() not in row.code_mac


def test_a_code_is_good_once_and_for_an_hour(driver: People, clock: Clock) -> None:
    """At the end of the hour it is said to be too old."""
    forgot(driver)
    clock.advance(3599.9)
    confirm(driver, driver.mail.code_for(EMAIL))
    assert failure_of(driver, driver.mail.code_for(EMAIL))[0] is CodeMismatch
    forgot(driver)
    clock.advance(3600.0)
    assert failure_of(driver, driver.mail.code_for(EMAIL))[0] is CodeExpired


def test_a_code_of_another_purpose_is_none(people: People) -> None:
    """What confirms an address sets no password, and the other way round."""
    result_of(people.identity.sign_up(EMAIL, PASSWORD))
    welcome = people.mail.code_for(EMAIL)
    assert failure_of(people, welcome)[0] is CodeMismatch
    result_of(people.identity.verify(EMAIL, welcome))
    forgot(people)
    with pytest.raises(CodeMismatch):
        result_of(people.identity.verify(EMAIL, people.mail.code_for(EMAIL)))


def test_five_wrong_codes_are_enough(driver: People, clock: Clock) -> None:
    """Neither then nor later does the right one work; a new one does."""
    forgot(driver)
    code = driver.mail.code_for(EMAIL)
    for _ in range(5):
        assert failure_of(driver, another(code))[0] is CodeMismatch
    assert failure_of(driver, code)[0] is TooManyRequests
    clock.advance(900.0)
    assert failure_of(driver, code)[0] is CodeMismatch
    forgot(driver)
    confirm(driver, driver.mail.code_for(EMAIL))


def test_a_code_nobody_looked_at_is_no_try(driver: People) -> None:
    """The server had no time to hash the new password; later it has."""
    forgot(driver)
    code = driver.mail.code_for(EMAIL)
    driver.hasher.outcome = ServerBusy("busy")
    for _ in range(6):
        assert failure_of(driver, code)[0] is ServerBusy
    driver.hasher.outcome = None
    confirm(driver, code)


def test_a_code_mailed_to_an_address_that_changed_meanwhile_is_void(
    driver: People, world: MemoryWorld, clock: Clock
) -> None:
    """Whoever reads the old one does not get the account."""
    world.faults.slow(1.0)
    asked = fire(driver.identity.forgot_password(EMAIL))
    clock.advance(1.0)
    result_of(asked)  # the code is being stored
    world.faults.slow(0.0)
    result_of(driver.identity.change_user(EMAIL, {"email": STRANGER}))
    clock.advance(1.0)
    code = driver.mail.code_for(EMAIL)
    assert failure_of(driver, code, STRANGER)[0] is CodeMismatch


def test_a_new_code_takes_the_place_of_the_old(driver: People) -> None:
    """Only the newest mail counts."""
    forgot(driver)
    first = driver.mail.code_for(EMAIL)
    forgot(driver)
    assert failure_of(driver, first)[0] is CodeMismatch
    confirm(driver, driver.mail.code_for(EMAIL))


def test_a_weak_password_uses_nothing_up(driver: People) -> None:
    """It is refused before the code is looked at."""
    forgot(driver)
    code = driver.mail.code_for(EMAIL)
    with pytest.raises(PasswordTooWeak):
        confirm(driver, code, new="weak")
    confirm(driver, code)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (EMAIL, "d***@e***"),
        ("a@b.se", "a***@b***"),
        ("no address", "n***"),
        ("@", "***@***"),
        ("", "***"),
        ("a@b@c", "a***@b***"),
        ("x" * 1000 + "@example.com", "x***"),
    ],
)
def test_as_much_of_an_address_is_shown_as_was_typed(typed: str, shown: str) -> None:
    """Whatever that was."""
    assert masked(typed) == shown


def who_gets_no_code(people: People, which: str) -> str:
    match which:
        case "unconfirmed":
            result_of(people.identity.sign_up(STRANGER, PASSWORD))
        case "disabled":
            result_of(people.join(STRANGER))
            result_of(people.identity.set_enabled(STRANGER, False))
        case "no address":
            return "no address"
    people.mail.sent.clear()
    return STRANGER


@pytest.mark.parametrize("which", ["unknown", "unconfirmed", "disabled", "no address"])
def test_who_can_have_no_code_looks_as_if_mailed(driver: People, which: str) -> None:
    """The same answer, and the same limit of mails a day; nothing is sent."""
    email = who_gets_no_code(driver, which)
    for _ in range(5):
        assert forgot(driver, email) == Delivery(destination=masked(email))
        forgot(driver)
    assert {letter.to for letter in driver.mail.sent} == {EMAIL}
    for one in (EMAIL, email):
        with pytest.raises(TooManyRequests):
            forgot(driver, one)


@pytest.mark.parametrize("which", ["unknown", "unconfirmed", "disabled", "no address"])
def test_who_has_no_code_looks_like_a_wrong_one(
    driver: People, clock: Clock, which: str
) -> None:
    """Word for word, for as many tries as one likes, and with the same work."""
    email = who_gets_no_code(driver, which)
    for _ in range(2):
        forgot(driver)
        forgot(driver, email)
        wrong = another(driver.mail.code_for(EMAIL))
        for _ in range(7):
            before = driver.hasher.hashed
            known = failure_of(driver, wrong)
            work = driver.hasher.hashed - before
            assert failure_of(driver, wrong, email) == known
            assert driver.hasher.hashed - before == 2 * work
        assert known[0] is TooManyRequests
        clock.advance(400.0)


def test_the_answer_does_not_wait_for_the_mail(
    driver: People, world: MemoryWorld, clock: Clock
) -> None:
    """It comes as soon whether there is an account or not."""
    world.faults.slow(1.0)
    known = fire(driver.identity.forgot_password(EMAIL))
    unknown = fire(driver.identity.forgot_password(STRANGER))
    clock.advance(1.0)
    assert result_of(known) != result_of(unknown)
    assert driver.mail.sent == []
    clock.advance(1.0)
    assert driver.mail.code_for(EMAIL)


def test_a_mail_that_does_not_go_out_is_only_logged(driver: People) -> None:
    """To be told would tell that there is an account; no code is in the log."""
    events: list[LogEvent] = []
    globalLogPublisher.addObserver(events.append)
    driver.mail.refusing = True
    assert forgot(driver) == forgot(driver, "driver@elsewhere.com")
    globalLogPublisher.removeObserver(events.append)
    assert [event for event in events if event.get("what") == "mailing a code"]


def test_a_reset_ends_the_wait_of_who_guessed_too_often(driver: People) -> None:
    """The new password works at once."""
    for _ in range(100):
        with pytest.raises(NotAuthorized):
            result_of(driver.identity.sign_in(EMAIL, NEW))
    forgot(driver)
    confirm(driver, driver.mail.code_for(EMAIL))
    assert result_of(driver.identity.sign_in(EMAIL, NEW))


def test_whoever_was_invited_may_forget_the_temporary_password(
    people: People,
) -> None:
    """The code goes where the invitation went, and confirms the address."""
    result_of(people.identity.add_user(EMAIL, PASSWORD, {}))
    forgot(people)
    confirm(people, people.mail.code_for(EMAIL))
    person = result_of(people.identity.sign_in(EMAIL, NEW)).person
    assert person.status == AccountStatus.CONFIRMED
    assert person.attributes["email_verified"] == "true"


@pytest.mark.parametrize("before_commit", [True, False])
def test_nobody_is_locked_out_by_a_failure(
    driver: People, world: MemoryWorld, before_commit: bool
) -> None:
    """The code and the password change together, or neither does."""
    forgot(driver)
    code = driver.mail.code_for(EMAIL)
    world.faults.fail_next("try_code", before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        confirm(driver, code)
    if before_commit:
        confirm(driver, code)
    assert result_of(driver.identity.sign_in(EMAIL, NEW))
