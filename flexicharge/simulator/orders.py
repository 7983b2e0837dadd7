"""What a charger does when the server asks; every other Call it ignores (§3.6)."""

from __future__ import annotations

from typing import Final, Protocol

from attrs import define, field
from twisted.logger import Logger

from flexicharge.errors import FlexiChargeError, MalformedFrame
from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.dialect_requests import VENDOR_ID
from flexicharge.ocpp.frames import Call, JsonObject, read_object
from flexicharge.simulator.phrasebook import TAG
from flexicharge.simulator.screen import Screen
from flexicharge.simulator.speech import Speech

RESERVATION_KEYS: Final = ("reservationID", "connectorID", "idTag", "expiryDate")


class Obedient(Protocol):
    """The charger that is asked."""

    serial_number: str
    screen: Screen

    def welcomed(self, connector_id: int | None) -> None:
        """BootData has come, with the public number if it made any sense."""

    def begin(self) -> None:
        """Begin a charge."""

    def stop(self, reason: str) -> None:
        """End the charge."""


@define(eq=False)
class Orders:
    """Takes the server's Calls, and remembers its first reservation until `forget`."""

    _charger: Obedient
    _speech: Speech
    reservation: str | None = field(default=None, init=False)
    sek_per_kwh: float = field(default=0.0, init=False)
    _tag: int = field(default=TAG, init=False)
    _log = Logger()

    def forget(self) -> None:
        """Know nothing of what the server said any more."""
        self.reservation, self._tag, self.sek_per_kwh = None, TAG, 0.0

    def take(self, call: Call) -> None:
        """Do what a Call asks for, if anything, and answer."""
        if call.action == "DataTransfer":
            self._boot_data(call)
        elif not self._speech.twists.obey:
            self._speech.answer(call, "Rejected")
        elif call.action == "ReserveNow":
            self._reserve(call)
        elif call.action == "RemoteStartTransaction":
            self._remote_start(call)
        elif call.action == "RemoteStopTransaction":
            self._remote_stop(call)

    def _boot_data(self, call: Call) -> None:
        """Learn number and price; the number alone ends the start-up screen (§3.4)."""
        answer, connector_id = "Rejected", None
        try:
            data = _boot_data_in(call.payload)
            connector_id = int(data["connectorID"])
            self.sek_per_kwh = float(data["chargingPrice"])
            answer = "Accepted"
        except (KeyError, TypeError, ValueError, ArithmeticError, FlexiChargeError):
            self._log.info(
                "{serial}: BootData makes no sense", serial=self._charger.serial_number
            )
        self._speech.answer(call, answer)
        self._charger.welcomed(connector_id)

    def _reserve(self, call: Call) -> None:
        """Hold the first reservation until the power goes (§3.5)."""
        tag = _whole(call.payload.get("idTag"))
        if tag is None or any(key not in call.payload for key in RESERVATION_KEYS):
            return  # it does not answer at all then
        asked_for = str(call.payload["reservationID"])
        if self.reservation is None:
            self.reservation, self._tag = asked_for, tag
        if self.reservation != asked_for:
            self._speech.answer(call, "Occupied")
            return
        self._speech.status(ConnectorStatus.RESERVED)
        self._speech.answer(call, "Accepted")

    def _remote_start(self, call: Call) -> None:
        tag = _whole(call.payload.get("idTag"))
        if tag is None:
            return
        is_known = tag == self._tag or self._speech.phrases.quirks.any_tag
        if not is_known or self._charger.screen is not Screen.AVAILABLE:
            self._speech.answer(call, "Rejected")
            return
        self._speech.answer(call, "Accepted")
        self._charger.begin()

    def _remote_stop(self, call: Call) -> None:
        if "transactionID" not in call.payload:
            return
        if self._charger.screen is not Screen.CHARGING:
            self._speech.answer(call, "Rejected")
            return
        self._speech.answer(call, "Accepted")
        self._charger.stop("Remote")


def _boot_data_in(payload: JsonObject) -> JsonObject:
    """Return what BootData holds; raise `MalformedFrame` or `KeyError`."""
    if payload["vendorId"] != VENDOR_ID or payload["messageId"] != "BootData":
        raise MalformedFrame("Not BootData")
    return read_object(payload["data"])


def _whole(value: object) -> int | None:
    """Return what the charger's own conversion to a whole number makes of it."""
    if not isinstance(value, (int, float, str)):
        return None
    try:
        return int(value)
    except (ValueError, OverflowError):
        return None
