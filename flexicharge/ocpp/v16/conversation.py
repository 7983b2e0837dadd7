"""OCPP 1.6J as one conversation."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from typing import Final

from attrs import define, field
from zope.interface import implementer

from flexicharge.errors import BadInput
from flexicharge.model.commands import (
    CancelReserve,
    Command,
    RawCall,
    RemoteStart,
    RemoteStop,
    Reserve,
    Verdict,
)
from flexicharge.model.id_tag import tag_of_session
from flexicharge.model.requests import (
    Answer,
    BootJudged,
    CertificateComes,
    Refused,
    Request,
    TagJudged,
    TimeIs,
    TransactionStarted,
    TransactionStopped,
    VendorMessageUnknown,
)
from flexicharge.model.site import Connector
from flexicharge.ocpp.conversation import IConversation
from flexicharge.ocpp.frames import Call, CallResult, Frame, JsonObject
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16 import answers, commands
from flexicharge.ocpp.v16.actions import ACTIONS
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall
from flexicharge.ocpp.v16.common import in_common
from flexicharge.ocpp.v16.frames import (
    read_frame,
    write_call,
    write_error,
    write_result,
)
from flexicharge.ocpp.v16.payloads import ChargerCommand, payload_of
from flexicharge.ocpp.v16.quirks.rules import UNKNOWN_MAKE, Make
from flexicharge.ocpp.v16.requests import BootNotification
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.understanding import understand

MAX_OBJECTIONS: Final = 8
MONEY: Final = frozenset({"StartTransaction", "StopTransaction"})
_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}


@implementer(IConversation)
@define(eq=False)
class Ocpp16Conversation:
    """What is said between the back end and one charger.

    What the charger says of itself when it boots decides which rules are for it;
    `make` is what it said the last time.
    """

    _make: Make = UNKNOWN_MAKE
    _last_id_ms: int = field(default=0, init=False)
    _repairs: tuple[Repair, ...] = field(default=(), init=False)

    def repairs(self) -> tuple[Repair, ...]:
        """Return what was mended since this was asked last."""
        repairs, self._repairs = self._repairs, ()
        return repairs

    def read(self, text: bytes) -> Frame:
        """Return the frame in a text; raise `FaultyCall` or `Unanswerable`."""
        heard = read_frame(text, self._make)
        self._repairs += heard.repairs
        return heard.frame

    def understand(self, call: Call, at: float) -> Request:
        """Return what a Call that came `at` asks for; raise `BadInput`."""
        understood = understand(call, at, self._make)
        self._repairs += understood.repairs
        if isinstance(understood.request, BootNotification):
            self._make = _make_of(understood.request)
        return in_common(understood)

    def answer(self, call: Call, said: Answer) -> bytes:
        """Return the text that answers a charger's Call."""
        if isinstance(said, Refused):
            return write_error(call.message_id, ErrorCode.GENERIC_ERROR, said.why)
        if isinstance(said, VendorMessageUnknown):
            return _unhandled(call)
        return write_result(call.message_id, _payload(said))

    def reject(self, why: BadInput) -> bytes | None:
        """Return a CallError if it is a Call whose sender waits."""
        if isinstance(why, FaultyCall):
            return write_error(why.message_id, why.code, why.description)
        return None

    def refuse(self, call: Call, why: BadInput) -> bytes:
        """Return a CallError with the code of what is wrong."""
        code = ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
        if isinstance(why, FaultyCall):
            code = why.code
        return write_error(call.message_id, code, str(why))

    def fault(self, call: Call) -> bytes:
        """Return an InternalError, never with the fault's own words."""
        return write_error(call.message_id, ErrorCode.INTERNAL_ERROR)

    def carries_money(self, call: Call) -> bool:
        """Starts and stops must be taken however busy we are."""
        return call.action in MONEY

    def is_reading(self, call: Call) -> bool:
        """No reading stands for another: a backlog is kept whole (OCA 036)."""
        return False

    def ask(self, command: Command, connector: Connector, now: float) -> Call:
        """Return the Call that carries a command."""
        asked = _command(command, connector)
        return Call(self._message_id(now), asked.action, payload_of(asked))

    def ask_raw(self, asked: RawCall, now: float) -> Call:
        """Return an operator's Call exactly as given."""
        return Call(self._message_id(now), asked.action, asked.payload)

    def violations(self, action: str, result: CallResult) -> tuple[str, ...]:
        """Return where an answer is not what the schema of its action wants."""
        schema = schemas().confirmations.get(action)
        if schema is None or schema.allows(result.payload):
            return ()
        broken = islice(schema.violations(result.payload), MAX_OBJECTIONS)
        return tuple(f"{one.where} breaks {one.keyword!r}" for one in broken)

    def welcome(
        self, connector: Connector, sek_per_kwh: Decimal, now: float
    ) -> Call | None:
        """Nothing: a standard charger is asked nothing it was not asked to be."""
        return None

    def write(self, call: Call) -> bytes:
        """Return a Call of ours as text."""
        return write_call(call)

    def verdict(self, result: CallResult) -> Verdict:
        """Return what a charger answered to a command; a strange word refuses."""
        word = str(result.payload.get("status"))
        return _VERDICTS.get(word, Verdict.REJECTED)

    def object_to(self, result: CallResult, *, expected: bool) -> bytes | None:
        """Nothing: an answer is never answered."""
        return None

    def _message_id(self, now: float) -> str:
        """Number by milliseconds, but never twice the same."""
        self._last_id_ms = max(int(now * 1000), self._last_id_ms + 1)
        return str(self._last_id_ms)


def _make_of(boot: BootNotification) -> Make:
    return Make(
        vendor=boot.charge_point_vendor,
        model=boot.charge_point_model,
        firmware=boot.firmware_version,
    )


def _payload(said: Answer) -> JsonObject:
    match said:
        case BootJudged(registration, now, interval_s):
            return answers.boot(registration, now, interval_s)
        case TimeIs(now):
            return answers.heartbeat(now)
        case TagJudged(verdict):
            return answers.authorize(verdict)
        case TransactionStarted(session_id, verdict):
            return answers.start(session_id, verdict)
        case TransactionStopped(verdict):
            return answers.stop(verdict)
        case CertificateComes(accepted):
            return answers.sign_certificate(accepted=accepted)
    return {}


def _unhandled(call: Call) -> bytes:
    unhandled = ACTIONS[call.action].unhandled
    if isinstance(unhandled, ErrorCode):
        return write_error(call.message_id, unhandled)
    return write_result(call.message_id, unhandled)


def _command(command: Command, connector: Connector) -> ChargerCommand:
    tag = tag_of_session(command.session_id)
    match command:
        case Reserve():
            return commands.ReserveNow(
                connector_id=connector.number,
                expiry_date_at=command.until,
                id_tag=tag,
                reservation_id=command.session_id,
            )
        case RemoteStart():
            return commands.RemoteStartTransaction(
                connector_id=connector.number, id_tag=tag
            )
        case RemoteStop():
            return commands.RemoteStopTransaction(transaction_id=command.session_id)
        case CancelReserve():
            return commands.CancelReservation(reservation_id=command.session_id)
