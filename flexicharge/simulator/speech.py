"""What a charger says over its line: its Calls under ids of their own, its answers."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.dialect import write_call, write_result
from flexicharge.ocpp.frames import Call, CallError, CallResult, JsonObject
from flexicharge.simulator.book import Book
from flexicharge.simulator.calls import Calls, Said
from flexicharge.simulator.car import Car
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.oddities import (
    BOOT,
    READING,
    START,
    STATUS,
    STOP,
    Twist,
    Twists,
)
from flexicharge.simulator.outgoing import Line, Outgoing
from flexicharge.simulator.phrasebook import Phrasebook
from flexicharge.simulator.tally import Tally
from flexicharge.simulator.timers import Ticks

CONSTANT_ID: Final = "flexicharge-virtual-charger-call-id0"  # 36, as a fielded one
SHOWN: Final = 60  # characters of a refusal's own words
_DIGITS: Final = re.compile(r"\d+")


@define(eq=False, kw_only=True)
class Speech:
    """Says things where there is any use in it, and nothing otherwise.

    `connector_id` and `transaction_id` are the numbers that the server gave. The
    charger's own clock is `skew_s` ahead.
    """

    phrases: Phrasebook
    clock: IReactorTime
    skew_s: float
    twists: Twists
    outgoing: Outgoing
    calls: Calls
    book: Book
    tally: Tally
    connector_id: int | None = field(default=None, init=False)
    transaction_id: int = field(default=1, init=False)
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

    @property
    def is_heard(self) -> bool:
        """True while there is a line."""
        return self.outgoing.line is not None

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
            self.calls.lost()
        for ticks in self._chatter:
            ticks.stop()
        return line

    def go_on(self) -> None:
        """Say what has waited for a line."""
        self.calls.go_on()

    def forget(self) -> None:
        """Know no number any more."""
        self.connector_id, self.transaction_id = None, 1

    def answered(self, answer: CallResult | CallError) -> Said | None:
        """Return which Call an answer belongs to, if it can be told."""
        said = self.calls.answered(answer)
        if isinstance(answer, CallResult):
            self.tally.total["answers"] += 1
        else:
            self.tally.total["refusals"] += 1
            self.tally.mishaps[_refusal(said, answer)] += 1
        if said is not None:
            self.tally.took(said.call.action, self.clock.seconds() - said.sent_at)
        return said

    # what is said

    def booted(self) -> None:
        """Say that the charger has started up."""
        self.say(BOOT, self.phrases.boot())

    def status(self, status: ConnectorStatus) -> None:
        """Say what the connector is doing."""
        if self.calls.can_say(STATUS):
            self.say(STATUS, self.phrases.status(status, self.connector_id))

    def started(self, meter: Meter, reservation: str | None) -> None:
        """Say that a charge starts; its number is not known before the answer."""
        self.transaction_id = 1
        if self.calls.can_say(START):
            payload = self.phrases.start(meter.start_wh, self._now(), reservation)
            self.say(START, payload)

    def metered(self, meter: Meter, car: Car, power_w: float) -> None:
        """Say how far the charge is, and how much power flows."""
        if self.calls.can_say(READING):
            payload = self.phrases.meter(
                transaction_id=self.transaction_id,
                at=self._now(),
                percent=car.percent,
                power_w=power_w,
                charged_wh=meter.charged_wh,
            )
            self.say(READING, payload)

    def stopped(self, meter: Meter, reason: str) -> None:
        """Say that the charge is over."""
        if self.calls.can_say(STOP):
            payload = self.phrases.stop(
                transaction_id=self.transaction_id,
                meter_stop_wh=meter.stop_wh,
                at=self._now(),
                reason=reason,
            )
            self.say(STOP, payload)

    def say(self, action: str, payload: JsonObject) -> None:
        """Say anything, as the charger's oddities have it."""
        for call in self.twists.say(Call(self._new_id(action), action, payload)):
            self.book.said(call)
            self.tally.total["calls"] += 1
            self.calls.say(Said(call, write_call(call), self.book.present))

    def answer(self, call: Call, status: str) -> None:
        """Answer one of the server's Calls."""
        text = write_result(call.message_id, call.action, {"status": status})
        self.outgoing.answer(call, text)

    def _chat(self, twist: Twist) -> None:
        for action, payload in twist.unasked():
            self.say(action, payload)

    def _new_id(self, action: str) -> str:
        if self.phrases.quirks.constant_message_id and action != READING:
            return CONSTANT_ID
        self._last_id_ms = max(self._last_id_ms + 1, round(self.clock.seconds() * 1000))
        who = self.connector_id or self.phrases.serial_number
        return f"{who}{action}{self._last_id_ms}"

    def _now(self) -> float:
        """Return what the charger's own clock shows."""
        return round(self.clock.seconds() + self.skew_s, 3)


def _refusal(said: Said | None, error: CallError) -> str:
    """Return a refusal in words of which there are few: numbers left out."""
    what = said.call.action if said else "something"
    words = f"{error.code} {error.description}".strip()
    return f"{what} refused: {_DIGITS.sub('…', words)[:SHOWN]}"
