"""What the back end says to a FlexiCharge station (contract §3.4 to §3.6), as text."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from flexicharge.model.commands import (
    RemoteStart,
    RemoteStop,
    Reserve,
    Verdict,
)
from flexicharge.model.requests import (
    Answer,
    BootAccepted,
    ReadingKept,
    Refused,
    SessionStarted,
    SessionStopped,
    TagAccepted,
    TimeIs,
    VendorMessageUnknown,
)
from flexicharge.model.site import Connector
from flexicharge.ocpp.dialect import (
    write_bare_result,
    write_error,
    write_metering_error,
    write_result,
)
from flexicharge.ocpp.dialect_requests import VENDOR_ID
from flexicharge.ocpp.frames import Call, CallResult, JsonObject, MessageId, encode

HEARTBEAT_INTERVAL_S: Final = 86_400
TAG: Final = 1  # the only tag that a fielded charger takes in reserve and start alike

SERIAL_UNKNOWN: Final = encode(
    [4, 1337, "SecurityError", "Serial number was not found in database.", {}]
)
NO_CONVERSATION: Final = "Could not found a previous conversation with this unique id."
REQUEST_REJECTED: Final = "Request was rejected."
Order = Reserve | RemoteStart | RemoteStop
_VERDICTS: Final = {verdict.value: verdict for verdict in Verdict}
_ACTIONS: Final = {
    Reserve: "ReserveNow",
    RemoteStart: "RemoteStartTransaction",
    RemoteStop: "RemoteStopTransaction",
}
COMMAND_ACTIONS: Final = frozenset(_ACTIONS.values())


def answer(call: Call, said: Answer) -> bytes:
    """Return the text that answers a station's Call."""
    match said:
        case Refused() if call.action == "MeterValues":
            return write_metering_error(call.message_id, said.why)
        case Refused():
            return generic_error(call.message_id, said.why)
        case ReadingKept() if call.action == "MeterValues":
            return write_bare_result(call.message_id, call.action)
    return write_result(call.message_id, call.action, _answer_payload(said))


def _answer_payload(said: Answer) -> JsonObject:
    match said:
        case BootAccepted(now):
            return {
                "status": "Accepted",
                "currentTime": int(now),
                "interval": HEARTBEAT_INTERVAL_S,
            }
        case TimeIs(now):
            return {"currentTime": int(now)}
        case SessionStarted(session_id):
            return {"idTagInfo": TAG, "transactionId": session_id}
        case SessionStopped() | TagAccepted():
            return {"idTagInfo": TAG}
        case ReadingKept():
            return {"status": "Accepted", "data": ""}
        case VendorMessageUnknown():
            return {"status": "UnknownMessageId", "data": ""}
    return {}


def not_implemented(message_id: MessageId, action: str) -> bytes:
    """Return the refusal of an action that the dialect does not have."""
    text = f"The *{action[:50]}* function is not implemented yet."
    return write_error(message_id, "NotImplemented", text)


def generic_error(message_id: MessageId, description: str) -> bytes:
    """Return a refusal for a reason the station's side can mend."""
    return write_error(message_id, "GenericError", description)


def internal_error() -> bytes:
    """Return the refusal for a fault of ours; never with the fault's own words."""
    return write_error("InternalError", "GenericError", "Internal error")


def boot_data(message_id: str, connector: Connector, sek_per_kwh: Decimal) -> Call:
    """Return the Call that takes a charger off its start-up screen.

    `connectorID` and `chargerId` both, for chargers of all years; the price in SEK.
    """
    data = {
        "connectorID": connector.connector_id,
        "chargerId": connector.connector_id,
        "chargingPrice": float(sek_per_kwh),
    }
    payload = {
        "vendorId": VENDOR_ID,
        "messageId": "BootData",
        "data": encode(data).decode(),
    }
    return Call(message_id, "DataTransfer", payload)


def command_action(command: Order) -> str:
    """Return the action that carries a command."""
    return _ACTIONS[type(command)]


def command_call(message_id: str, command: Order, connector: Connector) -> Call:
    """Return the Call for a command, keys in the contract's order."""
    return Call(message_id, command_action(command), _payload(command, connector))


def _payload(command: Order, connector: Connector) -> JsonObject:
    match command:
        case Reserve():
            return {
                "connectorID": connector.connector_id,
                "expiryDate": int(command.until),
                "idTag": TAG,
                "reservationID": reservation_id(connector),
                "parentIdTag": TAG,
            }
        case RemoteStart():
            return {"connectorID": connector.number, "idTag": TAG}
        case RemoteStop():
            return {"transactionID": command.session_id}


def reservation_id(connector: Connector) -> str:
    """Return the one reservation number of a station's life.

    The fielded charger keeps the first number it sees until it is power-cycled, and
    says Occupied to any other (contract §3.5).
    """
    return f"{connector.connector_id}{TAG}{connector.number}"


def verdict_of(result: CallResult) -> Verdict:
    """Return a station's answer to a command; a word we do not know is a refusal."""
    return _VERDICTS.get(str(result.payload.get("status")), Verdict.REJECTED)
