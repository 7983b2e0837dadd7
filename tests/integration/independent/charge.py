"""A charge from the boot to the bill, and all else that a charger says by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from attrs import frozen
from ocpp.v16 import call

from .memory import iso_now
from .security import Charger

ENERGY = "Energy.Active.Import.Register"
REQUEST = 7
SKEW_S = 10


def sampled(register_wh: int, context: str) -> dict[str, Any]:
    """Return nine samples of one moment."""
    phases = [
        {"value": "10.4", "measurand": "Current.Import", "phase": phase, "unit": "A"}
        for phase in ("L1", "L2", "L3")
    ]
    others = [
        {"value": str(register_wh), "measurand": ENERGY, "unit": "Wh"},
        {"value": "7.2", "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "231.5", "measurand": "Voltage", "phase": "L1-N", "unit": "V"},
        {"value": "50.01", "measurand": "Frequency"},
        {"value": "31", "measurand": "Temperature", "unit": "Celsius"},
        {"value": "42", "measurand": "SoC", "unit": "Percent", "location": "EV"},
    ]
    samples = [{**one, "context": context} for one in (*others, *phases)]
    return {"timestamp": iso_now(), "sampledValue": samples}


def in_snakes(value: dict[str, Any]) -> dict[str, Any]:
    """Return a meter value as the package `ocpp` wants it."""
    return {"timestamp": value["timestamp"], "sampled_value": value["sampledValue"]}


@frozen
class Charged:
    """What was charged, as the charger has it."""

    transaction_id: int
    meter_start_wh: int
    meter_stop_wh: int
    values: list[dict[str, Any]]


async def introduce_itself(charger: Charger) -> None:
    """Boot, and report all connectors."""
    boot = await charger.say(
        call.BootNotification(
            charge_point_vendor="Mobility House",
            charge_point_model="ocpp",
            firmware_version="2.1.0",
        )
    )
    assert boot.status == "Accepted"
    told = datetime.fromisoformat(boot.current_time)
    assert abs((datetime.now(UTC) - told).total_seconds()) < SKEW_S
    assert boot.interval > 0
    for number in (0, 1, 2):
        await charger.report(number, "Available")
    await charger.say(call.Heartbeat())


async def charge(charger: Charger, tag: str) -> Charged:
    """Charge 1 kWh, with three readings on the way and two in the stop."""
    memory = charger.memory
    known = await charger.say(call.Authorize(id_tag=tag))
    assert known.id_tag_info["status"] == "Accepted"
    stranger = await charger.say(call.Authorize(id_tag="STRANGER"))
    assert stranger.id_tag_info["status"] == "Invalid"
    start_wh = memory.register_wh
    begun = await charger.begin(1, tag)
    assert begun.id_tag_info["status"] == "Accepted"
    number = begun.transaction_id
    values = [sampled(start_wh, "Transaction.Begin")]
    for step_wh in (250, 300, 250):
        memory.register_wh += step_wh
        values.append(sampled(memory.register_wh, "Sample.Periodic"))
        await charger.say(
            call.MeterValues(
                connector_id=1,
                transaction_id=number,
                meter_value=[in_snakes(values[-1])],
            )
        )
    memory.register_wh += 200
    values.append(sampled(memory.register_wh, "Transaction.End"))
    ended = await charger.end(
        number,
        id_tag=tag,
        reason="Local",
        transaction_data=[in_snakes(values[0]), in_snakes(values[-1])],
    )
    assert ended.id_tag_info["status"] == "Accepted"
    return Charged(number, start_wh, memory.register_wh, values)


async def say_the_rest(charger: Charger) -> None:
    """Say whatever else a charger can say by itself."""
    unknown = await charger.say(
        call.DataTransfer(vendor_id="com.example", message_id="m", data="1")
    )
    assert unknown.status == "UnknownVendorId"
    await charger.tell_of_diagnostics()
    await charger.tell_of_firmware()
    await charger.tell_of_log(REQUEST)
    await charger.tell_of_signed_firmware(REQUEST)
    await charger.say(
        call.SecurityEventNotification(
            type="StartupOfTheDevice", timestamp=iso_now(), tech_info="power was back"
        )
    )
    answer = await charger.ask_for_certificate()
    assert answer.status == "Accepted"
    await charger.certified.wait()
