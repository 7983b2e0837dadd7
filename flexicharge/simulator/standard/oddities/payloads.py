"""Oddities of what stands in the payloads of OCPP 1.6: functions from Call to Call.

A Call that an oddity has nothing to do with comes back as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from attrs import evolve

from flexicharge.ocpp.frames import Call, JsonObject
from flexicharge.simulator.oddities.payloads import Change, with_fields
from flexicharge.simulator.oddities.twist import BOOT, READING, START, STATUS, STOP
from flexicharge.simulator.standard.phrases import POWER, REGISTER

Sample = dict[str, Any]

TAGGED: Final = ("Authorize", START, STOP)
NUMBERED: Final = (READING, STOP)
SUFFIX: Final = "_12345678"  # a serial number, behind the tag
KEBA: Final = "KEBA AG"
LONG: Final = "0123456789" * 40
LOCAL_AHEAD_S: Final = 7200.0
ODD_WORDS: Final = {"Preparing": "Occupied", "SuspendedEV": "suspendedEV "}
ODD_REASONS: Final = {"Remote": "stopped by backend", "EVDisconnected": "Unplugged"}
NOISE: Final[Sample] = {
    "value": "50.0",
    "context": "Sample.Clock",
    "measurand": "Frequency",
    "unit": "Hz",
}


# times


def timed(as_said: Callable[[datetime], object]) -> Change:
    """Return what puts every time in its own way."""

    def put(text: object) -> object:
        return as_said(datetime.fromisoformat(str(text)))

    def change(call: Call) -> Call:
        payload = call.payload
        if "timestamp" in payload:
            payload = payload | {"timestamp": put(payload["timestamp"])}
        if "meterValue" in payload:
            values = [
                value | {"timestamp": put(value["timestamp"])}
                for value in payload["meterValue"]
            ]
            payload = payload | {"meterValue": values}
        return evolve(call, payload=payload)

    return change


def zoneless(at: datetime) -> str:
    """Return a time that does not say in which zone."""
    return f"{at:%Y-%m-%dT%H:%M:%S}"


def short_zone(at: datetime) -> str:
    """Return a time in a zone that is written in two digits."""
    return f"{at + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}+02"


def local_as_utc(at: datetime) -> str:
    """Return the local time, and call it UTC."""
    return f"{at + timedelta(seconds=LOCAL_AHEAD_S):%Y-%m-%dT%H:%M:%S}Z"


def fixed(text: str) -> Callable[[datetime], object]:
    """Return what says one and the same time for ever."""
    return lambda _: text


def since_1970(at: datetime) -> str:
    """Return how long it has run, as if the world had begun with it."""
    into_day = at.astimezone(UTC).replace(year=1970, month=1, day=1)
    return f"{into_day:%Y-%m-%dT%H:%M:%S}Z"


# numbers


def numbered(transaction_id: int) -> Change:
    """Return what names one and the same transaction for ever."""

    def change(call: Call) -> Call:
        if call.action not in NUMBERED or "transactionId" not in call.payload:
            return call
        return with_fields(call, transactionId=transaction_id)

    return change


def unnumbered(call: Call) -> Call:
    """Leave the transaction out of readings."""
    return without(call, "transactionId") if call.action == READING else call


def numbers_as_text(call: Call) -> Call:
    """Write whole numbers as text."""
    return _each(call, _number_as_text)


def numbers_with_fraction(call: Call) -> Call:
    """Write registers with a fraction, which is nought."""
    registers = {
        key: float(call.payload[key])
        for key in ("meterStart", "meterStop")
        if isinstance(call.payload.get(key), int)
    }
    return with_fields(call, **registers)


def null_fields(call: Call) -> Call:
    """Send fields that have nothing in them."""
    if call.action == START and "reservationId" not in call.payload:
        return with_fields(call, reservationId=None)
    if call.action == STOP and "transactionData" not in call.payload:
        return with_fields(call, transactionData=None)
    return with_fields(call, info=None) if call.action == STATUS else call


def whole_ids(call: Call) -> Call:
    """Have numbers for message ids."""
    text = str(call.message_id)
    return evolve(call, message_id=int(text)) if text.isdecimal() else call


def long_ids(call: Call) -> Call:
    """Have message ids that are longer than they may be."""
    return evolve(call, message_id=f"{call.message_id}-{LONG[:60]}")


# words


def odd_status(call: Call) -> Call:
    """Say statuses in words of another version, or misspelt."""
    if call.action != STATUS:
        return call
    word = call.payload["status"]
    return with_fields(call, status=ODD_WORDS.get(word, word))


def odd_error(call: Call) -> Call:
    """Report an error that there is not with every status."""
    return with_fields(call, errorCode="Error") if call.action == STATUS else call


def odd_reason(call: Call) -> Call:
    """Give reasons in words of its own."""
    if call.action != STOP:
        return call
    word = call.payload.get("reason", "Local")
    return with_fields(call, reason=ODD_REASONS.get(word, f"{word} by user"))


def suspended_for_preparing(call: Call) -> Call:
    """Say SuspendedEV when the cable is put in."""
    is_cable = call.action == STATUS and call.payload["status"] == "Preparing"
    return with_fields(call, status="SuspendedEV") if is_cable else call


def misspelt_names(call: Call) -> Call:
    """Spell fields as the dialect does."""
    names = {"connectorId": "connectorID", "transactionId": "TransactionId"}
    if call.action not in (STATUS, READING):
        return call
    payload = {names.get(key, key): value for key, value in call.payload.items()}
    return evolve(call, payload=payload)


def extra_fields(call: Call) -> Call:
    """Send fields that the schema does not have."""
    return with_fields(call, vendorSpecific={"rssi": -71}, seq=1)


def odd_actions(call: Call) -> Call:
    """Spell an action in its own way."""
    return evolve(call, action="heartBeat ") if call.action == "Heartbeat" else call


def over_long(call: Call) -> Call:
    """Make every text about itself far too long."""
    if call.action == STATUS:
        return with_fields(call, info=LONG, vendorId=LONG)
    if call.action != BOOT:
        return call
    texts = {key: f"{value}{LONG}" for key, value in call.payload.items()}
    return with_fields(call, **texts)


def serial_behind_tag(call: Call) -> Call:
    """Put its serial number behind every tag, and be a KEBA."""
    if call.action == BOOT:
        return with_fields(call, chargePointVendor=KEBA)
    if call.action not in TAGGED or not call.payload.get("idTag"):
        return call
    return with_fields(call, idTag=f"{call.payload['idTag']}{SUFFIX}")


def small_tags(call: Call) -> Call:
    """Write tags in small letters."""
    if call.action not in TAGGED or not call.payload.get("idTag"):
        return call
    return with_fields(call, idTag=call.payload["idTag"].lower())


# readings


def connector_0(call: Call) -> Call:
    """Name the station instead of its connector in readings, and be a KEBA."""
    if call.action == BOOT:
        return with_fields(call, chargePointVendor=KEBA)
    return with_fields(call, connectorId=0) if call.action == READING else call


def without_samples(call: Call) -> Call:
    """Send readings without any sample."""
    return _resampled(call, lambda _: [])


def with_empty_values(call: Call) -> Call:
    """Send readings whose values are empty texts."""
    return _resampled(call, lambda samples: [s | {"value": ""} for s in samples])


def single_samples(call: Call) -> Call:
    """Send one sample in place of a list of them."""
    return _resampled(call, lambda samples: samples[0] if samples else samples)


def with_noise(call: Call) -> Call:
    """Send samples that nobody has asked for, in contexts of their own."""
    return _resampled(call, lambda samples: [NOISE, *samples, NOISE])


def bare_samples(call: Call) -> Call:
    """Send nothing but the register's value, as the schema allows."""
    return _resampled(
        call, lambda samples: [_bare(s) for s in samples if _is_energy(s)]
    )


