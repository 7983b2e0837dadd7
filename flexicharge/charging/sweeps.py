"""What happens because time passed: reservations lapse, silent sessions end."""

from __future__ import annotations

from attrs import frozen
from twisted.logger import Logger

from flexicharge.charging.ending import Ending
from flexicharge.charging.seams import Seams
from flexicharge.model.session import EndReason


@frozen
class Sweeps:
    """Looks over all sessions every few seconds, connected or not."""

    _seams: Seams
    _ending: Ending
    _log = Logger()

    async def sweep(self) -> None:
        """Cancel reservations whose time is up, and end sessions gone silent."""
        seams, now = self._seams, self._seams.clock.seconds()
        for session in await seams.transactions.expire_reservations(now):
            self._log.info(
                "reservation {session_id} on {serial_number} lapsed",
                session_id=session.session_id,
                serial_number=session.serial_number,
            )
            seams.changed(session)
        silent_since = now - seams.limits.session_grace
        for session in await seams.transactions.get_silent(silent_since):
            await self._ending.at_last_reading(session.session_id, EndReason.SILENT)
