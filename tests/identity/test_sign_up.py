"""Making an account and confirming its address."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.errors import (
    AccountUnconfirmed,
    AccountUnknown,
    CodeExpired,
    CodeMismatch,
    DatabaseAway,
    IdentityError,
    MailNotSent,
    NameTaken,
    NotAuthorized,
    ParameterInvalid,
    PasswordTooWeak,
    TooManyRequests,
)
from flexicharge.identity.persons import person_of
from flexicharge.model.account import AccountStatus, CodePurpose
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import fire, result_of
from flexicharge.testing.identity import PASSWORD, People

EMAIL = "driver@example.com"
OTHER_PASSWORD = "0ther-Password"


def sign_up(people: People, email: str = EMAIL, password: str = PASSWORD) -> None:
    result_of(people.identity.sign_up(email, password))


def verify(people: People, code: str, email: str = EMAIL) -> None:
    result_of(people.identity.verify(email, code))


def failure_of(people: People, code: str, email: str = EMAIL) -> tuple[type, str]:
    with pytest.raises(IdentityError) as caught:
        verify(people, code, email)
    return caught.type, str(caught.value)


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_an_account_is_made_and_a_code_mailed(people: People) -> None:
    """The account waits for the code; its password is kept as a hash only."""
    sign_up(people, " Driver@Example.com ")
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    assert account.status is AccountStatus.UNCONFIRMED
    assert account.enabled
    assert account.groups == ()
    assert account.created_at == account.modified_at == 1_800_000_000.0
    assert account.password_hash != PASSWORD
    (letter,) = people.mail.sent
    assert letter.to == EMAIL
    assert people.mail.code_for(EMAIL) in letter.text


def test_the_code_confirms_the_account(people: People) -> None:
    """After that its owner can sign in; blanks around the code do not matter."""
    sign_up(people)
    verify(people, f" {people.mail.code_for(EMAIL)} ", "DRIVER@example.com")
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    assert account.status is AccountStatus.CONFIRMED
    assert account.email_verified
    signed_in = result_of(people.identity.sign_in(EMAIL, PASSWORD))
    assert signed_in.person == person_of(account)


def test_the_code_itself_is_not_stored(people: People, world: MemoryWorld) -> None:
    """Whoever reads the database confirms nothing."""
    sign_up(people)
    (row,) = world.codes.values()
    assert row.code_mac is not None
    assert people.mail.code_for(EMAIL).encode() not in row.code_mac
    assert len(row.code_mac) == 32


def test_the_code_of_one_is_not_the_code_of_another(people: People) -> None:
    """A MAC belongs to its account, even when the digits are the same."""
    sign_up(people)
    sign_up(people, "thief@example.com")
    stolen = people.mail.code_for("thief@example.com")
    assert failure_of(people, stolen)[0] is CodeMismatch


def test_a_code_works_once(people: People) -> None:
    """A second use is a wrong code."""
    sign_up(people)
    code = people.mail.code_for(EMAIL)
    verify(people, code)
    assert failure_of(people, code)[0] is CodeMismatch


def test_a_code_lasts_a_day(people: People, clock: Clock) -> None:
    """Up to then it works, and after that it is said to be too old."""
    sign_up(people)
    sign_up(people, "late@example.com")
    clock.advance(86_399.0)
    verify(people, people.mail.code_for(EMAIL))
    clock.advance(1.0)
    late = people.mail.code_for("late@example.com")
    assert failure_of(people, late, "late@example.com")[0] is CodeExpired


def test_five_wrong_codes_make_the_right_one_useless(
    people: People, clock: Clock
) -> None:
    """Guessing ends there: neither at once nor later does the code work any more."""
    sign_up(people)
    code = people.mail.code_for(EMAIL)
    for _ in range(5):
        assert failure_of(people, another(code))[0] is CodeMismatch
    assert failure_of(people, code)[0] is TooManyRequests
    clock.advance(3600.0)
    assert failure_of(people, code)[0] is CodeMismatch


@pytest.mark.parametrize("stranger", ["nobody@example.com", "no address", "\0", ""])
def test_an_unknown_account_looks_like_a_wrong_code(
    people: People, clock: Clock, stranger: str
) -> None:
    """Word for word, for as many tries as one likes, now and later."""
    sign_up(people)
    wrong = another(people.mail.code_for(EMAIL))
    for _ in range(3):
        for _ in range(8):
            known = failure_of(people, wrong)
            assert failure_of(people, wrong, stranger) == known
        clock.advance(400.0)


def test_a_confirmed_account_looks_like_a_wrong_code(people: People) -> None:
    """Confirming again is refused in the same words."""
    result_of(people.join(EMAIL))
    assert failure_of(people, "000000") == failure_of(people, "000000", "x@y.example")


def test_an_address_is_taken_once(people: People) -> None:
    """Nobody gets a second account for an address, whatever its case."""
    result_of(people.join(EMAIL))
    for password in (PASSWORD, OTHER_PASSWORD):
        with pytest.raises(NameTaken):
            sign_up(people, EMAIL.upper(), password)
    assert len(people.mail.sent) == 1


def test_signing_up_again_mails_a_new_code(people: People) -> None:
    """Whose mail was lost tries again; the first code is void then."""
    sign_up(people)
    first = people.mail.code_for(EMAIL)
    sign_up(people)
    assert len(people.mail.sent) == 2
    assert failure_of(people, first)[0] is CodeMismatch
    verify(people, people.mail.code_for(EMAIL))


def test_a_new_code_can_be_tried_after_too_many_wrong_ones(people: People) -> None:
    """Who has spent all tries starts again with the next mail."""
    sign_up(people)
    wrong = another(people.mail.code_for(EMAIL))
    for _ in range(6):
        failure_of(people, wrong)
    sign_up(people)
    verify(people, people.mail.code_for(EMAIL))


def test_whoever_signs_up_last_chooses_the_password(people: People) -> None:
    """An address that is not confirmed is nobody's yet, nor is the first password."""
    sign_up(people)
    first = people.mail.code_for(EMAIL)
    before = result_of(people.accounts.get_account_by_email(EMAIL))
    sign_up(people, EMAIL.upper(), OTHER_PASSWORD)
    assert len(people.mail.sent) == 2
    assert failure_of(people, first)[0] is CodeMismatch
    verify(people, people.mail.code_for(EMAIL))
    with pytest.raises(NotAuthorized):
        result_of(people.identity.sign_in(EMAIL, PASSWORD))
    person = result_of(people.identity.sign_in(EMAIL, OTHER_PASSWORD)).person
    assert person.user_id == before.account_id


