"""A charger whose every word is the test's, in the frames that CHG sends."""

from __future__ import annotations

from typing import Any, Final

from attrs import define

from flexicharge.testing.peers import Peer

CONSTANT_ID: Final = "0jdsEnnyo2kpCP8FLfHlNpbvQXosR5ZNlh8v"
STARTED_AT: Final = 1697112000.531  # years before the time in tests
STOPPED_AT: Final = 1697115600.12
BOOT: Final = {
    "chargePointVendor": "AVT-Company",
    "chargePointModel": "AVT-Express",
    "chargePointSerialNumber": "avt.001.13.1",
    "chargeBoxSerialNumber": "avt.001.13.1.01",
    "firmwareVersion": "0.9.87",
    "iccid": "",
    "imsi": "",
    "meterType": "AVT NQC-ACDC",
    "meterSerialNumber": "avt.001.13.1.01",
}


@define(eq=False)
class ScriptedCharger:
    """Says the frames of contract §3.4 on a peer's socket."""

    peer: Peer

    def call(self, action: str, payload: dict[str, Any]) -> None:
        """Send a Call under the one id the fielded charger has."""
        self.peer.say(2, CONSTANT_ID, action, payload)

    def answer(self, call: list[Any], status: str) -> None:
        """Answer a Call of the back end with a status."""
        self.peer.say(3, call[1], call[2], {"status": status})

    def boot(self) -> None:
        """Send BootNotification."""
        self.call("BootNotification", BOOT)

    def report(self, status: str) -> None:
        """Send StatusNotification."""
        payload = {"connectorId": "1", "errorCode": "", "status": status}
        self.call("StatusNotification", payload)

    def start(self, meter_start: object = 0, at: object = STARTED_AT) -> None:
        """Send StartTransaction, which claims that it is `at`."""
        payload = {
            "connectorId": "1",
            "id_tag": None,
            "meterStart": meter_start,
            "timestamp": at,
            "reservationId": "1179533424036511",
        }
        self.call("StartTransaction", payload)

    def meter(
        self, charged_wh: object, percent: object = 36, power: object = 7.4
    ) -> list[Any]:
        """Send MeterValues; return the frame as it was sent."""
        values = {
            "chargingPercent": {"value": percent, "unit": "%", "measurand": "SoC"},
            "chargingPower": {
                "value": power,
                "unit": "W",
                "measurand": "Power.Active,Import",
            },
            "chargedSoFar": {
                "value": charged_wh,
                "unit": "Wh",
                "measurand": "Energy.Active.Import",
            },
        }
        payload = {
            "connectorId": 1,
            "transactionId": 1,
            "timestamp": 1697112010123,
            "values": values,
        }
        frame = [2, "100009MeterValues1697112010123", "MeterValues", payload]
        self.peer.say(*frame)
        return frame

    def stop(self, meter_stop: object = 0, at: object = STOPPED_AT) -> None:
        """Send StopTransaction, which claims that it is `at`."""
        payload = {
            "idTag": None,
            "meterStop": meter_stop,
            "timestamp": at,
            "transactionId": 1,
            "reason": "Remote",
            "transactionData": None,
        }
        self.call("StopTransaction", payload)

    def heard(self) -> list[Any]:
        """Return the frames that came since the last time."""
        return self.peer.heard()
