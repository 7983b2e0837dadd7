"""Sessions from reservation to receipt, on every road that leads there."""

from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import evolve

from flexicharge.model.session import EndReason, SessionFlag, SessionState
from flexicharge.model.tariff import HourPrice
from flexicharge.testing.charge import CONNECTOR, SERIAL, Charge
from flexicharge.testing.charger import CONSTANT_ID, ScriptedCharger
from flexicharge.testing.town import Town

BODY = {"connectorID": CONNECTOR, "paymentType": "klarna"}
NO_ACTIVE_TRANSACTION = [4, CONSTANT_ID, "GenericError", "NoActiveTransaction", {}]
STOP_NOTED = [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]


def facts(town: Town) -> list[str]:
    return [fact.kind for fact in town.world.books.facts]


# reserving


def test_an_unplugged_charger_cannot_be_reserved(town: Town) -> None:
    """The driver is told at once, and no session is left behind."""
    _, token = town.driver()
    response = town.http.request("POST", "/transaction", json=BODY, token=token)
    assert response.status == 400
    assert response.json == ["couldNotReserveCharger"]


@pytest.mark.parametrize("word", ["Occupied", "Rejected", "Faulted", "Unavailable"])
def test_a_refused_reservation_frees_the_charger(charge: Charge, word: str) -> None:
    """The session is cancelled and somebody else can try."""
    posted = charge.ask("POST", "/transaction", BODY)
    [call] = charge.charger.heard()
    charge.charger.answer(call, word)
    assert posted.response().json == ["couldNotReserveCharger"]
    assert charge.status() == "Available"
    charge.caller, charge.token = charge.town.driver()
    charge.reserve()


def test_a_refusal_after_the_answer_cancels_the_session(charge: Charge) -> None:
    """The app was answered after 0.8 s; the charger's no comes later."""
    posted = charge.ask("POST", "/transaction", BODY)
    charge.town.advance(1)
    charge.session_id = posted.response().json["transactionID"]
    assert charge.status() == "Reserved"
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Rejected")
    assert charge.stored.state is SessionState.CANCELLED
    assert charge.status() == "Available"


def test_asking_twice_gives_the_same_session(charge: Charge) -> None:
    """Occupied from a charger that we hold for the same driver is no refusal."""
    charge.reserve()
    posted = charge.ask("POST", "/transaction", BODY)
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Occupied")
    assert posted.response().json["transactionID"] == charge.session_id
    assert charge.stored.state is SessionState.RESERVED


def test_somebody_elses_reservation_stands(charge: Charge) -> None:
    """A reserved charger can be neither reserved nor started by another driver."""
    charge.reserve()
    _, token = charge.town.driver()
    posted = charge.town.http.request("POST", "/transaction", json=BODY, token=token)
    assert posted.json == ["couldNotReserveCharger"]
    started = charge.town.http.request(
        "PUT", f"/transaction/start/{charge.session_id}", token=token
    )
    assert started.status == 404
    assert charge.stored.state is SessionState.RESERVED


def test_an_abandoned_reservation_frees_itself(charge: Charge) -> None:
    """After five minutes on our clock the charger is shown Available again."""
    charge.reserve()
    charge.town.advance(299, step=5)
    assert charge.status() == "Reserved"
    charge.town.advance(20, step=5)
    assert charge.status() == "Available"
    assert charge.stored.end_reason is EndReason.EXPIRED
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}").response()
    assert (started.status, started.json) == (400, ["couldNotStartTransaction"])


# starting


def test_a_refused_start_leaves_the_reservation(charge: Charge) -> None:
    """The driver is told, and may try again."""
    charge.reserve()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Rejected")
    response = started.response()
    assert (response.status, response.json) == (400, ["couldNotStartTransaction"])
    assert charge.stored.state is SessionState.RESERVED


def test_an_unplugged_charger_cannot_be_started(charge: Charge) -> None:
    """The session stays reserved until the charger is back."""
    charge.reserve()
    charge.charger.peer.lose()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}").response()
    assert (started.status, started.json) == (400, ["couldNotStartTransaction"])
    assert charge.stored.state is SessionState.RESERVED


