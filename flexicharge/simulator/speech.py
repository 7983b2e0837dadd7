"""What a charger says over its line: its Calls under ids of their own, its answers."""

from __future__ import annotations

from typing import Final, Protocol

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.dialect import write_call, write_result
from flexicharge.ocpp.frames import Call, JsonObject
from flexicharge.simulator.car import Car
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.phrasebook import Phrasebook

CONSTANT_ID: Final = "flexicharge-virtual-charger-call-id0"  # 36, as a fielded one


class Line(Protocol):
    """What carries a charger's frames."""

    def send(self, text: bytes) -> None:
        """Send one text frame; on a closed line do nothing."""

    def hang_up(self) -> None:
        """Close the line."""


@define(eq=False)
class Speech:
    """Says things while there is a line, and nothing otherwise.

    `connector_id` and `transaction_id` are the numbers that the server gave.
    """

    phrases: Phrasebook
    clock: IReactorTime
    line: Line | None = field(default=None, init=False)
    connector_id: int | None = field(default=None, init=False)
    transaction_id: int = field(default=1, init=False)
    _last_id_ms: int = field(default=0, init=False)

    def booted(self) -> None:
        """Say that the charger has started up."""
        self._call("BootNotification", self.phrases.boot())

    def status(self, status: ConnectorStatus) -> None:
        """Say what the connector is doing."""
        self._call("StatusNotification", self.phrases.status(status))

    def started(self, meter: Meter, reservation: str | None) -> None:
        """Say that a charge starts; its number is not known before the answer."""
        self.transaction_id = 1
        payload = self.phrases.start(meter.start_wh, self._now(), reservation)
        self._call("StartTransaction", payload)

    def metered(self, meter: Meter, car: Car, power_w: float) -> None:
        """Say how far the charge is, and how much power flows."""
        payload = self.phrases.meter(
            transaction_id=self.transaction_id,
            at=self._now(),
            percent=car.percent,
            power_w=power_w,
            charged_wh=meter.charged_wh,
        )
        self._call("MeterValues", payload)

    def stopped(self, meter: Meter, reason: str) -> None:
        """Say that the charge is over."""
        payload = self.phrases.stop(
            transaction_id=self.transaction_id,
            meter_stop_wh=meter.stop_wh,
            at=self._now(),
            reason=reason,
        )
        self._call("StopTransaction", payload)

    def answer(self, call: Call, status: str) -> None:
        """Answer one of the server's Calls."""
        self._send(write_result(call.message_id, call.action, {"status": status}))

    def _call(self, action: str, payload: JsonObject) -> None:
        self._send(write_call(Call(self._new_id(action), action, payload)))

    def _send(self, text: bytes) -> None:
        if self.line:
            self.line.send(text)

    def _new_id(self, action: str) -> str:
        if self.phrases.quirks.constant_message_id and action != "MeterValues":
            return CONSTANT_ID
        self._last_id_ms = max(self._last_id_ms + 1, round(self.clock.seconds() * 1000))
        who = self.connector_id or self.phrases.serial_number
        return f"{who}{action}{self._last_id_ms}"

    def _now(self) -> float:
        return round(self.clock.seconds(), 3)
