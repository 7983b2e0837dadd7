"""What happens because time passed: reservations begin and lapse, silence ends."""

from __future__ import annotations

import math
from collections import deque
from typing import Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.charging.bookings import Bookings
from flexicharge.charging.ending import Ending
from flexicharge.charging.heard import Heard
from flexicharge.charging.seams import Seams
from flexicharge.errors import DatabaseAway
from flexicharge.model.session import EndReason

# What was held while the database was away is retried for five seconds after.
SETTLE_DOWN_S: Final = 10.0
REMEMBERED_OUTAGES: Final = 1000


@define(eq=False)
class Sweeps:
    """Looks over all sessions every few seconds, connected or not.

    Time in which we could not hear or remember anything counts against nobody: neither
    that before we started, nor while the database was away or the process slept.
    """

    _seams: Seams
    _ending: Ending
    _heard: Heard
    _bookings: Bookings
    _outages: deque[tuple[float, float]] = field(init=False)
    _last_good: float = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._last_good = self._seams.clock.seconds()
        self._outages = deque([(-math.inf, self._last_good)], REMEMBERED_OUTAGES)

    async def sweep(self) -> None:
        """Cancel reservations whose time is up, end sessions gone silent.

        After that let bookings begin that are due: what they wait for may be free now.
        """
        try:
            await self._sweep()
            await self._bookings.begin()
        except DatabaseAway as why:
            self._log.warn("the sweep waits for the database: {why}", why=why)

    async def _sweep(self) -> None:
        now = self._seams.clock.seconds()
        silent_since = self._able_for(self._seams.limits.session_grace, now)
        silent = await self._seams.transactions.get_silent(max(silent_since, 0.0))
        if now - self._last_good > 1.5 * self._seams.limits.sweep_every:
            self._outages.append((self._last_good, now))
        self._last_good = now
        if now - self._outages[-1][1] < SETTLE_DOWN_S:
            return
        await self._expire(now - SETTLE_DOWN_S)
        away_since = self._able_for(self._seams.limits.offline_session_grace, now)
        for session in silent:
            since = away_since if session.at_standard_station else silent_since
            if self._heard.last_heard(session.session_id) <= since:
                await self._end(session.session_id, since)

    def _able_for(self, seconds: float, now: float) -> float:
        """Return since when we have been able to hear for so many seconds in all."""
        left, until = seconds, now
        for began, ended in reversed(self._outages):
            if until - ended >= left:
                break
            left, until = left - (until - ended), began
        return until - left

    async def _expire(self, at: float) -> None:
        for session in await self._seams.transactions.expire_reservations(at):
            self._log.info(
                "reservation {session_id} on {serial_number} lapsed",
                session_id=session.session_id,
                serial_number=session.serial_number,
            )
            self._seams.changed(session)

    async def _end(self, session_id: int, silent_since: float) -> None:
        """End one session; what is wrong with it must not keep the others open."""
        try:
            await self._ending.at_last_reading(
                session_id, EndReason.SILENT, unless_metered_since=silent_since
            )
        except DatabaseAway:
            raise
        except Exception:
            self._log.failure("session {session_id} cannot end", session_id=session_id)
            self._seams.alarms.raise_alarm(
                "a session cannot end", session_id=session_id
            )
