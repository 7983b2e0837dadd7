"""Lists of people, a page at a time."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from flexicharge.errors import ParameterInvalid
from flexicharge.identity.keys import ServerKey
from flexicharge.identity.pages import Pages
from flexicharge.model.account import ADMINS, Listing, PeoplePage
from flexicharge.storage.memory.accounts import MemoryAccounts
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.identity import People
from flexicharge.testing.memory import driver_account


def add(people: People, number: int) -> str:
    """Add an account that is made now; return its number."""
    account_id = people.entropy.uuid()
    account = driver_account(account_id, number, people.clock.seconds())
    result_of(people.accounts.add_account(account))
    return account_id


def page(people: People, **asked: object) -> PeoplePage:
    return result_of(people.identity.users(Listing(**asked)))  # type: ignore[arg-type]


def forged(place: object, key: ServerKey) -> str:
    text = json.dumps(place).encode()
    raw = key.mac("page", text.hex())[:16] + text
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(
    made=st.lists(st.integers(0, 2), max_size=25),
    limits=st.lists(st.integers(1, 7), min_size=1, max_size=5),
    late=st.lists(st.integers(0, 3), max_size=8),
)
def test_everybody_is_on_one_page(
    made: list[int], limits: list[int], late: list[int]
) -> None:
    """Whatever the pages' sizes, and whoever joins and leaves in between."""
    clock = Clock()
    people = People(clock, MemoryAccounts(MemoryWorld(clock)))
    here, joined = [], []
    for number, seconds in enumerate(made):
        clock.advance(seconds)
        here.append(add(people, number))
    seen: list[str] = []
    token: str | None = None
    for turn in range(100):
        limit = limits[turn % len(limits)]
        got = page(people, limit=limit, token=token)
        assert len(got.people) <= limit
        seen += [person.user_id for person in got.people]
        token = got.next_token
        if token is None:
            break
        assert len(got.people) == limit
        if turn < len(late):
            clock.advance(late[turn])
            joined.append(add(people, len(made) + turn))
    assert token is None
    assert len(set(seen)) == len(seen)
    assert set(here) <= set(seen) <= {*here, *joined}


def test_a_page_goes_on_though_its_last_person_left(people: People) -> None:
    """A place is a place, whoever stands there."""
    numbers = sorted(add(people, number) for number in range(3))
    first = page(people, limit=1)
    result_of(people.identity.remove_user(first.people[0].user_id))
    rest = page(people, token=first.next_token)
    assert [person.user_id for person in rest.people] == numbers[1:]


def test_the_last_page_has_no_next(people: People) -> None:
    """Nobody asks once too often."""
    for number in range(4):
        add(people, number)
    first = page(people, limit=2)
    assert first.next_token
    assert page(people, limit=2, token=first.next_token).next_token is None
    assert page(people, limit=4).next_token is None
    assert page(people).next_token is None


def test_nobody_is_an_empty_page(people: People) -> None:
    """Not an error."""
    assert page(people) == PeoplePage(people=())


@pytest.mark.parametrize("limit", [-1, 0, 61, 10**30])
def test_a_page_has_one_to_sixty(people: People, limit: int) -> None:
    """As Cognito's."""
    with pytest.raises(ParameterInvalid, match="limit must be from 1 to 60"):
        page(people, limit=limit)


def test_admins_are_listed_page_by_page(people: People) -> None:
    """The same way as everybody."""
    for number in range(3):
        account_id = add(people, number)
        if number:
            result_of(people.accounts.add_to_group(account_id, ADMINS, 0.0))
    first = result_of(people.identity.admins(Listing(limit=1)))
    second = result_of(people.identity.admins(Listing(token=first.next_token)))
    assert len(first.people) == len(second.people) == 1
    assert second.next_token is None


def test_a_filter_holds_on_every_page(people: People) -> None:
    """By an attribute, from its beginning and in any case."""
    for number in (1, 2, 10, 11, 12):
        add(people, number)
    asked = {"filter_attribute": "email", "filter_value": "DRIVER1"}
    first = page(people, limit=3, **asked)
    rest = page(people, limit=3, token=first.next_token, **asked)
    emails = [person.email for person in (*first.people, *rest.people)]
    assert sorted(emails) == sorted(
        f"driver{number}@flexicharge.example" for number in (1, 10, 11, 12)
    )
    assert page(people, filter_attribute="email", filter_value="%").people == ()


@pytest.mark.parametrize(
    "attribute", ["", "password_hash", "groups", "email; DROP TABLE", "Email"]
)
def test_only_known_attributes_filter(people: People, attribute: str) -> None:
    """Nothing else of an account can be felt for."""
    with pytest.raises(ParameterInvalid, match="Invalid filter attribute"):
        page(people, filter_attribute=attribute, filter_value="x")


def test_a_filter_is_not_endless(people: People) -> None:
    """256 characters are more than any value has."""
    assert page(people, filter_attribute="name", filter_value="x" * 256).people == ()
    with pytest.raises(ParameterInvalid):
        page(people, filter_attribute="name", filter_value="x" * 257)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "0",
        "å",
        "====",
        "A" * 24,
        "A" * 10_000,
        forged([0.0, ""], ServerKey(b"q" * 32)),
        base64.urlsafe_b64encode(bytes(16) + b'[0.0,""]').decode(),
    ],
)
def test_a_token_that_is_not_ours_is_refused(people: People, token: str) -> None:
    """Whoever makes one up lists nobody."""
    add(people, 1)
    with pytest.raises(ParameterInvalid, match="Invalid pagination token"):
        page(people, token=token)


def test_no_bit_of_a_token_can_be_changed(people: People) -> None:
    """Its beginning proves its end."""
    for number in range(2):
        add(people, number)
    token = page(people, limit=1).next_token
    assert token
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(ParameterInvalid):
            page(people, token=base64.urlsafe_b64encode(changed).decode())


def test_a_token_survives_a_restart(people: People) -> None:
    """It stands on the server's key alone."""
    for number in range(2):
        add(people, number)
    token = page(people, limit=1).next_token
    pages = Pages(accounts=people.accounts, server_key=ServerKey(b"k" * 32))
    assert len(result_of(pages.read(Listing(token=token))).people) == 1
