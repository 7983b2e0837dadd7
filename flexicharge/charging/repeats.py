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
from flexicharge.model.session import FINAL, EndReason, Said, Session, SessionState
from flexicharge.model.site import Connector, Station

PLAUSIBLE_S: Final = 365 * 24 * 3600.0
# A copy comes within moments; what was kept for want of a line comes before anything
# new is said or done. Whatever comes later is new, whatever it looks like.
SAID_AGAIN_WITHIN_S: Final = 300.0
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

    async def started_before(
        self, station: Station, connector: Connector, key: str, at: float
    ) -> Session | None:
        """Return the session that a start said `at` began when it was said before.

        It stands however it may by now. A start that is waited for is another one if
        that session is long over: then it is the station's clock that stands still.
        Waits for the database.
        """
        said = await self._said_before(station, STARTS, key)
        if said is None or said.session_id is None:
            return None
        seams, session_id = self._seams, said.session_id
        begun = await patiently(
            lambda: seams.transactions.get_transaction(session_id),
            seams.clock,
            f"a start at {station.serial_number}",
        )
        if begun.state not in FINAL or not await self._is_awaited(station, connector):
            return begun
        if begun.ended_at is not None and at - begun.ended_at > SAID_AGAIN_WITHIN_S:
            return None
        seams.alarms.raise_alarm(
            "a start that was said before, where another one was awaited",
            serial_number=station.serial_number,
            session_id=begun.session_id,
        )
        return begun

    async def stopped_before(
        self,
        station: Station,
        running: Session | None,
        stop: Stopped,
        evidence: Evidence,
    ) -> bool:
        """Tell whether a stop is on record already; waits for the database.

        While a session runs, one that was said long ago and whose register has gone on
        since that session's start is that session's own.
        """
        key = natural_key(stop, evidence.at)
        said = await self._said_before(station, STOPS, key)
        if said is None or running is None:
            return said is not None
        is_old = evidence.at - said.at > SAID_AGAIN_WITHIN_S
        return not (is_old and stop.meter_stop_wh > (running.meter_start_wh or 0))

    async def _is_awaited(self, station: Station, connector: Connector) -> bool:
        """Tell whether a driver's start on a connector was asked of its station."""
        seams = self._seams
        sessions = await patiently(
            lambda: seams.transactions.get_open_for_station(station.station_id),
            seams.clock,
            f"a start at {station.serial_number}",
        )
        return any(
            session.connector_id == connector.connector_id
            and session.state is SessionState.STARTING
            for session in sessions
        )

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
