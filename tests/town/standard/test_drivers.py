"""Drivers' apps at a standard charger: the same routes, the same live feed."""

from __future__ import annotations

from typing import Any

import pytest

from flexicharge.model.id_tag import session_of_tag
from flexicharge.model.session import EndReason, SessionState
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town


def connector_of(charger: StandardCharger) -> int:
    return int(charger.record.connectors[0].connector_id)


def reserve(town: Town, charger: StandardCharger, token: str) -> int:
    """Reserve as an app does, the charger agreeing; return the session."""
    body = {"connectorID": connector_of(charger), "paymentType": "klarna"}
    posted = town.http.begin("POST", "/transaction", json=body, token=token)
    for call in charger.asked():
        assert call[2] == "ReserveNow"
        charger.answer(call, "Accepted")
    response = posted.response()
    assert response.status == 201
    return int(response.json["transactionID"])


def begin(town: Town, charger: StandardCharger, token: str) -> tuple[int, str]:
    """Reserve and start; return the session and the tag it is started with."""
    number = reserve(town, charger, token)
    asked = town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    assert call[2] == "RemoteStartTransaction"
    charger.answer(call, "Accepted")
    tag = str(call[3]["idTag"])
    started = charger.start(tag, meter=500)
    assert started == {"idTagInfo": {"status": "Accepted"}, "transactionId": number}
    assert asked.response().status == 200
    return number, tag


def test_a_charge_from_the_app_to_the_price(
    town: Town, charger: StandardCharger
) -> None:
    """Its own tag is good for that session only, and it is the driver's."""
    caller, token = town.driver()
    number, tag = begin(town, charger, token)
    assert session_of_tag(tag) == number
    assert len(tag) <= 16
    town.advance(300)
    charger.meter(2500, transaction_id=number)
    stopped = town.http.begin("PUT", f"/transaction/stop/{number}", token=token)
    [call] = charger.asked()
    assert call[2:] == ["RemoteStopTransaction", {"transactionId": number}]
    charger.answer(call, "Accepted")
    charger.stop(number, 4500, reason="Remote")
    assert stopped.response().json["energyWh"] == 4000
    session = town.session(number)
    assert (session.user_id, session.end_reason) == (caller.user_id, EndReason.DRIVER)
    assert charger.call("Authorize", {"idTag": tag})["idTagInfo"]["status"] == "Invalid"


def test_the_live_feed_is_in_the_shape_that_apps_know(
    town: Town, charger: StandardCharger
) -> None:
    """All three quantities, whatever the charger tells."""
    caller, token = town.driver()
    number, _ = begin(town, charger, token)
    phone = town.watch(caller, token)
    phone.heard()
    charger.meter(1700, transaction_id=number)
    [frame] = phone.heard()
    assert frame[0] == 2
    assert frame[2] == "MeterValues"
    payload: dict[str, Any] = frame[3]
    assert payload["connectorId"] == connector_of(charger)
    assert payload["transactionId"] == number
    assert payload["values"] == {
        "chargingPercent": {"value": 0, "unit": "%", "measurand": "SoC"},
        "chargingPower": {"value": 0, "unit": "W", "measurand": "Power.Active.Import"},
        "chargedSoFar": {
            "value": 1200,
            "unit": "Wh",
            "measurand": "Energy.Active.Import.Interval",
        },
    }


def test_the_past_is_not_shown_live(town: Town, charger: StandardCharger) -> None:
    """A backlog is kept, with its own times, and pushed to nobody (OCA 036)."""
    caller, token = town.driver()
    number, _ = begin(town, charger, token)
    phone = town.watch(caller, token)
    town.advance(3600)
    phone.heard()
    value = {"timestamp": charger.now(ago=1800), "sampledValue": [{"value": "900"}]}
    charger.call(
        "MeterValues",
        {"connectorId": 1, "transactionId": number, "meterValue": [value]},
    )
    assert phone.heard() == []
    [reading] = town.world.readings[number]
    assert reading.energy_wh == 900
    assert reading.taken_at == town.clock.seconds() - 1800


@pytest.mark.parametrize("word", ["Preparing", "SuspendedEV", "Finishing"])
def test_a_driver_who_has_plugged_in_already_is_not_refused(
    town: Town, charger: StandardCharger, word: str
) -> None:
    """Nothing is reserved of a connector that a car is at: it would be Occupied."""
    _, token = town.driver()
    charger.report(1, word)
    town.advance(1)
    number = reserve(town, charger, token)
    assert town.session(number).state is SessionState.RESERVED


def test_a_charger_that_cannot_reserve_leaves_it_to_us(
    town: Town, charger: StandardCharger
) -> None:
    """NotImplemented is no refusal."""
    _, token = town.driver()
    body = {"connectorID": connector_of(charger), "paymentType": "klarna"}
    posted = town.http.begin("POST", "/transaction", json=body, token=token)
    [call] = charger.asked()
    charger.refuse(call, "NotImplemented")
    assert posted.response().status == 201


def test_a_reservation_that_is_called_off_is_told_to_the_charger(
    town: Town, charger: StandardCharger
) -> None:
    """It holds the connector for nobody any more."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/stop/{number}", token=token)
    [call] = charger.asked()
    assert call[2:] == ["CancelReservation", {"reservationId": number}]


def test_a_start_that_was_called_off_is_stopped_and_costs_nothing(
    town: Town, charger: StandardCharger
) -> None:
    """The charger is told that the tag is no good, and to stop."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    town.advance(2)
    town.http.begin("PUT", f"/transaction/stop/{number}", token=token)
    [cancel] = charger.asked()
    charger.answer(cancel, "Rejected")
    started = charger.start(call[3]["idTag"], meter=0)
    assert started["idTagInfo"]["status"] == "Invalid"
    [stop] = [one for one in charger.asked() if one[2] == "RemoteStopTransaction"]
    assert stop[3] == {"transactionId": started["transactionId"]}
    charger.answer(stop, "Accepted")
    charger.stop(started["transactionId"], 100)
    session = town.session(started["transactionId"])
    assert (session.user_id, session.price_ore, session.energy_wh) == (None, 0, 100)


def test_a_refused_stop_leaves_the_charge_open(
    town: Town, charger: StandardCharger
) -> None:
    """Nothing is sealed, and the charger is asked again (OCA 028)."""
    _, token = town.driver()
    number, _ = begin(town, charger, token)
    town.http.begin("PUT", f"/transaction/stop/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Rejected")
    town.advance(50)
    assert town.session(number).state is SessionState.STOPPING
    town.advance(15)
    [again] = charger.asked()
    assert again[2] == "RemoteStopTransaction"


def test_a_stop_that_never_comes_does_not_keep_a_driver_waiting(
    town: Town, charger: StandardCharger
) -> None:
    """Accepted, and the connector finishing: five minutes later it is over."""
    _, token = town.driver()
    number = begin(town, charger, token)[0]
    charger.meter(2500, transaction_id=number)
    town.http.begin("PUT", f"/transaction/stop/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    charger.report(1, "Finishing")
    town.advance(310)
    session = town.session(number)
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 2000)
