"""Energy flows at a standard station: whose it is, and what had to make way."""

from __future__ import annotations

from functools import partial
from typing import Final

from attrs import evolve, frozen
from twisted.logger import Logger

from flexicharge.charging.repeats import MAX_CLAIM
from flexicharge.charging.standard.clocks import (
    PAST_AFTER_S,
    StationClock,
    is_plausible,
)
from flexicharge.charging.standard.facts import START_FRAME, Facts
from flexicharge.charging.standard.seams import StandardSeams
from flexicharge.charging.standard.statuses import Reports
from flexicharge.charging.standard.tags import GOOD, Judged
from flexicharge.charging.waiting import patiently
from flexicharge.errors import ConnectorBusy
from flexicharge.model.id_tag import TagVerdict, same_tag, session_of_tag
from flexicharge.model.requests import Evidence, TransactionStart
from flexicharge.model.session import (
    FINAL,
    RUNNING,
    UNSTARTED,
    EndReason,
    Session,
    SessionFlag,
    SessionState,
    TaggedStart,
)
from flexicharge.model.site import Connector, Station

TRIES: Final = 5  # each ends a session that began meanwhile on the same connector
WHAT: Final = "a start at {}"


@frozen
class Place:
    """The connector a start is booked on; in doubt if the station named another."""

    connector: Connector
    in_doubt: bool = False
    aside: bool = False


@frozen
class Begun:
    """A session that began, now or when the same was said before; and its verdict."""

    session: Session
    verdict: TagVerdict
    is_new: bool


