"""What a FlexiCharge station's Calls mean (contract §3.4).

The fielded charger sends numbers as text, times as floats, nulls and odd spellings; all
of it is read here. Its ids are never used: a frame belongs to the session of its
socket. Nor are its times, for time is arrival, but to know a start or a stop again.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from flexicharge.errors import Invalid, MalformedFrame, UnusableValue
from flexicharge.model.metering import whole_percent, whole_w, whole_wh
from flexicharge.model.requests import (
    Authorize,
    Boot,
    Heartbeat,
    Metered,
    Request,
    Started,
    StatusReport,
    Stopped,
    UnknownVendorMessage,
)
from flexicharge.model.status import status_of
from flexicharge.ocpp.frames import Call, JsonObject, encode, read_object

MAX_TEXT: Final = 50
MILLISECONDS_OVER: Final = 1e11  # as seconds this would be the year 5138
KEY_BYTES: Final = 16
VENDOR_ID: Final = "com.flexicharge"


class ActionUnknown(MalformedFrame):
    """The station calls something the dialect does not have."""


def understand(call: Call) -> Request:
    """Return what a Call asks for.

    Raise `ActionUnknown`, `Invalid` with one of the contract's codes, or
    `UnusableValue` where it has none.
    """
    reader = _READERS.get(call.action)
    if reader is None:
        raise ActionUnknown(call.action)
    return reader(call.payload)


def _boot(payload: JsonObject) -> Boot:
    return Boot(
        vendor=_text(payload.get("chargePointVendor")),
        model=_text(payload.get("chargePointModel")),
        firmware=_text(payload.get("firmwareVersion")),
    )


def _status(payload: JsonObject) -> StatusReport:
    return StatusReport(
        connector_hint=_hint(payload),
        status=status_of(payload.get("status")),
        error_code=_text(payload.get("errorCode")),
    )


def _start(payload: JsonObject) -> Started:
    return Started(
        connector_hint=_hint(payload),
        meter_start_wh=whole_wh(payload.get("meterStart"), what="meterStart"),
        key=_key(payload),
        claimed_at=_claimed_at(payload),
    )


def _stop(payload: JsonObject) -> Stopped:
    return Stopped(
        connector_hint=_hint(payload),
        meter_stop_wh=whole_wh(payload.get("meterStop"), what="meterStop"),
        reason=_text(payload.get("reason")),
        key=_key(payload),
        claimed_at=_claimed_at(payload),
    )


def _metered(payload: JsonObject) -> Metered:
    values = payload.get("values")
    if not isinstance(values, dict):
        raise UnusableValue("values is not an object")
    return Metered(
        connector_hint=_hint(payload),
        charged_wh=_sample(values.get("chargedSoFar"), whole_wh, "Wh"),
        power_w=_sample(values.get("chargingPower"), whole_w, "W"),
        percent=_sample(values.get("chargingPercent"), whole_percent, "%"),
    )


def _sample(
    sample: Any, read: Callable[[object, object], int], default_unit: str
) -> int | None:
    """Return one quantity, or None if it is missing or spoilt; the rest counts."""
    if not isinstance(sample, dict):
        return None
    try:
        return read(sample.get("value"), sample.get("unit", default_unit))
    except UnusableValue:
        return None


def _vendor_message(payload: JsonObject) -> Metered | UnknownVendorMessage:
    if payload.get("messageId") != "ChargeLevelUpdate":
        return UnknownVendorMessage()
    level = read_object(payload.get("data"))
    return Metered(
        connector_hint=None,
        register_wh=_or_invalid(
            "invalidMeterValue", whole_wh, level.get("latestMeterValue")
        ),
        percent=_or_invalid(
            "invalidChargePrecentage",  # the contract's spelling
            whole_percent,
            level.get("CurrentChargePercentage"),
        ),
    )


def _or_invalid(code: str, read: Callable[[object], int], value: object) -> int:
    try:
        return read(value)
    except UnusableValue:
        raise Invalid(code) from None


def _heartbeat(_: JsonObject) -> Heartbeat:
    return Heartbeat()


def _authorize(_: JsonObject) -> Authorize:
    return Authorize()


def _text(value: object) -> str:
    return value[:MAX_TEXT] if isinstance(value, str) else ""


def _key(payload: JsonObject) -> str:
    """Return what tells a payload from every other: all calls have the same id."""
    return blake2b(encode(payload), digest_size=KEY_BYTES).hexdigest()


def _claimed_at(payload: JsonObject) -> float | None:
    """Return the time a frame names, given in seconds or milliseconds."""
    claimed = payload.get("timestamp")
    if isinstance(claimed, bool) or not isinstance(claimed, int | float):
        return None
    if 0 <= claimed <= MILLISECONDS_OVER:
        return float(claimed)
    if MILLISECONDS_OVER < claimed <= MILLISECONDS_OVER * 1000:
        return claimed / 1000
    return None


def _hint(payload: JsonObject) -> int | None:
    """Return the connector number a frame names, however it is written."""
    hint = payload.get("connectorId")
    if isinstance(hint, str) and hint.isascii() and hint.isdigit() and len(hint) <= 6:
        return int(hint)
    if isinstance(hint, int) and not isinstance(hint, bool):
        return hint
    return None


_READERS: Final[dict[str, Callable[[JsonObject], Request]]] = {
    "BootNotification": _boot,
    "StatusNotification": _status,
    "StartTransaction": _start,
    "StopTransaction": _stop,
    "MeterValues": _metered,
    "DataTransfer": _vendor_message,
    "Heartbeat": _heartbeat,
    "Authorize": _authorize,
}
