"""What an actor needs of a protocol: texts to values, values to texts, nothing more."""

from __future__ import annotations

from decimal import Decimal

from zope.interface import Interface

from flexicharge.errors import BadInput
from flexicharge.model.commands import Command, RawCall, Verdict
from flexicharge.model.requests import Answer, Request
from flexicharge.model.site import Connector
from flexicharge.ocpp.frames import Call, CallResult, Frame
from flexicharge.ocpp.repairs import Repair


class IConversation(Interface):
    """One station's protocol. Keeps no state but the numbering of its own Calls."""

    def repairs() -> tuple[Repair, ...]:
        """Return what was mended since this was asked last; nothing is in silence."""

    def read(text: bytes) -> Frame:
        """Return the frame in a text message; raise `BadInput`."""

    def understand(call: Call, at: float) -> Request:
        """Return what a station's Call that came `at` asks for; raise `BadInput`."""

    def answer(call: Call, said: Answer) -> bytes:
        """Return the text that answers a station's Call."""

    def reject(why: BadInput) -> bytes | None:
        """Return the text that refuses a message that is no frame.

        None if nobody waits for it.
        """

    def refuse(call: Call, why: BadInput) -> bytes:
        """Return the text that refuses a Call."""

    def fault(call: Call) -> bytes:
        """Return the text that says that we failed; never how."""

    def carries_money(call: Call) -> bool:
        """Tell whether a Call must be taken however busy we are."""

    def is_reading(call: Call) -> bool:
        """Tell whether a newer Call of this kind says all that this one says."""

    def ask(command: Command, connector: Connector, now: float) -> Call:
        """Return the Call that carries a command, with a fresh message id."""

    def ask_raw(asked: RawCall, now: float) -> Call:
        """Return an operator's Call exactly as given, with a fresh message id."""

    def violations(action: str, result: CallResult) -> tuple[str, ...]:
        """Return where an answer is not what the schema of its action wants."""

    def welcome(connector: Connector, sek_per_kwh: Decimal, now: float) -> Call | None:
        """Return the Call that follows a boot, if the protocol has one."""

    def write(call: Call) -> bytes:
        """Return a Call of ours as text."""

    def verdict(result: CallResult) -> Verdict:
        """Return what a station answered to a command."""

    def object_to(result: CallResult, *, expected: bool) -> bytes | None:
        """Return what to say about a station's answer, if anything is to be said."""
