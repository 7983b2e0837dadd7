"""The fielded charger (CHG), written from what the contract says of it.

It looks at a frame's third element only, puts one id on every call of its own, keeps
the first reservation that it ever accepted, and never connects again. Its meter counts,
which the real one's does not; otherwise there would be nothing to bill.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Queue
from threading import Thread
from typing import Any

from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import ClientConnection, connect

from tests.clients.wire import PATIENCE_S, ClientBroke

UID = "0jdsEnnyo2kpCP8FLfHlNpbvQXosR5ZNlh8v"
BOOT = {
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
WATCHED = (
    "BootNotification",
    "DataTransfer",
    "GenericError",
    "MeterValues",
    "StopTransaction",
)


class FieldedCharger:
    """One charger, from its start-up screen on."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._events: Queue[str] = Queue()
        self._reservation_id: str | None = None
        self._tag = 1
        self._register_wh = 0
        self.number: int | None = None
        self.sek_per_kwh: float | None = None
        self.is_charging = False
        self.errors: list[list[Any]] = []
        self._heard: dict[str, Callable[[str, Any], None]] = {
            "DataTransfer": self._data,
            "ReserveNow": self._reserve,
            "RemoteStartTransaction": self._start,
            "RemoteStopTransaction": self._stop,
        }

    def boot(self) -> None:
        """Say what it is; return once its screen shows that it is available."""
        self._call("BootNotification", BOOT)
        self._until("BootNotification")
        self._until("DataTransfer")

    def meter(self, *, percent: int, charged_wh: int) -> list[Any]:
        """Tell how far the car is; return the frame once the server has taken it."""
        self._register_wh = charged_wh
        values = {
            "chargingPercent": {"value": percent, "unit": "%", "measurand": "SoC"},
            "chargingPower": {
                "value": 7.4,
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
        self._send(*frame)
        self._until("MeterValues")
        return frame

    def unplug(self) -> None:
        """Have the car pulled off; return once the server knows."""
        self._end("EVDisconnected")
        self._until("StopTransaction")

    def answer_nobody(self, action: str) -> list[Any]:
        """Answer what nobody asked; return the server's complaint."""
        self._answer("nobodys", action, "Accepted")
        self._until("GenericError")
        return self.errors[-1]

    def listen(self) -> None:
        """Take frames until the socket is closed, be it in the middle of an answer."""
        with suppress(ConnectionClosedOK):
            for text in self._socket:
                self._take(json.loads(text))

    def _take(self, frame: list[Any]) -> None:
        if len(frame) < 3 or not isinstance(frame[2], str):
            return
        if frame[2] in self._heard:
            self._heard[frame[2]](frame[1], frame[3])
        if frame[0] == 4:
            self.errors.append(frame)
        if frame[2] in WATCHED:
            self._events.put(frame[2])

    def _data(self, uid: str, payload: Any) -> None:
        """Show the number and the price; nothing else ends the start-up screen."""
        if (payload["vendorId"], payload["messageId"]) != (
            "com.flexicharge",
            "BootData",
        ):
            raise ClientBroke(f"no BootData: {payload}")
        told = json.loads(payload["data"])
        self.number = int(told["connectorID"])
        self.sek_per_kwh = float(told["chargingPrice"])
        self._answer(uid, "DataTransfer", "Accepted")

    def _reserve(self, uid: str, payload: Any) -> None:
        """Accept the first reservation and that one only, for ever."""
        reservation_id, tag = payload["reservationID"], int(payload["idTag"])
        if not payload["connectorID"] or not payload["expiryDate"]:
            raise ClientBroke(f"no answer to {payload}")
        if self._reservation_id not in (None, reservation_id):
            self._answer(uid, "ReserveNow", "Occupied")
            return
        self._reservation_id, self._tag = reservation_id, tag
        self._status("Reserved")
        self._answer(uid, "ReserveNow", "Accepted")

    def _start(self, uid: str, payload: Any) -> None:
        """Start for the tag of the reservation, before there is one for 1."""
        if int(payload["idTag"]) != self._tag:
            self._answer(uid, "RemoteStartTransaction", "Rejected")
            return
        self.is_charging, self._register_wh = True, 0
        self._answer(uid, "RemoteStartTransaction", "Accepted")
        started = {
            "connectorId": "1",
            "id_tag": None,
            "meterStart": 0,
            "timestamp": 1697112000.531,
            "reservationId": self._reservation_id,
        }
        self._call("StartTransaction", started)
        self._status("Charging")

    def _stop(self, uid: str, payload: Any) -> None:
        """Stop if a car charges, whatever transaction was named, but one must be."""
        if "transactionID" not in payload:
            raise ClientBroke(f"no answer to {payload}")
        if not self.is_charging:
            self._answer(uid, "RemoteStopTransaction", "Rejected")
            return
        self._answer(uid, "RemoteStopTransaction", "Accepted")
        self._end("Remote")

    def _end(self, reason: str) -> None:
        self.is_charging = False
        self._status("Available")
        stopped = {
            "idTag": None,
            "meterStop": self._register_wh,
            "timestamp": 1697115600.12,
            "transactionId": 1,
            "reason": reason,
            "transactionData": None,
        }
        self._call("StopTransaction", stopped)

    def _status(self, status: str) -> None:
        said = {"connectorId": "1", "errorCode": "", "status": status}
        self._call("StatusNotification", said)

    def _answer(self, uid: str, action: str, status: str) -> None:
        self._send(3, uid, action, {"status": status})

    def _call(self, action: str, payload: object) -> None:
        self._send(2, UID, action, payload)

    def _send(self, *frame: object) -> None:
        self._socket.send(json.dumps(frame))

    def _until(self, action: str) -> None:
        while self._events.get(timeout=PATIENCE_S) != action:
            pass


@contextmanager
def powered(ws: str, serial_number: str) -> Iterator[FieldedCharger]:
    """Switch a charger on, wait for its available screen, and lend it."""
    url = f"{ws}/charger/{serial_number}"
    with connect(url, subprotocols=["ocpp1.6"]) as socket:
        charger = FieldedCharger(socket)
        listening = Thread(target=charger.listen)
        listening.start()
        try:
            charger.boot()
            yield charger
        finally:
            socket.close()
            listening.join()
