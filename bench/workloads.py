"""What the chargers say: one script for each kind of message."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

from bench.sockets import LoadFailed, Script, masked

Speak = Callable[["Charger", int], Script]


class Load(NamedTuple):
    """What chargers of one protocol say, and where they connect.

    `measured` are played in order; a charge, from `start` to `stop`, lies around
    `meter`.
    """

    path: str
    measured: dict[str, Speak]
    start: Speak
    meter: Speak
    stop: Speak


class Charger:
    """What one charger of the load remembers from message to message."""

    def __init__(self, serial: str, is_bare: bool) -> None:
        self.serial, self.is_bare = serial, is_bare
        self.ids: Iterator[int] = count(1)
        self.register_wh = 0
        self.transaction_id = 1

    def call(self, action: str, payload: object) -> bytes:
        """Return a Call as a masked frame."""
        text = [2, f"{action}{next(self.ids)}", action, payload]
        return masked(json.dumps(text, separators=(",", ":")).encode())

    def checked(self, answers: list[bytes]) -> list[bytes]:
        """Return answers that are no refusals; raise `LoadFailed`."""
        for answer in answers:
            if answer.startswith(b"[4"):
                raise LoadFailed(f"The server refused a message: {answer!r}")
        return answers


def boot(charger: Charger, times: int) -> Script:
    """Say BootNotification, and answer the BootData that follows.

    Two frames in, two frames out, on either server.
    """
    frames = [charger.call("BootNotification", BOOT) for _ in range(times)]
    for frame in frames:
        if charger.is_bare:
            yield frame, 1
            yield masked(b'[3,"x","DataTransfer",{"status":"Accepted"}]'), 1
            continue
        answers = charger.checked((yield frame, 2))
        boot_data = next(json.loads(a) for a in answers if a.startswith(b"[2"))
        accepted = [3, boot_data[1], "DataTransfer", {"status": "Accepted"}]
        yield masked(json.dumps(accepted, separators=(",", ":")).encode()), 0


def heartbeat(charger: Charger, times: int) -> Script:
    """Say Heartbeat."""
    for frame in [charger.call("Heartbeat", {}) for _ in range(times)]:
        charger.checked((yield frame, 1))


def status(charger: Charger, times: int) -> Script:
    """Say StatusNotification, a new word each time."""
    words = ("Preparing", "Available")
    frames = [
        charger.call(
            "StatusNotification",
            {"connectorId": 1, "errorCode": "NoError", "status": words[number % 2]},
        )
        for number in range(times)
    ]
    for frame in frames:
        charger.checked((yield frame, 1))


def start(charger: Charger, times: int) -> Script:
    """Start a charge at the charger, as many times as it takes: once."""
    for _ in range(times):
        start_at = {"connectorId": 1, "idTag": 1, "meterStart": charger.register_wh}
        frame = charger.call(
            "StartTransaction",
            {**start_at, "timestamp": 1_800_000_000.5, "reservationId": None},
        )
        [answer] = charger.checked((yield frame, 1))
        if not charger.is_bare:
            charger.transaction_id = json.loads(answer)[3]["transactionId"]


def meter(charger: Charger, times: int) -> Script:
    """Say MeterValues in a session, one Wh further each time."""
    first = charger.register_wh
    frames = [
        charger.call("MeterValues", _metered(charger, number + 1))
        for number in range(times)
    ]
    charger.register_wh = first + times
    for frame in frames:
        charger.checked((yield frame, 1))


def stop(charger: Charger, times: int) -> Script:
    """Say Available and StopTransaction, as a fielded charger does."""
    for _ in range(times):
        available = {"connectorId": 1, "errorCode": "", "status": "Available"}
        frame = charger.call(
            "StopTransaction",
            {
                "idTag": 1,
                "meterStop": charger.register_wh,
                "timestamp": 1_800_000_900.5,
                "transactionId": charger.transaction_id,
                "reason": "Local",
                "transactionData": None,
            },
        )
        answers = yield charger.call("StatusNotification", available) + frame, 2
        charger.checked(answers)


def _metered(charger: Charger, charged_wh: int) -> dict[str, object]:
    percent = {"value": charged_wh % 101, "unit": "%", "measurand": "SoC"}
    power = {"value": 7.4, "unit": "kW", "measurand": "Power.Active.Import"}
    energy = {"value": charged_wh, "unit": "Wh", "measurand": "Energy.Active.Import"}
    return {
        "connectorId": 1,
        "transactionId": charger.transaction_id,
        "timestamp": 1_800_000_000_000 + charged_wh,
        "values": {
            "chargingPercent": percent,
            "chargingPower": power,
            "chargedSoFar": energy,
        },
    }


BOOT = {
    "chargePointVendor": "Load",
    "chargePointModel": "Bench",
    "chargePointSerialNumber": "bench.001",
    "chargeBoxSerialNumber": "bench.001.01",
    "firmwareVersion": "1.0",
    "iccid": "",
    "imsi": "",
    "meterType": "none",
    "meterSerialNumber": "bench.001.02",
}
DIALECT = Load(
    path="/charger/",
    measured={"boot": boot, "heartbeat": heartbeat, "status": status, "meter": meter},
    start=start,
    meter=meter,
    stop=stop,
)
