"""How a FlexiCharge charger puts things: the payloads of its Calls, quirks and all."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import JsonObject

CONNECTOR: Final = 1  # a fielded charger has one connector
TAG: Final = 1
VENDOR: Final = {
    "chargePointVendor": "FlexiCharge",
    "chargePointModel": "Virtual charger",
    "chargePointSerialNumber": "",
    "chargeBoxSerialNumber": "",
    "firmwareVersion": "1.0",
    "iccid": "",
    "imsi": "",
    "meterType": "virtual",
    "meterSerialNumber": "",
}


@frozen(kw_only=True)
class Quirks:
    """Oddities of the fielded chargers, each to be switched on (contract §3.4)."""

    constant_message_id: bool = False  # the same id on every Call but MeterValues
    transaction_id_one: bool = False  # never the number that the server gave
    numbers_as_text: bool = False  # the connector as "1"
    null_tag: bool = False  # `id_tag`, and nothing in it
    meter_stands_still: bool = False  # registers and energy are always 0
    empty_error_code: bool = False  # "" for `NoError`
    comma_in_measurand: bool = False  # "Power.Active,Import"
    public_connector: bool = False  # the six-digit number as the connector's, or null
    whole_seconds: bool = False  # times of starts and stops
    registers_as_floats: bool = False
    stop_transaction_one: bool = False  # the server's number everywhere but in stops
    any_tag: bool = False  # a start is taken with whatever tag


PLAIN: Final = Quirks()
FIELDED: Final = Quirks(
    constant_message_id=True,
    transaction_id_one=True,
    numbers_as_text=True,
    null_tag=True,
    meter_stands_still=True,
    empty_error_code=True,
    comma_in_measurand=True,
)
DEVELOPMENT: Final = Quirks(
    constant_message_id=True,
    null_tag=True,
    empty_error_code=True,
    comma_in_measurand=True,
    public_connector=True,
    whole_seconds=True,
    registers_as_floats=True,
    stop_transaction_one=True,
    any_tag=True,
)
PRESETS: Final = {"plain": PLAIN, "fielded": FIELDED, "development": DEVELOPMENT}


@frozen
class Phrasebook:
    """Payloads of one charger's Calls; energies in Wh, power in W, times POSIX s."""

    serial_number: str
    quirks: Quirks = field(factory=Quirks)

    def boot(self) -> JsonObject:
        """Return what BootNotification says."""
        named = ("chargePointSerialNumber", "chargeBoxSerialNumber")
        return VENDOR | dict.fromkeys((*named, "meterSerialNumber"), self.serial_number)

    def status(
        self, status: ConnectorStatus, connector_id: int | None = None
    ) -> JsonObject:
        """Return what StatusNotification says; `connector_id` is the public number."""
        public = self.quirks.public_connector and connector_id is not None
        return {
            "connectorId": connector_id if public else self._connector(),
            "errorCode": "" if self.quirks.empty_error_code else "NoError",
            "status": status.value,
        }

    def start(
        self, meter_start_wh: int, at: float, reservation: str | None
    ) -> JsonObject:
        """Return what StartTransaction says."""
        tag = {"id_tag": None} if self.quirks.null_tag else {"idTag": TAG}
        return {
            "connectorId": None if self.quirks.public_connector else self._connector(),
            **tag,
            "meterStart": self.register(meter_start_wh),
            "timestamp": self._time(at),
            "reservationId": reservation,
        }

    def meter(
        self,
        *,
        transaction_id: int,
        at: float,
        percent: int,
        power_w: float,
        charged_wh: float,
    ) -> JsonObject:
        """Return what MeterValues says; its time goes out in milliseconds."""
        comma = "," if self.quirks.comma_in_measurand else "."
        return {
            "connectorId": CONNECTOR,
            "transactionId": self.transaction(transaction_id),
            "timestamp": round(at * 1000),
            "values": {
                "chargingPercent": {"value": percent, "unit": "%", "measurand": "SoC"},
                "chargingPower": {
                    "value": round(power_w, 1),
                    "unit": "W",
                    "measurand": f"Power.Active{comma}Import",
                },
                "chargedSoFar": {
                    "value": self.charged(charged_wh),
                    "unit": "Wh",
                    "measurand": "Energy.Active.Import",
                },
            },
        }

    def stop(
        self, *, transaction_id: int, meter_stop_wh: int, at: float, reason: str
    ) -> JsonObject:
        """Return what StopTransaction says."""
        return {
            "idTag": None if self.quirks.null_tag else TAG,
            "meterStop": self.register(meter_stop_wh),
            "timestamp": self._time(at),
            "transactionId": 1
            if self.quirks.stop_transaction_one
            else self.transaction(transaction_id),
            "reason": reason,
            "transactionData": None,
        }

    def register(self, register_wh: int) -> float:
        """Return what the charger makes of its energy register."""
        if self.quirks.registers_as_floats:
            return float(register_wh)
        return 0 if self.quirks.meter_stands_still else register_wh

    def charged(self, charged_wh: float) -> float:
        """Return what the charger makes of the energy of a charge."""
        return 0 if self.quirks.meter_stands_still else charged_wh

    def transaction(self, transaction_id: int) -> int:
        """Return the number that the charger puts for its transaction."""
        return 1 if self.quirks.transaction_id_one else transaction_id

    def _time(self, at: float) -> float:
        return int(at) if self.quirks.whole_seconds else at

    def _connector(self) -> str | int:
        return str(CONNECTOR) if self.quirks.numbers_as_text else CONNECTOR
