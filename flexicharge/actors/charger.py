"""A connected station's actor: its mailbox, its outgoing calls, its pulse.

Lives while its socket is open. All that must outlast it is in the store, from which a
crash or a reconnect rebuilds it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.actors.calls import OutgoingCalls
from flexicharge.actors.liveness import Liveness, Pulse, watch_over
from flexicharge.actors.mailbox import Handling, Mailbox
from flexicharge.actors.orders import Order
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.turns import SHOWN, Incoming, Turns
from flexicharge.charging.waiting import patiently
from flexicharge.errors import BadInput, CallTimedOut, MailboxFull, StationError
from flexicharge.interfaces import IChargerLink
from flexicharge.model.commands import Command, Verdict
from flexicharge.model.events import (
    LATE_VERDICTS,
    LateVerdict,
    SessionChanged,
    station_address,
    station_topic,
)
from flexicharge.model.requests import Refused
from flexicharge.model.site import Protocol, Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import Call, CallError, CallResult

MAILBOX_LIMIT: Final = 256
MONEY_LIMIT: Final = 4 * MAILBOX_LIMIT
DEAF_AFTER: Final = 3
WELCOME_TIMEOUT_S: Final = 5.0  # some never answer it, and nothing depends on it
LARGE_BYTES: Final = 1 << 16
TAKE_IN_AGAIN_S: Final = 5.0
Message = Incoming | SessionChanged


@define(eq=False)
class ChargerActor:
    """One station while it is connected."""

    link: IChargerLink
    station: Station
    _talk: IConversation
    _seams: ActorSeams
    _gone: Callable[[ChargerActor], None]
    _turns: Turns = field(init=False)
    _mailbox: Mailbox[Message] = field(init=False)
    _calls: OutgoingCalls = field(init=False)
    _pulse: Pulse = field(init=False)
    _life: Liveness = field(init=False)
    _end: list[Callable[[], None]] = field(factory=list, init=False)
    _unanswered: int = field(default=0, init=False)
    _welcomes: int = field(default=0, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        seams, link = self._seams, self.link
        self._turns = Turns(
            self.station, self._talk, seams, link.send, self._welcome, self._held_up
        )
        self._mailbox = Mailbox(self._handle, self._crashed, limit=MAILBOX_LIMIT)
        self._calls = OutgoingCalls(seams.clock, link.send)
        self._pulse = Pulse(link, seams.clock, seams.silence_limit, self._died)
        self._life = watch_over(self._pulse)
        self._life.opened()
        self._end = [
            seams.bus.serve(station_address(self.station.serial_number), self._obey),
            seams.bus.subscribe(
                station_topic(self.station.station_id), self._session_changed
            ),
        ]
        seams.background.spawn(
            f"the arrival of {self.station.serial_number}", self._arrive()
        )

    @property
    def waiting(self) -> int:
        """How many messages its mailbox holds."""
        return len(self._mailbox.waiting)

    # what the socket says

    def received(self, text: bytes) -> None:
        """Take one text frame."""
        if self._pulse.in_doubt:
            self._life.heard()
        try:
            frame = self._talk.read(text)
        except BadInput as why:
            self._log.info(
                "{serial_number} sent what is no frame: {why}: {text!r}",
                serial_number=self.station.serial_number,
                why=why,
                text=text[:SHOWN],
            )
            refusal = self._talk.reject(why)
            if refusal is not None:
                self.link.send(refusal)
            return
        if isinstance(frame, Call):
            self._tell(Incoming(frame, text, self._seams.clock.seconds()))
        elif isinstance(frame, CallResult):
            self._take_result(frame)
        else:
            self._take_error(frame)

    def ponged(self) -> None:
        """Take a pong: somebody is there."""
        if self._pulse.in_doubt:
            self._life.heard()

    def lost(self) -> None:
        """The socket is closed. What it brought before is still handled."""
        self._life.lost()
        self._calls.lose()
        while self._end:
            self._end.pop()()
        self._seams.background.spawn(
            f"the loss of {self.station.serial_number}", self._leave()
        )
        self._gone(self)

    # what the supervisor asks

    def is_alive(self, within: float) -> Deferred[bool]:
        """Ping the station; fire with whether anything came within so many seconds."""
        proof = self._pulse.proof(within)
        self._life.doubted()
        return proof

    def drained(self) -> Deferred[None]:
        """Fire when every frame that came so far is handled."""
        return self._mailbox.idle()

    # its mailbox

    def _tell(self, incoming: Incoming) -> None:
        if self._turns.take_from_memory(incoming):
            return
        if len(incoming.text) > LARGE_BYTES and self._mailbox.waiting:
            self._refuse_for_now(incoming)
            return
        try:
            self._mailbox.tell(incoming)
        except MailboxFull:
            if self.station.protocol is Protocol.DIALECT:
                self._overflow(incoming)
            else:
                self._mailbox.insist(incoming)
                self.link.pause()
                self._mailbox.idle().addCallback(lambda _: self.link.resume())

    def _held_up(self) -> None:
        """Answer those of the waiting Calls that need not wait."""
        self._mailbox.pick_out(
            lambda message: (
                isinstance(message, Incoming) and self._turns.take_from_memory(message)
            )
        )

    def _overflow(self, incoming: Incoming) -> None:
        """Take what must be taken, keep the newest reading, refuse the rest.

        The fielded charger never reconnects and must be able to ping, so its socket is
        neither closed nor paused.
        """
        call, waiting = incoming.call, self._mailbox.waiting
        if self._talk.carries_money(call) and len(waiting) < MONEY_LIMIT:
            self._mailbox.insist(incoming)
            return
        superseded = incoming
        if self._talk.is_reading(call):
            superseded = self._supersede(incoming)
        self._refuse_for_now(superseded)

    def _refuse_for_now(self, incoming: Incoming) -> None:
        self.link.send(self._talk.answer(incoming.call, Refused("Too busy")))

    def _supersede(self, incoming: Incoming) -> Incoming:
        """Put a reading in the place of the last one waiting; return which is out.

        Never across a start or a stop: the reading is of another session there.
        """
        waiting = self._mailbox.waiting
        for place in reversed(range(len(waiting))):
            earlier = waiting[place]
            if not isinstance(earlier, Incoming):
                continue
            if self._talk.carries_money(earlier.call):
                break
            if self._talk.is_reading(earlier.call):
                waiting[place] = incoming
                return earlier
        return incoming

    def _session_changed(self, event: SessionChanged) -> None:
        try:
            self._mailbox.tell(event)
        except MailboxFull:
            self._mailbox.insist(event)

    def _handle(self, message: Message) -> Handling:
        if isinstance(message, SessionChanged):
            self._turns.sessions.note(message.session)
            return None
        return self._turns.take(message)

    def _crashed(self, message: Message, failure: Failure) -> Handling:
        """Answer that one Call, log where it was, and begin again from the store."""
        text = message.text[:SHOWN] if isinstance(message, Incoming) else message
        self._log.failure(
            "{serial_number}: handling {text!r} crashed",
            failure,
            serial_number=self.station.serial_number,
            text=text,
        )
        if isinstance(message, Incoming):
            self.link.send(self._talk.fault(message.call))
        self._seams.crashed(self.station.serial_number)
        return self._load()

    # its state

    async def _arrive(self) -> None:
        seams, station = self._seams, self.station
        while not self._turns.sessions.is_loaded:
            try:
                await self._take_in_or_load()
                continue
            except CancelledError:
                raise
            except Exception:
                self._log.failure(
                    "{serial_number} cannot be taken in yet",
                    serial_number=station.serial_number,
                )
                seams.alarms.raise_alarm(
                    "a station cannot be taken in", serial_number=station.serial_number
                )
            await deferLater(seams.clock, TAKE_IN_AGAIN_S)

    async def _take_in_or_load(self) -> None:
        """Take the station in, or if it is gone again, only what it brought."""
        if not self._end:
            await self._load()
            return
        async with self._seams.presence.holding(self.station.serial_number):
            if self._end:
                await self._take_in()

    async def _take_in(self) -> None:
        """Note the station's presence, and begin with what the store says is open."""
        seams, known = self._seams, self._turns.sessions.numbers
        sessions = await patiently(
            lambda: seams.charging.arrived(self.station),
            seams.clock,
            f"the arrival of {self.station.serial_number}",
        )
        self._turns.loaded(sessions, known)

    async def _leave(self) -> None:
        seams, station = self._seams, self.station
        async with seams.presence.holding(station.serial_number):
            if not await seams.bus.is_served(station_address(station.serial_number)):
                await seams.charging.left(station)

    async def _load(self) -> None:
        seams, station = self._seams, self.station
        known = self._turns.sessions.numbers
        sessions = await patiently(
            lambda: seams.charging.open_sessions(station),
            seams.clock,
            f"the state of {station.serial_number}",
        )
        self._turns.loaded(sessions, known)

    # its calls

    async def _obey(self, order: Order) -> Verdict:
        command = order.command
        connector = self.station.connector_for(command.connector_id)
        call = self._talk.ask(command, connector, self._seams.clock.seconds())
        late = partial(self._late, command)
        try:
            result = await self._calls.ask(
                call, self._talk.write(call), order.timeout, late
            )
        except CallTimedOut:
            self._unanswered += 1
            if self._unanswered == DEAF_AFTER:
                self._seams.alarms.raise_alarm(
                    "deaf charger", serial_number=self.station.serial_number
                )
            raise
        return self._talk.verdict(result)

    def _late(self, command: Command, answer: CallResult | CallError) -> None:
        if isinstance(answer, CallError):
            late = LateVerdict(command, Verdict.REJECTED, answer.code)
        else:
            late = LateVerdict(command, self._talk.verdict(answer))
        self._seams.bus.publish(LATE_VERDICTS, late)

    def _welcome(self) -> None:
        """Welcome the station; boots that come meanwhile have one more after it."""
        is_welcoming, self._welcomes = self._welcomes > 0, self._welcomes + 1
        if not is_welcoming:
            self._seams.background.spawn(
                f"welcoming {self.station.serial_number}", self._send_welcomes()
            )

    async def _send_welcomes(self) -> None:
        try:
            while self._welcomes and self._end:
                self._welcomes = 1
                await self._send_welcome()
                self._welcomes -= 1
        finally:
            self._welcomes = 0

    async def _send_welcome(self) -> None:
        seams, station = self._seams, self.station
        price = await seams.charging.advertised_price(station)
        connector = station.connector_for(None)
        call = self._talk.welcome(connector, price, seams.clock.seconds())
        if call is None:
            return
        try:
            await self._calls.ask(
                call, self._talk.write(call), WELCOME_TIMEOUT_S, patient=True
            )
        except (StationError, MailboxFull) as why:
            self._log.info(
                "{serial_number} did not take its welcome: {why!r}",
                serial_number=station.serial_number,
                why=why,
            )

    def _take_result(self, result: CallResult) -> None:
        expected = self._calls.resolve(result)
        if expected:
            self._unanswered = 0
        objection = self._talk.object_to(result, expected=expected)
        if objection is not None:
            self.link.send(objection)

    def _take_error(self, error: CallError) -> None:
        if not self._calls.refuse(error):
            self._log.info(
                "{serial_number} sent an error for {message_id!r}: {code!r}",
                serial_number=self.station.serial_number,
                message_id=error.message_id,
                code=error.code[:SHOWN],
            )

    def _died(self) -> None:
        self._log.warn(
            "{serial_number} is silent and answers no ping",
            serial_number=self.station.serial_number,
        )
        self.link.drop()
