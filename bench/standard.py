"""What chargers of OCPP 1.6 say: the same kinds of messages as the dialect's."""

from __future__ import annotations

import json

from bench.sockets import Script
from bench.workloads import Charger, Load, Speak, heartbeat

NOON = "2027-01-15T12:00:00Z"
PHASES = ("L1", "L2", "L3")
BOOT = {
    "chargePointVendor": "Load",
    "chargePointModel": "Bench",
    "chargePointSerialNumber": "bench.001",
    "firmwareVersion": "1.0",
}


def boot(charger: Charger, times: int) -> Script:
    """Say BootNotification."""
    for frame in [charger.call("BootNotification", BOOT) for _ in range(times)]:
        charger.checked((yield frame, 1))


def status(charger: Charger, times: int) -> Script:
    """Say StatusNotification, a new word each time."""
    for number in range(times):
        said = {"connectorId": 1, "errorCode": "NoError", "timestamp": NOON}
        word = ("Preparing", "Available")[number % 2]
        frame = charger.call("StatusNotification", {**said, "status": word})
        charger.checked((yield frame, 1))


def start(charger: Charger, times: int) -> Script:
    """Start a charge with the charger's own tag."""
    for _ in range(times):
        said = {"connectorId": 1, "idTag": charger.serial, "timestamp": NOON}
        frame = charger.call(
            "StartTransaction", {**said, "meterStart": charger.register_wh}
        )
        [answer] = charger.checked((yield frame, 1))
        charger.transaction_id = json.loads(answer)[2]["transactionId"]


def meter(charger: Charger, times: int) -> Script:
    """Say MeterValues of nine samples in a session, one Wh further each time."""
    frames = []
    for _ in range(times):
        charger.register_wh += 1
        said = {"connectorId": 1, "transactionId": charger.transaction_id}
        value = {"timestamp": NOON, "sampledValue": _samples(charger.register_wh)}
        frames.append(charger.call("MeterValues", {**said, "meterValue": [value]}))
    for frame in frames:
        charger.checked((yield frame, 1))


def stop(charger: Charger, times: int) -> Script:
    """Stop the charge."""
    for _ in range(times):
        said = {"transactionId": charger.transaction_id, "timestamp": NOON}
        frame = charger.call(
            "StopTransaction", {**said, "meterStop": charger.register_wh}
        )
        charger.checked((yield frame, 1))


def _samples(register_wh: int) -> list[dict[str, str]]:
    whole = (
        (str(register_wh), "Energy.Active.Import.Register", "Wh"),
        ("7.4", "Power.Active.Import", "kW"),
        ("42", "SoC", "Percent"),
    )
    samples = [
        {"value": value, "context": "Sample.Periodic", "measurand": what, "unit": unit}
        for value, what, unit in whole
    ]
    for what, value, unit in (("Current.Import", "10.7", "A"), ("Voltage", "230", "V")):
        one = {"value": value, "context": "Sample.Periodic", "measurand": what}
        samples += [{**one, "phase": phase, "unit": unit} for phase in PHASES]
    return samples


MEASURED: dict[str, Speak] = {
    "boot": boot,
    "heartbeat": heartbeat,
    "status": status,
    "meter": meter,
}
OCPP_1_6 = Load(path="/ocpp/", measured=MEASURED, start=start, meter=meter, stop=stop)
