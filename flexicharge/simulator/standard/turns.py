"""Whose turn it is: at most one Call outstanding, and a memory for what is of money.

What belongs to a transaction is said in order, again after a lost line or a failure,
for as many times as the configuration says (OCPP 1.6 §3.7.2, §9.1.26); it outlives the
power. Everything else is forgotten with the line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from attrs import define, evolve, field
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from flexicharge.ocpp.frames import Call, CallError, CallResult, JsonObject
from flexicharge.ocpp.v16.frames import write_call
from flexicharge.simulator.oddities.twist import BOOT, READING, START, STOP
from flexicharge.simulator.outgoing import Outgoing
from flexicharge.simulator.standard.configuration import (
    ATTEMPTS,
    RETRY_INTERVAL,
    Configuration,
)
from flexicharge.simulator.standard.phrases import numbered
from flexicharge.simulator.timers import Timers
from flexicharge.simulator.truth import Charge

OF_A_TRANSACTION: Final = (START, READING, STOP)
ANSWER_WITHIN_S: Final = 60.0
MOST_FACTS: Final = 2_000
MOST_NEWS: Final = 200
SLOWEST_RETRY_S: Final = 3600.0


@define(eq=False, kw_only=True)
class Said:
    """A Call of the charger's, and the charge that it is about.

    `was_asked_for` is one that the server triggered. `when_answered` takes the payload
    of its result, `when_failed` is told when nobody will answer it any more.
    """

    call: Call
    charge: Charge | None = None
    was_asked_for: bool = False
    when_answered: Callable[[JsonObject], None]
    when_failed: Callable[[], None]
    attempts: int = field(default=0, init=False)
    sent_at: float = field(default=0.0, init=False)
    place: int = field(default=0, init=False)

    @property
    def is_fact(self) -> bool:
        """True for what the server must know, sooner or later."""
        return self.call.action in OF_A_TRANSACTION


@define(eq=False, kw_only=True)
class Turns:
    """What is still to be said, and what is outstanding.

    `may_say` tells what is allowed at all by now. One that `forgets` keeps nothing when
    its line is lost; one that is `fickle` puts a fresh id on what it says again.
    """

    outgoing: Outgoing
    clock: IReactorTime
    configuration: Configuration
    may_say: Callable[[Said], bool]
    forgets: bool = False
    fickle: bool = False
    _facts: deque[Said] = field(factory=deque, init=False)
    _news: deque[Said] = field(factory=deque, init=False)
    _asked: Said | None = field(default=None, init=False)
    _deadline: IDelayedCall | None = field(default=None, init=False)
    _retries: Timers = field(init=False)
    _rests: bool = field(default=False, init=False)
    _count: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._retries = Timers(self.clock)

    @property
    def backlog(self) -> int:
        """How many messages of transactions wait."""
        return len(self._facts)

    def say(self, said: Said) -> None:
        """Say it when its turn comes: a boot first, all else in order."""
        self._count = said.place = self._count + 1
        if said.is_fact:
            self._keep(said)
        elif self.outgoing.line is None or not self.may_say(said):
            said.when_failed()
            return
        elif said.call.action == BOOT:
            said.place = 0
            self._news.appendleft(said)
        elif len(self._news) < MOST_NEWS:
            self._news.append(said)
        self.go_on()

    def go_on(self) -> None:
        """Send what is next, if nothing is outstanding and anything may be said."""
        if self._asked is not None or self.outgoing.line is None:
            return
        said = self._next()
        if said is None:
            return
        (self._facts if said.is_fact else self._news).remove(said)
        said.sent_at, self._asked = self.clock.seconds(), said
        self._deadline = self.clock.callLater(ANSWER_WITHIN_S, self._failed)
        number = None if said.charge is None else said.charge.transaction_id
        said.call = numbered(said.call, number)
        self.outgoing.call(write_call(said.call))

    def answered(self, answer: CallResult | CallError) -> Said | None:
        """Return what an answer belongs to, if it is what is outstanding.

        The caller goes on once it has taken the answer in.
        """
        said = self._asked
        if said is None or said.call.message_id != answer.message_id:
            return None
        if isinstance(answer, CallError):
            self._failed()
        else:
            self._settle()
        return said

    def lost(self) -> None:
        """Keep what has to be said again, and what could not be said yet."""
        said = self._asked
        self._settle()
        self._rest_no_more()
        news, self._news = self._news, deque()
        if said is not None and said.is_fact:
            self._facts.appendleft(said)
        elif said is not None:
            said.when_failed()
        for each in news:
            each.when_failed()
        if self.forgets:
            self._facts.clear()

    def _next(self) -> Said | None:
        heads = [next((each for each in self._news if self.may_say(each)), None)]
        if self._facts and not self._rests and self.may_say(self._facts[0]):
            heads.append(self._facts[0])
        return min((h for h in heads if h), key=lambda said: said.place, default=None)

    def _keep(self, said: Said) -> None:
        """Keep a fact; where too many wait, the newest reading is enough."""
        facts = self._facts
        if self.forgets and self.outgoing.line is None:
            return
        if len(facts) >= MOST_FACTS and _supersedes(said, facts[-1]):
            facts[-1] = said
        else:
            facts.append(said)

    def _failed(self) -> None:
        """Say a fact again after a while that grows, but not for ever."""
        said = self._asked
        self._settle()
        if said is None:
            return
        said.attempts += 1
        if said.is_fact and said.attempts < self.configuration.whole(ATTEMPTS):
            self._facts.appendleft(self._again(said))
            pause_s = said.attempts * self.configuration.whole(RETRY_INTERVAL)
            self._rests = True
            self._retries.after(min(pause_s, SLOWEST_RETRY_S), self._rested)
        else:
            said.when_failed()
        self.go_on()

    def _again(self, said: Said) -> Said:
        if self.fickle:
            fresh = f"{said.call.message_id}-{said.attempts}"
            said.call = evolve(said.call, message_id=fresh)
        return said

    def _rested(self) -> None:
        self._rests = False
        self.go_on()

    def _rest_no_more(self) -> None:
        self._rests = False
        self._retries.cancel()

    def _settle(self) -> None:
        self._asked = None
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None


def _supersedes(said: Said, last: Said) -> bool:
    return (
        said.call.action == last.call.action == READING and said.charge is last.charge
    )
