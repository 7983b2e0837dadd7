"""Commands as the payloads that carry them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from attrs import fields

from flexicharge.errors import UnusableValue
from flexicharge.model.charging_profiles import ChargingProfile
from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16 import commands as core
from flexicharge.ocpp.v16 import security_commands as security
from flexicharge.ocpp.v16.answers import id_tag_info
from flexicharge.ocpp.v16.charging import profile_payload
from flexicharge.ocpp.v16.schemas import gravest, schemas
from flexicharge.ocpp.v16.times import text_of

TIME_FIELDS: Final = "_at"  # a field of this ending is a time in POSIX seconds
ChargerCommand = (
    core.CancelReservation
    | core.ChangeAvailability
    | core.ChangeConfiguration
    | core.ClearCache
    | core.ClearChargingProfile
    | core.DataTransfer
    | core.GetCompositeSchedule
    | core.GetConfiguration
    | core.GetDiagnostics
    | core.GetLocalListVersion
    | core.RemoteStartTransaction
    | core.RemoteStopTransaction
    | core.ReserveNow
    | core.Reset
    | core.SendLocalList
    | core.SetChargingProfile
    | core.TriggerMessage
    | core.UnlockConnector
    | core.UpdateFirmware
    | security.CertificateSigned
    | security.DeleteCertificate
    | security.ExtendedTriggerMessage
    | security.GetInstalledCertificateIds
    | security.GetLog
    | security.InstallCertificate
    | security.SignedUpdateFirmware
)


def payload_of(command: ChargerCommand) -> JsonObject:
    """Return a command's payload in the schema's order.

    Raise `UnusableValue` if a charger could not take it: a text that is too long, say.
    """
    schema = schemas().requests[command.action]
    payload = schema.in_order(_object(command))
    if not schema.allows(payload):
        raise UnusableValue(gravest(schema.violations(payload)).where)
    return payload


def _object(value: Any) -> JsonObject:
    given = {field.name: getattr(value, field.name) for field in fields(type(value))}
    return {
        _wire_name(name): text_of(item) if name.endswith(TIME_FIELDS) else _plain(item)
        for name, item in given.items()
        if item is not None
    }


def _plain(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case str() | int():
            return value
        case tuple():
            return [_plain(item) for item in value]
        case ChargingProfile():
            return profile_payload(value)
        case core.ListEntry(id_tag, verdict):
            info = {} if verdict is None else {"idTagInfo": id_tag_info(verdict)}
            return {"idTag": id_tag, **info}
    return _object(value)


def _wire_name(name: str) -> str:
    first, *others = name.removesuffix(TIME_FIELDS).split("_")
    return first + "".join(word.capitalize() for word in others)
