"""Commands of operators: on record before they are sent, and for ever after."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from attrs import define, field, frozen
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from flexicharge.charging.beliefs import Beliefs
from flexicharge.charging.command_seams import CommandSeams
from flexicharge.charging.command_ties import REMOTE_STOP, CommandTies
from flexicharge.charging.waiting import patiently
from flexicharge.errors import (
    CallTimedOut,
    ChargerOffline,
    FlexiChargeError,
    MailboxFull,
    NotThere,
    UnusableValue,
)
from flexicharge.model.commands import RawAnswer, RawCall
from flexicharge.model.events import ALL_SESSIONS, CALLS, CallSent, LateAnswer
from flexicharge.model.site import Protocol, Station
from flexicharge.model.station_command import CommandState, StationCommand
from flexicharge.ocpp.frames import fits_in
from flexicharge.ocpp.v16.actions import TO_CHARGER
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.secrets import masked, secrets_in, without

REMEMBERED_LATE: Final = 1000
MAX_SHOWN: Final = 5
# What OCPP calls ids that we may choose, by action.
IDS: Final = {
    "ReserveNow": "reservationId",
    "GetLog": "requestId",
    "SignedUpdateFirmware": "requestId",
}
LAST_ID: Final = (1 << 31) - 1
JsonObject = dict[str, Any]


@frozen
class _Given:
    """A command with its payload as it is sent: on record its secrets are masked."""

    station: Station
    command: StationCommand
    payload: JsonObject = field(repr=False)


@define(eq=False)
class OperatorCommands:
    """Sends operators' Calls exactly as given, and keeps what becomes of each."""

    _seams: CommandSeams
    _beliefs: Beliefs
    _ties: CommandTies = field(init=False)
    _waiting: dict[str, list[Deferred[None]]] = field(factory=dict, init=False)
    _timed_out: dict[str, _Given] = field(factory=dict, init=False)
    _sent: set[str] = field(factory=set, init=False)
    _last_id: int = field(default=0, init=False)
    _deaf: list[Callable[[], None]] = field(factory=list, init=False)
    _log = Logger()

    def __attrs_post_init__(self) -> None:
        bus = self._seams.bus
        self._ties = CommandTies(self._seams, self._beliefs)
        self._deaf = [
            bus.subscribe(CALLS, self._heard),
            bus.subscribe(ALL_SESSIONS, self._ties.session_changed),
        ]

    def wind_down(self) -> None:
        """Take no more notice of anything."""
        for deaf in self._deaf:
            deaf()

    async def give(
        self, serial_number: str, action: str, payload: JsonObject, timeout_s: float
    ) -> StationCommand:
        """Put a command on record and on its way; return it as it is on record.

        Only an id that was left out is filled in. Raise `StationUnknown`,
        `UnusableValue` for an action or a payload that is none, or for what may not be
        sent at all, `ChargerOffline` (nothing was sent), or `DatabaseAway`.
        """
        seams = self._seams
        station = await seams.chargers.get_station(serial_number)
        payload = self._checked(station, action, payload)
        if not await seams.stations.is_connected(serial_number):
            raise ChargerOffline(serial_number)
        objection = await self._beliefs.objection(station, action, payload)
        if objection:
            raise UnusableValue(objection)
        command = self._command(station, action, payload, timeout_s)
        given = _Given(station, command, payload)
        try:
            await self._beliefs.before_sending(station, action, payload)
            await seams.store.add_command(command)
        except FlexiChargeError:
            seams.background.spawn(
                f"{action} to {serial_number}, not sent", self._take_back(given)
            )
            raise
        self._waiting[command.command_id] = []
        seams.background.spawn(
            f"{action} to {serial_number}", self._see_through(given, timeout_s)
        )
        return command

    def _command(
        self, station: Station, action: str, payload: JsonObject, timeout_s: float
    ) -> StationCommand:
        """Return a new command as it is on record: its secrets are masked."""
        now = self._seams.clock.seconds()
        return StationCommand(
            command_id=self._seams.entropy.uuid(),
            station_id=station.station_id,
            serial_number=station.serial_number,
            action=action,
            payload=masked(action, payload, is_request=True),
            asked_at=now,
            deadline_at=now + timeout_s,
        )

    async def settled(self, command: StationCommand) -> StationCommand:
        """Return a command once it is known what became of it."""
        waiting = self._waiting.get(command.command_id)
        if waiting is not None:
            known: Deferred[None] = Deferred()
            waiting.append(known)
            await known
        return await self._seams.store.get_command(command.command_id)

    async def carry_out(
        self, serial_number: str, action: str, payload: JsonObject, timeout_s: float
    ) -> StationCommand:
        """Give a command, and return it once it is known what became of it.

        Raise what `give` does.
        """
        command = await self.give(serial_number, action, payload, timeout_s)
        return await self.settled(command)

    # before it is sent

    def _checked(
        self, station: Station, action: str, payload: JsonObject
    ) -> JsonObject:
        """Return a payload that fits its schema, with its id filled in."""
        if station.protocol is not Protocol.OCPP_1_6:
            raise UnusableValue("the station does not speak OCPP 1.6")
        if action not in TO_CHARGER:
            raise UnusableValue("there is no such action to a station")
        if not fits_in(payload):
            raise UnusableValue("the payload is nested too deep")
        name = IDS.get(action)
        if name is not None and name not in payload:
            payload = {**payload, name: self._next_id()}
        schema = schemas().requests[action]
        if not schema.allows(payload):
            broken = schema.violations(payload)[:MAX_SHOWN]
            words = [f"{one.where} breaks {one.keyword!r}" for one in broken]
            raise UnusableValue("; ".join(words))
        return payload

    def _next_id(self) -> int:
        """Number by seconds, but never twice the same."""
        now = int(self._seams.clock.seconds()) % LAST_ID
        self._last_id = max(now, self._last_id + 1)
        return self._last_id

    # what becomes of it

    async def _take_back(self, given: _Given) -> None:
        """Undo what was made ready for a command that nobody was told the number of.

        It may be on record all the same: then only the answer of the database was lost.
        """
        with suppress(NotThere):
            await self._give_up(given, CommandState.LOST)

    async def _see_through(self, given: _Given, timeout_s: float) -> None:
        try:
            await self._send(given, timeout_s)
        finally:
            for known in self._waiting.pop(given.command.command_id, ()):
                known.callback(None)

    async def _send(self, given: _Given, timeout_s: float) -> None:
        command = given.command
        asked = RawCall(
            command_id=command.command_id, action=command.action, payload=given.payload
        )
        try:
            if command.action == REMOTE_STOP:
                await self._ties.named(command, given.payload["transactionId"])
            answer = await self._seams.stations.call(
                command.serial_number, asked, timeout_s
            )
        except CallTimedOut:
            self._remember(given)
            await self._give_up(given, CommandState.TIMEOUT)
        except (ChargerOffline, MailboxFull) as why:
            self._log.info(
                "{action} to {serial_number} is lost: {why!r}",
                action=command.action,
                serial_number=command.serial_number,
                why=why,
            )
            await self._give_up(given, CommandState.LOST)
        except CancelledError:
            raise
        except Exception:
            self._log.failure("{action} could not be sent", action=command.action)
            await self._give_up(given, CommandState.LOST)
        else:
            is_error = answer.error_code is not None
            state = CommandState.ERROR if is_error else CommandState.RESULT
            self._sent.discard(command.command_id)
            await self._learn(given, await self._settle(given, state, answer), answer)

    async def _give_up(self, given: _Given, state: CommandState) -> None:
        """Note that no answer came; what never went on the wire sets nothing off."""
        command_id = given.command.command_id
        was_sent = command_id in self._sent
        self._sent.discard(command_id)
        if was_sent:
            await self._settle(given, state)
            self._beliefs.unanswered(given.station, given.command, given.payload)
            return
        await patiently(
            lambda: self._beliefs.not_sent(given.station, given.command, given.payload),
            self._seams.clock,
            f"that {given.command.action} was not sent",
        )
        await self._settle(given, state)

    async def _settle(
        self, given: _Given, state: CommandState, answer: RawAnswer | None = None
    ) -> StationCommand:
        seams, command = self._seams, given.command
        response = None if answer is None else _shown(given, answer)
        at = seams.clock.seconds()
        return await patiently(
            lambda: seams.store.settle(command.command_id, state, at, response),
            seams.clock,
            f"what became of {command.action}",
        )

    async def _learn(
        self, given: _Given, command: StationCommand, answer: RawAnswer
    ) -> None:
        await patiently(
            lambda: self._beliefs.answered(
                given.station,
                command,
                given.payload,
                answer,
                late=command.state is CommandState.LATE,
            ),
            self._seams.clock,
            f"what {command.action} taught us",
        )

    def _remember(self, given: _Given) -> None:
        """Keep what was asked, for an answer that may come yet."""
        self._timed_out[given.command.command_id] = given
        while len(self._timed_out) > REMEMBERED_LATE:
            del self._timed_out[next(iter(self._timed_out))]

    def _heard(self, event: CallSent | LateAnswer) -> None:
        seams = self._seams
        if isinstance(event, CallSent):
            self._sent.add(event.command_id)
            seams.background.spawn(
                "that a command was sent",
                patiently(
                    lambda: seams.store.mark_sent(event.command_id),
                    seams.clock,
                    "that a command was sent",
                ),
            )
        else:
            seams.background.spawn("a late answer", self._came_late(event))

    async def _came_late(self, event: LateAnswer) -> None:
        given = self._timed_out.pop(event.command_id, None)
        if given is None:
            return
        command = await self._settle(given, CommandState.LATE, event.answer)
        await self._learn(given, command, event.answer)


def _shown(given: _Given, answer: RawAnswer) -> JsonObject:
    """Return an answer as it may be read, also where it repeats what was asked."""
    action = given.command.action
    response = masked(action, answer.response, is_request=False)
    shown: JsonObject = without(response, secrets_in(action, given.payload))
    return shown
