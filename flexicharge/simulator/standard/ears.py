"""What a charger of OCPP 1.6 hears: orders that it obeys, answers that it takes in."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from flexicharge.ocpp.frames import Call, CallError, CallResult
from flexicharge.ocpp.v16.codes import FaultyCall, Unanswerable
from flexicharge.ocpp.v16.frames import read_frame
from flexicharge.simulator.bell import Bell
from flexicharge.simulator.standard.orders import Orders, Refusal
from flexicharge.simulator.standard.told import was_kept
from flexicharge.simulator.standard.voice import Voice
from flexicharge.simulator.tally import Tally

REMEMBERED_REFUSALS: Final = 100
REJECTED: Final = {"status": "Rejected"}


@define(eq=False, kw_only=True)
class Ears:
    """Takes the server's frames; `refusals` are its newest CallErrors, in order."""

    _voice: Voice
    _orders: Orders
    _tally: Tally
    _bell: Bell
    refusals: list[CallError] = field(factory=list, init=False)

    def hear(self, text: bytes) -> None:
        """Take one text frame; what is none is ignored, or refused to its sender."""
        try:
            frame = read_frame(text).frame
        except Unanswerable:
            return
        except FaultyCall as why:
            self._voice.refuse(Call(why.message_id, "", {}), why.code)
            return
        if isinstance(frame, Call):
            self._tally.total["commands"] += 1
            self._ordered(frame)
        else:
            self._answered(frame)

    def _ordered(self, call: Call) -> None:
        """Do what the server asks for, and answer."""
        if not self._voice.twists.obey:
            self._voice.answer(call, dict(REJECTED))
            return
        try:
            answer = self._orders.take(call)
        except Refusal as why:
            self._voice.refuse(call, why.code)
            return
        self._voice.answer(call, answer)
        self._orders.carry_out()

    def _answered(self, answer: CallResult | CallError) -> None:
        said = self._voice.answered(answer)
        if isinstance(answer, CallError):
            self.refusals.append(answer)
            del self.refusals[:-REMEMBERED_REFUSALS]
        elif said is not None:
            if said.charge is not None:
                was_kept(said.charge, said.call, answer)
                self._bell.ring()
            said.when_answered(answer.payload)
        self._voice.turns.go_on()
