"""A charger's requests in the words that all standard protocols share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any, Final

from flexicharge.errors import UnusableValue
from flexicharge.model import requests as common
from flexicharge.model.metering import whole_wh
from flexicharge.model.requests import JobKind
from flexicharge.ocpp.frames import JsonObject, encode
from flexicharge.ocpp.v16 import requests as said
from flexicharge.ocpp.v16.readings import reading_of
from flexicharge.ocpp.v16.samples import MeterValue
from flexicharge.ocpp.v16.understanding import Understood

KEY_BYTES: Final = 16
LAST_CONNECTOR: Final = (1 << 31) - 1
NO_CONNECTOR: Final = -1


def in_common(understood: Understood) -> common.Request:
    """Return what a charger asks for in everybody's words."""
    return _WORDS[type(understood.request)](understood.request, understood.payload)


def _boot(boot: said.BootNotification, payload: JsonObject) -> common.Request:
    more = tuple(
        (name, text)
        for name, text in payload.items()
        if name not in _OWN_WORDS and isinstance(text, str)
    )
    return common.Boot(
        vendor=boot.charge_point_vendor,
        model=boot.charge_point_model,
        firmware=boot.firmware_version,
        more=more,
    )


_OWN_WORDS: Final = ("chargePointVendor", "chargePointModel", "firmwareVersion")


def _status(status: said.StatusNotification, _: JsonObject) -> common.Request:
    return common.ConnectorReport(
        connector_number=_connector(status.connector_id),
        status=status.status,
        error_code=status.error_code,
        info=status.info,
        vendor_id=status.vendor_id,
        vendor_error_code=status.vendor_error_code,
        claimed_at=status.timestamp_at,
    )


def _start(start: said.StartTransaction, _: JsonObject) -> common.Request:
    facts = [
        start.connector_id,
        start.id_tag.casefold(),
        start.timestamp_at,
        start.meter_start_wh,
    ]
    return common.TransactionStart(
        connector_number=_connector(start.connector_id),
        id_tag=start.id_tag,
        meter_start_wh=_register(start.meter_start_wh),
        key=_key(facts),
        claimed_at=start.timestamp_at,
        reservation_id=start.reservation_id,
    )


def _stop(stop: said.StopTransaction, payload: JsonObject) -> common.Request:
    facts = [stop.transaction_id, stop.timestamp_at, stop.meter_stop_wh]
    return common.TransactionStop(
        transaction_id=stop.transaction_id,
        meter_stop_wh=_register(stop.meter_stop_wh),
        reason=stop.reason,
        key=_key(facts),
        claimed_at=stop.timestamp_at,
        id_tag=stop.id_tag,
        values=_taken(stop.transaction_data, payload.get("transactionData")),
    )


def _metered(metered: said.MeterValues, payload: JsonObject) -> common.Request:
    return common.MeterValues(
        connector_number=_connector(metered.connector_id),
        transaction_id=metered.transaction_id,
        values=_taken(metered.meter_values, payload["meterValue"]),
    )


def _taken(
    values: tuple[MeterValue, ...], as_they_came: Sequence[JsonObject] | None
) -> tuple[common.TakenValue, ...]:
    return tuple(
        _value(value, raw)
        for value, raw in zip(values, as_they_came or (), strict=True)
    )


def _value(value: MeterValue, raw: JsonObject) -> common.TakenValue:
    reading = reading_of(value)
    return common.TakenValue(
        claimed_at=value.claimed_at,
        register_wh=reading.register_wh,
        power_w=reading.power_w,
        percent=reading.percent,
        samples=encode(raw["sampledValue"]).decode(),
    )


def _event(event: said.SecurityEventNotification, _: JsonObject) -> common.Request:
    return common.SecurityEvent(
        type=event.type, claimed_at=event.timestamp_at, tech_info=event.tech_info
    )


def _vendor_message(message: said.DataTransfer, _: JsonObject) -> common.Request:
    return common.VendorMessage(
        vendor_id=message.vendor_id, message_id=message.message_id, data=message.data
    )


_WORDS: Final[dict[type[Any], Callable[[Any, JsonObject], common.Request]]] = {
    said.BootNotification: _boot,
    said.Authorize: lambda asked, _: common.TagShown(asked.id_tag),
    said.StartTransaction: _start,
    said.StopTransaction: _stop,
    said.MeterValues: _metered,
    said.StatusNotification: _status,
    said.Heartbeat: lambda _, __: common.Heartbeat(),
    said.DataTransfer: _vendor_message,
    said.DiagnosticsStatusNotification: lambda job, _: common.JobReport(
        JobKind.DIAGNOSTICS, job.status
    ),
    said.FirmwareStatusNotification: lambda job, _: common.JobReport(
        JobKind.FIRMWARE, job.status
    ),
    said.LogStatusNotification: lambda job, _: common.JobReport(
        JobKind.LOG, job.status, job.request_id
    ),
    said.SignedFirmwareStatusNotification: lambda job, _: common.JobReport(
        JobKind.SIGNED_FIRMWARE, job.status, job.request_id
    ),
    said.SecurityEventNotification: _event,
    said.SignCertificate: lambda asked, _: common.CertificateWanted(asked.csr),
}


def _connector(number: int) -> int:
    """Return a connector's number; -1 for one that no column can hold."""
    return number if 0 <= number <= LAST_CONNECTOR else NO_CONNECTOR


def _register(value: int) -> int | None:
    """Return a register in Wh; None for one that no meter can have."""
    try:
        return whole_wh(value)
    except UnusableValue:
        return None


def _key(facts: Sequence[object]) -> str:
    return blake2b(encode(facts), digest_size=KEY_BYTES).hexdigest()
