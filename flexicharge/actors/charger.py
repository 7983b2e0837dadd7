"""A connected station's actor: its mailbox, its outgoing calls, its pulse.

Lives while its socket is open. All that must outlast it is in the store, from which a
crash or a reconnect rebuilds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import define, field
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from flexicharge.actors.calls import OutgoingCalls
from flexicharge.actors.ears import SHOWN, Ears
from flexicharge.actors.incoming import Incoming
from flexicharge.actors.journal import FrameLog
from flexicharge.actors.liveness import Liveness, Pulse, watch_over
from flexicharge.actors.mailbox import Handling, Mailbox
from flexicharge.actors.obeying import Obeying
from flexicharge.actors.seams import ActorSeams
from flexicharge.actors.standard_turns import StandardTurns
from flexicharge.actors.turns import Turns
from flexicharge.charging.waiting import patiently
from flexicharge.errors import MailboxFull, StationError, StationUnknown
from flexicharge.interfaces import IChargerLink
from flexicharge.model.events import (
    SessionChanged,
    station_address,
    station_topic,
)
from flexicharge.model.requests import Refused
from flexicharge.model.site import Protocol, Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import Call, CallResult
from flexicharge.ocpp.v16.secrets import masked_text

MAILBOX_LIMIT: Final = 256
MONEY_LIMIT: Final = 4 * MAILBOX_LIMIT
WELCOME_TIMEOUT_S: Final = 5.0  # some never answer it, and nothing depends on it
LARGE_BYTES: Final = 1 << 16
TAKE_IN_AGAIN_S: Final = 5.0
NORMAL: Final = 1000
SERVICE_RESTART: Final = 1012  # RFC 6455's registry: come again
Message = Incoming | SessionChanged


@define(eq=False, repr=False)
class ChargerActor:
    """One station while it is connected."""

    link: IChargerLink
    station: Station
    _talk: IConversation
    _seams: ActorSeams
    _gone: Callable[[ChargerActor], None]
    _turns: Turns | StandardTurns = field(init=False)
    _ears: Ears = field(init=False)
    _mailbox: Mailbox[Message] = field(init=False)
    _obeying: Obeying = field(init=False)
    _frames: FrameLog = field(init=False)
    _pulse: Pulse = field(init=False)
    _life: Liveness = field(init=False)
    _end: list[Callable[[], None]] = field(factory=list, init=False)
    _welcomes: int = field(default=0, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        seams, link, station, talk = self._seams, self.link, self.station, self._talk
        self._frames = FrameLog(seams.journal, station.station_id, seams.clock)
        self._ears = Ears(station, talk, seams, self._frames, link.send)
        self._turns = self._own_turns()
        self._mailbox = Mailbox(self._handle, self._crashed, limit=MAILBOX_LIMIT)
        calls = OutgoingCalls(seams.clock, self._send_call)
        self._obeying = Obeying(station, calls, talk, seams, link.send, self._gone_deaf)
        self._pulse = Pulse(link, seams.clock, seams.silence_limit, self._died)
        self._life = watch_over(self._pulse)
        self._life.opened()
        self._end = [
            seams.bus.serve(
                station_address(self.station.serial_number), self._obeying.obey
            ),
            seams.bus.subscribe(
                station_topic(self.station.station_id), self._session_changed
            ),
        ]
        seams.background.spawn(
            f"the arrival of {self.station.serial_number}", self._arrive()
        )
        if station.protocol is not Protocol.DIALECT:
            seams.standard.learning.came_in(
                station, link.entry, link.peer, seams.clock.seconds()
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
        heard = self._ears.frame(text, self._obeying.calls.asked_as)
        if isinstance(heard, Incoming):
            self._tell(heard)
        elif isinstance(heard, CallResult):
            self._obeying.take_result(heard)
        elif heard is not None:
            self._obeying.take_error(heard)

    def ponged(self) -> None:
        """Take a pong: somebody is there."""
        if self._pulse.in_doubt:
            self._life.heard()

    def lost(self) -> None:
        """The socket is closed. What it brought before is still handled."""
        self._life.lost()
        self._obeying.calls.lose()
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

    def renewed(self) -> None:
        """Go on under the station's record, which was changed."""
        self._seams.background.spawn(
            f"the record of {self.station.serial_number}", self._renew()
        )

    # its mailbox

    def _own_turns(self) -> Turns | StandardTurns:
        say, held_up = self._ears.say, self._held_up
        if self.station.protocol is Protocol.DIALECT:
            return Turns(
                self.station, self._talk, self._seams, say, self._welcome, held_up
            )
        return StandardTurns(self.station, self._talk, self._seams, say, held_up)

    def _tell(self, incoming: Incoming) -> None:
        if self._turns.take_from_memory(incoming):
            return
        is_large = len(incoming.text) > LARGE_BYTES and bool(self._mailbox.waiting)
        if is_large and not self._talk.carries_money(incoming.call):
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
        self._ears.say(incoming, self._talk.answer(incoming.call, Refused("Too busy")))

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
        text: object = message
        if isinstance(message, Incoming):
            action = message.call.action
            text = masked_text(message.text, action, is_request=True)[:SHOWN]
        self._log.failure(
            "{serial_number}: handling {text!r} crashed",
            failure,
            serial_number=self.station.serial_number,
            text=text,
        )
        if isinstance(message, Incoming):
            self._turns.failed(message)
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

    def _send_call(self, call: Call, text: bytes) -> None:
        self._frames.asked(text, call.action, str(call.message_id))
        self.link.send(text)

    def _gone_deaf(self) -> None:
        self.link.hang_up(SERVICE_RESTART, "no Call was answered; come again")

    async def _renew(self) -> None:
        seams, serial_number = self._seams, self.station.serial_number
        try:
            station = await patiently(
                lambda: seams.standard.record_of(serial_number),
                seams.clock,
                f"the record of {serial_number}",
            )
        except StationUnknown:
            self.link.hang_up(NORMAL, "out of service")
            return
        if self.station.must_come_again(station):
            self.link.hang_up(SERVICE_RESTART, "the record of this station was changed")
            return
        self.station = self._ears.station = self._obeying.station = station
        self._turns.renewed(station)

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
            await self._obeying.calls.ask(
                call, self._talk.write(call), WELCOME_TIMEOUT_S, patient=True
            )
        except (StationError, MailboxFull) as why:
            self._log.info(
                "{serial_number} did not take its welcome: {why!r}",
                serial_number=station.serial_number,
                why=why,
            )

    def _died(self) -> None:
        self._log.warn(
            "{serial_number} is silent and answers no ping",
            serial_number=self.station.serial_number,
        )
        self.link.drop()
