"""What each request of a standard (OCPP) station does: one turn of its actor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.actors.held import Held
from flexicharge.actors.incoming import Incoming
from flexicharge.actors.live import live_frame
from flexicharge.actors.mailbox import Handling
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.sessions import RunningSessions
from flexicharge.charging.standard.clocks import StationClock
from flexicharge.charging.standard.meters import Sampled
from flexicharge.errors import MailboxFull
from flexicharge.model.events import LiveFrame, driver_topic
from flexicharge.model.metering import MeterReading
from flexicharge.model.requests import (
    Answer,
    Boot,
    BootJudged,
    CertificateComes,
    CertificateWanted,
    ConnectorReport,
    Heartbeat,
    JobReport,
    MeterValues,
    Noted,
    Refused,
    SecurityEvent,
    TagJudged,
    TagShown,
    TimeIs,
    TransactionStart,
    TransactionStarted,
    TransactionStop,
    TransactionStopped,
    VendorMessage,
    VendorMessageUnknown,
    is_number,
)
from flexicharge.model.session import Session
from flexicharge.model.site import Station
from flexicharge.ocpp.conversation import IConversation

FROM_MEMORY: Final = (Boot, Heartbeat, ConnectorReport)


@define(eq=False)
class StandardTurns:
    """Takes a standard station's requests one at a time.

    Heartbeats and statuses are answered at once from memory. Readings go to the driver
    first, then to the store, whose commit answers them. Starts, stops and all else
    that must not be lost are committed, then answered.
    """

    station: Station
    talk: IConversation
    seams: ActorSeams
    say: Callable[[Incoming, bytes], None]
    held_up: Callable[[], None]
    sessions: RunningSessions = field(init=False)
    _held: Held = field(init=False)
    _clock: StationClock = field(init=False)
    _early: list[Incoming] = field(factory=list, init=False)
    _must_look_again: bool = field(default=False, init=False)
    _turns: dict[type, Callable[[Incoming, Any], Handling]] = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self.sessions = RunningSessions(self.station, self.seams.standard.forget)
        self._clock = self.seams.standard.clock_of(self.station)
        self._held = Held(self.seams.clock, self.held_up)
        self._turns = {
            MeterValues: self._metered,
            ConnectorReport: self._reported,
            Heartbeat: self._heartbeat,
            Boot: self._booted,
            TagShown: self._tag_shown,
            TransactionStart: self._started,
            TransactionStop: self._stopped,
            JobReport: self._job_reported,
            SecurityEvent: self._secured,
            CertificateWanted: self._certificate_wanted,
            VendorMessage: self._vendor_said,
        }

    def take(self, incoming: Incoming) -> Handling:
        """Handle one Call; return what has to be waited for, if anything."""
        self.seams.standard.spoke(self.station)
        # One that is aside is not what its connector does: it speaks for itself alone.
        running = tuple(one for one in self.sessions.all if not one.aside)
        if running:
            self.seams.standard.heard(running, incoming.at)
        return self._turns[type(incoming.request)](incoming, incoming.request)

    def take_from_memory(self, incoming: Incoming) -> bool:
        """Answer a Call past the mailbox, if it can be while a turn is held up.

        A boot is then told to come again in a minute. Return whether it was answered.
        """
        request = incoming.request
        if isinstance(request, TransactionStop):
            self._stop_came(request)
        if not self._held.too_long or not isinstance(request, FROM_MEMORY):
            return False
        if isinstance(request, Boot):
            self._not_yet(incoming)
        else:
            self._turns[type(request)](incoming, request)
        return True

    def loaded(
        self, sessions: tuple[Session, ...], known_before: frozenset[int]
    ) -> None:
        """Begin, or begin again, from what the store says is open."""
        is_first = not self.sessions.is_loaded
        self.sessions.loaded(sessions, known_before)
        if is_first:
            self.seams.standard.resumed(self.station, sessions)
        early, self._early = self._early, []
        for incoming in early:
            self._take_report(incoming)

    def failed(self, incoming: Incoming) -> None:
        """Answer a Call whose handling crashed; a boot is to come again, no error.

        An error makes some chargers boot for ever (field notes Q21).
        """
        if isinstance(incoming.request, Boot):
            self._not_yet(incoming)
        else:
            self.say(incoming, self.talk.fault(incoming.call))

    def renewed(self, station: Station) -> None:
        """Go on under a record that was changed."""
        self.station = station
        self.sessions.station = station

    def _answer(self, incoming: Incoming, said: Answer) -> None:
        self.say(incoming, self.talk.answer(incoming.call, said))

    # answered at once

    def _heartbeat(self, incoming: Incoming, _: Heartbeat) -> None:
        self._answer(incoming, TimeIs(self.seams.clock.seconds()))

    def _reported(self, incoming: Incoming, _: ConnectorReport) -> None:
        if self.sessions.is_loaded:
            self._take_report(incoming)
        else:
            self._early = [*self._early[-EARLY_REPORTS:], incoming]
        self._answer(incoming, Noted())

    def _take_report(self, incoming: Incoming) -> None:
        report = incoming.request
        if not isinstance(report, ConnectorReport):
            return
        if report.error_code not in ("", "NoError"):
            self._log.warn(
                "{serial_number} reports {error_code!r} on connector {number}: {info}",
                serial_number=self.station.serial_number,
                error_code=report.error_code,
                number=report.connector_number,
                info=report.info,
            )
        connector = self.station.numbered(report.connector_number)
        # A turn that is held up may be the very stop that a timer would wait for.
        session = None
        self._must_look_again |= self._held.is_under_way
        if connector is not None and not self._held.is_under_way:
            session = self.sessions.on(connector.connector_id)
        self.seams.standard.reported(
            self.station, report, session, incoming.at, self._clock
        )

    def _look_again(self) -> None:
        """Follow reports that came while a start or a stop was held up."""
        if self._must_look_again:
            self._must_look_again = False
            self.seams.standard.look_again(*self.sessions.all)

    # readings

    def _metered(self, incoming: Incoming, metered: MeterValues) -> Handling:
        if not self.sessions.is_loaded:
            return self._metered_later(incoming, metered)
        number = self.seams.standard.connector_of(self.station, metered)
        session = self._session_of(metered, number, incoming.at)
        done = partial(self._readings_done, incoming.without_body())
        try:
            sampled = Sampled(
                metered.connector_number, session, metered.values, incoming.at
            )
            newest = self.seams.standard.metered(
                self.station, sampled, self._clock, done
            )
        except MailboxFull as why:
            self._answer(incoming, Refused(str(why)))
            return None
        if newest is not None and session is not None:
            self._feed(session, newest)
        return None

    async def _metered_later(self, incoming: Incoming, metered: MeterValues) -> None:
        await self._held.during(self.sessions.when_loaded())
        self._metered(incoming, metered)

    def _session_of(
        self, metered: MeterValues, number: int | None, at: float
    ) -> Session | None:
        """Return the session that readings are of: the one named, or the connector's.

        One that is named but is not running here is none, and the connector's by then
        is somebody else's.
        """
        if metered.transaction_id is not None and is_number(metered.transaction_id):
            return self.sessions.numbered(metered.transaction_id)
        connector = self.station.numbered(number)
        if connector is None:
            return None
        session = self.sessions.on(connector.connector_id)
        if session is None or self._are_older(metered, at, session):
            return None
        return session

    def _are_older(self, metered: MeterValues, at: float, session: Session) -> bool:
        """Tell whether readings are of before a session, so none of its own."""
        began_at = session.started_at or 0.0
        return all(
            self._clock.is_before(began_at, value.claimed_at, at)
            for value in metered.values
        )

    def _feed(self, session: Session, reading: MeterReading) -> None:
        """Show the driver the newest state, in the shape that drivers' apps know."""
        if session.user_id is not None:
            frame = LiveFrame(session.session_id, live_frame(session, reading))
            self.seams.bus.publish(driver_topic(session.user_id), frame)

    def _readings_done(self, incoming: Incoming, error: Exception | None) -> None:
        if error is None:
            self._answer(incoming, Noted())
            return
        self._log.error(
            "{serial_number}: readings could not be kept: {error!r}",
            serial_number=self.station.serial_number,
            error=error,
        )
        self.say(incoming, self.talk.fault(incoming.call))

    # committed, then answered

    async def _booted(self, incoming: Incoming, boot: Boot) -> None:
        self._log.info(
            "{serial_number} booted: {boot}",
            serial_number=self.station.serial_number,
            boot=boot,
        )
        judged = await self.seams.standard.booted(self.station, boot, incoming.at)
        self.renewed(judged.station)
        self._judge(incoming, judged.registration, judged.interval_s)

    def _not_yet(self, incoming: Incoming) -> None:
        later = self.seams.standard.not_yet(self.station)
        self._judge(incoming, later.registration, later.interval_s)

    def _judge(self, incoming: Incoming, registration: Any, interval_s: int) -> None:
        now = self.seams.clock.seconds()
        self._answer(incoming, BootJudged(registration, now, interval_s))

    async def _tag_shown(self, incoming: Incoming, shown: TagShown) -> None:
        verdict = await self._held.during(
            self.seams.standard.tag_shown(self.station, shown.id_tag, incoming.at)
        )
        self._answer(incoming, TagJudged(verdict))

    async def _started(self, incoming: Incoming, start: TransactionStart) -> None:
        await self._held.during(self._commit_start(incoming, start))
        self._look_again()

    async def _commit_start(self, incoming: Incoming, start: TransactionStart) -> None:
        await self.sessions.when_loaded()
        begun = await self.seams.standard.started(
            self.station, start, incoming.keyed_evidence, self._clock
        )
        self.sessions.note(begun.session)
        self._answer(
            incoming, TransactionStarted(begun.session.session_id, begun.verdict)
        )

    async def _stopped(self, incoming: Incoming, stop: TransactionStop) -> None:
        await self._held.during(self._commit_stop(incoming, stop))
        self._look_again()

    def _stop_came(self, stop: TransactionStop) -> None:
        """Let no timer end what a stop will end; that may have to wait for its turn."""
        running = self.sessions.numbered(stop.transaction_id)
        if running is not None:
            self.seams.standard.stop_came(running)

    async def _commit_stop(self, incoming: Incoming, stop: TransactionStop) -> None:
        """Keep what was sampled, then commit the end: it reads what was sampled."""
        standard, station = self.seams.standard, self.station
        await self.sessions.when_loaded()
        evidence = incoming.keyed_evidence
        session = await standard.meant(station, stop, evidence, self._clock)
        if stop.values and not await standard.stopped_before(
            station, session, stop, evidence
        ):
            number = 0 if session is None else station.number_of(session.connector_id)
            sampled = Sampled(number, session, stop.values, incoming.at)
            await standard.metered_patiently(
                station, sampled, self._clock, self._kept_or_logged
            )
        ended = await standard.stopped(station, session, stop, evidence, self._clock)
        if ended.session is not None:
            self.sessions.note(ended.session)
        self._answer(incoming, TransactionStopped(ended.verdict))

    def _kept_or_logged(self, error: Exception | None) -> None:
        if error is not None:
            self._log.error(
                "{serial_number}: a transaction's data could not be kept: {error!r}",
                serial_number=self.station.serial_number,
                error=error,
            )

    async def _job_reported(self, incoming: Incoming, job: JobReport) -> None:
        await self._held.during(
            self.seams.standard.learning.job_reported(self.station, job, incoming.at)
        )
        self._answer(incoming, Noted())

    async def _secured(self, incoming: Incoming, event: SecurityEvent) -> None:
        await self._held.during(
            self.seams.standard.learning.secured(self.station, event, incoming.at)
        )
        self._answer(incoming, Noted())

    async def _certificate_wanted(
        self, incoming: Incoming, wanted: CertificateWanted
    ) -> None:
        accepted = await self._held.during(
            self.seams.standard.learning.certificate_wanted(
                self.station, wanted, incoming.at
            )
        )
        self._answer(incoming, CertificateComes(accepted))

    async def _vendor_said(self, incoming: Incoming, message: VendorMessage) -> None:
        await self._held.during(
            self.seams.standard.learning.vendor_said(self.station, message, incoming.at)
        )
        self._answer(incoming, VendorMessageUnknown())


EARLY_REPORTS: Final = 64