def test_starting_twice_asks_the_charger_once(charge: Charge) -> None:
    """Both requests are answered by the one start; a third finds it charging."""
    charge.reserve()
    path = f"/transaction/start/{charge.session_id}"
    first, second = charge.ask("PUT", path), charge.ask("PUT", path)
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    charge.charger.start()
    assert [first.response().status, second.response().status] == [200, 200]
    assert charge.ask("PUT", path).response().status == 200
    assert [frame[2] for frame in charge.charger.heard()] == ["StartTransaction"]


def test_a_start_without_anybody_is_kept_unbilled(town: Town) -> None:
    """Energy is never refused; nobody pays for it, and somebody is told."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    charger.start(meter_start=10)
    [answer] = charger.heard()
    charger.stop(meter_stop=510)
    session = town.session(answer[3]["transactionId"])
    assert (session.energy_wh, session.price_ore) == (500, 0)
    assert SessionFlag.NO_PAYER in session.flags
    assert town.back_end.alarms.raised["energy without a payer"] == 1


def test_a_repeated_start_is_the_same_session(charge: Charge) -> None:
    """The charger says it again: same number, same start register."""
    charge.start(meter_start=100)
    charge.charger.start(meter_start=100)
    [answer] = charge.charger.heard()
    assert answer[3]["transactionId"] == charge.session_id
    assert charge.stored.meter_start_wh == 100


# stopping


def test_stopping_an_unstarted_session_cancels_it(charge: Charge) -> None:
    """Both timestamps are equal and the price is 0: Android needs them."""
    charge.reserve()
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}").response()
    assert stopped.status == 200
    receipt = stopped.json
    assert receipt["price"] == 0
    assert receipt["startTimestamp"] == receipt["endTimestamp"] == 1_800_000_000
    assert charge.status() == "Available"


def test_stop_can_be_repeated(charge: Charge) -> None:
    """The receipt does not change, and the charger is asked no more."""
    charge.start()
    charge.charger.report("Available")
    charge.charger.stop(meter_stop=600)
    charge.charger.heard()
    path = f"/transaction/stop/{charge.session_id}"
    first = charge.ask("PUT", path).response().json
    charge.town.advance(60)
    assert charge.ask("PUT", path).response().json == first
    assert charge.charger.heard() == []
    assert first["price"] == 150


def test_a_charger_that_is_not_charging_ends_the_session(charge: Charge) -> None:
    """No car came: CHG refuses the stop, so nothing flows, and the driver is free."""
    charge.start()
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Rejected")
    charge.town.advance(1)
    early = stopped.response().json
    assert (early["final"], early["price"]) == (False, 0)
    charge.town.advance(20)
    receipt = charge.read()
    assert receipt["final"] is True
    assert (receipt["price"], receipt["energyWh"]) == (0, 0)
    assert charge.stored.end_reason is EndReason.NOT_CHARGING


def test_a_charger_that_accepted_a_stop_is_given_time_to_stop(charge: Charge) -> None:
    """An app that asks again meanwhile is answered; later the charger is asked too."""
    charge.start()
    path = f"/transaction/stop/{charge.session_id}"
    first = charge.ask("PUT", path)
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    charge.town.advance(2)
    second = charge.ask("PUT", path)
    charge.town.advance(1)
    for asked in (first, second):
        assert asked.response().json["final"] is False
    assert charge.charger.heard() == []
    charge.town.advance(3)
    charge.ask("PUT", path)
    [again] = charge.charger.heard()
    assert again[2] == "RemoteStopTransaction"


def test_a_charger_that_accepted_a_stop_and_left_is_asked_when_it_returns(
    charge: Charge,
) -> None:
    """At once: whatever it accepted is forgotten."""
    charge.start()
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    charge.charger.peer.lose()
    charge.town.advance(1)
    charger = ScriptedCharger(charge.town.plug_in(SERIAL))
    charger.boot()
    frames = charger.heard()
    charger.answer(frames[1], "Accepted")
    heard = [frame[2] for frame in (*frames, *charger.heard())]
    assert "RemoteStopTransaction" in heard


def test_a_charger_that_begins_after_refusing_a_stop_is_asked_again(
    charge: Charge,
) -> None:
    """CHG refuses while it waits for the car; the energy after that is billed."""
    charge.start()
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Rejected")
    charge.town.advance(10)
    charge.charger.meter(100)
    charge.charger.heard()
    charge.town.advance(75)
    [again] = charge.charger.heard()
    assert again[2] == "RemoteStopTransaction"
    charge.charger.answer(again, "Accepted")
    charge.charger.stop(meter_stop=200)
    assert (charge.stored.energy_wh, charge.stored.price_ore) == (200, 50)


def test_a_slow_stop_is_answered_early_and_sealed_later(charge: Charge) -> None:
    """After a second the app gets the figures so far; what counts is the register."""
    charge.start()
    charge.charger.meter(400)
    charge.charger.heard()
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.town.advance(1)
    early = stopped.response().json
    assert early["final"] is False
    assert (early["price"], early["energyWh"]) == (100, 400)
    charge.charger.answer(call, "Accepted")
    charge.charger.stop(meter_stop=440)
    final = charge.read()
    assert final["final"] is True
    assert (final["price"], final["energyWh"]) == (110, 440)


def test_available_without_a_stop_ends_the_session(charge: Charge) -> None:
    """Five seconds after Available the last reading decides."""
    charge.start()
    charge.charger.meter(320)
    charge.charger.report("Available")
    charge.town.advance(4.5)
    assert charge.stored.state is SessionState.CHARGING
    charge.town.advance(1)
    assert charge.stored.end_reason is EndReason.AVAILABLE
    assert (charge.stored.energy_wh, charge.stored.price_ore) == (320, 80)


def test_charging_again_takes_available_back(charge: Charge) -> None:
    """A word that was a slip ends nothing."""
    charge.start()
    charge.charger.report("Available")
    charge.town.advance(2)
    charge.charger.report("Charging")
    charge.town.advance(10)
    assert charge.stored.state is SessionState.CHARGING


def test_a_stop_after_an_inferred_end_is_an_adjustment(charge: Charge) -> None:
    """It is acknowledged and kept as evidence; the sealed price stays."""
    charge.start()
    charge.charger.meter(320)
    charge.charger.report("Available")
    charge.town.advance(6)
    charge.charger.heard()
    charge.charger.stop(meter_stop=350)
    assert charge.charger.heard() == [STOP_NOTED]
    assert facts(charge.town)[-1] == "adjustment"
    assert charge.stored.price_ore == 80


def test_the_same_stop_again_changes_nothing(charge: Charge) -> None:
    """It is acknowledged as often as it comes; a different one is kept as evidence."""
    charge.start()
    charge.charger.stop(meter_stop=600)
    before = len(facts(charge.town))
    charge.charger.stop(meter_stop=600)
    charge.charger.stop(meter_stop=601)
    assert charge.charger.heard() == [STOP_NOTED] * 3
    assert facts(charge.town)[before:] == ["stopAgain"]
    assert charge.stored.energy_wh == 600


def test_a_stop_without_any_start_is_refused_and_kept(town: Town) -> None:
    """The contract's word for it, and the evidence all the same."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    charger.stop(meter_stop=600)
    assert charger.heard() == [NO_ACTIVE_TRANSACTION]
    assert facts(town) == ["stopWithoutStart"]


