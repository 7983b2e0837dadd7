"""Which keys a charger's configuration must have (OCPP 1.6 §9), and of what type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from attrs import frozen

from flexicharge.ocpp.frames import JsonObject
from flexicharge.ocpp.v16.actions import Profile
from flexicharge.ocpp.v16.confirmations import configuration, confirmation

PROFILES: Final = "SupportedFeatureProfiles"


class KeyType(StrEnum):
    """What a value is to be read as."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    LIST = "comma separated list"

    def takes(self, value: str) -> bool:
        """Tell whether a value can be read as this."""
        said = value.strip()
        match self:
            case KeyType.BOOLEAN:
                return said.casefold() in ("true", "false")
            case KeyType.INTEGER:
                return _WHOLE.fullmatch(said) is not None
            case KeyType.LIST:
                return not said or all(map(str.strip, said.split(",")))


_WHOLE: Final = re.compile("-?[0-9]{1,10}")
REQUIRED: Final = {
    Profile.CORE: {
        "AuthorizeRemoteTxRequests": KeyType.BOOLEAN,
        "ClockAlignedDataInterval": KeyType.INTEGER,
        "ConnectionTimeOut": KeyType.INTEGER,
        "ConnectorPhaseRotation": KeyType.LIST,
        "GetConfigurationMaxKeys": KeyType.INTEGER,
        "HeartbeatInterval": KeyType.INTEGER,
        "LocalAuthorizeOffline": KeyType.BOOLEAN,
        "LocalPreAuthorize": KeyType.BOOLEAN,
        "MeterValueSampleInterval": KeyType.INTEGER,
        "MeterValuesAlignedData": KeyType.LIST,
        "MeterValuesSampledData": KeyType.LIST,
        "NumberOfConnectors": KeyType.INTEGER,
        "ResetRetries": KeyType.INTEGER,
        "StopTransactionOnEVSideDisconnect": KeyType.BOOLEAN,
        "StopTransactionOnInvalidId": KeyType.BOOLEAN,
        "StopTxnAlignedData": KeyType.LIST,
        "StopTxnSampledData": KeyType.LIST,
        PROFILES: KeyType.LIST,
        "TransactionMessageAttempts": KeyType.INTEGER,
        "TransactionMessageRetryInterval": KeyType.INTEGER,
        "UnlockConnectorOnEVSideDisconnect": KeyType.BOOLEAN,
    },
    Profile.LOCAL_LIST: {
        "LocalAuthListEnabled": KeyType.BOOLEAN,
        "LocalAuthListMaxLength": KeyType.INTEGER,
        "SendLocalListMaxLength": KeyType.INTEGER,
    },
    Profile.SMART_CHARGING: {
        "ChargeProfileMaxStackLevel": KeyType.INTEGER,
        "ChargingScheduleAllowedChargingRateUnit": KeyType.LIST,
        "ChargingScheduleMaxPeriods": KeyType.INTEGER,
        "MaxChargingProfilesInstalled": KeyType.INTEGER,
    },
}


@frozen(kw_only=True)
class WrongKey:
    """A key whose value is not of its type; a value of None was not told."""

    key: str
    value: str | None
    expected: KeyType


@frozen(kw_only=True)
class CheckedKeys:
    """What a charger's configuration lacks.

    `announced` are the profiles of features that it says it has, None if it does not
    say; the keys of those and of Core are demanded.
    """

    announced: tuple[str, ...] | None
    missing: tuple[str, ...]
    wrong: tuple[WrongKey, ...]


def checked_keys(answer: JsonObject) -> CheckedKeys | None:
    """Return what a whole configuration lacks; None if no key was told."""
    told = configuration(confirmation("GetConfiguration", answer)).keys
    if not told:
        return None
    values = {one.key.casefold(): one.value for one in told}
    announced = _items(values.get(PROFILES.casefold()))
    demanded = _demanded(announced)
    there = {key: kind for key, kind in demanded.items() if key.casefold() in values}
    return CheckedKeys(
        announced=announced,
        missing=tuple(key for key in demanded if key not in there),
        wrong=tuple(_wrong(there, values)),
    )


def _demanded(announced: tuple[str, ...] | None) -> dict[str, KeyType]:
    known = {name.casefold() for name in announced or ()}
    demanded: dict[str, KeyType] = {}
    for profile, keys in REQUIRED.items():
        if profile is Profile.CORE or profile.casefold() in known:
            demanded |= keys
    return demanded


def _wrong(
    there: dict[str, KeyType], values: dict[str, str | None]
) -> Iterable[WrongKey]:
    for key, kind in there.items():
        value = values[key.casefold()]
        if value is None or not kind.takes(value):
            yield WrongKey(key=key, value=value, expected=kind)


def _items(value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    return tuple(item.strip() for item in value.split(",") if item.strip())
