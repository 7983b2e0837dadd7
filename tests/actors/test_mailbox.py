"""One message at a time, in order, within a bound, whatever crashes."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from flexicharge.actors.mailbox import Handling, Mailbox
from flexicharge.errors import MailboxFull


@define(eq=False)
class Clerk:
    """Handles numbers: even ones at once, odd ones when the test says so."""

    begun: list[int] = field(factory=list)
    ended: list[int] = field(factory=list)
    crashed: list[tuple[int, str]] = field(factory=list)
    waits: dict[int, Deferred[None]] = field(factory=dict)
    mailbox: Mailbox[int] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.mailbox = Mailbox(self.handle, self.crash, limit=3)

    def handle(self, message: int) -> Handling:
        self.begun.append(message)
        if message < 0:
            raise ValueError(message)
        if message % 2:
            return self.wait(message)
        self.ended.append(message)
        return None

    async def wait(self, message: int) -> None:
        self.waits[message] = Deferred()
        await self.waits[message]
        self.ended.append(message)

    def crash(self, message: int, failure: Failure) -> Handling:
        self.crashed.append((message, failure.type.__name__))
        return self.recover(message) if message == -3 else None

    def recover(self, message: int) -> Coroutine[Any, Any, None]:
        return self.wait(message)

    def release(self, message: int) -> None:
        self.waits.pop(message).callback(None)


def test_an_idle_actor_takes_a_message_straight_through() -> None:
    """What needs no waiting is over when `tell` returns."""
    clerk = Clerk()
    clerk.mailbox.tell(2)
    assert clerk.ended == [2]


def test_messages_wait_for_the_one_before() -> None:
    """A handler that waits holds up the rest, and order is kept."""
    clerk = Clerk()
    for number in (1, 2, 4):
        clerk.mailbox.tell(number)
    assert clerk.begun == [1]
    clerk.release(1)
    assert clerk.ended == [1, 2, 4]


def test_a_full_mailbox_says_so() -> None:
    """The bound counts those that wait; money may insist."""
    clerk = Clerk()
    for number in (1, 2, 4, 6):
        clerk.mailbox.tell(number)
    with pytest.raises(MailboxFull):
        clerk.mailbox.tell(8)
    clerk.mailbox.insist(10)
    clerk.release(1)
    assert clerk.ended == [1, 2, 4, 6, 10]


def test_a_crash_costs_one_message() -> None:
    """The next message is handled as if nothing had happened."""
    clerk = Clerk()
    clerk.mailbox.tell(-1)
    clerk.mailbox.tell(2)
    assert clerk.crashed == [(-1, "ValueError")]
    assert clerk.ended == [2]


def test_a_crash_after_waiting_costs_one_message() -> None:
    """It does not matter when a handler fails."""
    clerk = Clerk()
    clerk.mailbox.tell(1)
    clerk.mailbox.tell(2)
    clerk.waits.pop(1).errback(KeyError("lost"))
    assert clerk.crashed == [(1, "KeyError")]
    assert clerk.ended == [2]


def test_recovery_comes_before_the_next_message() -> None:
    """What a crash sets off is awaited: state is reloaded first."""
    clerk = Clerk()
    clerk.mailbox.tell(-3)
    clerk.mailbox.tell(2)
    assert clerk.ended == []
    clerk.release(-3)
    assert clerk.ended == [-3, 2]


def test_what_need_not_wait_is_picked_out() -> None:
    """The rest keeps its order, also behind one that nobody could look at."""
    clerk = Clerk()
    clerk.mailbox = Mailbox(clerk.handle, clerk.crash, limit=10)
    for number in (1, 2, 4, 6, 8):
        clerk.mailbox.tell(number)
    picked: list[int] = []

    def takes(number: int) -> bool:
        if number == 4:
            raise ZeroDivisionError(number)
        picked.append(number)
        return number == 6

    clerk.mailbox.pick_out(takes)
    clerk.release(1)
    assert picked == [2, 6, 8]
    assert clerk.ended == [1, 2, 4, 8]


def test_idle_fires_when_all_is_done() -> None:
    """Shutdown waits for what came, not for what may come."""
    clerk = Clerk()
    done: list[object] = []
    clerk.mailbox.idle().addCallback(done.append)
    assert done == [None]
    clerk.mailbox.tell(1)
    clerk.mailbox.tell(3)
    clerk.mailbox.idle().addCallback(done.append)
    clerk.release(1)
    assert done == [None]
    clerk.release(3)
    assert done == [None, None]


def test_many_waiting_messages_do_not_nest() -> None:
    """Ten thousand messages that need no waiting do not exhaust the stack."""
    clerk = Clerk()
    clerk.mailbox = Mailbox(clerk.handle, clerk.crash, limit=10_000)
    clerk.mailbox.tell(1)
    for number in range(2, 20_002, 2):
        clerk.mailbox.tell(number)
    clerk.release(1)
    assert len(clerk.ended) == 10_001


@given(st.lists(st.integers(0, 9), max_size=30), st.randoms())
def test_order_is_arrival_order(numbers: list[int], chance: Any) -> None:
    """Whatever waits and whenever it is released, nothing overtakes."""
    clerk = Clerk()
    clerk.mailbox = Mailbox(clerk.handle, clerk.crash, limit=100)
    for number in numbers:
        clerk.mailbox.tell(number)
        if clerk.waits and chance.random() < 0.5:
            clerk.release(next(iter(clerk.waits)))
    while clerk.waits:
        clerk.release(next(iter(clerk.waits)))
    assert clerk.begun == numbers
    assert clerk.ended == numbers
