"""Ending whatever is open at a station, whether it ever says so or not."""

from __future__ import annotations

from attrs import frozen

from flexicharge.charging.ending import Ending
from flexicharge.charging.seams import Seams
from flexicharge.model.session import RUNNING, EndReason


@frozen
class Closing:
    """Ends the sessions of a station that will say nothing more of them."""

    _seams: Seams
    _ending: Ending

    async def close(self, station_id: int) -> None:
        """End every open session of a station: cancelled, or at its last reading.

        Raise `DatabaseAway` if it is not known which there are.
        """
        seams = self._seams
        for session in await seams.transactions.get_open_for_station(station_id):
            if session.state in RUNNING:
                await self._ending.at_last_reading(
                    session.session_id, EndReason.SILENT, unless_metered_since=None
                )
            else:
                await self._cancel(session.session_id)

    async def _cancel(self, session_id: int) -> None:
        """Cancel a session as one that nobody asked to start, so that none will."""
        seams = self._seams
        await seams.transactions.return_to_reserved(session_id)
        cancelled = await seams.transactions.cancel(
            session_id, seams.clock.seconds(), EndReason.OFFLINE
        )
        seams.changed(cancelled)
