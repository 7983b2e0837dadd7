"""Calls to one station: one at a time, each with a deadline, none forgotten.

OCPP-J 1.6 §4.1.1: a side sends no Call before the last one was answered or timed out.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from flexicharge.errors import CallRefused, CallTimedOut, ChargerOffline, MailboxFull
from flexicharge.ocpp.frames import Call, CallError, CallResult

QUEUE_LIMIT: Final = 32
REMEMBERED_LATE: Final = 32

Late = Callable[[CallResult | CallError], None]


@define(eq=False)
class _Asked:
    call: Call
    text: bytes
    answer: Deferred[CallResult]
    late: Late | None
    timeout: float
    on_sent: Callable[[], None] | None = None
    sent_at: float = 0.0
    deadline: IDelayedCall | None = None
    sent: bool = False


@define(eq=False)
class OutgoingCalls:
    """The queue of Calls to a station. Answers resolve on arrival, past the mailbox."""

    _clock: IReactorTime
    _send: Callable[[Call, bytes], None]
    _waiting: deque[_Asked] = field(factory=deque, init=False)
    _outstanding: _Asked | None = field(default=None, init=False)
    _timed_out: OrderedDict[object, _Asked] = field(factory=OrderedDict, init=False)
    _lost: bool = field(default=False, init=False)

    def ask(
        self,
        call: Call,
        text: bytes,
        timeout: float,
        late: Late | None = None,
        *,
        patient: bool = False,
        on_sent: Callable[[], None] | None = None,
    ) -> Deferred[CallResult]:
        """Send a Call as soon as no other is outstanding; fire with its result.

        `timeout` seconds cover the wait in the queue too, unless it is `patient`: then
        they begin when it is sent. Fails with `CallTimedOut`, `CallRefused`,
        `ChargerOffline` (with `sent`), or `MailboxFull` if too many wait. `late` is
        called with what comes after the deadline, `on_sent` once it is on the wire.
        """
        answer: Deferred[CallResult] = Deferred()
        if self._lost:
            answer.errback(ChargerOffline(call.action))
        elif len(self._waiting) >= QUEUE_LIMIT:
            answer.errback(MailboxFull(f"{QUEUE_LIMIT} calls are waiting"))
        else:
            asked = _Asked(call, text, answer, late, timeout, on_sent)
            if not patient:
                self._set_deadline(asked)
            self._waiting.append(asked)
            self._send_next()
        return answer

    def asked_as(self, answer: CallResult | CallError) -> tuple[Call, float] | None:
        """Return the Call that an answer is to, and when it was sent."""
        asked = self._timed_out.get(answer.message_id) or self._outstanding
        if asked is None or not asked.sent:
            return None
        by_id = asked.call.message_id == answer.message_id
        fits = by_id or (isinstance(answer, CallResult) and _fits(asked.call, answer))
        return (asked.call, asked.sent_at) if fits else None

    def resolve(self, result: CallResult) -> bool:
        """Hand a result to whoever waits for it; False if nobody does."""
        if late := self._timed_out.pop(result.message_id, None):
            if late.late is not None:
                late.late(result)
            return True
        asked = self._outstanding
        if asked is None or not _fits(asked.call, result):
            return False
        self._settle(asked)
        asked.answer.callback(result)
        self._send_next()
        return True

    def refuse(self, error: CallError) -> bool:
        """Hand a CallError to whoever waits for it; False if nobody does."""
        asked = self._outstanding
        if asked is None or asked.call.message_id != error.message_id:
            late = self._timed_out.pop(error.message_id, None)
            if late is not None and late.late is not None:
                late.late(error)
            return late is not None
        self._settle(asked)
        asked.answer.errback(CallRefused(error.code, error.description, error.details))
        self._send_next()
        return True

    def lose(self) -> None:
        """Fail everything that waits: the link is gone."""
        self._lost = True
        asked, self._waiting = list(self._waiting), deque()
        if self._outstanding is not None:
            asked.insert(0, self._outstanding)
        for lost in asked:
            self._settle(lost)
            lost.answer.errback(ChargerOffline(lost.call.action, sent=lost.sent))

    def _send_next(self) -> None:
        if self._outstanding is None and self._waiting:
            asked = self._outstanding = self._waiting.popleft()
            asked.sent, asked.sent_at = True, self._clock.seconds()
            if asked.deadline is None:
                self._set_deadline(asked)
            self._send(asked.call, asked.text)
            if asked.on_sent is not None:
                asked.on_sent()

    def _set_deadline(self, asked: _Asked) -> None:
        asked.deadline = self._clock.callLater(asked.timeout, self._give_up, asked)

    def _give_up(self, asked: _Asked) -> None:
        asked.deadline = None
        if asked is self._outstanding:
            self._outstanding = None
            self._timed_out[asked.call.message_id] = asked
            while len(self._timed_out) > REMEMBERED_LATE:
                self._timed_out.popitem(last=False)
        else:
            self._waiting.remove(asked)
        asked.answer.errback(CallTimedOut(asked.call.action))
        self._send_next()

    def _settle(self, asked: _Asked) -> None:
        if asked.deadline is not None:
            asked.deadline.cancel()
            asked.deadline = None
        if asked is self._outstanding:
            self._outstanding = None


def _fits(call: Call, result: CallResult) -> bool:
    """Tell whether a result answers a call.

    By id; a result that names its action also by that, as the back end has always
    matched remote starts and stops (contract §3.6).
    """
    return result.message_id == call.message_id or result.action == call.action
