"""A charger that answers whatever it is asked, well or as the test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from attrs import define, field

from flexicharge.testing.http import Connection
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town

JsonObject = dict[str, Any]
AT: Final = "/admin/chargers/CP001"
SILENT: Final = "silent"  # it gives no answer at all
KEYS: Final = {
    "AuthorizeRemoteTxRequests": "false",
    "ClockAlignedDataInterval": "0",
    "ConnectionTimeOut": "60",
    "ConnectorPhaseRotation": "0.RST,1.RST",
    "GetConfigurationMaxKeys": "50",
    "HeartbeatInterval": "300",
    "LocalAuthorizeOffline": "true",
    "LocalPreAuthorize": "False",
    "MeterValueSampleInterval": "60",
    "MeterValuesAlignedData": "",
    "MeterValuesSampledData": "Energy.Active.Import.Register,Voltage",
    "NumberOfConnectors": "2",
    "ResetRetries": "3",
    "StopTransactionOnEVSideDisconnect": "true",
    "StopTransactionOnInvalidId": "true",
    "StopTxnAlignedData": "",
    "StopTxnSampledData": "",
    "SupportedFeatureProfiles": "Core,RemoteTrigger,SmartCharging",
    "TransactionMessageAttempts": "3",
    "TransactionMessageRetryInterval": "30",
    "UnlockConnectorOnEVSideDisconnect": "true",
    "ChargeProfileMaxStackLevel": "8",
    "ChargingScheduleAllowedChargingRateUnit": "Current",
    "ChargingScheduleMaxPeriods": "24",
    "MaxChargingProfilesInstalled": "10",
}
REFUSED: Final = {"status": "Rejected"}
SCHEDULE: Final = {
    "chargingRateUnit": "A",
    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
}
GOOD: Final[dict[str, JsonObject]] = {
    "ChangeConfiguration": {"status": "NotSupported"},
    "DataTransfer": {"status": "UnknownVendorId"},
    "UnlockConnector": {"status": "NotSupported"},
    "RemoteStopTransaction": REFUSED,
    "TriggerMessage": {"status": "Accepted"},
    "GetLocalListVersion": {"listVersion": 0},
    "CancelReservation": REFUSED,
    "GetCompositeSchedule": {
        "status": "Accepted",
        "connectorId": 1,
        "chargingSchedule": SCHEDULE,
    },
    "ClearChargingProfile": {"status": "Unknown"},
    "GetInstalledCertificateIds": {"status": "NotFound"},
    "DeleteCertificate": {"status": "NotFound"},
    "ExtendedTriggerMessage": {"status": "Accepted"},
}
# An answer, the code of an error, SILENT, or what to do instead.
Answer = JsonObject | str | Callable[[list[Any]], None]


@define(eq=False)
class Tried:
    """A charger while it is tried; `answers` by action, or by action and message."""

    town: Town
    charger: StandardCharger
    answers: dict[str, Answer] = field(factory=dict)
    asked: list[str] = field(factory=list)
    keys: dict[str, str] = field(factory=lambda: dict(KEYS))

    def play(self, connection: Connection, seconds: float = 1.0) -> None:
        """Answer everything until an operator has an answer, or time is up."""
        self.answer()
        for _ in range(int(seconds * 4)):
            if connection.received:
                return
            self.town.advance(0.25)
            self.answer()

    def answer(self) -> None:
        """Answer what was asked, and what that sets off."""
        self.town.flush()
        while self.charger.peer.is_open and (calls := self.charger.asked()):
            for call in calls:
                self._answer(call)
            self.town.flush()

    def _answer(self, call: list[Any]) -> None:
        _, _, action, payload = call
        message = payload.get("requestedMessage")
        self.asked.append(action)
        known = self.answers.get(f"{action} {message}", self.answers.get(action))
        match known:
            case None:
                self.charger.answer(call, self._good(action, payload))
            case dict():
                self.charger.answer(call, known)
            case str():
                if known != SILENT:
                    self.charger.refuse(call, known)
                return
            case _:
                known(call)
                return
        if message is not None and (known or GOOD[action])["status"] == "Accepted":
            self.say(message)

    def _good(self, action: str, payload: JsonObject) -> JsonObject:
        if action != "GetConfiguration":
            return GOOD[action]
        wanted = payload.get("key")
        return {
            "configurationKey": [
                {"key": key, "readonly": False, "value": value}
                for key, value in self.keys.items()
                if wanted is None or key in wanted
            ],
            "unknownKey": [key for key in wanted or () if key not in self.keys],
        }

    def say(self, message: str) -> None:
        """Say what it was told to."""
        charger = self.charger
        match message:
            case "StatusNotification":
                charger.report(1, "Available")
            case "MeterValues":
                charger.meter(1000)
            case "BootNotification":
                charger.boot()
            case "Heartbeat":
                charger.call("Heartbeat", {})
            case _:
                charger.call(message, {"status": "Idle"})