@pytest.mark.parametrize(
    ("start", "reading", "stop", "energy_wh", "in_doubt"),
    [
        (1000, 500, 1600, 600, False),
        (1000, 500, 1400, 400, True),
        (1000, 500, 900, 500, True),
        (1000, None, 900, 0, True),
        ("1000.4", 500, 1500.5, 501, False),
        (0, 0, 0, 0, False),
    ],
)
def test_the_lower_energy_is_billed(
    charge: Charge,
    start: object,
    reading: int | None,
    stop: object,
    energy_wh: int,
    in_doubt: bool,
) -> None:
    """A meter that ran backwards never costs the driver, and the session says so."""
    charge.start(meter_start=start)
    if reading is not None:
        charge.charger.meter(reading)
    charge.charger.stop(meter_stop=stop)
    assert charge.stored.energy_wh == energy_wh
    assert (SessionFlag.METER_IN_DOUBT in charge.stored.flags) is in_doubt


def test_the_next_driver_gets_the_next_session(charge: Charge) -> None:
    """A charger that has finished one charge does another."""
    charge.start()
    charge.charger.stop(meter_stop=100)
    first = charge.session_id
    charge.caller, charge.token = charge.town.driver()
    charge.start(meter_start=100)
    charge.charger.stop(meter_stop=300)
    assert charge.session_id != first
    assert charge.stored.energy_wh == 200


