"""Stations that have gone: all that go at one time are noted in one commit.

Where a network drops its lines thousands go at once, and drivers' requests must not
wait behind thousands of commits.
"""

from __future__ import annotations

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime

from flexicharge.charging.waiting import patiently
from flexicharge.interfaces import IBackground, IChargerStore

Parting = tuple[int, float, Deferred[None]]


@define(eq=False)
class Partings:
    """Keeps who has gone until the database has it; one commit is under way at most."""

    _chargers: IChargerStore
    _clock: IReactorTime
    _background: IBackground
    _waiting: list[Parting] = field(factory=list, init=False)
    _is_writing: bool = field(default=False, init=False)

    async def note(self, station_id: int) -> None:
        """Note that a station has gone now; return when that is committed."""
        noted: Deferred[None] = Deferred()
        self._waiting.append((station_id, self._clock.seconds(), noted))
        if not self._is_writing:
            self._is_writing = True
            self._background.spawn("noting who has gone", self._write())
        await noted

    async def _write(self) -> None:
        try:
            while self._waiting:
                partings, self._waiting = self._waiting, []
                await self._write_once(partings)
        finally:
            self._is_writing = False

    async def _write_once(self, partings: list[Parting]) -> None:
        gone = [(station_id, at) for station_id, at, _ in partings]
        try:
            await patiently(
                lambda: self._chargers.stations_gone(gone),
                self._clock,
                "the loss of stations",
            )
        except CancelledError:
            raise
        except Exception as why:  # theirs who wait; those who come later are noted
            for _, _, noted in partings:
                noted.errback(why)
        else:
            for _, _, noted in partings:
                noted.callback(None)