def test_a_code_confirms_only_with_the_password_it_was_mailed_for(
    people: People, world: MemoryWorld, clock: Clock
) -> None:
    """Of two who sign up at once the slower's code does not open the other's."""
    sign_up(people)
    world.faults.slow(1.0)
    slower = fire(people.identity.sign_up(EMAIL, PASSWORD))
    clock.pump([1.0] * 2)  # its password is stored, its code is not yet
    world.faults.slow(0.0)
    sign_up(people, password=OTHER_PASSWORD)
    clock.advance(1.0)
    result_of(slower)
    assert failure_of(people, people.mail.code_for(EMAIL))[0] is CodeMismatch
    sign_up(people, password=OTHER_PASSWORD)
    verify(people, people.mail.code_for(EMAIL))
    assert result_of(people.identity.sign_in(EMAIL, OTHER_PASSWORD))


def test_an_address_confirmed_meanwhile_is_taken(people: People) -> None:
    """Whoever signs up over it a moment too late does not choose its password."""
    sign_up(people)
    people.hasher.waiting_for = gate = Deferred[None]()
    late = fire(people.identity.sign_up(EMAIL, OTHER_PASSWORD))
    people.hasher.waiting_for = None
    code = people.mail.code_for(EMAIL)
    verify(people, code)
    gate.callback(None)
    with pytest.raises(NameTaken):
        result_of(late)
    assert result_of(people.identity.sign_in(EMAIL, PASSWORD))


def test_an_address_that_was_disabled_is_taken(people: People) -> None:
    """An administrator did not want it; nothing is mailed there any more."""
    sign_up(people)
    result_of(people.identity.set_enabled(EMAIL, False))
    with pytest.raises(NameTaken):
        sign_up(people, password=OTHER_PASSWORD)
    assert len(people.mail.sent) == 1


