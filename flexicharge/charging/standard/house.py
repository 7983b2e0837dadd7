"""All use cases that a standard station's own frames set off."""

from __future__ import annotations

from typing import Final

from attrs import define, field, frozen
from twisted.logger import Logger

from flexicharge.charging.standard.clocks import StationClock
from flexicharge.charging.standard.facts import Facts
from flexicharge.charging.standard.learning import Learning
from flexicharge.charging.standard.meters import Done, Meters, Sampled
from flexicharge.charging.standard.seams import StandardSeams
from flexicharge.charging.standard.starts import Begun, Starts, is_given_up
from flexicharge.charging.standard.statuses import Reports
from flexicharge.charging.standard.stops import Ended, Stops
from flexicharge.charging.waiting import patiently
from flexicharge.errors import (
    DatabaseAway,
    MailboxFull,
    StationError,
    StationUnknown,
)
from flexicharge.model.commands import CancelReserve
from flexicharge.model.events import SessionChanged
from flexicharge.model.id_tag import TagStatus, TagVerdict
from flexicharge.model.metering import MeterReading
from flexicharge.model.requests import (
    Boot,
    ConnectorReport,
    Evidence,
    MeterValues,
    TransactionStart,
    TransactionStop,
)
from flexicharge.model.session import FINAL, RUNNING, Session, SessionState
from flexicharge.model.site import BootFact, Protocol, Registration, Station

CANCEL_WITHIN_S: Final = 30.0


@frozen
class Judgement:
    """What a station that boots is told, and its record as it now is."""

    registration: Registration
    interval_s: int
    station: Station


