"""What happens because time passed: reservations lapse, silent sessions end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.charging.ending import Ending
from flexicharge.charging.seams import Seams
from flexicharge.errors import DatabaseAway
from flexicharge.model.session import EndReason

# After a start or an outage, what stations sent meanwhile is still being committed.
SETTLE_DOWN_S: Final = 30.0


@define(eq=False)
class Sweeps:
    """Looks over all sessions every few seconds, connected or not.

    Time in which we could not hear or remember anything counts against nobody: silence
    is counted from the last start or outage at the earliest. `last_heard` tells when a
    session was last heard of without a reading that could be stored.
    """

    _seams: Seams
    _ending: Ending
    _last_heard: Callable[[int], float]
    _able_since: float = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._able_since = self._seams.clock.seconds()

    async def sweep(self) -> None:
        """Cancel reservations whose time is up, and end sessions gone silent."""
        try:
            await self._sweep()
        except DatabaseAway as why:
            self._log.warn("the sweep waits for the database: {why}", why=why)
            self._able_since = self._seams.clock.seconds()

    async def _sweep(self) -> None:
        seams, now = self._seams, self._seams.clock.seconds()
        silent_since = now - seams.limits.session_grace
        silent = await seams.transactions.get_silent(silent_since)
        if now - self._able_since < SETTLE_DOWN_S:
            return
        for session in await seams.transactions.expire_reservations(now):
            self._log.info(
                "reservation {session_id} on {serial_number} lapsed",
                session_id=session.session_id,
                serial_number=session.serial_number,
            )
            seams.changed(session)
        if self._able_since > silent_since:
            return
        for session in silent:
            if self._last_heard(session.session_id) <= silent_since:
                await self._end(session.session_id, silent_since)

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
