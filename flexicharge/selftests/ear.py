"""Frames as they came over a line, kept, and waited for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.frames import CALL, CALLERROR, CALLRESULT, read_array
from flexicharge.selftests.errors import SelfTestFailed
from flexicharge.simulator.bell import Bell
from flexicharge.simulator.charger import VirtualCharger
from flexicharge.simulator.errors import ServerHung

Frame = list[Any]
SHOWN: Final = 200  # characters of a frame in the reason of a failure


@define(eq=False)
class Ear:
    """Hears everything the server says on one line; what is no frame is an error."""

    clock: IReactorTime
    within_s: float
    frames: list[Frame] = field(factory=list, init=False)
    _heeded: int = field(default=0, init=False)
    _bell: Bell = field(factory=Bell, init=False)

    def hear(self, text: bytes) -> None:
        """Keep one frame."""
        try:
            self.frames.append(read_array(text))
        except MalformedFrame as why:
            self.frames.append([CALLERROR, "", str(why)])
        self._bell.ring()

    def heed_from_now(self) -> None:
        """Forget what was said before, good or bad."""
        self._heeded = len(self.frames)

    def check_no_error(self) -> None:
        """Raise `SelfTestFailed` if the server refused anything."""
        for frame in self._since():
            if frame[:1] == [CALLERROR]:
                raise SelfTestFailed(f"the server said {str(frame)[:SHOWN]}")

    async def call(self, action: str) -> Frame:
        """Return the first Call of an action; raise `SelfTestFailed` if none comes."""
        return await self._first(f"no {action} came", CALL, action)

    async def result(self, action: str) -> Frame:
        """Return the first answer to an action; raise `SelfTestFailed` if none comes.

        Or if an error comes first.
        """
        return await self._first(f"{action} was not answered", CALLRESULT, action)

    async def refusal(self) -> Frame:
        """Return the first error; raise `SelfTestFailed` if none comes."""
        return await self._wait("nothing was refused", lambda f: f[:1] == [CALLERROR])

    async def _first(self, missing: str, kind: int, action: str) -> Frame:
        def is_it(frame: Frame) -> bool:
            return frame[:1] == [kind] and frame[2:3] == [action]

        found = await self._wait(
            missing, lambda frame: is_it(frame) or frame[:1] == [CALLERROR]
        )
        if not is_it(found):
            raise SelfTestFailed(f"the server said {str(found)[:SHOWN]}")
        return found

    async def _wait(self, missing: str, fits: Callable[[Frame], bool]) -> Frame:
        def first() -> Frame | None:
            return next(filter(fits, self._since()), None)

        try:
            await self._bell.until(
                lambda: first() is not None, self.within_s, self.clock
            )
        except ServerHung:
            raise SelfTestFailed(f"{missing} within {self.within_s:g} s") from None
        return first() or []

    def _since(self) -> list[Frame]:
        return self.frames[self._heeded :]


@define(eq=False, kw_only=True)
class TappedCharger(VirtualCharger):
    """A virtual charger on whose line an ear hears along."""

    ear: Ear

    def heard(self, text: bytes) -> None:
        """Take one frame, then hand it to whoever listens."""
        super().heard(text)
        self.ear.hear(text)
