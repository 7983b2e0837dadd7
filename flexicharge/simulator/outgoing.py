"""What goes out over a charger's line, with the faults of one that minds it badly."""

from __future__ import annotations

from random import Random
from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.ocpp.frames import Call
from flexicharge.simulator.oddities import Twists
from flexicharge.simulator.scenario.values import Faults
from flexicharge.simulator.timers import Timers

AT_ONCE: Final = 0.5  # the share of second copies that follow the first directly
COPY_WITHIN_S: Final = 5.0


class Line(Protocol):
    """What carries a charger's frames."""

    def send(self, text: bytes) -> None:
        """Send one text frame; on a closed line do nothing."""

    def hang_up(self) -> None:
        """Close the line."""

    def vanish(self) -> None:
        """Be gone, as when the power fails: the other end is not told."""


@define(eq=False, kw_only=True)
class Outgoing:
    """Sends texts while there is a line; late ones are forgotten with it."""

    faults: Faults
    twists: Twists
    rng: Random
    clock: IReactorTime
    line: Line | None = field(default=None, init=False)
    _late: Timers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._late = Timers(self.clock)

    def close(self) -> Line | None:
        """Return the line, which is not used any more."""
        line, self.line = self.line, None
        self._late.cancel()
        return line

    def call(self, text: bytes) -> None:
        """Send a Call, and perhaps a second time."""
        for each in self.twists.write(text):
            self._send(each)
        if self._happens(self.faults.duplicates):
            self._copy(text)

    def answer(self, call: Call, text: bytes) -> None:
        """Send the answer to one of the server's Calls, now, late, or never."""
        faults = self.faults
        if self._happens(faults.lost_answers):
            return
        late_s = 0.0
        if self._happens(faults.slow_answers):
            late_s = faults.slow_answer_s.draw(self.rng)
        for each in self.twists.answer(call, text):
            if late_s:
                self._send_later(late_s, each)
            else:
                self._send(each)

    def _copy(self, text: bytes) -> None:
        if self.rng.random() < AT_ONCE:
            self._send(text)
        else:
            self._send_later(self.rng.uniform(0.0, COPY_WITHIN_S), text)

    def _send(self, text: bytes) -> None:
        if self.line is not None:
            self.line.send(text)

    def _send_later(self, seconds: float, text: bytes) -> None:
        self._late.after(seconds, lambda: self._send(text))

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self.rng.random() < chance
