"""The ten words a CallError of 1.6 may carry (OCPP-J 1.6 §4.2.3), and who says what."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.frames import MessageId


class ErrorCode(StrEnum):
    """Why a Call is refused; two of the spellings are 1.6's own."""

    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    INTERNAL_ERROR = "InternalError"
    PROTOCOL_ERROR = "ProtocolError"
    SECURITY_ERROR = "SecurityError"
    FORMATION_VIOLATION = "FormationViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    OCCURENCE_CONSTRAINT_VIOLATION = "OccurenceConstraintViolation"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"
    GENERIC_ERROR = "GenericError"


_PLAIN: Final = {code.value.casefold(): code for code in ErrorCode}
_SPELT_OTHERWISE: Final = {
    "formatviolation": ErrorCode.FORMATION_VIOLATION,
    "rpcframeworkerror": ErrorCode.FORMATION_VIOLATION,
    "occurrenceconstraintviolation": ErrorCode.OCCURENCE_CONSTRAINT_VIOLATION,
    "messagetypenotsupported": ErrorCode.NOT_SUPPORTED,
}


def code_of(word: str) -> ErrorCode:
    """Return the code that a charger's word means; GenericError if none."""
    plain = "".join(sign for sign in word.casefold() if sign.isalpha())
    for spelling in (plain, plain.removesuffix("error")):
        if code := _PLAIN.get(spelling) or _SPELT_OTHERWISE.get(spelling):
            return code
    return ErrorCode.GENERIC_ERROR


class Unanswerable(MalformedFrame):
    """A text that is no Call with an id: to answer it would only start a quarrel.

    Answers are never answered, unknown message types are to be ignored (OCPP-J 1.6
    §4.1.3), and without an id nobody waits.
    """


class FaultyCall(MalformedFrame):
    """A Call that is refused: `code` goes to whoever waits under `message_id`."""

    def __init__(
        self, message_id: MessageId, code: ErrorCode, description: str
    ) -> None:
        super().__init__(description)
        self.message_id: Final = message_id
        self.code: Final = code
        self.description: Final = description