@define(eq=False)
class StandardCharging:
    """What standard stations tell us, and what that does; the actors' way in."""

    _own: StandardSeams
    learning: Learning = field(init=False)
    _clocks: dict[int, StationClock] = field(factory=dict, init=False)
    _facts: Facts = field(init=False)
    _starts: Starts = field(init=False)
    _stops: Stops = field(init=False)
    _meters: Meters = field(init=False)
    _reports: Reports = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        own = self._own
        self._facts = Facts(own.seams)
        self._stops = Stops(own, self._facts)
        self._meters = Meters(own)
        self.learning = Learning(own.seams, own.beliefs)
        self._reports = Reports(own, self.learning, self._meters.register_of)
        self._starts = Starts(own, self._facts, self._reports)

    # the station

    async def booted(self, station: Station, boot: Boot, at: float) -> Judgement:
        """Return what a station is told about itself, by its record as it is now.

        It is Pending while the database is away, and Rejected once it is retired.
        """
        own, chargers = self._own, self._own.seams.chargers
        fact = BootFact(
            vendor=boot.vendor, model=boot.model, firmware=boot.firmware, booted_at=at
        )
        self._reports.booted(station)
        try:
            await chargers.station_booted(station.station_id, fact)
            known = await chargers.get_station(station.serial_number)
        except DatabaseAway:
            return self.not_yet(station)
        except StationUnknown:
            return Judgement(Registration.REJECTED, own.retry_boot_after_s, station)
        self.learning.booted(known, boot, at)
        is_accepted = known.registration is Registration.ACCEPTED
        interval_s = own.heartbeat_interval_s if is_accepted else own.retry_boot_after_s
        return Judgement(known.registration, interval_s, known)

    def clock_of(self, station: Station) -> StationClock:
        """Return what is known of a station's clock, also from earlier connections."""
        return self._clocks.setdefault(station.station_id, StationClock())

    async def record_of(self, serial_number: str) -> Station:
        """Return a station's record as it is now; raise `StationUnknown`."""
        return await self._own.seams.chargers.get_station(serial_number)

    def not_yet(self, station: Station) -> Judgement:
        """Return what a station is told while nothing can be looked up."""
        return Judgement(Registration.PENDING, self._own.retry_boot_after_s, station)

    async def tag_shown(self, station: Station, id_tag: str, at: float) -> TagVerdict:
        """Return what a tag is good for; a refusal is kept. Waits for the database."""
        verdict = await self._own.tags.shown(station, id_tag)
        if verdict.status is not TagStatus.ACCEPTED:
            self.learning.refused_tag(station, id_tag, verdict.status, at)
        return verdict

    def reported(
        self,
        station: Station,
        report: ConnectorReport,
        session: Session | None,
        at: float,
        clock: StationClock,
    ) -> None:
        """Take a connector's status; see `Reports.take`."""
        self._reports.take(station, report, session, at, clock)

    def spoke(self, station: Station) -> None:
        """Note that a station said something, whatever it was."""
        self._own.beliefs.spoke(station)

    def heard(self, sessions: tuple[Session, ...], at: float) -> None:
        """Note that a station spoke: what runs there is not silent."""
        for session in sessions:
            self._own.heard.reported(session.session_id, at)

    # transactions

    async def started(
        self,
        station: Station,
        start: TransactionStart,
        evidence: Evidence,
        clock: StationClock,
    ) -> Begun:
        """Commit that energy flows; waits for the database. See `Starts.start`."""
        own = self._own
        begun = await self._starts.start(station, start, evidence, clock)
        if begun.is_new:
            self.learning.session_started(station, begun.session, start)
        if begun.verdict.status is not TagStatus.ACCEPTED:
            self.learning.refused_tag(
                station, start.id_tag, begun.verdict.status, evidence.at
            )
        if clock.is_past(start.claimed_at, evidence.at):
            self.look_again(begun.session)
        elif is_given_up(start, begun):
            await own.stopping.stop_given_up(begun.session)
        return begun

    def look_again(self, *sessions: Session) -> None:
        """Follow what was reported of connectors when these were not known to run."""
        for session in sessions:
            if session.state in RUNNING:
                self._reports.look_again(session)

    def resumed(self, station: Station, sessions: tuple[Session, ...]) -> None:
        """Go on waiting for stops that a server which is no more had waited for."""
        running = [one for one in sessions if one.state in RUNNING and not one.aside]
        if running:
            self._own.seams.background.spawn(
                f"what {station.serial_number} reported", self._resume(station, running)
            )

    def stop_came(self, session: Session) -> None:
        """Wait no longer for a stop; it is here, and may have to wait itself."""
        self._reports.stop_is_not_overdue(session.session_id)

    async def meant(
        self,
        station: Station,
        stop: TransactionStop,
        evidence: Evidence,
        clock: StationClock,
    ) -> Session | None:
        """Return the session that a stop is of; waits for the database."""
        at = clock.corrected(stop.claimed_at, evidence.at)
        return await self._stops.meant(station, stop, at)

    async def stopped_before(
        self,
        station: Station,
        session: Session | None,
        stop: TransactionStop,
        evidence: Evidence,
    ) -> bool:
        """Tell whether a stop is on record already; waits for the database."""
        return await self._facts.stopped_before(station, session, stop, evidence)

    async def stopped(
        self,
        station: Station,
        session: Session | None,
        stop: TransactionStop,
        evidence: Evidence,
        clock: StationClock,
    ) -> Ended:
        """Commit a stop, or keep it; waits for the database. See `Stops.stop`."""
        if session is not None:
            self.stop_came(session)
        ended = await self._stops.stop(station, session, stop, evidence, clock)
        if ended.session is not None and clock.is_past(stop.claimed_at, evidence.at):
            self._reports.restate(ended.session)
        return ended

    def metered(
        self,
        station: Station,
        sampled: Sampled,
        clock: StationClock,
        done: Done,
    ) -> MeterReading | None:
        """Queue what was sampled; see `Meters.keep`."""
        return self._meters.keep(station, sampled, clock, done)

    async def metered_patiently(
        self, station: Station, sampled: Sampled, clock: StationClock, done: Done
    ) -> None:
        """Queue what was sampled as soon as there is room for it."""
        while True:
            try:
                self._meters.keep(station, sampled, clock, done)
                return
            except MailboxFull:
                await self._own.seams.readings.drained()

    @staticmethod
    def connector_of(station: Station, metered: MeterValues) -> int | None:
        """Return the number of the connector that meter values are of.

        Number 0 is the main meter: of a station with one connector that one's.
        """
        if metered.connector_number == 0 and len(station.connectors) == 1:
            return station.connectors[0].number
        known = station.numbered(metered.connector_number)
        return None if known is None else known.number

    def forget(self, session_id: int) -> None:
        """Drop what is remembered about a session that is over."""
        self._reports.stop_is_not_overdue(session_id)
        self._meters.forget(session_id)
        self._own.heard.forget(session_id)

    def session_changed(self, event: SessionChanged) -> None:
        """Take note of any session that was committed, wherever it was."""
        session = event.session
        if session.state in FINAL:
            self.forget(session.session_id)
        if session.state is SessionState.ENDED and session.at_standard_station:
            self._own.seams.background.spawn(
                f"what session {session.session_id} ends", self._ended(session)
            )
        if session.state is SessionState.CANCELLED and not session.for_self_tests:
            self._own.seams.background.spawn(
                f"the end of reservation {session.session_id}", self._free(session)
            )

    def wind_down(self) -> None:
        """Cancel all timers."""
        self._reports.wind_down()

    async def _resume(self, station: Station, running: list[Session]) -> None:
        try:
            known = await patiently(
                lambda: self.record_of(station.serial_number),
                self._own.seams.clock,
                f"what {station.serial_number} reported",
            )
        except StationUnknown:
            return
        words = {one.connector_id: one.status for one in known.connectors}
        for session in running:
            self._reports.follow(session, words[session.connector_id])

    async def _ended(self, session: Session) -> None:
        """Believe no longer in what was for a session that is over."""
        try:
            station = await patiently(
                lambda: self.record_of(session.serial_number),
                self._own.seams.clock,
                "the end of a session",
            )
        except StationUnknown:
            return
        self.learning.session_ended(station, session)

    async def _free(self, session: Session) -> None:
        """Have a station hold its connector no longer for what was called off."""
        seams = self._own.seams
        try:
            station = await patiently(
                lambda: seams.chargers.get_station(session.serial_number),
                seams.clock,
                "a reservation",
            )
        except StationUnknown:
            return
        if station.protocol is Protocol.DIALECT:
            return  # it has no word for that
        cancel = CancelReserve(
            connector_id=session.connector_id, session_id=session.session_id
        )
        try:
            await seams.stations.command(session.serial_number, cancel, CANCEL_WITHIN_S)
        except (StationError, MailboxFull) as why:
            self._log.info(
                "{serial_number} may still hold a connector for {session_id}: {why!r}",
                serial_number=session.serial_number,
                session_id=session.session_id,
                why=why,
            )
