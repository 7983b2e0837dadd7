"""What a station says while something is tried, and what our Call was sent as."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from attrs import define, field
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from flexicharge.interfaces import IBus
from flexicharge.model.events import (
    CALLS,
    CallSent,
    FrameHeard,
    LateAnswer,
    heard_topic,
)
from flexicharge.model.frame_record import FrameVerdict

MAX_STRAYS: Final = 5
STRAY: Final = (FrameVerdict.UNREADABLE, FrameVerdict.UNEXPECTED)


@define(eq=False)
class Ear:
    """What was heard of one try: answers, the message that is to follow, and strays.

    Strays are what cannot be read, and answers that nobody waits for.
    """

    follows: str
    answers: dict[str, FrameHeard] = field(factory=dict, init=False)
    message: FrameHeard | None = field(default=None, init=False)
    strays: list[FrameHeard] = field(factory=list, init=False)
    _sent: dict[str, str] = field(factory=dict, init=False)
    _has_come: Deferred[None] = field(factory=Deferred, init=False)

    def sent_as(self, command_id: str) -> str | None:
        """Return the id that a command's Call had; None if it was not sent."""
        return self._sent.get(command_id)

    async def followed(self, within_s: float, clock: IReactorTime) -> bool:
        """Tell whether the message that is to follow has come, or does in time."""
        if self.message is None:
            self._has_come.addTimeout(within_s, clock, lambda *_: None)
            await self._has_come
        return self.message is not None

    def frame(self, heard: FrameHeard) -> None:
        """Take note of what the station says."""
        if heard.latency_s is not None:
            self.answers[heard.message_id] = heard
        elif heard.verdict in STRAY:
            if len(self.strays) < MAX_STRAYS:
                self.strays.append(heard)
        elif heard.action == self.follows and self.message is None:
            self.message = heard
            if not self._has_come.called:
                self._has_come.callback(None)

    def call(self, event: CallSent | LateAnswer) -> None:
        """Take note of a Call of ours, to whomever it is."""
        if isinstance(event, CallSent):
            self._sent[event.command_id] = event.message_id


@contextmanager
def listening(bus: IBus, station_id: int, follows: str = "") -> Iterator[Ear]:
    """Listen to a station for a while."""
    ear = Ear(follows)
    ends = [
        bus.subscribe(heard_topic(station_id), ear.frame),
        bus.subscribe(CALLS, ear.call),
    ]
    try:
        yield ear
    finally:
        for end in ends:
            end()
