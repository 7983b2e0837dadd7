"""What each of a station's requests does: one turn of its actor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import define, field, frozen
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from flexicharge.actors.mailbox import Handling
from flexicharge.actors.seams import ActorSeams
from flexicharge.errors import BadInput, MailboxFull
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
from flexicharge.model.session import RUNNING, Session
from flexicharge.model.site import Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import Call

NO_SESSION = "userID not OK"  # the contract's word to a MeterValues without a session
NO_SESSION_TO_UPDATE = "invalidTransactionId"
NO_SESSION_TO_STOP = "NoActiveTransaction"


@frozen
class Incoming:
    """A station's Call and the text it came in."""

    call: Call
    text: bytes


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
    running: dict[int, Session] = field(factory=dict, init=False)
    _is_loaded: bool = field(default=False, init=False)
    _loading: list[Deferred[None]] = field(factory=list, init=False)
    _early: dict[int, StatusReport] = field(factory=dict, init=False)
    _is_noting_boot: bool = field(default=False, init=False)
    _turns: dict[type, Callable[[Incoming, Any], Handling]] = field(init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
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
        try:
            request = self.talk.understand(incoming.call)
        except BadInput as why:
            self._log.info(
                "{serial_number} sent a {action} that is refused: {why}",
                serial_number=self.station.serial_number,
                action=incoming.call.action,
                why=why,
            )
            self.say(self.talk.refuse(incoming.call, why))
            return None
        return self._turns[type(request)](incoming, request)

    def note(self, session: Session) -> None:
        """Take note of a session of this station that was committed somewhere."""
        if session.state in RUNNING:
            self.running[session.connector_id] = session
            return
        known = self.running.get(session.connector_id)
        if known is not None and known.session_id == session.session_id:
            del self.running[session.connector_id]
            self.seams.charging.forget(session.session_id)

    def loaded(self, sessions: tuple[Session, ...]) -> None:
        """Begin, or begin again, from what the store says is open."""
        self.running.clear()
        for session in sessions:
            self.note(session)
        self._is_loaded = True
        waiting, self._loading = self._loading, []
        early, self._early = self._early, {}
        for report in early.values():
            self._take_report(report)
        for turn in waiting:
            turn.callback(None)

    def _answer(self, incoming: Incoming, said: Answer) -> None:
        self.say(self.talk.answer(incoming.call, said))

    # answered from memory

    def _booted(self, incoming: Incoming, boot: Boot) -> None:
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
        if self._is_loaded:
            self._take_report(report)
        else:
            connector = self.station.connector_for(report.connector_hint)
            self._early[connector.connector_id] = report
        self._answer(incoming, StatusNoted())

    def _take_report(self, report: StatusReport) -> None:
        connector = self.station.connector_for(report.connector_hint)
        if report.error_code not in ("", "NoError"):
            self._log.warn(
                "{serial_number} reports {error_code} on {connector_id}",
                serial_number=self.station.serial_number,
                error_code=report.error_code,
                connector_id=connector.connector_id,
            )
        session = self.running.get(connector.connector_id)
        self.seams.charging.reported(connector, report.status, session)

    # readings

    def _metered(self, incoming: Incoming, metered: Metered) -> Handling:
        if not self._is_loaded:
            return self._metered_later(incoming, metered)
        session = self._session_for(metered.connector_hint)
        if session is None:
            self._answer(incoming, Refused(_no_session(metered)))
            return None
        if metered.register_wh is None:
            self._feed(session, incoming)
        elif metered.register_wh < (session.meter_start_wh or 0):
            self._answer(incoming, Refused("invalidMeterValue"))
            return None
        try:
            self.seams.charging.metered(
                session, metered, partial(self._reading_done, incoming)
            )
        except MailboxFull as why:
            self._answer(incoming, Refused(str(why)))
        return None

    async def _metered_later(self, incoming: Incoming, metered: Metered) -> None:
        await self._when_loaded()
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
        await self._when_loaded()
        connector = self.station.connector_for(start.connector_hint)
        session = await self.seams.charging.started(
            self.station,
            connector,
            self.running.get(connector.connector_id),
            start,
            _evidence(incoming),
        )
        self.note(session)
        self._answer(incoming, SessionStarted(session.session_id))

    async def _stopped(self, incoming: Incoming, stop: Stopped) -> None:
        await self._when_loaded()
        was_ours = await self.seams.charging.stopped(
            self.station, self._session_for(None), stop, _evidence(incoming)
        )
        said = SessionStopped() if was_ours else Refused(NO_SESSION_TO_STOP)
        self._answer(incoming, said)

    def _session_for(self, hint: int | None) -> Session | None:
        """Return the running session that a frame belongs to, whatever it says.

        The session of the connector it names, else the only one of the station.
        """
        connector_id = self.station.connector_for(hint).connector_id
        session = self.running.get(connector_id)
        if session is None and len(self.running) == 1:
            session = next(iter(self.running.values()))
        return session

    async def _when_loaded(self) -> None:
        if not self._is_loaded:
            loaded: Deferred[None] = Deferred()
            self._loading.append(loaded)
            await loaded


def _no_session(metered: Metered) -> str:
    return NO_SESSION if metered.register_wh is None else NO_SESSION_TO_UPDATE


def _evidence(incoming: Incoming) -> str:
    return incoming.text.decode(errors="replace")
