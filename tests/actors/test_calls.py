"""Calls to a station: one at a time, each with a deadline, late answers not lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from flexicharge.actors.calls import QUEUE_LIMIT, OutgoingCalls
from flexicharge.errors import CallRefused, CallTimedOut, ChargerOffline, MailboxFull
from flexicharge.ocpp.frames import Call, CallError, CallResult
from flexicharge.testing.deferreds import result_of


@define(eq=False)
class Line:
    """Outgoing calls, and what they sent."""

    clock: Clock
    sent: list[bytes] = field(factory=list)
    calls: OutgoingCalls = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.calls = OutgoingCalls(self.clock, lambda _, text: self.sent.append(text))

    def ask(
        self,
        name: str,
        timeout: float = 30.0,
        late: Callable[[CallResult], None] | None = None,
    ) -> Deferred[CallResult]:
        call = Call(name, f"Action{name}", {})
        return self.calls.ask(call, name.encode(), timeout, late)

    def answer(self, name: str, action: str | None = None) -> bool:
        return self.calls.resolve(CallResult(name, action, {"to": name}))


@pytest.fixture
def line(clock: Clock) -> Line:
    return Line(clock)


def test_one_call_is_outstanding_at_a_time(line: Line) -> None:
    """The second is sent when the first was answered (OCPP-J 1.6 §4.1.1)."""
    first, second = line.ask("a"), line.ask("b")
    assert line.sent == [b"a"]
    assert line.answer("a")
    assert line.sent == [b"a", b"b"]
    assert line.answer("b")
    assert result_of(first).payload == {"to": "a"}
    assert result_of(second).payload == {"to": "b"}


def test_a_lost_answer_holds_nobody_up_for_ever(line: Line, clock: Clock) -> None:
    """At the deadline the call fails and the next one goes out."""
    first, second = line.ask("a", timeout=10), line.ask("b", timeout=60)
    clock.advance(10)
    with pytest.raises(CallTimedOut):
        result_of(first)
    assert line.sent == [b"a", b"b"]
    line.answer("b")
    assert result_of(second).payload == {"to": "b"}


def test_waiting_in_the_queue_counts(line: Line, clock: Clock) -> None:
    """A call whose time passes before its turn is never sent."""
    line.ask("a", timeout=60).addErrback(lambda _: None)
    second = line.ask("b", timeout=5)
    clock.advance(5)
    with pytest.raises(CallTimedOut):
        result_of(second)
    line.answer("a")
    assert line.sent == [b"a"]


def test_a_late_answer_reaches_who_wants_it(line: Line, clock: Clock) -> None:
    """It settles neither the call that gave up nor the one outstanding now."""
    late: list[CallResult] = []
    line.ask("a", timeout=10, late=late.append).addErrback(lambda _: None)
    clock.advance(10)
    second = line.ask("b")
    assert line.answer("a", action="Actionb")
    assert [result.message_id for result in late] == ["a"]
    line.answer("b")
    assert result_of(second).payload == {"to": "b"}


def test_a_result_may_be_matched_by_its_action(line: Line) -> None:
    """Ids from chargers are not to be trusted; the action is (contract §3.6)."""
    asked = line.ask("a")
    assert line.calls.resolve(CallResult("whatever", "Actiona", {"status": "Accepted"}))
    assert result_of(asked).payload == {"status": "Accepted"}


def test_a_stray_result_is_nobodys(line: Line) -> None:
    """Without a call outstanding, and with another one, it is not taken."""
    assert not line.answer("a")
    asked = line.ask("b")
    assert not line.calls.resolve(CallResult("x", "Other", {}))
    line.answer("b")
    assert result_of(asked)


def test_a_call_error_refuses_the_call(line: Line) -> None:
    """The code is kept, the next call goes out."""
    first = line.ask("a")
    line.ask("b").addErrback(lambda _: None)
    assert line.calls.refuse(CallError("a", "NotSupported", "no"))
    with pytest.raises(CallRefused, match="NotSupported: no"):
        result_of(first)
    assert line.sent == [b"a", b"b"]
    assert not line.calls.refuse(CallError("zzz", "NotSupported", "no"))


def test_a_lost_link_fails_everything(line: Line, clock: Clock) -> None:
    """Callers learn whether their call had been sent; no timer is left."""
    first, second = line.ask("a"), line.ask("b")
    line.calls.lose()
    with pytest.raises(ChargerOffline) as sent:
        result_of(first)
    with pytest.raises(ChargerOffline) as unsent:
        result_of(second)
    assert (sent.value.sent, unsent.value.sent) == (True, False)
    with pytest.raises(ChargerOffline):
        result_of(line.ask("c"))
    assert clock.getDelayedCalls() == []


def test_the_queue_is_bounded(line: Line) -> None:
    """One call too many is refused at once."""
    for number in range(QUEUE_LIMIT + 1):
        line.ask(str(number)).addErrback(lambda _: None)
    with pytest.raises(MailboxFull):
        result_of(line.ask("too many"))
