"""From a charger's Call to what it asks for, with all that had to be mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import evolve, frozen

from flexicharge.errors import UnusableValue
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import Call, JsonObject
from flexicharge.ocpp.repairs import Repair
from flexicharge.ocpp.v16 import requests as said
from flexicharge.ocpp.v16.actions import objection_to
from flexicharge.ocpp.v16.codes import ErrorCode, FaultyCall
from flexicharge.ocpp.v16.mending import mended
from flexicharge.ocpp.v16.quirks.rules import UNKNOWN_MAKE, Make
from flexicharge.ocpp.v16.quirks.values import INVENTED_TIMES
from flexicharge.ocpp.v16.samples import meter_values_in
from flexicharge.ocpp.v16.schemas import Violation, gravest
from flexicharge.ocpp.v16.times import posix_of


@frozen
class Understood:
    """A request, the payload that it was read from, and what was mended in it."""

    request: said.ChargerRequest
    payload: JsonObject
    repairs: tuple[Repair, ...]


def understand(call: Call, arrived_at: float, make: Make = UNKNOWN_MAKE) -> Understood:
    """Return what a Call asks for; raise `FaultyCall` if that cannot be told."""
    objection = objection_to(call.action)
    if objection is not None:
        raise FaultyCall(call.message_id, objection, _OBJECTIONS[objection])
    result = mended(call.action, call.payload, arrived_at, make)
    if result.violations:
        raise _refusal(call, gravest(result.violations))
    try:
        request = _READERS[call.action](result.payload)
        if isinstance(request, said.StartTransaction | said.StopTransaction):
            request = _without_invented_time(request, result.repairs)
    except UnusableValue as why:
        code = ErrorCode.PROPERTY_CONSTRAINT_VIOLATION
        raise FaultyCall(call.message_id, code, str(why)) from None
    return Understood(request, result.payload, result.repairs)


_STATUSES: Final = {status.value: status for status in ConnectorStatus}
_OBJECTIONS: Final = {
    ErrorCode.NOT_IMPLEMENTED: "The action is not known",
    ErrorCode.NOT_SUPPORTED: "The action is known, but no charger may ask for it here",
}


def _without_invented_time(
    request: said.StartTransaction | said.StopTransaction, repairs: tuple[Repair, ...]
) -> said.StartTransaction | said.StopTransaction:
    """Return a start or a stop without a time that the charger never claimed."""
    was_invented = any(
        repair.quirk_id in INVENTED_TIMES and repair.where == "timestamp"
        for repair in repairs
    )
    return evolve(request, timestamp_at=None) if was_invented else request


def _refusal(call: Call, violation: Violation) -> FaultyCall:
    words = f"{violation.where} breaks the schema's rule {violation.keyword!r}"
    return FaultyCall(call.message_id, violation.code, words)


def _boot(payload: JsonObject) -> said.BootNotification:
    return said.BootNotification(
        charge_point_vendor=payload["chargePointVendor"],
        charge_point_model=payload["chargePointModel"],
        charge_point_serial_number=payload.get("chargePointSerialNumber", ""),
        charge_box_serial_number=payload.get("chargeBoxSerialNumber", ""),
        firmware_version=payload.get("firmwareVersion", ""),
        iccid=payload.get("iccid", ""),
        imsi=payload.get("imsi", ""),
        meter_type=payload.get("meterType", ""),
        meter_serial_number=payload.get("meterSerialNumber", ""),
    )


def _start(payload: JsonObject) -> said.StartTransaction:
    return said.StartTransaction(
        connector_id=payload["connectorId"],
        id_tag=payload["idTag"],
        meter_start_wh=payload["meterStart"],
        timestamp_at=posix_of(payload["timestamp"]),
        reservation_id=payload.get("reservationId"),
    )


def _stop(payload: JsonObject) -> said.StopTransaction:
    return said.StopTransaction(
        transaction_id=payload["transactionId"],
        meter_stop_wh=payload["meterStop"],
        timestamp_at=posix_of(payload["timestamp"]),
        id_tag=payload.get("idTag"),
        reason=payload.get("reason", "Local"),
        transaction_data=meter_values_in(payload.get("transactionData")),
    )


def _meter_values(payload: JsonObject) -> said.MeterValues:
    return said.MeterValues(
        connector_id=payload["connectorId"],
        transaction_id=payload.get("transactionId"),
        meter_values=meter_values_in(payload["meterValue"]),
    )


def _status(payload: JsonObject) -> said.StatusNotification:
    claimed = payload.get("timestamp")
    return said.StatusNotification(
        connector_id=payload["connectorId"],
        status=_STATUSES.get(payload["status"]),
        error_code=payload["errorCode"],
        info=payload.get("info", ""),
        vendor_id=payload.get("vendorId", ""),
        vendor_error_code=payload.get("vendorErrorCode", ""),
        timestamp_at=None if claimed is None else posix_of(claimed),
    )


def _data_transfer(payload: JsonObject) -> said.DataTransfer:
    return said.DataTransfer(
        vendor_id=payload["vendorId"],
        message_id=payload.get("messageId", ""),
        data=payload.get("data", ""),
    )


def _security_event(payload: JsonObject) -> said.SecurityEventNotification:
    return said.SecurityEventNotification(
        type=payload["type"],
        timestamp_at=posix_of(payload["timestamp"]),
        tech_info=payload.get("techInfo", ""),
    )


_READERS: Final[dict[str, Callable[[JsonObject], said.ChargerRequest]]] = {
    "BootNotification": _boot,
    "Authorize": lambda payload: said.Authorize(payload["idTag"]),
    "StartTransaction": _start,
    "StopTransaction": _stop,
    "MeterValues": _meter_values,
    "StatusNotification": _status,
    "Heartbeat": lambda _: said.Heartbeat(),
    "DataTransfer": _data_transfer,
    "DiagnosticsStatusNotification": lambda payload: said.DiagnosticsStatusNotification(
        payload["status"]
    ),
    "FirmwareStatusNotification": lambda payload: said.FirmwareStatusNotification(
        payload["status"]
    ),
    "LogStatusNotification": lambda payload: said.LogStatusNotification(
        payload["status"], payload.get("requestId")
    ),
    "SignedFirmwareStatusNotification": lambda payload: (
        said.SignedFirmwareStatusNotification(
            payload["status"], payload.get("requestId")
        )
    ),
    "SecurityEventNotification": _security_event,
    "SignCertificate": lambda payload: said.SignCertificate(payload["csr"]),
}
