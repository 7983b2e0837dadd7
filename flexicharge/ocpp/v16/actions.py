"""The 39 actions: 28 of OCPP 1.6, and 11 of the security whitepaper, edition 3."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.codes import ErrorCode


class Profile(StrEnum):
    """A feature profile, as SupportedFeatureProfiles spells it; ours for security."""

    CORE = "Core"
    FIRMWARE = "FirmwareManagement"
    LOCAL_LIST = "LocalAuthListManagement"
    RESERVATION = "Reservation"
    SMART_CHARGING = "SmartCharging"
    TRIGGER = "RemoteTrigger"
    SECURITY = "Security"


class Direction(StrEnum):
    """Who may send the Call."""

    FROM_CHARGER = "fromCharger"
    TO_CHARGER = "toCharger"
    BOTH = "both"


@frozen
class Action:
    """One action, and what its sender gets if nothing of ours takes it.

    `unhandled` is a confirmation where the schema has one that says so, else a code:
    a charger waits for the answer to whatever it sends (evcc#29507, core#19).
    """

    name: str
    profile: Profile
    direction: Direction
    unhandled: JsonObject | ErrorCode = ErrorCode.NOT_SUPPORTED

    @property
    def comes_from_charger(self) -> bool:
        """Whether a charger may send it."""
        return self.direction is not Direction.TO_CHARGER

    @property
    def goes_to_charger(self) -> bool:
        """Whether we may send it."""
        return self.direction is not Direction.FROM_CHARGER


def _from_charger(
    name: str,
    profile: Profile = Profile.CORE,
    unhandled: JsonObject | ErrorCode = ErrorCode.NOT_SUPPORTED,
) -> Action:
    return Action(name, profile, Direction.FROM_CHARGER, unhandled)


def _to_charger(name: str, profile: Profile = Profile.CORE) -> Action:
    return Action(name, profile, Direction.TO_CHARGER)


_TABLE: Final = (
    _from_charger("Authorize"),
    _from_charger("BootNotification"),
    _to_charger("CancelReservation", Profile.RESERVATION),
    _to_charger("ChangeAvailability"),
    _to_charger("ChangeConfiguration"),
    _to_charger("ClearCache"),
    _to_charger("ClearChargingProfile", Profile.SMART_CHARGING),
    Action("DataTransfer", Profile.CORE, Direction.BOTH, {"status": "UnknownVendorId"}),
    _from_charger("DiagnosticsStatusNotification", Profile.FIRMWARE, {}),
    _from_charger("FirmwareStatusNotification", Profile.FIRMWARE, {}),
    _to_charger("GetCompositeSchedule", Profile.SMART_CHARGING),
    _to_charger("GetConfiguration"),
    _to_charger("GetDiagnostics", Profile.FIRMWARE),
    _to_charger("GetLocalListVersion", Profile.LOCAL_LIST),
    _from_charger("Heartbeat"),
    _from_charger("MeterValues", unhandled={}),
    _to_charger("RemoteStartTransaction"),
    _to_charger("RemoteStopTransaction"),
    _to_charger("ReserveNow", Profile.RESERVATION),
    _to_charger("Reset"),
    _to_charger("SendLocalList", Profile.LOCAL_LIST),
    _to_charger("SetChargingProfile", Profile.SMART_CHARGING),
    _from_charger("StartTransaction"),
    _from_charger("StatusNotification", unhandled={}),
    _from_charger("StopTransaction"),
    _to_charger("TriggerMessage", Profile.TRIGGER),
    _to_charger("UnlockConnector"),
    _to_charger("UpdateFirmware", Profile.FIRMWARE),
    _to_charger("CertificateSigned", Profile.SECURITY),
    _to_charger("DeleteCertificate", Profile.SECURITY),
    _to_charger("ExtendedTriggerMessage", Profile.SECURITY),
    _to_charger("GetInstalledCertificateIds", Profile.SECURITY),
    _to_charger("GetLog", Profile.SECURITY),
    _to_charger("InstallCertificate", Profile.SECURITY),
    _from_charger("LogStatusNotification", Profile.SECURITY, {}),
    _from_charger("SecurityEventNotification", Profile.SECURITY, {}),
    _from_charger("SignCertificate", Profile.SECURITY, {"status": "Rejected"}),
    _from_charger("SignedFirmwareStatusNotification", Profile.SECURITY, {}),
    _to_charger("SignedUpdateFirmware", Profile.SECURITY),
)
ACTIONS: Final = {action.name: action for action in _TABLE}
FROM_CHARGER: Final = frozenset(a.name for a in _TABLE if a.comes_from_charger)
TO_CHARGER: Final = frozenset(a.name for a in _TABLE if a.goes_to_charger)


def objection_to(name: str) -> ErrorCode | None:
    """Return why a charger may not send this action, if it may not.

    An action of 1.6 that only we may send is known, but not supported by us.
    """
    action = ACTIONS.get(name)
    if action is None:
        return ErrorCode.NOT_IMPLEMENTED
    return None if action.comes_from_charger else ErrorCode.NOT_SUPPORTED