@frozen
class Starts:
    """Commits starts; energy is never refused, whoever pays."""

    _own: StandardSeams
    _facts: Facts
    _reports: Reports
    _log = Logger()

    async def start(
        self,
        station: Station,
        start: TransactionStart,
        evidence: Evidence,
        clock: StationClock,
    ) -> Begun:
        """Return the session, under whose number the station goes on.

        Raise `ConnectorUnknown` if the station has no connector in service at all.
        """
        begun = await self._facts.started_before(station, start, evidence)
        if begun is not None:
            return Begun(begun, await self._said_then(station, begun), is_new=False)
        place = place_of(station, start.connector_number)
        began_at = clock.when(start.claimed_at, evidence.at, not_before=None)
        judged = await self._own.tags.starting(
            station, place.connector.connector_id, start.id_tag, began_at
        )
        fact = self._fact(
            station, place, judged, start=start, evidence=evidence, clock=clock
        )
        session = await self._commit(station, fact)
        if not is_plausible(start.claimed_at, evidence.at):
            await self._facts.keep_frame(station, session, START_FRAME, evidence)
        self._warn(session, judged, start)
        verdict = judged.verdict
        if not judged.is_good:  # unless it began meanwhile, and was judged then
            verdict = await self._said_then(station, session)
        return Begun(session, verdict, is_new=True)

    def _fact(
        self,
        station: Station,
        place: Place,
        judged: Judged,
        *,
        start: TransactionStart,
        evidence: Evidence,
        clock: StationClock,
    ) -> TaggedStart:
        asked = judged.session
        is_now = not place.in_doubt and not clock.is_past(start.claimed_at, evidence.at)
        flags = {
            SessionFlag.TAG_REFUSED: not judged.is_good,
            SessionFlag.CONNECTOR_IN_DOUBT: place.in_doubt,
            SessionFlag.CONNECTOR_FAULTED: is_now
            and self._reports.is_faulted(place.connector),
        }
        return TaggedStart(
            station_id=station.station_id,
            connector_id=place.connector.connector_id,
            meter_start_wh=start.meter_start_wh,
            started_at=clock.when(
                start.claimed_at,
                evidence.at,
                not_before=None if asked is None else asked.opened_at,
            ),
            arrived_at=evidence.at,
            claimed=evidence.claimed[:MAX_CLAIM],
            key=start.key,
            id_tag=start.id_tag,
            user_id=judged.user_id,
            session_id=None if asked is None else asked.session_id,
            aside=place.aside,
            flags=tuple(flag for flag, is_set in flags.items() if is_set),
        )

    async def _commit(self, station: Station, fact: TaggedStart) -> Session:
        """Commit a start; what ran on its connector has ended then, or is newer."""
        seams, what = self._own.seams, WHAT.format(station.serial_number)
        for _ in range(TRIES):
            others = await self._others(fact)
            fact = await self._beside_newer(station, fact, others)
            try:
                session, displaced = await patiently(
                    partial(seams.transactions.start_tagged, fact), seams.clock, what
                )
            except ConnectorBusy:
                continue
            for other in displaced or await self._made_way(others):
                seams.changed(other)
            return seams.changed(session)
        raise ConnectorBusy(fact.connector_id)

    async def _others(self, fact: TaggedStart) -> tuple[Session, ...]:
        """Return what else is open where a start is booked."""
        if fact.aside:
            return ()
        seams = self._own.seams
        sessions = await patiently(
            lambda: seams.transactions.get_open_for_station(fact.station_id),
            seams.clock,
            "a start",
        )
        return tuple(
            other
            for other in sessions
            if other.connector_id == fact.connector_id
            and not other.aside
            and other.session_id != fact.session_id
        )

    async def _made_way(self, others: tuple[Session, ...]) -> list[Session]:
        """Return what has made way, where the answer that said so was lost."""
        transactions = self._own.seams.transactions
        held = [other.session_id for other in others if other.state in UNSTARTED]
        known = [
            await patiently(
                partial(transactions.get_transaction, number),
                self._own.seams.clock,
                "a start",
            )
            for number in held
        ]
        return [other for other in known if other.state is SessionState.CANCELLED]

    async def _beside_newer(
        self, station: Station, fact: TaggedStart, others: tuple[Session, ...]
    ) -> TaggedStart:
        """Let one that runs on the connector end, unless it is the newer of the two.

        Or this very charge: what was said again on a new line may be quick.
        """
        for other in others:
            if _is_newer(other, fact):
                return evolve(fact, aside=True, session_id=None)
            if other.state not in RUNNING:
                continue  # it makes way
            if await self._facts.began(station, fact.key) == other.session_id:
                return fact
            await self._own.ending.at_last_reading(
                other.session_id, EndReason.SUPERSEDED, unless_metered_since=None
            )
        return fact

    async def _said_then(self, station: Station, begun: Session) -> TagVerdict:
        """Return the verdict on a tag that was judged before."""
        if SessionFlag.TAG_REFUSED not in begun.flags:
            return GOOD
        judged = await self._own.tags.starting(
            station, begun.connector_id, begun.id_tag, begun.started_at or 0.0
        )
        return judged.verdict

    def _warn(self, session: Session, judged: Judged, start: TransactionStart) -> None:
        alarms = self._own.seams.alarms
        if session.user_id is None:
            alarms.raise_alarm(
                "energy without a payer",
                serial_number=session.serial_number,
                session_id=session.session_id,
            )
        if SessionFlag.CONNECTOR_IN_DOUBT in session.flags:
            self._log.warn(
                "{serial_number}: session {session_id} is on no connector we know: "
                "{number}",
                serial_number=session.serial_number,
                session_id=session.session_id,
                number=start.connector_number,
            )


def place_of(station: Station, number: int) -> Place:
    """Return where a start is booked that names a connector by its number.

    Of an unknown one nothing is believed but that energy flows: it is booked on the
    first, beside whatever that does. A station with one connector means that.
    """
    known = station.numbered(number)
    if known is not None:
        return Place(known)
    only = len(station.connectors) == 1
    first = station.connector_for(None)
    return Place(first, in_doubt=True, aside=not only)


def _is_newer(other: Session, fact: TaggedStart) -> bool:
    """Tell whether a session is what the connector does now, rather than a start.

    One that is only held makes way for whoever comes now, but not for the past.
    """
    if other.state in RUNNING:
        return fact.started_at < (other.started_at or 0.0)
    is_past = fact.started_at < fact.arrived_at - PAST_AFTER_S
    return is_past and fact.started_at < other.opened_at


def is_given_up(start: TransactionStart, begun: Begun) -> bool:
    """Tell whether a start is that of a session which its driver had called off."""
    session = begun.session
    return (
        begun.is_new
        and session.user_id is None
        and session.state not in FINAL
        and session_of_tag(start.id_tag) is not None
        and same_tag(session.id_tag, start.id_tag)
    )