# money


def test_every_hour_has_its_price(charge: Charge) -> None:
    """Energy is split over the hours by the readings, and rounded once."""
    town = charge.town
    hours = [HourPrice(1_800_000_000, Decimal(1)), HourPrice(1_800_003_600, Decimal(3))]
    town.now(town.stores.tariffs.put_tariffs(hours))
    site = town.world.network.sites[4]
    town.world.network.sites[4] = evolve(site, sek_per_kwh=None)
    town.advance(1800, step=60)
    charge.start()
    for wh in range(500, 4001, 500):
        town.advance(450, step=50)
        charge.charger.meter(wh)
    charge.charger.stop(meter_stop=4000)
    assert charge.stored.price_ore == 200 * 1 + 200 * 3
    assert SessionFlag.PRICE_GUESSED not in charge.stored.flags


def test_a_missing_hour_costs_the_fallback_and_says_so(charge: Charge) -> None:
    """Never a random number."""
    town = charge.town
    site = town.world.network.sites[4]
    town.world.network.sites[4] = evolve(site, sek_per_kwh=None)
    charge.start()
    town.advance(60)
    charge.charger.stop(meter_stop=1000)
    assert charge.stored.price_ore == 250
    assert SessionFlag.PRICE_GUESSED in charge.stored.flags


def test_the_price_is_the_one_that_was_advertised(charge: Charge) -> None:
    """A site that gets dearer in mid-charge does not cost this driver more."""
    charge.start()
    site = charge.town.world.network.sites[4]
    charge.town.world.network.sites[4] = evolve(site, sek_per_kwh=Decimal(9))
    charge.charger.stop(meter_stop=1000)
    assert charge.stored.price_ore == 250


def test_the_ledger_has_one_row_for_each_sealed_session(charge: Charge) -> None:
    """However often a stop is repeated, money is written once."""
    charge.start()
    for _ in range(3):
        charge.charger.stop(meter_stop=1000)
    rows = [row.amount_ore for row in charge.town.world.books.ledger]
    assert rows == [250]


# DataTransfer


def test_a_charge_level_update_is_a_reading(charge: Charge) -> None:
    """The register goes to the store and the answer comes after."""
    charge.start(meter_start=1000)
    charge.charger.heard()
    level = '{"transactionId":57,"latestMeterValue":1450,"CurrentChargePercentage":69}'
    payload = {"messageId": "ChargeLevelUpdate", "data": level}
    charge.charger.call("DataTransfer", payload)
    assert charge.charger.heard() == [
        [3, CONSTANT_ID, "DataTransfer", {"status": "Accepted", "data": ""}]
    ]
    seen = charge.read()
    assert (seen["energyWh"], seen["currentChargePercentage"]) == (450, 69)
    low = level.replace("1450", "900")
    charge.charger.call("DataTransfer", {"messageId": "ChargeLevelUpdate", "data": low})
    assert charge.charger.heard()[0][3] == "invalidMeterValue"


def test_a_charge_level_without_a_session_is_refused(town: Town) -> None:
    """With the contract's code."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    level = '{"latestMeterValue":1,"CurrentChargePercentage":1}'
    payload = {"messageId": "ChargeLevelUpdate", "data": level}
    charger.call("DataTransfer", payload)
    assert charger.heard()[0][3] == "invalidTransactionId"


def test_meter_values_without_a_session_are_refused(town: Town) -> None:
    """Four elements, as the contract has it."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    frame = charger.meter(5)
    assert charger.heard() == [[4, frame[1], "MeterValues", {"error": "userID not OK"}]]


