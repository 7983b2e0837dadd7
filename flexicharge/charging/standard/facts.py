"""What stations said before, and what they say that changes nothing: kept, once."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.charging.repeats import MAX_CLAIM, STARTS, STOPS
from flexicharge.charging.seams import Seams
from flexicharge.charging.standard.clocks import is_plausible
from flexicharge.charging.waiting import patiently
from flexicharge.model.requests import Evidence, TransactionStart, TransactionStop
from flexicharge.model.session import FINAL, RUNNING, EndReason, Said, Session
from flexicharge.model.site import Station

START_FRAME: Final = "startFrame"
STOP_FRAME: Final = "stopFrame"
REPLAYED_WITHIN_S: Final = 86_400.0
GUESSED: Final = (
    EndReason.AVAILABLE,
    EndReason.SILENT,
    EndReason.NOT_CHARGING,
    EndReason.SUPERSEDED,
    EndReason.OPERATOR,
)


@frozen
class Facts:
    """Knows starts and stops again; waits for the database."""

    _seams: Seams

    async def started_before(
        self, station: Station, start: TransactionStart, evidence: Evidence
    ) -> Session | None:
        """Return the session that a start began when it was said before.

        If its time is more than a year off, the same words count for as long as that
        session runs, and the very same frame for a day: such a clock says the same of
        every charge.
        """
        said = await self._said(station, STARTS, start.key)
        if said is not None and said.session_id is not None:
            begun = await self._session(said.session_id)
            is_known = is_plausible(start.claimed_at, evidence.at)
            if is_known or begun.state not in FINAL:
                return begun
        if is_plausible(start.claimed_at, evidence.at):
            return None
        replayed = await self._replayed(station, START_FRAME, evidence)
        if replayed is None or replayed.session_id is None:
            return None
        return await self._session(replayed.session_id)

    async def began(self, station: Station, key: str) -> int | None:
        """Return the number of the session that a start began last, if any."""
        said = await self._said(station, STARTS, key)
        return None if said is None else said.session_id

    async def stopped_before(
        self,
        station: Station,
        session: Session | None,
        stop: TransactionStop,
        evidence: Evidence,
    ) -> bool:
        """Tell whether a stop is on record already.

        One whose time is no time may be that of the session which runs, unless it is
        the very same frame.
        """
        if not is_plausible(stop.claimed_at, evidence.at):
            if await self._replayed(station, STOP_FRAME, evidence) is not None:
                return True
            if session is not None and session.state in RUNNING:
                return False
        return await self._said(station, STOPS, stop.key) is not None

    async def keep_frame(
        self, station: Station, session: Session | None, kind: str, evidence: Evidence
    ) -> None:
        """Keep a frame whose time tells nothing, so that its copies are known."""
        seams = self._seams
        await patiently(
            lambda: seams.transactions.keep_fact(
                station.station_id,
                None if session is None else session.session_id,
                kind,
                evidence.at,
                "",
                key=evidence.frame_key,
            ),
            seams.clock,
            f"a frame of {station.serial_number}",
        )

    async def keep_stop(
        self,
        station: Station,
        session: Session | None,
        stop: TransactionStop,
        evidence: Evidence,
    ) -> None:
        """Keep a stop that ends nothing, once, under what it was taken for."""
        seams = self._seams

        async def keep() -> None:
            known = await seams.transactions.said_before(
                station.station_id, STOPS, stop.key
            )
            if known is None:
                await seams.transactions.keep_fact(
                    station.station_id,
                    None if session is None else session.session_id,
                    _kind_of_stop(session),
                    evidence.at,
                    evidence.claimed[:MAX_CLAIM],
                    key=stop.key,
                )

        await patiently(keep, seams.clock, f"a stop at {station.serial_number}")

    async def _replayed(
        self, station: Station, kind: str, evidence: Evidence
    ) -> Said | None:
        """Return what is on record of the very same frame, if it came within a day."""
        said = await self._said(station, (kind,), evidence.frame_key)
        is_recent = said is not None and evidence.at - said.at <= REPLAYED_WITHIN_S
        return said if is_recent else None

    async def _said(
        self, station: Station, kinds: tuple[str, ...], key: str
    ) -> Said | None:
        seams = self._seams
        return await patiently(
            lambda: seams.transactions.said_before(station.station_id, kinds, key),
            seams.clock,
            f"what {station.serial_number} may have said before",
        )

    async def _session(self, number: int) -> Session:
        seams = self._seams
        return await patiently(
            lambda: seams.transactions.get_transaction(number), seams.clock, "a start"
        )


def _kind_of_stop(session: Session | None) -> str:
    """Name a stop that ended nothing: an adjustment if we had to guess the end."""
    if session is None:
        return "stopWithoutStart"
    return "adjustment" if session.end_reason in GUESSED else "stopAgain"
