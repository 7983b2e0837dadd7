"""What a charger of OCPP 1.6 says over its line, as its oddities have it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.ocpp.frames import Call, CallError, CallResult, JsonObject
from flexicharge.ocpp.v16.codes import ErrorCode
from flexicharge.ocpp.v16.frames import write_error, write_result
from flexicharge.simulator.book import Book
from flexicharge.simulator.oddities.twist import Twist, Twists
from flexicharge.simulator.outgoing import Line, Outgoing
from flexicharge.simulator.scenario.values import Faults
from flexicharge.simulator.standard.configuration import Configuration
from flexicharge.simulator.standard.oddities import FICKLE_IDS, NO_MEMORY, twists_of
from flexicharge.simulator.standard.turns import Said, Turns
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Ticks
from flexicharge.simulator.truth import Charge

SHOWN: Final = 60  # characters of a refusal's own words


def unheard(answer: JsonObject) -> None:
    """Do nothing with an answer that nobody waits for."""


def unminded() -> None:
    """Do nothing about what nobody will answer."""


@define(eq=False, kw_only=True)
class Voice:
    """Says things under ids of their own, and tells which answer belongs to what.

    `book_of` has what is told about a charge.
    """

    clock: IReactorTime
    outgoing: Outgoing
    twists: Twists
    turns: Turns
    tally: Tally
    book_of: Callable[[Charge], Book]
    _chatter: list[Ticks] = field(init=False)
    _last_id_ms: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._chatter = [
            Ticks(self.clock, twist.every_s, partial(self._chat, twist))
            for twist in self.twists.talkative
        ]

    # the line

    @property
    def line(self) -> Line | None:
        """The open line, if there is one."""
        return self.outgoing.line

    def open(self, line: Line) -> None:
        """Speak over a new line from now on."""
        if self.outgoing.line is None:
            self.tally.now["connected"] += 1
        self.outgoing.line = line
        for ticks in self._chatter:
            ticks.start()

    def lose(self) -> Line | None:
        """Return the line, over which nothing more is said."""
        line = self.outgoing.close()
        if line is not None:
            self.tally.now["connected"] -= 1
        self.turns.lost()
        for ticks in self._chatter:
            ticks.stop()
        return line

    # what is said

    def say(
        self,
        action: str,
        payload: JsonObject,
        charge: Charge | None = None,
        *,
        was_asked_for: bool = False,
        when_answered: Callable[[JsonObject], None] = unheard,
        when_failed: Callable[[], None] = unminded,
    ) -> None:
        """Say something about a charge, or about none.

        `when_answered` takes the payload of a result; `when_failed` is told that there
        will be none.
        """
        for call in self.twists.say(Call(self._new_id(), action, payload)):
            is_meant = call.action == action
            if charge is not None:
                self.book_of(charge).said(call)
            self.tally.total["calls"] += 1
            self.turns.say(
                Said(
                    call=call,
                    charge=charge,
                    was_asked_for=was_asked_for,
                    when_answered=when_answered if is_meant else unheard,
                    when_failed=when_failed if is_meant else unminded,
                )
            )

    def answer(self, call: Call, payload: JsonObject) -> None:
        """Answer one of the server's Calls."""
        self.outgoing.answer(call, write_result(call.message_id, payload))

    def refuse(self, call: Call, code: ErrorCode) -> None:
        """Answer one of the server's Calls with an error."""
        self.outgoing.answer(call, write_error(call.message_id, code))

    def answered(self, answer: CallResult | CallError) -> Said | None:
        """Return which Call an answer belongs to, if it is the one outstanding."""
        said = self.turns.answered(answer)
        if isinstance(answer, CallResult):
            self.tally.total["answers"] += 1
        else:
            what = said.call.action if said else "something"
            words = f"{answer.code} {answer.description}".strip()
            self.tally.total["refusals"] += 1
            self.tally.mishaps[f"{what} refused: {words[:SHOWN]}"] += 1
        if said is not None:
            self.tally.took(said.call.action, self.clock.seconds() - said.sent_at)
        return said

    def _chat(self, twist: Twist) -> None:
        for action, payload in twist.unasked():
            self.say(action, payload)

    def _new_id(self) -> str:
        now_ms = round(self.clock.seconds() * 1000)
        self._last_id_ms = max(self._last_id_ms + 1, now_ms)
        return str(self._last_id_ms)


def made_voice(
    *,
    clock: IReactorTime,
    faults: Faults,
    oddities: tuple[str, ...],
    rng: Random,
    configuration: Configuration,
    may_say: Callable[[Said], bool],
    tally: Tally,
    book_of: Callable[[Charge], Book],
) -> Voice:
    """Return the voice of a charger with these faults and oddities."""
    twists = twists_of(oddities)
    outgoing = Outgoing(faults=faults, twists=twists, rng=rng, clock=clock)
    turns = Turns(
        outgoing=outgoing,
        clock=clock,
        configuration=configuration,
        may_say=may_say,
        forgets=NO_MEMORY in oddities,
        fickle=FICKLE_IDS in oddities,
    )
    return Voice(
        clock=clock,
        outgoing=outgoing,
        twists=twists,
        turns=turns,
        tally=tally,
        book_of=book_of,
    )
