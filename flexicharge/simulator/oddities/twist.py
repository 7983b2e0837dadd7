"""The places at which an oddity can take hold of what a charger does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import define, evolve, field

from flexicharge.ocpp.frames import Call, JsonObject

BOOT: Final = "BootNotification"
STATUS: Final = "StatusNotification"
START: Final = "StartTransaction"
READING: Final = "MeterValues"
STOP: Final = "StopTransaction"

Asked = tuple[str, JsonObject]  # an action and its payload


class Twist:
    """An oddity at work in one charger; this one changes nothing.

    `every_s` is how often it says something `unasked`, 0 for never. A charger that does
    not `obey` takes in BootData and does nothing that it is told.
    """

    every_s: float = 0.0
    obeys: bool = True

    def say(self, call: Call) -> Iterable[Call]:
        """Return what the charger says instead of a Call."""
        return (call,)

    def write(self, text: bytes) -> Iterable[bytes]:
        """Return what goes out instead of a Call's text."""
        return (text,)

    def answer(self, call: Call, text: bytes) -> Iterable[bytes]:
        """Return what goes out instead of the answer to one of the server's Calls."""
        return (text,)

    def unasked(self) -> Iterable[Asked]:
        """Return what the charger says on its own."""
        return ()


@define(eq=False)
class Twists:
    """All oddities of one charger; each works on what those before it made."""

    _all: Sequence[Twist]
    obey: bool = field(init=False)
    _saying: Sequence[Twist] = field(init=False)
    _writing: Sequence[Twist] = field(init=False)
    _answering: Sequence[Twist] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.obey = all(twist.obeys for twist in self._all)
        self._saying = [t for t in self._all if type(t).say is not Twist.say]
        self._writing = [t for t in self._all if type(t).write is not Twist.write]
        self._answering = [t for t in self._all if type(t).answer is not Twist.answer]

    @property
    def talkative(self) -> Sequence[Twist]:
        """Those that say something unasked."""
        return [twist for twist in self._all if twist.every_s]

    def say(self, call: Call) -> Sequence[Call]:
        """Return what is said instead of a Call."""
        calls = [call]
        for twist in self._saying:
            calls = [said for each in calls for said in twist.say(each)]
        return calls

    def write(self, text: bytes) -> Sequence[bytes]:
        """Return what goes out instead of a Call's text."""
        texts = [text]
        for twist in self._writing:
            texts = [written for each in texts for written in twist.write(each)]
        return texts

    def answer(self, call: Call, text: bytes) -> Sequence[bytes]:
        """Return what goes out instead of an answer."""
        texts = [text]
        for twist in self._answering:
            texts = [said for each in texts for said in twist.answer(call, each)]
        return texts


def again(call: Call, number: int) -> Call:
    """Return a Call said for the second, third ... time, under a fresh id."""
    return evolve(call, message_id=f"{call.message_id}-{number}")
