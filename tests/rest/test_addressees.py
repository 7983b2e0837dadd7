"""Who is billed: looked up a few at a time, and given up when nobody can tell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent, LogLevel, formatEvent, globalLogPublisher

from flexicharge.errors import DatabaseAway, IdentityAway, UserNotFound
from flexicharge.model.account import Person
from flexicharge.model.invoice import Customer
from flexicharge.rest.addressees import AT_ONCE, AddressBook, Addressees
from flexicharge.testing.deferreds import fire, result_of
from tests.rest.invoicing import BO, BOS, GONE, IDA, IDAS, TwoPeople, named

MANY = [f"user-{number}" for number in range(10)]


@define
class SlowIdentity(TwoPeople):
    """Answers when the test says so, in the order that it was asked in."""

    waiting: dict[str, Deferred[Person]] = field(factory=dict)

    async def user(self, username: str) -> Person:
        """Return somebody, once they are let in."""
        self.waiting[username] = Deferred()
        return await self.waiting[username]

    def answer(self, username: str) -> None:
        """Tell who somebody is."""
        found = named(username, f"{username}@example.com")
        self.waiting.pop(username).callback(found)

    def fail(self, username: str, error: Exception) -> None:
        """Answer with an error."""
        self.waiting.pop(username).errback(error)


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    """What is logged as a warning."""
    seen: list[str] = []

    def observe(event: LogEvent) -> None:
        if event["log_level"] is LogLevel.warn:
            seen.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield seen
    globalLogPublisher.removeObserver(observe)


def test_a_few_are_asked_about_at_once() -> None:
    """All are in the end, each of them once."""
    identity = SlowIdentity()
    book = AddressBook(Addressees(identity))
    looking = fire(book.look_up([*MANY, *MANY]))
    asked: list[str] = []
    while identity.waiting:
        assert len(identity.waiting) <= AT_ONCE
        asked.append(next(iter(identity.waiting)))
        identity.answer(asked[-1])
    assert asked == MANY
    result_of(looking)
    assert [book.email_of(one) for one in MANY] == [f"{u}@example.com" for u in MANY]


def test_a_page_later_nobody_is_asked_about_again() -> None:
    """Not even those who have no account."""
    identity = TwoPeople()
    book = AddressBook(Addressees(identity))
    result_of(book.look_up([IDA, GONE]))
    result_of(book.look_up([GONE, BO, IDA]))
    assert identity.asked == [("user", IDA), ("user", GONE), ("user", BO)]
    assert [book.email_of(one) for one in (IDA, BO, GONE)] == [IDAS, BOS, ""]


@pytest.mark.parametrize("error", [IdentityAway("away"), DatabaseAway("away")])
def test_a_provider_that_fails_is_asked_no_more(
    warnings: list[str], error: Exception
) -> None:
    """What was on its way still counts; the log says why addresses are missing."""
    identity = SlowIdentity()
    book = AddressBook(Addressees(identity))
    looking = fire(book.look_up(MANY))
    identity.fail(MANY[0], error)
    for one in list(identity.waiting):
        identity.answer(one)
    result_of(looking)
    known = [one for one in MANY if book.email_of(one)]
    assert known == MANY[1:AT_ONCE]
    assert warnings == ["Invoices are listed without addresses: away"]
    result_of(book.look_up(MANY))
    assert identity.waiting == {}


def test_who_has_no_account_is_no_reason_to_give_up(warnings: list[str]) -> None:
    """The next is asked about."""
    identity = SlowIdentity()
    looking = fire(AddressBook(Addressees(identity)).look_up(MANY))
    for one in MANY:
        identity.fail(one, UserNotFound("no"))
    result_of(looking)
    assert warnings == []


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ({"name": "Ida", "family_name": "Berg"}, "Ida Berg"),
        ({"family_name": "Berg"}, "Berg"),
        ({"name": "Ida", "family_name": ""}, "Ida"),
        ({}, ""),
    ],
)
def test_a_bill_shows_the_names_that_are_known(
    names: dict[str, str], shown: str
) -> None:
    """Whichever of them there are."""
    identity = TwoPeople(people=(named(IDA, IDAS, **names),))
    customer = result_of(Addressees(identity).customer(IDA))
    assert customer == Customer(name=shown, email=IDAS)
