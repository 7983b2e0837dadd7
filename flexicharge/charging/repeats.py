"""What stations say again: starts and stops that are on record already.

A charger repeats a frame whose answer it never got, even long afterwards, when the
next driver is there: what it says again may not be booked on whoever charges by then.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen
from twisted.logger import Logger

from flexicharge.charging.seams import Seams
from flexicharge.charging.waiting import patiently
from flexicharge.model.requests import Evidence, Started, Stopped
from flexicharge.model.session import EndReason, Said, Session
from flexicharge.model.site import Station

PLAUSIBLE_S: Final = 365 * 24 * 3600.0
MAX_CLAIM: Final = 4096  # characters of a frame that are kept as evidence
STARTS: Final = ("start",)
STOPS: Final = ("stop", "stopAgain", "adjustment", "stopWithoutStart")


def natural_key(said: Started | Stopped, at: float) -> str:
    """Return what makes something said `at` the same as what was said before, or ''.

    Some chargers send the same words for every charge, with a time that is nonsense:
    where it is more than a year off nothing can be known again.
    """
    if said.claimed_at is None or abs(said.claimed_at - at) > PLAUSIBLE_S:
        return ""
    return said.key


@frozen
class Repeats:
    """Knows starts and stops again, and keeps stops that end nothing."""

    _seams: Seams
    _log = Logger()

    async def started_before(self, station: Station, key: str) -> Session | None:
        """Return the session that a start began when it was said before.

        It stands however it may by now. Waits for the database.
        """
        said = await self._said_before(station, STARTS, key)
        if said is None or said.session_id is None:
            return None
        seams, session_id = self._seams, said.session_id
        return await patiently(
            lambda: seams.transactions.get_transaction(session_id),
            seams.clock,
            f"a start at {station.serial_number}",
        )

    async def stopped_before(self, station: Station, key: str) -> bool:
        """Tell whether a stop is on record already; waits for the database."""
        return await self._said_before(station, STOPS, key) is not None

    async def keep_stop(
        self, station: Station, stop: Stopped, evidence: Evidence
    ) -> bool:
        """Keep a stop that ended nothing, once; waits for the database.

        Return whether the station ever had a session that this can be the stop of.
        """
        return await patiently(
            lambda: self._keep_stop(station, stop, evidence),
            self._seams.clock,
            f"a stop at {station.serial_number}",
        )

    async def _said_before(
        self, station: Station, kinds: tuple[str, ...], key: str
    ) -> Said | None:
        if not key:
            return None
        seams = self._seams
        said = await patiently(
            lambda: seams.transactions.said_before(station.station_id, kinds, key),
            seams.clock,
            f"what {station.serial_number} may have said before",
        )
        if said is not None:
            self._log.info(
                "{serial_number} says a {kind} of session {session_id} again",
                serial_number=station.serial_number,
                kind=kinds[0],
                session_id=said.session_id,
            )
        return said

    async def _keep_stop(
        self, station: Station, stop: Stopped, evidence: Evidence
    ) -> bool:
        """Keep a stop unless it is on record: an answer of the store may be lost."""
        transactions, key = self._seams.transactions, natural_key(stop, evidence.at)
        latest = await transactions.get_latest_for_station(station.station_id)
        if key:
            said = await transactions.said_before(station.station_id, STOPS, key)
            is_kept = said is not None
        else:
            is_kept = latest is not None and latest.meter_stop_wh == stop.meter_stop_wh
        if not is_kept:
            await transactions.keep_fact(
                station.station_id,
                None if latest is None else latest.session_id,
                _kind_of_stop(latest),
                evidence.at,
                evidence.claimed[:MAX_CLAIM],
                key=key,
            )
        return latest is not None


def _kind_of_stop(latest: Session | None) -> str:
    """Name a stop that ended nothing: an adjustment if we had to guess the end."""
    if latest is None:
        return "stopWithoutStart"
    guessed = latest.end_reason in (
        EndReason.AVAILABLE,
        EndReason.SILENT,
        EndReason.NOT_CHARGING,
    )
    return "adjustment" if guessed else "stopAgain"