def test_the_row_is_refreshed_at_the_interval(charge: Charge) -> None:
    """The first reading writes at once, later ones after ten seconds of our clock."""
    charge.start()
    charge.charger.meter(100)
    assert charge.stored.meter_last_wh == 100
    for wh in (110, 120, 130):
        charge.town.advance(3)
        charge.charger.meter(wh)
    assert charge.stored.meter_last_wh == 100
    charge.town.advance(1)
    charge.charger.meter(140)
    assert charge.stored.meter_last_wh == 140
    readings = charge.town.world.readings[charge.session_id]
    assert [reading.energy_wh for reading in readings] == [100, 110, 120, 130, 140]


# what stations may also answer


def refuse(charge: Charge, call: list[object], code: str) -> None:
    """Answer a Call of the back end with a CallError."""
    charge.charger.peer.say(4, call[1], code, "", {})


@pytest.mark.parametrize(
    ("code", "status"),
    [("NotImplemented", 201), ("NotSupported", 201), ("InternalError", 400)],
)
def test_a_station_that_cannot_reserve_leaves_it_to_us(
    charge: Charge, code: str, status: int
) -> None:
    """Reservation is optional for a charger; any other error is a refusal."""
    posted = charge.ask("POST", "/transaction", BODY)
    [call] = charge.charger.heard()
    refuse(charge, call, code)
    assert posted.response().status == status


def test_a_charger_lost_while_reserving_frees_itself(charge: Charge) -> None:
    """The driver is told at once, and the connector is nobody's."""
    posted = charge.ask("POST", "/transaction", BODY)
    charge.charger.peer.lose()
    assert posted.response().json == ["couldNotReserveCharger"]
    charge.plug_in()
    assert charge.status() == "Available"


def test_a_start_refused_with_an_error_leaves_the_reservation(charge: Charge) -> None:
    """A CallError is a no like any other."""
    charge.reserve()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    refuse(charge, call, "InternalError")
    assert started.response().json == ["couldNotStartTransaction"]
    assert charge.stored.state is SessionState.RESERVED


def test_a_late_word_on_a_reservation_counts(charge: Charge) -> None:
    """After its deadline a no still frees the charger."""
    posted = charge.ask("POST", "/transaction", BODY)
    charge.town.advance(31)
    charge.session_id = posted.response().json["transactionID"]
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Faulted")
    assert charge.stored.state is SessionState.CANCELLED


def test_a_late_word_on_a_stop_counts(charge: Charge) -> None:
    """Nothing was charging, says the charger, half a minute later."""
    charge.start()
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.town.advance(31)
    assert charge.stored.state is SessionState.STOPPING
    charge.charger.answer(call, "Rejected")
    charge.town.advance(20)
    assert charge.stored.end_reason is EndReason.NOT_CHARGING


def test_a_faulty_connector_is_logged_and_shown(charge: Charge) -> None:
    """The error code is for the log, the word for the apps."""
    payload = {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted"}
    charge.charger.call("StatusNotification", payload)
    assert charge.status() == "Faulted"


# whose they are


def test_a_driver_sees_their_own_charges_only(charge: Charge) -> None:
    """Lists and single charges of others do not exist; an unknown one neither."""
    charge.start()
    charge.charger.stop(meter_stop=100)
    own = f"/transaction/userTransactions/{charge.caller.user_id}"
    [row] = charge.ask("GET", own).response().json
    assert row["transactionID"] == charge.session_id
    assert (row["totalPrice"], row["isPaid"]) == (25, False)
    _, other = charge.town.driver()
    http = charge.town.http
    assert http.get(own, token=other).status == 403
    assert http.get(f"/transaction/{charge.session_id}", token=other).status == 404
    assert http.get("/transaction/12345", token=other).status == 404
    stop = f"/transaction/stop/{charge.session_id}"
    assert http.request("PUT", stop, token=other).status == 404
