"""The configuration of a charger of OCPP 1.6: its keys, and what they can be set to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from attrs import define, field, frozen

from flexicharge.ocpp.frames import JsonObject

Fits = Callable[[str], bool]

MAX_VALUE: Final = 500
LONGEST_S: Final = 10**9
HEARTBEAT: Final = "HeartbeatInterval"
SAMPLE_INTERVAL: Final = "MeterValueSampleInterval"
ALIGNED_INTERVAL: Final = "ClockAlignedDataInterval"
SAMPLED: Final = "MeterValuesSampledData"
ALIGNED: Final = "MeterValuesAlignedData"
STOP_SAMPLED: Final = "StopTxnSampledData"
ATTEMPTS: Final = "TransactionMessageAttempts"
RETRY_INTERVAL: Final = "TransactionMessageRetryInterval"
CONNECTION_TIMEOUT: Final = "ConnectionTimeOut"
AUTHORIZE_REMOTE: Final = "AuthorizeRemoteTxRequests"
AUTHORIZE_OFFLINE: Final = "LocalAuthorizeOffline"
PRE_AUTHORIZE: Final = "LocalPreAuthorize"
UNKNOWN_OFFLINE: Final = "AllowOfflineTxForUnknownId"
CACHE_ENABLED: Final = "AuthorizationCacheEnabled"
LIST_ENABLED: Final = "LocalAuthListEnabled"
LIST_MAX: Final = "LocalAuthListMaxLength"
SEND_LIST_MAX: Final = "SendLocalListMaxLength"
STOP_ON_UNPLUG: Final = "StopTransactionOnEVSideDisconnect"
STOP_ON_INVALID: Final = "StopTransactionOnInvalidId"
PASSWORD: Final = "AuthorizationKey"  # its key's name
SECURITY_PROFILE: Final = "SecurityProfile"
CONNECTORS: Final = "NumberOfConnectors"
MAX_KEYS: Final = "GetConfigurationMaxKeys"
MAX_STACK_LEVEL: Final = "ChargeProfileMaxStackLevel"
MAX_PROFILES: Final = "MaxChargingProfilesInstalled"
MEASURANDS: Final = frozenset(
    {"Energy.Active.Import.Register", "Power.Active.Import", "SoC"}
)
_BOOLEANS: Final = ("true", "false")
_HEX: Final = re.compile("[0-9A-Fa-f]{32,40}")  # 16 to 20 bytes


def _whole(text: str) -> bool:
    return text.isdecimal() and text.isascii() and int(text) <= LONGEST_S


def _flag(text: str) -> bool:
    return text.lower() in _BOOLEANS


def _measurands(text: str) -> bool:
    return all(each in MEASURANDS for each in _listed(text))


def _password(text: str) -> bool:
    return _HEX.fullmatch(text) is not None and len(text) % 2 == 0


def _profile(text: str) -> bool:
    return text in ("0", "1", "2", "3")


def _text(text: str) -> bool:
    return len(text) <= MAX_VALUE


@frozen
class _Key:
    """A key, what it is from the factory, and what fits it; None for read only."""

    name: str
    value: str
    fits: Fits | None = None
    is_secret: bool = False


_KEYS: Final = (
    _Key(AUTHORIZE_REMOTE, "false", _flag),
    _Key(UNKNOWN_OFFLINE, "false", _flag),
    _Key(CACHE_ENABLED, "true", _flag),
    _Key(ALIGNED_INTERVAL, "0", _whole),
    _Key(CONNECTION_TIMEOUT, "60", _whole),
    _Key("ConnectorPhaseRotation", "NotApplicable", _text),
    _Key(MAX_KEYS, "100"),
    _Key(HEARTBEAT, "300", _whole),
    _Key(AUTHORIZE_OFFLINE, "true", _flag),
    _Key(PRE_AUTHORIZE, "false", _flag),
    _Key(ALIGNED, "Energy.Active.Import.Register", _measurands),
    _Key(SAMPLED, "Energy.Active.Import.Register,Power.Active.Import,SoC", _measurands),
    _Key(SAMPLE_INTERVAL, "60", _whole),
    _Key(CONNECTORS, "1"),
    _Key("ResetRetries", "3", _whole),
    _Key(STOP_ON_UNPLUG, "true", _flag),
    _Key(STOP_ON_INVALID, "true", _flag),
    _Key("StopTxnAlignedData", "", _measurands),
    _Key(STOP_SAMPLED, "", _measurands),
    _Key(
        "SupportedFeatureProfiles",
        "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,"
        "RemoteTrigger",
    ),
    _Key(ATTEMPTS, "3", _whole),
    _Key(RETRY_INTERVAL, "60", _whole),
    _Key("UnlockConnectorOnEVSideDisconnect", "true", _flag),
    _Key(LIST_ENABLED, "true", _flag),
    _Key(LIST_MAX, "1000"),
    _Key(SEND_LIST_MAX, "200"),
    _Key(MAX_STACK_LEVEL, "10"),
    _Key("ChargingScheduleAllowedChargingRateUnit", "Current,Power"),
    _Key("ChargingScheduleMaxPeriods", "24"),
    _Key(MAX_PROFILES, "20"),
    _Key(PASSWORD, "", _password, is_secret=True),
    _Key(SECURITY_PROFILE, "0", _profile),
    _Key("CpoName", "", _text),
    _Key("CertificateSignedMaxChainSize", "10000"),
    _Key("CertificateStoreMaxLength", "10"),
)
_BY_NAME: Final = {key.name: key for key in _KEYS}


@define(eq=False)
class Configuration:
    """What is set on one charger; it outlives its power."""

    _values: dict[str, str] = field(
        factory=lambda: {key.name: key.value for key in _KEYS}
    )

    def preset(self, **values: object) -> None:
        """Set keys as its maker does, read only ones too."""
        self._values.update({name: str(value) for name, value in values.items()})

    def whole(self, name: str) -> int:
        """Return a key that is a whole number."""
        return int(self._values[name])

    def flag(self, name: str) -> bool:
        """Return a key that is true or false."""
        return self._values[name].lower() == "true"

    def listed(self, name: str) -> list[str]:
        """Return the words of a key that is a list."""
        return _listed(self._values[name])

    def text(self, name: str) -> str:
        """Return a key as it was set."""
        return self._values[name]

    def change(self, name: str, value: str) -> str:
        """Set a key; return the word that ChangeConfiguration answers."""
        key = _BY_NAME.get(name)
        if key is None:
            return "NotSupported"
        if key.fits is None or len(value) > MAX_VALUE or not key.fits(value):
            return "Rejected"
        self._values[name] = value
        return "Accepted"

    def told(self, wanted: Iterable[str]) -> JsonObject:
        """Return what GetConfiguration answers: of the keys asked for, or all."""
        names = list(wanted)
        known = [_BY_NAME[name] for name in names if name in _BY_NAME]
        told: JsonObject = {
            "configurationKey": [self._told(key) for key in (known if names else _KEYS)]
        }
        unknown = [name for name in names if name not in _BY_NAME]
        return told | {"unknownKey": unknown} if unknown else told

    def _told(self, key: _Key) -> JsonObject:
        entry: JsonObject = {"key": key.name, "readonly": key.fits is None}
        return entry if key.is_secret else entry | {"value": self._values[key.name]}


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
