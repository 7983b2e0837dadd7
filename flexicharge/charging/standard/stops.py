"""A transaction is over at a standard station: which session that is, and its end."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from attrs import evolve, frozen

from flexicharge.charging.ending import StopSaid
from flexicharge.charging.repeats import MAX_CLAIM
from flexicharge.charging.standard.clocks import StationClock, is_plausible
from flexicharge.charging.standard.facts import STOP_FRAME, Facts
from flexicharge.charging.standard.meters import FASTEST_W, SECONDS_PER_HOUR, SLACK_S
from flexicharge.charging.standard.seams import StandardSeams
from flexicharge.charging.waiting import patiently
from flexicharge.errors import SessionUnknown
from flexicharge.model.id_tag import TagVerdict, same_tag
from flexicharge.model.requests import Evidence, TransactionStop, is_number
from flexicharge.model.session import (
    RUNNING,
    EndReason,
    Session,
    SessionFlag,
    SessionState,
)
from flexicharge.model.site import Station


@frozen
class Ended:
    """What a stop did: the session it was of, if any, and the verdict on its tag."""

    session: Session | None
    verdict: TagVerdict | None


@frozen
class Stops:
    """Commits stops; each is acknowledged, whatever it is of."""

    _own: StandardSeams
    _facts: Facts

    async def meant(
        self, station: Station, stop: TransactionStop, at: float | None
    ) -> Session | None:
        """Return the session a stop of a time is of; None if there is none.

        By its number. One that stands for no number is the only running session that
        it can be of: begun before it, at no higher a register. `at` is by our clock,
        None if it is no time.
        """
        if is_number(stop.transaction_id):
            return await self._numbered(station, stop.transaction_id)
        seams = self._own.seams
        sessions = await patiently(
            lambda: seams.transactions.get_open_for_station(station.station_id),
            seams.clock,
            f"a stop at {station.serial_number}",
        )
        possible = _possible(stop, at, sessions)
        if len(possible) > 1 and stop.id_tag:
            possible = [one for one in possible if same_tag(one.id_tag, stop.id_tag)]
        return possible[0] if len(possible) == 1 else None

    async def stop(
        self,
        station: Station,
        session: Session | None,
        stop: TransactionStop,
        evidence: Evidence,
        clock: StationClock,
    ) -> Ended:
        """Commit a stop of a session, or keep it. The first stop of a session wins."""
        verdict, may_end = await self._judged(station, session, stop)
        running = session if session and session.state in RUNNING else None
        if await self._facts.stopped_before(station, running, stop, evidence):
            return Ended(session, verdict)
        if running is None:
            await self._facts.keep_stop(station, session, stop, evidence)
        else:
            at = clock.when(stop.claimed_at, evidence.at, not_before=running.started_at)
            flags = [] if may_end else [SessionFlag.OTHER_FAMILY]
            if _is_out_of_reach(running, stop.meter_stop_wh, at):
                stop = evolve(stop, meter_stop_wh=None)
                flags.append(SessionFlag.METER_IN_DOUBT)
            said = StopSaid(
                claimed=evidence.claimed[:MAX_CLAIM],
                key=stop.key,
                arrived_at=evidence.at,
                id_tag=stop.id_tag or "",
                reason=stop.reason,
                flags=tuple(flags),
            )
            session = await self._end(
                station, running, stop, evidence, said=said, at=at
            )
        if not is_plausible(stop.claimed_at, evidence.at):
            await self._facts.keep_frame(station, session, STOP_FRAME, evidence)
        return Ended(session, verdict)

    async def _end(
        self,
        station: Station,
        running: Session,
        stop: TransactionStop,
        evidence: Evidence,
        *,
        said: StopSaid,
        at: float,
    ) -> Session:
        """End a session, unless somebody has meanwhile; then the stop is kept."""
        by_driver = running.state is SessionState.STOPPING
        sealed, first = await self._own.ending.at_register(
            running,
            stop.meter_stop_wh,
            EndReason.DRIVER if by_driver else EndReason.STATION,
            at=at,
            said=said,
        )
        if not first:
            await self._facts.keep_stop(station, sealed, stop, evidence)
        return sealed

    async def _judged(
        self, station: Station, session: Session | None, stop: TransactionStop
    ) -> tuple[TagVerdict | None, bool]:
        if stop.id_tag is None:
            return None, True
        return await self._own.tags.ending(station, session, stop.id_tag)

    async def _numbered(self, station: Station, number: int) -> Session | None:
        """Return a session of this station; others' are not its to end."""
        seams = self._own.seams
        try:
            session = await patiently(
                lambda: seams.transactions.get_transaction(number),
                seams.clock,
                f"a stop at {station.serial_number}",
            )
        except SessionUnknown:
            return None
        has_begun = session.state in (*RUNNING, SessionState.ENDED)
        is_here = session.station_id == station.station_id
        return session if is_here and has_begun else None


def _possible(
    stop: TransactionStop, at: float | None, sessions: Iterable[Session]
) -> list[Session]:
    """Return the sessions that a stop without a number can be of.

    Of one that began after it only if its register went on since that: then it is the
    clock that is wrong.
    """
    running = [session for session in sessions if session.state in RUNNING]
    begun = [session for session in running if not _began_after(session, at)]
    possible = [one for one in begun if _rise_wh(stop, one) >= 0]
    return possible or [one for one in running if _rise_wh(stop, one) > 0]


def _began_after(session: Session, at: float | None) -> bool:
    started_at = session.started_at
    return at is not None and started_at is not None and at < started_at - SLACK_S


def _rise_wh(stop: TransactionStop, session: Session) -> float:
    """Return how far a register rose; without end if nobody knows."""
    start_wh, stop_wh = session.meter_start_wh, stop.meter_stop_wh
    return inf if start_wh is None or stop_wh is None else stop_wh - start_wh


def _is_out_of_reach(session: Session, stop_wh: int | None, at: float) -> bool:
    """Tell whether no connector could deliver so much until then.

    An hour more than it took is allowed for, for starts that were told of late.
    """
    if session.meter_start_wh is None or stop_wh is None:
        return False
    took_s = max(at - (session.started_at or at), 0.0) + SECONDS_PER_HOUR
    return stop_wh - session.meter_start_wh > FASTEST_W * took_s / SECONDS_PER_HOUR
