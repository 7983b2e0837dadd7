"""How a charger of OCPP 1.6 puts things: the payloads of its Calls.

A `transactionId` of None is the one that the server will have given when the Call goes
out; `numbered` puts it in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from attrs import evolve, frozen

from flexicharge.model.status import ConnectorStatus
from flexicharge.ocpp.frames import Call, JsonObject
from flexicharge.simulator.oddities.twist import STOP

MAX_SERIAL: Final = 25  # of the schema
NO_TRANSACTION: Final = -1  # of a start that was never answered
VENDOR: Final = "FlexiCharge"
MODEL: Final = "Virtual station"
REGISTER: Final = "Energy.Active.Import.Register"
POWER: Final = "Power.Active.Import"
SOC: Final = "SoC"
PERIODIC: Final = "Sample.Periodic"
BEGIN: Final = "Transaction.Begin"
END: Final = "Transaction.End"
TRIGGER: Final = "Trigger"


@frozen(kw_only=True)
class Sampled:
    """What a connector's instruments show at a POSIX time: Wh, W, percent."""

    at: float
    register_wh: int
    power_w: float = 0.0
    percent: int | None = None


def boot(serial_number: str, firmware: str) -> JsonObject:
    """Return what BootNotification says."""
    return {
        "chargePointVendor": VENDOR,
        "chargePointModel": MODEL,
        "chargePointSerialNumber": serial_number[:MAX_SERIAL],
        "firmwareVersion": firmware,
        "meterType": "virtual",
    }


def status(connector: int, word: ConnectorStatus, at: float) -> JsonObject:
    """Return what StatusNotification says; connector 0 is the charger itself."""
    return {
        "connectorId": connector,
        "errorCode": "NoError",
        "status": word.value,
        "timestamp": stamp(at),
    }


def start(
    connector: int, tag: str, meter_start_wh: int, at: float, reservation: int | None
) -> JsonObject:
    """Return what StartTransaction says."""
    said: JsonObject = {
        "connectorId": connector,
        "idTag": tag,
        "meterStart": meter_start_wh,
        "timestamp": stamp(at),
    }
    return said if reservation is None else said | {"reservationId": reservation}


def meter(
    connector: int, sampled: Sampled, measurands: list[str], context: str
) -> JsonObject:
    """Return what MeterValues says within a transaction."""
    return {
        "connectorId": connector,
        "transactionId": None,
        "meterValue": [meter_value(sampled, measurands, context)],
    }


def meter_value(sampled: Sampled, measurands: list[str], context: str) -> JsonObject:
    """Return one moment's samples, of the measurands that are wanted."""
    shown = {
        REGISTER: (str(sampled.register_wh), "Wh"),
        POWER: (str(round(sampled.power_w, 1)), "W"),
        SOC: (None if sampled.percent is None else str(sampled.percent), "Percent"),
    }
    return {
        "timestamp": stamp(sampled.at),
        "sampledValue": [
            _sample(value, unit, measurand, context)
            for measurand, (value, unit) in shown.items()
            if measurand in measurands and value is not None
        ],
    }


def stop(
    *,
    tag: str | None,
    meter_stop_wh: int,
    at: float,
    reason: str,
    data: list[JsonObject],
) -> JsonObject:
    """Return what StopTransaction says; without a tag nobody showed one."""
    said: JsonObject = {} if tag is None else {"idTag": tag}
    said |= {
        "meterStop": meter_stop_wh,
        "timestamp": stamp(at),
        "transactionId": None,
        "reason": reason,
    }
    return said | {"transactionData": data} if data else said


def numbered(call: Call, transaction_id: int | None) -> Call:
    """Return a Call with its transaction's number, where it has left room for one.

    Readings of a transaction without a number do without.
    """
    payload: dict[str, Any] = call.payload
    if payload.get("transactionId", 0) is not None:
        return call
    if transaction_id is None and call.action != STOP:
        without = {k: v for k, v in payload.items() if k != "transactionId"}
        return evolve(call, payload=without)
    number = NO_TRANSACTION if transaction_id is None else transaction_id
    return evolve(call, payload=payload | {"transactionId": number})


def stamp(at: float) -> str:
    """Return a POSIX time as text in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(at, UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def _sample(value: str | None, unit: str, measurand: str, context: str) -> JsonObject:
    return {"value": value, "context": context, "measurand": measurand, "unit": unit}
