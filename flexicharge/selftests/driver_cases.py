"""Our own tests: a driver's charge over HTTP, from the first request to the receipt."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from twisted.internet.task import deferLater

from flexicharge.model.money import ore
from flexicharge.model.status import ConnectorStatus
from flexicharge.model.tariff import WH_PER_KWH, hour_of
from flexicharge.ocpp.dialect import write_call
from flexicharge.ocpp.frames import Call
from flexicharge.selftests.errors import SelfTestFailed
from flexicharge.selftests.stage import LOOK_AGAIN_S, Stage
from flexicharge.simulator.visit import Visit

BARE_RESULT: Final = 3  # parts of the answer to MeterValues: there is no payload


async def status_notification(stage: Stage) -> None:
    """What a charger says of its connector is answered and remembered."""
    await stage.charger_in_service()
    for word in (ConnectorStatus.UNAVAILABLE, ConnectorStatus.AVAILABLE):
        stage.ear.heed_from_now()
        payload = {"connectorId": 1, "errorCode": "NoError", "status": word.value}
        call = Call(f"selftest-{word}", "StatusNotification", payload)
        stage.send(write_call(call))
        await stage.ear.result("StatusNotification")
        await _until_stored(stage, word)


async def start_transaction(stage: Stage) -> None:
    """A driver reserves and starts; the charger is told the number and charges."""
    charger = await stage.charger_in_service()
    await stage.seams.remains.end_sessions(stage.connector)
    visit = Visit(stage.driver, charger)
    await visit.begin()
    _, _, _, told = await stage.ear.result("StartTransaction")
    if told.get("transactionId") != visit.transaction_id:
        raise SelfTestFailed(
            f"the driver was told {visit.transaction_id}, the charger {told}"
        )
    stage.visit = visit


async def meter_values_confirmation(stage: Stage) -> None:
    """What a charger meters is answered, once it is stored."""
    charging_visit(stage)
    frame = await stage.ear.result("MeterValues")
    if len(frame) != BARE_RESULT:
        raise SelfTestFailed(f"a reading was answered with {frame}")


async def stop_transaction(stage: Stage) -> None:
    """A driver stops; the charger does, and the price becomes final."""
    visit = charging_visit(stage)
    bill = await visit.end()
    await stage.ear.result("StopTransaction")
    stage.bill = bill


async def receipt(stage: Stage) -> None:
    """Energy and price are right, and a driver finds them again later."""
    bill, visit = stage.bill, stage.visit
    if visit is None or not bill:
        raise SelfTestFailed("no charge of the driver's came to an end")
    _check_energy(bill, visit.charger.meter.stop_wh - visit.charger.meter.start_wh)
    _check_price(bill, Decimal(str(visit.charger.sek_per_kwh)))
    driver, number = stage.driver, int(bill["transactionID"])
    if await driver.read(number) != bill:
        raise SelfTestFailed("the receipt is another one when it is read again")
    listed = await driver.get(f"/transaction/userTransactions/{driver.user_id}")
    if number not in [each.get("transactionID") for each in listed]:
        raise SelfTestFailed("the charge is not among the driver's transactions")


def charging_visit(stage: Stage) -> Visit:
    """Return the driver's charge that goes on; raise `SelfTestFailed` without one."""
    if stage.visit is None:
        raise SelfTestFailed("the driver's charge did not start")
    return stage.visit


async def _until_stored(stage: Stage, word: ConnectorStatus) -> None:
    """Wait until the store has a connector's word."""
    seams = stage.seams
    deadline = seams.clock.seconds() + seams.patience_s
    while True:
        connector = await seams.chargers.get_charger_for(
            stage.connector.connector_id, stage.driver.user_id
        )
        if connector.status is word:
            return
        if seams.clock.seconds() >= deadline:
            raise SelfTestFailed(f"{word} was not stored; {connector.status} is")
        await deferLater(seams.clock, LOOK_AGAIN_S)


def _check_energy(bill: dict[str, Any], energy_wh: int) -> None:
    if energy_wh <= 0 or bill["energyWh"] != energy_wh:
        raise SelfTestFailed(f"{energy_wh} Wh flowed, {bill['energyWh']} are billed")


def _check_price(bill: dict[str, Any], sek_per_kwh: Decimal) -> None:
    """Compare with what the charger shows; in an hour that is over, roughly.

    The other hour's price is known to the whole öre only.
    """
    kwh = Decimal(bill["energyWh"]) / WH_PER_KWH
    price, least, most = bill["price"], ore(kwh * sek_per_kwh), ore(kwh * sek_per_kwh)
    if hour_of(bill["startTimestamp"]) != hour_of(bill["endTimestamp"]):
        later = kwh * bill["pricePerKwh"]
        least = min(least, int(later - kwh) - 1)
        most = max(most, int(later + kwh) + 1)
    if not max(least, 0) <= price <= max(most, 0):
        raise SelfTestFailed(f"{kwh} kWh at {sek_per_kwh} SEK cost {price} öre")
