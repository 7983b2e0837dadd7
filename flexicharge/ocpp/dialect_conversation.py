"""The FlexiCharge dialect as one conversation."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from attrs import define
from zope.interface import implementer

from flexicharge.errors import BadInput, CallRefused, Invalid
from flexicharge.model.commands import CancelReserve, Command, RawCall, Verdict
from flexicharge.model.requests import Answer, Request
from flexicharge.model.site import Connector
from flexicharge.ocpp import dialect_replies as replies
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.dialect import (
    NO_ID,
    could_not_interpret,
    read_frame,
    write_call,
    write_error,
    write_metering_error,
)
from flexicharge.ocpp.dialect_requests import ActionUnknown, understand
from flexicharge.ocpp.frames import Call, CallResult, Frame
from flexicharge.ocpp.repairs import Repair

MONEY: Final = frozenset({"StartTransaction", "StopTransaction"})


@implementer(IConversation)
@define(eq=False)
class DialectConversation:
    """What is said between the back end and one FlexiCharge station."""

    _last_id_ms: int = 0

    def read(self, text: bytes) -> Frame:
        """Return the frame in a text message; raise `UnanswerableFrame`."""
        return read_frame(text)

    def repairs(self) -> tuple[Repair, ...]:
        """Nothing: the dialect is read as it is, or refused."""
        return ()

    def understand(self, call: Call, at: float) -> Request:
        """Return what a Call asks for; raise `BadInput`."""
        return understand(call)

    def answer(self, call: Call, said: Answer) -> bytes:
        """Return the text that answers a station's Call."""
        return replies.answer(call, said)

    def reject(self, why: BadInput) -> bytes:
        """Return a CallError, to whatever id the message carried."""
        message_id = getattr(why, "message_id", NO_ID)
        return write_error(message_id, "GenericError", str(why))

    def refuse(self, call: Call, why: BadInput) -> bytes:
        """Return a CallError in the contract's words."""
        if isinstance(why, ActionUnknown):
            return replies.not_implemented(call.message_id, call.action)
        words = why.codes[0] if isinstance(why, Invalid) else str(why)
        if call.action == "MeterValues":
            return write_metering_error(call.message_id, words)
        return replies.generic_error(call.message_id, words)

    def fault(self, call: Call) -> bytes:
        """Return the same words for every fault; they go to no id of the station's."""
        return replies.internal_error()

    def carries_money(self, call: Call) -> bool:
        """Starts and stops must be taken however busy we are."""
        return call.action in MONEY

    def is_reading(self, call: Call) -> bool:
        """Registers are cumulative: the newest MeterValues says it all."""
        return call.action == "MeterValues"

    def ask(self, command: Command, connector: Connector, now: float) -> Call:
        """Return the Call that carries a command; raise `CallRefused` if none does."""
        if isinstance(command, CancelReserve):
            raise CallRefused("NotSupported", "the dialect cancels no reservations")
        message_id = self._message_id(connector, replies.command_action(command), now)
        return replies.command_call(message_id, command, connector)

    def ask_raw(self, asked: RawCall, now: float) -> Call:
        """Return an operator's Call exactly as given."""
        return Call(f"{asked.action}{now:.0f}", asked.action, asked.payload)

    def violations(self, action: str, result: CallResult) -> tuple[str, ...]:
        """Nothing: there is no schema of the dialect's answers."""
        return ()

    def welcome(
        self, connector: Connector, sek_per_kwh: Decimal, now: float
    ) -> Call | None:
        """Return BootData, without which a charger stays on its start-up screen."""
        message_id = self._message_id(connector, "DataTransfer", now)
        return replies.boot_data(message_id, connector, sek_per_kwh)

    def write(self, call: Call) -> bytes:
        """Return a Call of ours as text."""
        return write_call(call)

    def verdict(self, result: CallResult) -> Verdict:
        """Return what a station answered to a command."""
        return replies.verdict_of(result)

    def object_to(self, result: CallResult, *, expected: bool) -> bytes | None:
        """Return the contract's objections to a result (§3.6), if there is one."""
        message_id, action = result.message_id, result.action
        if action == "DataTransfer":
            accepted = result.payload.get("status") == "Accepted"
            words = None if accepted else replies.REQUEST_REJECTED
        elif expected:
            words = None
        elif action in replies.COMMAND_ACTIONS:
            words = replies.NO_CONVERSATION
        else:
            words = could_not_interpret(action)
        return None if words is None else replies.generic_error(message_id, words)

    def _message_id(self, connector: Connector, action: str, now: float) -> str:
        """Number by milliseconds, but never twice the same."""
        self._last_id_ms = max(int(now * 1000), self._last_id_ms + 1)
        return f"{connector.connector_id}{action}{self._last_id_ms}"
