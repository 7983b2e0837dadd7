"""Orders to a connected station: sent as Calls, one at a time, none forgotten."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from attrs import define, field
from twisted.logger import Logger

from flexicharge.actors.calls import OutgoingCalls
from flexicharge.actors.orders import Order, RawOrder
from flexicharge.actors.seams import ActorSeams
from flexicharge.errors import CallRefused, CallTimedOut
from flexicharge.model.commands import Command, RawAnswer, Verdict
from flexicharge.model.events import (
    CALLS,
    LATE_VERDICTS,
    CallSent,
    LateAnswer,
    LateVerdict,
)
from flexicharge.model.site import Protocol, Station
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import CallError, CallResult

DEAF_AFTER: Final = 3
SHOWN: Final = 50


@define(eq=False)
class Obeying:
    """Carries orders out; `gone_deaf` is called for a station that answers none.

    A standard station that is alive but deaf is disconnected, so that it begins afresh
    (field notes Q25); the FlexiCharge charger would never come back.
    """

    station: Station
    calls: OutgoingCalls
    _talk: IConversation
    _seams: ActorSeams
    _send: Callable[[bytes], None]
    _gone_deaf: Callable[[], None]
    _unanswered: int = field(default=0, init=False)
    _log = Logger()

    async def obey(self, order: Order | RawOrder) -> Verdict | RawAnswer:
        """Send what is ordered; return the answer."""
        try:
            if isinstance(order, RawOrder):
                return await self._call(order)
            return await self._command(order)
        except CallTimedOut:
            self._unanswered += 1
            if self._unanswered == DEAF_AFTER:
                self._seams.alarms.raise_alarm(
                    "deaf charger", serial_number=self.station.serial_number
                )
                if self.station.protocol is not Protocol.DIALECT:
                    self._gone_deaf()
            raise

    def take_result(self, result: CallResult) -> None:
        """Hand a result to whoever waits for it; object if the protocol does."""
        expected = self.calls.resolve(result)
        if expected:
            self._unanswered = 0
        objection = self._talk.object_to(result, expected=expected)
        if objection is not None:
            self._send(objection)

    def take_error(self, error: CallError) -> None:
        """Hand an error to whoever waits for it."""
        if self.calls.refuse(error):
            self._unanswered = 0
            return
        self._log.info(
            "{serial_number} sent an error for {message_id!r}: {code!r}",
            serial_number=self.station.serial_number,
            message_id=error.message_id,
            code=error.code[:SHOWN],
        )

    async def _command(self, order: Order) -> Verdict:
        command = order.command
        connector = self.station.connector_for(command.connector_id)
        call = self._talk.ask(command, connector, self._seams.clock.seconds())
        late = partial(self._late, command)
        result = await self.calls.ask(call, self._talk.write(call), order.timeout, late)
        return self._talk.verdict(result)

    def _late(self, command: Command, answer: CallResult | CallError) -> None:
        if isinstance(answer, CallError):
            late = LateVerdict(command, Verdict.REJECTED, answer.code)
        else:
            late = LateVerdict(command, self._talk.verdict(answer))
        self._seams.bus.publish(LATE_VERDICTS, late)

    async def _call(self, order: RawOrder) -> RawAnswer:
        """Send an operator's Call; return the answer, a CallError too."""
        asked, bus = order.asked, self._seams.bus
        call = self._talk.ask_raw(asked, self._seams.clock.seconds())

        def late(answer: CallResult | CallError) -> None:
            raw = self._raw(asked.action, answer)
            bus.publish(CALLS, LateAnswer(asked.command_id, raw))

        def sent() -> None:
            bus.publish(CALLS, CallSent(asked.command_id, str(call.message_id)))

        try:
            result = await self.calls.ask(
                call,
                self._talk.write(call),
                order.timeout,
                late,
                on_sent=sent,
            )
        except CallRefused as why:
            return RawAnswer(
                payload=why.details,
                error_code=why.code,
                error_description=why.description,
            )
        return self._raw(asked.action, result)

    def _raw(self, action: str, answer: CallResult | CallError) -> RawAnswer:
        if isinstance(answer, CallError):
            return RawAnswer(
                payload=answer.details,
                error_code=answer.code,
                error_description=answer.description,
            )
        return RawAnswer(
            payload=answer.payload, violations=self._talk.violations(action, answer)
        )
