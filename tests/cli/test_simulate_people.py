"""The accounts that simulated drivers share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.cli.newcomer import CodeNotFound, Credentials, MailRoom
from flexicharge.cli.simulate_people import (
    FRESH_ACCOUNTS,
    SIGNED_IN_FOR_S,
    NoAccounts,
    fresh_people,
    people_of,
    read_accounts,
)
from flexicharge.identity.threads import at_once
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import ServerRefused
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.toy_server import ToyServer

TOO_MANY = (429, b'{"message":"Attempt limit exceeded"}')


class Street:
    """A toy server with an outbox, and the phones of those who live there."""

    def __init__(self, clock: Clock, outbox: Path) -> None:
        self.toy, self.outbox, self.signed_up = ToyServer(clock), outbox, 0
        self.toy.on_sign_up = self.deliver
        self.full_after = 1000

    def phone(self) -> VirtualDriver:
        """Return a new phone."""
        toy = self.toy
        return VirtualDriver(url="http://toy", agent=toy.agent, clock=toy.clock)

    @property
    def room(self) -> MailRoom:
        """Where codes are read."""
        return MailRoom(outbox=self.outbox, run=at_once, cure="use --accounts")

    def deliver(self, address: str) -> None:
        """Put a mail with a code into the outbox; let nobody in after so many."""
        self.signed_up += 1
        mail = f"To: {address}\n\nYour code is 123456.\n"
        (self.outbox / f"{self.signed_up}.eml").write_text(mail)
        if self.signed_up >= self.full_after:
            self.toy.answers["/auth/sign-up"] = TOO_MANY

    def paths(self) -> list[str]:
        """Return what was asked of the server so far."""
        return [path for _, path, _ in self.toy.asked]


@pytest.fixture
def street(clock: Clock, tmp_path: Path) -> Street:
    """A street with an empty outbox."""
    return Street(clock, tmp_path)


def test_fresh_people_sign_up_confirm_and_sign_in(street: Street) -> None:
    """Each with an account of their own."""
    people = result_of(fresh_people(2, street.room, street.phone))
    assert street.paths() == ["/auth/sign-up", "/auth/verify", "/auth/sign-in"] * 2
    first, second = (each.credentials for each in people.accounts)
    assert first.email != second.email
    assert first.email.startswith("sim-")


def test_many_drivers_share_a_handful_of_accounts(street: Street) -> None:
    """In turn; servers let no crowd sign up from one address."""
    people = result_of(fresh_people(500, street.room, street.phone))
    assert len(people.accounts) == FRESH_ACCOUNTS
    app, other, same = (
        result_of(people.app(number)) for number in (0, 1, FRESH_ACCOUNTS)
    )
    assert app is same
    assert app is not other


def test_where_no_more_may_sign_up_fewer_share(street: Street) -> None:
    """The limit of a server is no reason not to play."""
    street.full_after = 3
    people = result_of(fresh_people(8, street.room, street.phone))
    assert len(people.accounts) == 3


def test_where_nobody_may_sign_up_it_is_said(street: Street) -> None:
    """With what helps."""
    street.toy.answers["/auth/sign-up"] = TOO_MANY
    with pytest.raises(NoAccounts, match=r"Attempt limit.*HTTP 429.*use --accounts"):
        result_of(fresh_people(8, street.room, street.phone))


def test_any_other_refusal_is_said_too(street: Street) -> None:
    """Even when some have signed up."""
    street.toy.answers["/auth/sign-in"] = (400, b'{"message":"No"}')
    with pytest.raises(NoAccounts, match="nobody can sign up: No"):
        result_of(fresh_people(8, street.room, street.phone))


def test_a_code_that_does_not_come_is_said(street: Street) -> None:
    """The outbox of another server, or of another machine."""
    street.toy.on_sign_up = lambda address: None
    signing_up = fire(fresh_people(1, street.room, street.phone))
    street.toy.pass_time(11)
    with pytest.raises(CodeNotFound, match="use --accounts"):
        result_of(signing_up)


def test_people_of_a_file_only_sign_in(street: Street) -> None:
    """Nothing is made for them."""
    accounts = [Credentials("a@b.example", "Secret-1"), Credentials("c@d.example", "x")]
    people = result_of(people_of(accounts, street.phone))
    assert street.paths() == ["/auth/sign-in"] * 2
    assert result_of(people.app(3)).token == "toy-token"


def test_an_account_that_is_refused_is_named_without_its_password(
    street: Street,
) -> None:
    """Whoever wrote the file knows it."""
    street.toy.answers["/auth/sign-in"] = (400, b'{"message":"Incorrect password."}')
    with pytest.raises(NoAccounts) as caught:
        result_of(people_of([Credentials("a@b.example", "Secret-1")], street.phone))
    assert str(caught.value) == "a@b.example: Incorrect password. (HTTP 400)"
    assert "Secret" not in repr(Credentials("a@b.example", "Secret-1"))


def test_an_app_signs_in_again_before_its_token_ends(
    street: Street, clock: Clock
) -> None:
    """Once, however many ask for it at that moment."""
    people = result_of(people_of([Credentials("a@b.example", "x")], street.phone))
    clock.advance(SIGNED_IN_FOR_S)
    result_of(people.app(0))
    assert len(street.paths()) == 1
    clock.advance(1)
    for _ in range(3):
        result_of(people.app(0))
    assert len(street.paths()) == 2


def test_a_sign_in_that_fails_later_is_the_drivers_trouble(
    street: Street, clock: Clock
) -> None:
    """And is tried again by the next one who asks."""
    people = result_of(people_of([Credentials("a@b.example", "x")], street.phone))
    clock.advance(SIGNED_IN_FOR_S + 1)
    street.toy.answers["/auth/sign-in"] = (503, b'["dbError"]')
    with pytest.raises(ServerRefused):
        result_of(people.app(0))
    del street.toy.answers["/auth/sign-in"]
    assert result_of(people.app(0)).token == "toy-token"


def test_accounts_are_read_from_a_file(tmp_path: Path) -> None:
    """A password may have colons in it; comments and empty lines do not count."""
    path = tmp_path / "accounts"
    path.write_text("# drivers\na@b.example:Secret:1\n\nc@d.example:x\n")
    read = read_accounts(path)
    assert read == [
        Credentials("a@b.example", "Secret:1"),
        Credentials("c@d.example", "x"),
    ]


@pytest.mark.parametrize("line", ["a@b.example", "a@b.example:", ":Secret-1"])
def test_a_line_that_is_no_account_is_named_by_its_number(
    tmp_path: Path, line: str
) -> None:
    """It is not repeated: it may be a password."""
    path = tmp_path / "accounts"
    path.write_text(f"a@b.example:x\n{line}\n")
    with pytest.raises(NoAccounts) as caught:
        read_accounts(path)
    assert str(caught.value) == f"{path}, line 2: write email:password"


@pytest.mark.parametrize("content", [None, b"\xff", b"# nobody\n"])
def test_a_file_without_accounts_is_told(tmp_path: Path, content: Any) -> None:
    """Whatever is wrong with it."""
    path = tmp_path / "accounts"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NoAccounts, match="accounts"):
        read_accounts(path)