def numbers_for_values(call: Call) -> Call:
    """Send values as numbers."""
    return _resampled(
        call, lambda samples: [s | {"value": float(s["value"])} for s in samples]
    )


def energy_in_kwh(call: Call) -> Call:
    """Give the register in kWh, and say so."""
    return _of(
        call,
        REGISTER,
        lambda s: s | {"value": f"{int(s['value']) / 1000:.3f}", "unit": "kWh"},
    )


def power_in_kw(call: Call) -> Call:
    """Give the power in kW, and call it W."""
    return _of(call, POWER, lambda s: s | {"value": f"{float(s['value']) / 1000:.3f}"})


def power_in_hertz(call: Call) -> Call:
    """Give the power in a unit that it cannot have."""
    return _of(call, POWER, lambda s: s | {"unit": "Hz"})


def register_of(call: Call) -> int | None:
    """Return the register that a reading tells in Wh, if it has one."""
    for value in call.payload["meterValue"]:
        for sample in value["sampledValue"]:
            if _is_energy(sample) and str(sample["value"]).isdecimal():
                return int(sample["value"])
    return None


def with_register(call: Call, register_wh: int) -> Call:
    """Return a reading with another register."""
    return _of(call, REGISTER, lambda s: s | {"value": str(register_wh)})


def without(call: Call, *names: str) -> Call:
    """Return a Call without some of its payload's fields."""
    left = {key: value for key, value in call.payload.items() if key not in names}
    return evolve(call, payload=left)


def _of(call: Call, measurand: str, change: Callable[[Sample], Sample]) -> Call:
    """Return a reading with the samples of one measurand changed."""
    return _resampled(
        call,
        lambda samples: [
            change(s) if s.get("measurand") == measurand else s for s in samples
        ],
    )


def _resampled(call: Call, change: Callable[[list[Sample]], Any]) -> Call:
    if call.action != READING:
        return call
    values = [
        value | {"sampledValue": change(value["sampledValue"])}
        for value in call.payload["meterValue"]
    ]
    return with_fields(call, meterValue=values)


def _is_energy(sample: Sample) -> bool:
    return bool(sample.get("measurand", REGISTER) == REGISTER)


def _bare(sample: Sample) -> Sample:
    return {"value": sample["value"]}


def _each(call: Call, change: Callable[[Any], Any]) -> Call:
    payload: JsonObject = {key: change(value) for key, value in call.payload.items()}
    return evolve(call, payload=payload)


def _number_as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value