def test_who_can_be_mailed_no_more_changes_nothing(people: People) -> None:
    """The password stays that of the last mail, and its code is good."""
    for _ in range(5):
        sign_up(people)
    with pytest.raises(TooManyRequests):
        sign_up(people, password=OTHER_PASSWORD)
    verify(people, people.mail.code_for(EMAIL))
    assert result_of(people.identity.sign_in(EMAIL, PASSWORD))


def test_nobody_is_flooded_with_codes(people: People, clock: Clock) -> None:
    """An address gets five mails a day; the next one comes hours later."""
    for _ in range(5):
        sign_up(people)
    with pytest.raises(TooManyRequests):
        sign_up(people)
    assert len(people.mail.sent) == 5
    clock.advance(86_400.0 / 5 + 1.0)
    sign_up(people)
    assert len(people.mail.sent) == 6


@pytest.mark.parametrize(
    ("email", "password", "error"),
    [
        ("not an address", PASSWORD, ParameterInvalid),
        (EMAIL, "weak", PasswordTooWeak),
        (EMAIL, "Aa1!" * 65, PasswordTooWeak),
    ],
)
def test_what_breaks_the_rules_makes_no_account(
    people: People, email: str, password: str, error: type[IdentityError]
) -> None:
    """Nothing is stored and nothing mailed."""
    with pytest.raises(error):
        sign_up(people, email, password)
    assert people.mail.sent == []
    with pytest.raises(AccountUnknown):
        result_of(people.accounts.get_account_by_email(EMAIL))


@pytest.mark.parametrize(
    ("method", "before_commit"),
    [
        ("get_account_by_email", True),
        ("add_account", True),
        ("add_account", False),
        ("put_code", True),
        ("put_code", False),
    ],
)
def test_sign_up_can_be_repeated_after_a_failure(
    people: People, world: MemoryWorld, method: str, before_commit: bool
) -> None:
    """Wherever the database went away, doing it again ends with a working code."""
    world.faults.fail_next(method, before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        sign_up(people)
    sign_up(people)
    verify(people, people.mail.code_for(EMAIL))
    assert result_of(people.identity.sign_in(EMAIL, PASSWORD))


@pytest.mark.parametrize("method", ["try_code"])
@pytest.mark.parametrize("before_commit", [True, False])
def test_nobody_is_locked_out_by_a_failed_confirmation(
    people: People, world: MemoryWorld, method: str, before_commit: bool
) -> None:
    """If the code was used up on the way, signing up again mails another."""
    sign_up(people)
    world.faults.fail_next(method, before_commit=before_commit)
    with pytest.raises(DatabaseAway):
        verify(people, people.mail.code_for(EMAIL))
    try:
        result_of(people.identity.sign_in(EMAIL, PASSWORD))
    except AccountUnconfirmed:
        sign_up(people)
        verify(people, people.mail.code_for(EMAIL))
    assert result_of(people.identity.sign_in(EMAIL, PASSWORD))


def test_a_mail_that_does_not_go_out_is_told(people: People) -> None:
    """Doing it again, once mail goes out, is all that it takes."""
    people.mail.refusing = True
    with pytest.raises(MailNotSent):
        sign_up(people)
    people.mail.refusing = False
    sign_up(people)
    verify(people, people.mail.code_for(EMAIL))


def test_two_who_sign_up_at_once_get_one_account(
    people: People, world: MemoryWorld, clock: Clock
) -> None:
    """The slower one hears that the address is taken."""
    world.faults.slow(1.0)
    first = fire(people.identity.sign_up(EMAIL, PASSWORD))
    second = fire(people.identity.sign_up(EMAIL, OTHER_PASSWORD))
    clock.pump([1.0] * 5)
    result_of(first)
    with pytest.raises(NameTaken):
        result_of(second)
    world.faults.slow(0.0)
    verify(people, people.mail.code_for(EMAIL))
    assert result_of(people.identity.sign_in(EMAIL, PASSWORD))


def test_codes_of_sign_up_are_kept_as_such(people: People, world: MemoryWorld) -> None:
    """A code is stored under what it is good for."""
    sign_up(people)
    account = result_of(people.accounts.get_account_by_email(EMAIL))
    assert list(world.codes) == [(account.account_id, CodePurpose.SIGN_UP)]
