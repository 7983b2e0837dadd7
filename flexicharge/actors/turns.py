"""What each of a station's requests does: one turn of its actor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.actors.held import Held
from flexicharge.actors.incoming import Incoming
from flexicharge.actors.mailbox import Handling
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.sessions import RunningSessions
from flexicharge.errors import MailboxFull
from flexicharge.model.events import LiveFrame, driver_topic
from flexicharge.model.requests import (
    Answer,
    Authorize,
    Boot,
    BootAccepted,
    Heartbeat,
    Metered,
    ReadingKept,
    Refused,
    SessionStarted,
    SessionStopped,
    Started,
    StatusNoted,
    StatusReport,
    Stopped,
    TagAccepted,
    TimeIs,
    UnknownVendorMessage,
    VendorMessageUnknown,
)
from flexicharge.model.session import Session
from flexicharge.model.site import Station
from flexicharge.ocpp.conversation import IConversation

NO_SESSION: Final = "userID not OK"  # the contract's word to a reading of no session
NO_SESSION_TO_UPDATE: Final = "invalidTransactionId"
NO_SESSION_TO_STOP: Final = "NoActiveTransaction"
FROM_MEMORY: Final = (Boot, Heartbeat, StatusReport, Authorize)


@define(eq=False)
class Turns:
    """Takes a station's requests one at a time.

    Boots, heartbeats and statuses are answered at once from memory. Readings go to the
    driver first, then to the store, whose commit answers them. Starts and stops are
    committed, then answered.
    """

    station: Station
    talk: IConversation
    seams: ActorSeams
    say: Callable[[Incoming, bytes], None]
    welcome: Callable[[], None]
    held_up: Callable[[], None]
    sessions: RunningSessions = field(init=False)
    _held: Held = field(init=False)
    _early: dict[int, StatusReport] = field(factory=dict, init=False)
    _is_noting_boot: bool = field(default=False, init=False)
    _turns: dict[type, Callable[[Incoming, Any], Handling]] = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        self._held = Held(self.seams.clock, self.held_up)
        self.sessions = RunningSessions(self.station, self.seams.charging.forget)
        self._turns = {
            Metered: self._metered,
            StatusReport: self._reported,
            Heartbeat: self._heartbeat,
            Boot: self._booted,
            Started: self._started,
            Stopped: self._stopped,
            Authorize: self._authorize,
            UnknownVendorMessage: self._vendor_message,
        }

    def take(self, incoming: Incoming) -> Handling:
        """Handle one Call; return what has to be waited for, if anything."""
        return self._turns[type(incoming.request)](incoming, incoming.request)

    def take_from_memory(self, incoming: Incoming) -> bool:
        """Answer a Call past the mailbox, if it can be while a turn is held up.

        While the database is away a start or a stop waits, and the station's boots,
        heartbeats and statuses do not. Return whether it was answered.
        """
        if not self._held.too_long:
            return False
        if isinstance(incoming.request, FROM_MEMORY):
            self._turns[type(incoming.request)](incoming, incoming.request)
            return True
        return False

    def loaded(
        self, sessions: tuple[Session, ...], known_before: frozenset[int]
    ) -> None:
        """Begin, or begin again, from what the store says is open."""
        self.sessions.loaded(sessions, known_before)
        early, self._early = self._early, {}
        for report in early.values():
            self._take_report(report)

    def failed(self, incoming: Incoming) -> None:
        """Answer a Call whose handling crashed."""
        self.say(incoming, self.talk.fault(incoming.call))

    def renewed(self, station: Station) -> None:
        """Go on under a record that was changed."""
        self.station = station
        self.sessions.station = station

    def _answer(self, incoming: Incoming, said: Answer) -> None:
        self.say(incoming, self.talk.answer(incoming.call, said))

    # answered from memory

    def _booted(self, incoming: Incoming, boot: Boot) -> None:
        self._log.info(
            "{serial_number} booted: {boot}",
            serial_number=self.station.serial_number,
            boot=boot,
        )
        self._answer(incoming, BootAccepted(self.seams.clock.seconds()))
        if not self._is_noting_boot:
            self._is_noting_boot = True
            self.seams.background.spawn(
                f"the boot of {self.station.serial_number}", self._note_boot(boot)
            )
        self.welcome()

    async def _note_boot(self, boot: Boot) -> None:
        try:
            await self.seams.charging.booted(self.station, boot)
        finally:
            self._is_noting_boot = False

    def _heartbeat(self, incoming: Incoming, _: Heartbeat) -> None:
        self._answer(incoming, TimeIs(self.seams.clock.seconds()))

    def _authorize(self, incoming: Incoming, _: Authorize) -> None:
        self._answer(incoming, TagAccepted())

    def _vendor_message(self, incoming: Incoming, _: UnknownVendorMessage) -> None:
        self._answer(incoming, VendorMessageUnknown())

    def _reported(self, incoming: Incoming, report: StatusReport) -> None:
        if self.sessions.is_loaded:
            self._take_report(report)
        else:
            connector = self.station.connector_for(report.connector_hint)
            self._early[connector.connector_id] = report
        self._answer(incoming, StatusNoted())

    def _take_report(self, report: StatusReport) -> None:
        """Take a connector's word; number 0, the station itself, is no connector."""
        connector = self.station.connector_for(report.connector_hint)
        if report.error_code not in ("", "NoError"):
            self._log.warn(
                "{serial_number} reports {error_code!r} on {connector_id}",
                serial_number=self.station.serial_number,
                error_code=report.error_code,
                connector_id=connector.connector_id,
            )
        if report.connector_hint == 0:
            return
        # A turn that is held up may be the very stop that a timer would wait for.
        is_held = self._held.is_under_way
        session = None if is_held else self.sessions.on(connector.connector_id)
        self.seams.charging.reported(connector, report.status, session)

    # readings

    def _metered(self, incoming: Incoming, metered: Metered) -> Handling:
        if not self.sessions.is_loaded:
            return self._metered_later(incoming, metered)
        session = self.sessions.meant_by(metered.connector_hint)
        if session is None:
            self._answer(incoming, Refused(_no_session(metered)))
            return None
        if metered.register_wh is None:
            self._feed(session, incoming)
        elif metered.register_wh < (session.meter_start_wh or 0):
            self._answer(incoming, Refused("invalidMeterValue"))
            return None
        done = partial(self._reading_done, incoming.without_body())
        try:
            self.seams.charging.metered(session, metered, incoming.at, done)
        except MailboxFull as why:
            self._answer(incoming, Refused(str(why)))
        return None

    async def _metered_later(self, incoming: Incoming, metered: Metered) -> None:
        await self._held.during(self.sessions.when_loaded())
        self._metered(incoming, metered)

    def _feed(self, session: Session, incoming: Incoming) -> None:
        """Show the driver the frame as it came, before anything else is done."""
        if session.user_id is not None:
            frame = LiveFrame(session.session_id, incoming.text)
            self.seams.bus.publish(driver_topic(session.user_id), frame)

    def _reading_done(self, incoming: Incoming, error: Exception | None) -> None:
        if error is None:
            self._answer(incoming, ReadingKept())
            return
        self._log.error(
            "{serial_number}: a reading could not be kept: {error!r}",
            serial_number=self.station.serial_number,
            error=error,
        )
        self.say(incoming, self.talk.fault(incoming.call))

    # starts and stops

    async def _started(self, incoming: Incoming, start: Started) -> None:
        await self._held.during(self._commit_start(incoming, start))

    async def _commit_start(self, incoming: Incoming, start: Started) -> None:
        await self.sessions.when_loaded()
        connector = self.station.connector_for(start.connector_hint)
        session = await self.seams.charging.started(
            self.station,
            connector,
            self.sessions.on(connector.connector_id),
            start,
            incoming.evidence,
        )
        self.sessions.note(session)
        self._answer(incoming, SessionStarted(session.session_id))

    async def _stopped(self, incoming: Incoming, stop: Stopped) -> None:
        await self._held.during(self._commit_stop(incoming, stop))

    async def _commit_stop(self, incoming: Incoming, stop: Stopped) -> None:
        await self.sessions.when_loaded()
        was_ours = await self.seams.charging.stopped(
            self.station,
            self.sessions.meant_by(stop.connector_hint),
            stop,
            incoming.evidence,
        )
        said = SessionStopped() if was_ours else Refused(NO_SESSION_TO_STOP)
        self._answer(incoming, said)


def _no_session(metered: Metered) -> str:
    return NO_SESSION if metered.register_wh is None else NO_SESSION_TO_UPDATE
