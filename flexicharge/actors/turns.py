"""What each of a station's requests does: one turn of its actor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from attrs import define, field, frozen
from twisted.logger import Logger

from flexicharge.actors.mailbox import Handling
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.sessions import RunningSessions
from flexicharge.errors import BadInput, MailboxFull
from flexicharge.model.events import LiveFrame, driver_topic
from flexicharge.model.requests import (
    Answer,
    Authorize,
    Boot,
    BootAccepted,
    Evidence,
    Heartbeat,
    Metered,
    ReadingKept,
    Refused,
    Request,
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
from flexicharge.ocpp.frames import Call

NO_SESSION: Final = "userID not OK"  # the contract's word to a reading of no session
NO_SESSION_TO_UPDATE: Final = "invalidTransactionId"
NO_SESSION_TO_STOP: Final = "NoActiveTransaction"
HELD_AFTER_S: Final = 1.0
FROM_MEMORY: Final = (Boot, Heartbeat, StatusReport, Authorize)
SHOWN: Final = 50  # characters of a station's own text in a line of the log


@frozen
class Incoming:
    """A station's Call, the text it came in, and when (POSIX seconds)."""

    call: Call
    text: bytes
    at: float

    @property
    def evidence(self) -> Evidence:
        """The frame's own words."""
        return Evidence(self.text.decode(errors="replace"), self.at)

    def without_body(self) -> Incoming:
        """Return what an answer needs to know, and no more."""
        return Incoming(Call(self.call.message_id, self.call.action, {}), b"", self.at)


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
    say: Callable[[bytes], None]
    welcome: Callable[[], None]
    held_up: Callable[[], None]
    sessions: RunningSessions = field(init=False)
    _held_since: float | None = field(default=None, init=False)
    _early: dict[int, StatusReport] = field(factory=dict, init=False)
    _is_noting_boot: bool = field(default=False, init=False)
    _turns: dict[type, Callable[[Incoming, Any], Handling]] = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
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
        request = self._understood(incoming)
        if request is None:
            return None
        return self._turns[type(request)](incoming, request)

    def take_from_memory(self, incoming: Incoming) -> bool:
        """Answer a Call past the mailbox, if it can be while a turn is held up.

        While the database is away a start or a stop waits, and the station's boots,
        heartbeats and statuses do not. Return whether it was answered.
        """
        since, now = self._held_since, self.seams.clock.seconds()
        if since is None or now - since < HELD_AFTER_S:
            return False
        request = self._understood(incoming)
        if request is None:
            return True
        if isinstance(request, FROM_MEMORY):
            self._turns[type(request)](incoming, request)
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

    def _understood(self, incoming: Incoming) -> Request | None:
        """Return what a Call asks for; refuse it if that cannot be."""
        try:
            return self.talk.understand(incoming.call)
        except BadInput as why:
            self._log.info(
                "{serial_number} sent a {action!r} that is refused: {why!r}",
                serial_number=self.station.serial_number,
                action=incoming.call.action[:SHOWN],
                why=str(why)[:SHOWN],
            )
            self.say(self.talk.refuse(incoming.call, why))
            return None

    def _answer(self, incoming: Incoming, said: Answer) -> None:
        self.say(self.talk.answer(incoming.call, said))

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
        is_held = self._held_since is not None
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
        await self._held(self.sessions.when_loaded())
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
        self.say(self.talk.fault(incoming.call))

    # starts and stops

    async def _started(self, incoming: Incoming, start: Started) -> None:
        await self._held(self._commit_start(incoming, start))

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
        await self._held(self._commit_stop(incoming, stop))

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

    async def _held(self, work: Any) -> None:
        """Do what may take as long as the database is away.

        After a second what already waits behind it is looked at for what need not.
        """
        clock = self.seams.clock
        self._held_since = clock.seconds()
        held_up = clock.callLater(HELD_AFTER_S, self.held_up)
        try:
            await work
        finally:
            self._held_since = None
            if held_up.active():
                held_up.cancel()


def _no_session(metered: Metered) -> str:
    return NO_SESSION if metered.register_wh is None else NO_SESSION_TO_UPDATE
