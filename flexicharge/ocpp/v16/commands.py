"""What 1.6 itself lets us ask of a charger, as values: one for each action.

Fields that are None are left out of the payload; `*_at` are POSIX seconds. An
operator's raw command does not come by here: it goes out as it was given (OCA 1.6,
ground rule 5).
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from attrs import frozen

from flexicharge.model.charging_profiles import ChargingProfile, Purpose, RateUnit
from flexicharge.model.id_tag import TagVerdict


class Availability(StrEnum):
    """What a connector is to be."""

    INOPERATIVE = "Inoperative"
    OPERATIVE = "Operative"


class ResetType(StrEnum):
    """How a charger restarts: at once, or once it has ended what runs."""

    HARD = "Hard"
    SOFT = "Soft"


class UpdateType(StrEnum):
    """Whether a local list replaces the charger's, or changes it."""

    FULL = "Full"
    DIFFERENTIAL = "Differential"


@frozen
class ListEntry:
    """A tag in a local list; without a verdict, in a differential list, it goes."""

    id_tag: str
    verdict: TagVerdict | None = None


@frozen(kw_only=True)
class CancelReservation:
    """Hold a connector no longer."""

    action: ClassVar = "CancelReservation"
    reservation_id: int


@frozen(kw_only=True)
class ChangeAvailability:
    """Take a connector out of service, or back; 0 is all of them."""

    action: ClassVar = "ChangeAvailability"
    connector_id: int
    type: Availability


@frozen(kw_only=True)
class ChangeConfiguration:
    """Set a key."""

    action: ClassVar = "ChangeConfiguration"
    key: str
    value: str


@frozen(kw_only=True)
class ClearCache:
    """Forget the tags seen so far."""

    action: ClassVar = "ClearCache"


@frozen(kw_only=True)
class ClearChargingProfile:
    """Drop a profile, or all that fit; without anything, every one."""

    action: ClassVar = "ClearChargingProfile"
    id: int | None = None
    connector_id: int | None = None
    charging_profile_purpose: Purpose | None = None
    stack_level: int | None = None


@frozen(kw_only=True)
class DataTransfer:
    """A vendor's own message."""

    action: ClassVar = "DataTransfer"
    vendor_id: str
    message_id: str | None = None
    data: str | None = None


@frozen(kw_only=True)
class GetCompositeSchedule:
    """Tell what you may draw for so many seconds."""

    action: ClassVar = "GetCompositeSchedule"
    connector_id: int
    duration: int
    charging_rate_unit: RateUnit | None = None


@frozen(kw_only=True)
class GetConfiguration:
    """Tell the values of these keys; of all, if none is named."""

    action: ClassVar = "GetConfiguration"
    key: tuple[str, ...] | None = None


@frozen(kw_only=True)
class GetDiagnostics:
    """Upload what happened."""

    action: ClassVar = "GetDiagnostics"
    location: str
    retries: int | None = None
    retry_interval: int | None = None
    start_time_at: float | None = None
    stop_time_at: float | None = None


@frozen(kw_only=True)
class GetLocalListVersion:
    """Tell which local list you have."""

    action: ClassVar = "GetLocalListVersion"


@frozen(kw_only=True)
class RemoteStartTransaction:
    """Start for this tag; with a profile of its own, perhaps."""

    action: ClassVar = "RemoteStartTransaction"
    connector_id: int | None = None
    id_tag: str
    charging_profile: ChargingProfile | None = None


@frozen(kw_only=True)
class RemoteStopTransaction:
    """Stop this transaction."""

    action: ClassVar = "RemoteStopTransaction"
    transaction_id: int


@frozen(kw_only=True)
class ReserveNow:
    """Hold a connector for a tag; 0 is any."""

    action: ClassVar = "ReserveNow"
    connector_id: int
    expiry_date_at: float
    id_tag: str
    parent_id_tag: str | None = None
    reservation_id: int


@frozen(kw_only=True)
class Reset:
    """Restart."""

    action: ClassVar = "Reset"
    type: ResetType


@frozen(kw_only=True)
class SendLocalList:
    """Take this list of tags, or these changes to yours."""

    action: ClassVar = "SendLocalList"
    list_version: int
    local_authorization_list: tuple[ListEntry, ...] | None = None
    update_type: UpdateType


@frozen(kw_only=True)
class SetChargingProfile:
    """Take this profile."""

    action: ClassVar = "SetChargingProfile"
    connector_id: int
    cs_charging_profiles: ChargingProfile


@frozen(kw_only=True)
class TriggerMessage:
    """Send this message now."""

    action: ClassVar = "TriggerMessage"
    requested_message: str
    connector_id: int | None = None


@frozen(kw_only=True)
class UnlockConnector:
    """Let the cable go."""

    action: ClassVar = "UnlockConnector"
    connector_id: int


@frozen(kw_only=True)
class UpdateFirmware:
    """Fetch this firmware from then on, and install it."""

    action: ClassVar = "UpdateFirmware"
    location: str
    retries: int | None = None
    retrieve_date_at: float
    retry_interval: int | None = None
