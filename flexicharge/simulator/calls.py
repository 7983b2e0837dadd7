"""Which of a charger's Calls wait, which were sent, and which answer belongs to which.

A charger without a memory says everything at once and forgets what it could not say. A
charger that queues has at most one Call outstanding (OCPP-J 1.6 §4.1.1), keeps what
belongs to a transaction through lost lines and power cuts, and says it again, in order
and unchanged, until it is answered (OCPP 1.6 §3.7.2).
"""

from __future__ import annotations

from collections import deque
from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from flexicharge.ocpp.frames import Call, CallError, CallResult
from flexicharge.simulator.oddities import BOOT, READING, START, STOP
from flexicharge.simulator.outgoing import Outgoing
from flexicharge.simulator.truth import Charge

OF_A_TRANSACTION: Final = (START, READING, STOP)
# How the server says that it failed, to no Call's id (contract §3.2).
FAULT: Final = ("InternalError", "Internal error")
REMEMBERED: Final = 64  # Calls that may still be answered
QUEUE_LIMIT: Final = 500
ANSWER_WITHIN_S: Final = 60.0


@define(eq=False)
class Said:
    """A Call of the charger's as text, the charge it is about, and when it was sent."""

    call: Call
    text: bytes
    charge: Charge | None
    sent_at: float = field(default=0.0, init=False)

    def is_answered_by(self, answer: CallResult | CallError) -> bool:
        """Tell whether an answer may be meant for this: a fielded charger's Calls
        share one id, and only results name an action."""
        if self.call.message_id != answer.message_id:
            return False
        named = answer.action if isinstance(answer, CallResult) else None
        return named is None or named == self.call.action


class Calls(Protocol):
    """How a charger's Calls go out."""

    def can_say(self, action: str) -> bool:
        """Tell whether it is worth saying anything."""

    def say(self, said: Said) -> None:
        """Send a Call now or when its turn comes."""

    def go_on(self) -> None:
        """Take up what waits: there is a line again."""

    def lost(self) -> None:
        """The line is gone."""

    def answered(self, answer: CallResult | CallError) -> Said | None:
        """Return what an answer belongs to; it waits no longer."""


@define(eq=False)
class AtOnce:
    """Everything goes out as it is said, and nothing is said twice."""

    _outgoing: Outgoing
    _clock: IReactorTime
    _unanswered: list[Said] = field(factory=list, init=False)

    def can_say(self, action: str) -> bool:
        """Only while there is a line."""
        return self._outgoing.line is not None

    def say(self, said: Said) -> None:
        """Send it."""
        said.sent_at = self._clock.seconds()
        self._unanswered.append(said)
        del self._unanswered[:-REMEMBERED]
        self._outgoing.call(said.text)

    def go_on(self) -> None:
        """Nothing has waited."""

    def lost(self) -> None:
        """Nobody will answer any more."""
        self._unanswered.clear()

    def answered(self, answer: CallResult | CallError) -> Said | None:
        """Return the oldest that the answer fits; a fault of the server fits them all.

        It has no Call's id, but the server answers in order.
        """
        if _is_fault(answer) and self._unanswered:
            return self._unanswered.pop(0)
        for place, said in enumerate(self._unanswered):
            if said.is_answered_by(answer):
                return self._unanswered.pop(place)
        return None


@define(eq=False)
class OneByOne:
    """One Call after another; what belongs to a transaction outlives the line."""

    _outgoing: Outgoing
    _clock: IReactorTime
    _waiting: deque[Said] = field(factory=deque, init=False)
    _asked: Said | None = field(default=None, init=False)
    _deadline: IDelayedCall | None = field(default=None, init=False)

    def can_say(self, action: str) -> bool:
        """Without a line only what will still matter later."""
        return self._outgoing.line is not None or action in OF_A_TRANSACTION

    def say(self, said: Said) -> None:
        """Queue it: a boot before everything else, the newest reading for the last."""
        waiting = self._waiting
        if said.call.action == BOOT:
            waiting.appendleft(said)
        elif len(waiting) >= QUEUE_LIMIT and _supersedes(said, waiting[-1]):
            waiting[-1] = said
        else:
            waiting.append(said)
        self.go_on()

    def go_on(self) -> None:
        """Send the next one if nothing is outstanding."""
        if self._asked is None and self._waiting and self._outgoing.line is not None:
            said = self._asked = self._waiting.popleft()
            said.sent_at = self._clock.seconds()
            self._deadline = self._clock.callLater(ANSWER_WITHIN_S, self._unanswered)
            self._outgoing.call(said.text)

    def lost(self) -> None:
        """Keep what has to be said again, and what could not be said yet."""
        self._say_again(*OF_A_TRANSACTION)
        self._waiting = deque(
            said for said in self._waiting if said.call.action in OF_A_TRANSACTION
        )

    def answered(self, answer: CallResult | CallError) -> Said | None:
        """Return what is outstanding if the answer fits it; send the next one."""
        said = self._asked
        if said is None or not said.is_answered_by(answer):
            return None
        self._settle()
        self.go_on()
        return said

    def _unanswered(self) -> None:
        """Say it again if the server must know, forget it otherwise."""
        self._say_again(START, STOP)
        self.go_on()

    def _say_again(self, *actions: str) -> None:
        said = self._asked
        self._settle()
        if said is not None and said.call.action in actions:
            self._waiting.appendleft(said)

    def _settle(self) -> None:
        self._asked = None
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None


def _is_fault(answer: CallResult | CallError) -> bool:
    if isinstance(answer, CallResult):
        return False
    return (answer.message_id, answer.description) == FAULT


def _supersedes(said: Said, last: Said) -> bool:
    return (
        said.call.action == last.call.action == READING and said.charge is last.charge
    )
