"""What a hostile reader thought could go wrong with money at standard chargers."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogEvent

from flexicharge.config import read_settings
from flexicharge.model.id_tag import IdTag
from flexicharge.model.session import EndReason, SessionFlag, SessionState
from flexicharge.model.status import ConnectorStatus
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town
from tests.town.standard.conftest import TAG, put_tag
from tests.town.standard.test_charges import sessions
from tests.town.standard.test_drivers import begin, connector_of, reserve

HOUR = 3600.0
DAY = 86_400.0


def word(charger: StandardCharger, number: int = 1) -> ConnectorStatus:
    """Return what is stored of a connector."""
    return ConnectorStatus(charger.record.numbered(number).status)


def values(
    charger: StandardCharger, wh: int, *, ago: float = 0.0, **more: Any
) -> dict[str, Any]:
    """Return meter values of connector 1, some time old."""
    sample = {"timestamp": charger.now(ago), "sampledValue": [{"value": str(wh)}]}
    return {"connectorId": 1, "meterValue": [sample], **more}


def test_a_backlog_does_not_turn_out_who_reserved(
    town: Town, charger: StandardCharger
) -> None:
    """What began before the reservation is not what the connector does now."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    old = charger.start(TAG, meter=0, timestamp=charger.now(ago=2 * HOUR))
    charger.stop(old["transactionId"], 700, timestamp=charger.now(ago=HOUR))
    assert town.session(number).state is SessionState.RESERVED
    assert town.session(old["transactionId"]).energy_wh == 700


def test_a_backlog_does_not_show_a_free_connector_as_charging(
    town: Town, charger: StandardCharger
) -> None:
    """The charger said how it is before it told of how it was."""
    old = charger.start(TAG, meter=0, timestamp=charger.now(ago=2 * HOUR))
    charger.stop(old["transactionId"], 700, timestamp=charger.now(ago=HOUR))
    town.advance(5)
    assert word(charger) is ConnectorStatus.AVAILABLE


def test_a_charge_aside_whose_stop_never_comes_ends(clock: Clock) -> None:
    """However talkative its charger is: its tag must be good elsewhere again."""
    town = Town(clock, settings=read_settings({"OFFLINE_SESSION_GRACE": "3600"}))
    put_tag(town, IdTag(id_tag=TAG))
    charger = StandardCharger.on_record(town).connect()
    charger.boot()
    charger.start("NOW", meter=0)
    old = charger.start(TAG, 77, meter=0)["transactionId"]
    assert town.session(old).aside
    for _ in range(13):
        town.advance(300, step=5)
        charger.call("Heartbeat", {})
    assert town.session(old).end_reason is EndReason.SILENT


def test_a_charge_whose_free_connector_was_reported_before_a_crash_ends(
    town: Town, charger: StandardCharger
) -> None:
    """The server that waited for its stop is no more; the next one waits as well."""
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.report(1, "Charging")
    charger.meter(300, transaction_id=number)
    charger.report(1, "Available")
    town.advance(5)
    town.crash(down_for=10)
    charger.connect()
    for _ in range(8):
        town.advance(60, step=5)
        charger.call("Heartbeat", {})
    session = town.session(number)
    assert (session.end_reason, session.energy_wh) == (EndReason.AVAILABLE, 300)


def test_readings_of_an_idle_connector_do_not_keep_a_charge_open(
    town: Town, charger: StandardCharger
) -> None:
    """Clock-aligned readings come whether anything is charged or not."""
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.meter(300, transaction_id=number)
    charger.report(1, "Available")
    for _ in range(20):
        town.advance(60, step=5)
        charger.meter(310)
    session = town.session(number)
    assert (session.end_reason, session.energy_wh) == (EndReason.AVAILABLE, 310)


@pytest.mark.parametrize("away_for", [10.25, 11.25, 12.75, 14.25])
def test_a_stop_that_waits_for_the_database_is_not_overtaken_by_its_timer(
    town: Town, charger: StandardCharger, away_for: float
) -> None:
    """It came in time; what it says is the end."""
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.meter(300, transaction_id=number)
    charger.report(1, "Available")
    town.advance(290)
    town.world.faults.away = True
    charger.send(
        "StopTransaction",
        {"transactionId": number, "meterStop": 900, "timestamp": charger.now()},
    )
    town.advance(away_for)
    town.world.faults.away = False
    town.advance(12)
    session = town.session(number)
    assert (session.end_reason, session.energy_wh) == (EndReason.STATION, 900)


@pytest.mark.parametrize("delay", [0.5 * n for n in range(2, 9)])
def test_a_start_said_again_on_a_new_line_while_the_old_one_is_committed(
    town: Town, charger: StandardCharger, delay: float
) -> None:
    """Both are at work at the same time; there is one charge."""
    start = {
        "connectorId": 1,
        "idTag": TAG,
        "meterStart": 0,
        "timestamp": charger.now(),
    }
    town.world.faults.slow(1.0)
    charger.send("StartTransaction", start)
    town.advance(0.25)
    charger.peer.lose()
    charger.connect()
    town.advance(delay)
    if not charger.peer.is_open:
        town.advance(8)
    again = charger.send("StartTransaction", start)
    town.advance(40)
    town.world.faults.slow(0.0)
    answer = charger.answer_to(again)
    assert answer is not None
    [session] = sessions(town)
    assert session.state is SessionState.CHARGING
    assert answer[2]["transactionId"] == session.session_id


def test_a_backlog_of_a_tag_that_charges_elsewhere_by_now_is_paid_for(
    town: Town, charger: StandardCharger
) -> None:
    """It charged at one place at a time."""
    other = StandardCharger.on_record(town, "CP002").connect()
    other.boot()
    other.start(TAG, meter=0)
    at = charger.now(ago=DAY)
    old = charger.start(TAG, meter=0, timestamp=at)
    assert old["idTagInfo"]["status"] == "Accepted"
    assert town.session(old["transactionId"]).user_id == "driver-7"


def test_a_backlog_of_a_tag_that_has_expired_since_is_paid_for(
    town: Town, charger: StandardCharger
) -> None:
    """It was good when it was shown."""
    expires = town.clock.seconds() - HOUR
    put_tag(town, IdTag(id_tag="GONE", user_id="u", expires_at=expires))
    old = charger.start("GONE", timestamp=charger.now(ago=2 * HOUR))
    assert town.session(old["transactionId"]).user_id == "u"
    new = charger.start("GONE", 2)
    assert new["idTagInfo"]["status"] == "Expired"


def test_an_app_charge_that_began_in_time_and_was_told_late_is_the_drivers(
    town: Town, charger: StandardCharger
) -> None:
    """The line broke between the order and the start; the car charged all the same."""
    caller, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    town.advance(1)
    at = charger.now()
    charger.peer.lose()
    town.advance(2 * HOUR, step=5)
    assert town.session(number).end_reason is EndReason.EXPIRED
    charger.connect()
    began = charger.start(call[3]["idTag"], meter=0, timestamp=at)
    charger.stop(began["transactionId"], 9000, reason="EVDisconnected")
    session = town.session(began["transactionId"])
    assert (session.user_id, session.energy_wh) == (caller.user_id, 9000)
    assert session.price_ore == 2250


@pytest.mark.parametrize("number", [0, -1, (1 << 63) - 1])
def test_readings_under_a_number_that_is_none_are_the_connectors(
    town: Town, charger: StandardCharger, number: int
) -> None:
    """As stops are (field notes Q10)."""
    session_id = charger.start(TAG, meter=0)["transactionId"]
    charger.meter(500, transaction_id=number)
    put_tag(town, IdTag(id_tag="NEXT"))
    charger.start("NEXT", meter=600)
    assert town.session(session_id).energy_wh == 500


def test_an_old_reading_without_a_number_is_of_no_new_charge(
    town: Town, charger: StandardCharger
) -> None:
    """It was taken before that began, and must not pass for its newest."""
    number = charger.start(TAG, meter=1000)["transactionId"]
    town.advance(600)
    charger.meter(4000)
    town.advance(60)
    charger.call("MeterValues", values(charger, 1000, ago=2 * HOUR))
    charger.report(1, "Available")
    town.advance(310)
    assert town.session(number).energy_wh == 3000


def test_a_stop_of_before_ends_no_charge_that_began_after_it(
    town: Town, charger: StandardCharger
) -> None:
    """Registers stand still between two charges: they do not tell them apart."""
    number = charger.start(TAG, meter=5000)["transactionId"]
    charger.stop(-1, 5000, timestamp=charger.now(ago=2 * HOUR))
    assert town.session(number).state is SessionState.CHARGING
    charger.stop(number, 5600)
    assert town.session(number).energy_wh == 600


def test_of_two_that_a_stop_can_be_of_it_is_of_the_one_begun_before_it(
    town: Town, charger: StandardCharger
) -> None:
    """A backlog behind what runs now, with one tag."""
    now = charger.start(TAG, meter=5000)["transactionId"]
    old = charger.start(TAG, meter=1000, timestamp=charger.now(ago=3 * HOUR))
    charger.stop(-1, 5000, timestamp=charger.now(ago=2 * HOUR), idTag=TAG)
    assert town.session(old["transactionId"]).energy_wh == 4000
    assert town.session(now).state is SessionState.CHARGING


def test_a_register_that_no_charge_can_reach_is_not_billed(
    town: Town, charger: StandardCharger
) -> None:
    """All bits set, say: what was read before counts, and it is marked."""
    number = charger.start(TAG, meter=1000)["transactionId"]
    town.advance(600)
    charger.meter(3000, transaction_id=number)
    charger.stop(number, (1 << 32) - 1)
    session = town.session(number)
    assert session.energy_wh == 2000
    assert SessionFlag.METER_IN_DOUBT in session.flags


def test_a_charge_of_nobodys_tag_waits_for_its_stop_as_any_other(
    town: Town, charger: StandardCharger
) -> None:
    """A charger that was given no tag keeps its books without a line all the same."""
    number = charger.start("X" * 30, meter=0)["transactionId"]
    charger.peer.lose()
    town.advance(HOUR, step=5)
    assert town.session(number).state is SessionState.CHARGING
    charger.connect()
    charger.stop(number, 800)
    assert town.session(number).energy_wh == 800


def test_a_register_that_nobody_knows_is_not_shown_as_charged(
    town: Town, charger: StandardCharger
) -> None:
    """A driver would think that a gigawatt hour had flowed."""
    caller, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    charger.start(call[3]["idTag"], meterStart=-1)
    phone = town.watch(caller, token)
    phone.heard()
    charger.meter(1_234_567, transaction_id=number)
    [frame] = phone.heard()
    assert frame[3]["values"]["chargedSoFar"]["value"] == 0


def test_a_stop_is_taken_while_readings_have_no_room(
    town: Town, charger: StandardCharger
) -> None:
    """It waits until they have, with what was sampled in it."""
    number = charger.start(TAG, meter=0)["transactionId"]
    town.stores.readings._limit = 1
    for _ in range(3):
        town.world.faults.fail_next("add", before_commit=True)
    charger.send("MeterValues", values(charger, 100, transactionId=number))
    sampled = values(charger, 800)["meterValue"]
    stop = charger.send(
        "StopTransaction",
        {
            "transactionId": number,
            "meterStop": 900,
            "timestamp": charger.now(),
            "transactionData": sampled,
        },
    )
    town.advance(30)
    answer = charger.answer_to(stop)
    assert answer is not None
    assert answer[0] == 3
    assert town.session(number).energy_wh == 900
    assert len(town.world.readings[number]) == 2


def test_asking_whether_a_car_is_there_waits_for_the_database(
    town: Town, charger: StandardCharger, logged: list[LogEvent]
) -> None:
    """The reservation is decided, not left to lapse with a traceback."""
    charger.report(1, "Preparing")
    town.advance(1)
    _, token = town.driver()
    body = {"connectorID": connector_of(charger), "paymentType": "klarna"}
    town.world.faults.fail_next("get_station", before_commit=True)
    posted = town.http.begin("POST", "/transaction", json=body, token=token)
    town.advance(2)
    assert posted.response().status == 201
    assert [event for event in logged if "reserving" in str(event.get("what"))] == []


def test_what_is_remembered_of_accepted_stops_does_not_grow(
    town: Town, charger: StandardCharger
) -> None:
    """Some chargers say that it is over before they say that they will end it."""
    _, token = town.driver()
    for _ in range(3):
        number, _ = begin(town, charger, token)
        town.http.begin("PUT", f"/transaction/stop/{number}", token=token)
        [call] = [one for one in charger.asked() if one[2] == "RemoteStopTransaction"]
        charger.stop(number, 900, reason="Remote")
        charger.answer(call, "Accepted")
        charger.report(1, "Available")
        town.advance(60)
    assert len(town.back_end.charging._stopping._accepted_at) <= 1


@pytest.mark.parametrize(
    "payload",
    [
        {"connectorId": 10**30},
        {"connectorId": -(10**30)},
        {"connectorId": (1 << 63) - 1},
        {"connectorId": 1 << 63},
        {"connectorId": 1e300},
        {"idTag": "\u0000abc"},
        {"idTag": ""},
        {"idTag": "FC" + "7" * 18},
        {"idTag": None},
        {"meterStart": 10**40},
        {"meterStart": -(1 << 63)},
        {"meterStart": "1234.5"},
        {"reservationId": 10**30},
        {"reservationId": -1},
        {"timestamp": "0001-01-01T00:00:00Z"},
        {"timestamp": "9999-12-31T23:59:59+14:00"},
        {"timestamp": 12},
        {"timestamp": None},
    ],
)
def test_odd_starts_are_answered_and_kept_once(
    town: Town,
    charger: StandardCharger,
    payload: dict[str, Any],
) -> None:
    """And stopped; nothing crashes."""
    start = {
        "connectorId": 1,
        "idTag": TAG,
        "meterStart": 10,
        "timestamp": charger.now(),
    }
    number = charger.call("StartTransaction", {**start, **payload})["transactionId"]
    assert charger.call("StartTransaction", {**start, **payload})["transactionId"] == (
        number
    )
    charger.stop(number, 500)
    [session] = sessions(town)
    assert session.state is SessionState.ENDED


@pytest.mark.parametrize(
    "payload",
    [
        {"connectorId": 10**30},
        {"connectorId": (1 << 63) - 1},
        {"connectorId": 1 << 63},
        {"transactionId": 10**30},
        {"transactionId": 1e300},
        {"meterValue": []},
        {"meterValue": [{"timestamp": "x", "sampledValue": [{"value": "1"}]}]},
        {"meterValue": [{"timestamp": None, "sampledValue": []}]},
        {"meterValue": [{"sampledValue": [{"value": "\u0000"}]}]},
        {"meterValue": [{"sampledValue": [{"value": "1e999"}]}]},
        {"meterValue": [{"sampledValue": [{"value": 5}]}]},
    ],
)
def test_odd_readings_are_answered(
    charger: StandardCharger, payload: dict[str, Any]
) -> None:
    """Or they would be said again for ever."""
    charger.call("MeterValues", {**values(charger, 100), **payload})
    charger.start(TAG)
    charger.call("MeterValues", {**values(charger, 100), **payload})


@pytest.mark.parametrize(
    "payload",
    [
        {"transactionId": 10**30},
        {"transactionId": -(10**30)},
        {"transactionId": "abc"},
        {"transactionId": None},
        {"meterStop": 10**40},
        {"meterStop": None},
        {"meterStop": "x"},
        {"timestamp": "2027-02-30T00:00:00Z"},
        {"idTag": "X" * 40},
        {"reason": "Because" * 90},
        {"transactionData": None},
        {"transactionData": [{}]},
        {"transactionData": [{"timestamp": "y", "sampledValue": [{"value": ""}]}]},
    ],
)
def test_odd_stops_are_answered(
    town: Town,
    charger: StandardCharger,
    payload: dict[str, Any],
) -> None:
    """Of nothing, and of a charge."""
    number = charger.start(TAG)["transactionId"]
    stop = {"transactionId": number, "meterStop": 9, "timestamp": charger.now()}
    charger.call("StopTransaction", {**stop, **payload})
    charger.call("StopTransaction", {**stop, "transactionId": 4_000_000, **payload})


STRUCK = {
    "start": (
        "said_before",
        "get_tag",
        "get_running_with_tag",
        "get_open_for_station",
        "get_transaction",
        "get_last_reading",
        "end",
        "start_tagged",
    ),
    "meter": ("add",),
    "stop": (
        "get_transaction",
        "said_before",
        "get_tag",
        "add",
        "get_last_reading",
        "get_hourly_readings",
        "end",
        "mark_paid",
    ),
}


@pytest.mark.parametrize("before_commit", [True, False])
@pytest.mark.parametrize(
    ("when", "method"), [(when, one) for when in STRUCK for one in STRUCK[when]]
)
def test_whatever_commit_fails_there_is_one_charge(
    town: Town,
    charger: StandardCharger,
    when: str,
    method: str,
    before_commit: bool,
) -> None:
    """Once, with its answer lost or its change not made; all is answered."""
    old = charger.start("OLD", meter=50)["transactionId"]
    charger.meter(90, transaction_id=old)
    at, faults = charger.now(), town.world.faults

    def strike(now: str) -> None:
        if when == now:
            faults.fail_next(method, before_commit=before_commit)

    start = {"connectorId": 1, "idTag": TAG, "meterStart": 100, "timestamp": at}
    strike("start")
    started = charger.send("StartTransaction", start)
    town.advance(2)
    answer = charger.answer_to(started)
    assert answer is not None
    number = answer[2]["transactionId"]
    strike("meter")
    metered = charger.send("MeterValues", values(charger, 300, transactionId=number))
    town.advance(2)
    assert charger.answer_to(metered) == [3, metered, {}]
    stop = {
        "transactionId": number,
        "meterStop": 500,
        "timestamp": charger.now(),
        "transactionData": values(charger, 400)["meterValue"],
    }
    strike("stop")
    stopped = charger.send("StopTransaction", stop)
    town.advance(2)
    assert charger.answer_to(stopped) == [3, stopped, {}]
    assert charger.call("StartTransaction", start)["transactionId"] == number
    charger.call("StopTransaction", stop)
    first, second = sessions(town)
    assert (first.session_id, first.energy_wh) == (old, 40)
    assert (second.state, second.energy_wh) == (SessionState.ENDED, 400)
    assert [row.session_id for row in town.world.books.ledger] == [old, number]
    assert town.back_end.background.unfinished == ()


@pytest.mark.parametrize("step", range(0, 60, 5))
def test_a_server_that_dies_between_any_two_commits_loses_nothing(
    town: Town, charger: StandardCharger, step: int
) -> None:
    """The charger says again what was not answered."""
    faults, at = town.world.faults, charger.now()
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 100, "timestamp": at}
    stop = {"transactionId": -1, "meterStop": 500, "timestamp": charger.now(ago=-1)}
    faults.slow(0.5)
    charger.send_at_once(("StartTransaction", start), ("StopTransaction", stop))
    town.advance(step * 0.25)
    faults.slow(0.0)
    town.crash(down_for=5)
    charger.connect()
    charger.call("StartTransaction", start)
    charger.call("StopTransaction", stop)
    [session] = sessions(town)
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 400)
    assert len(town.world.books.ledger) == 1


@pytest.mark.parametrize("delay", [1.0, 1.5, 2.0, 2.5, 3.0, 3.5])
def test_an_app_charge_said_again_on_a_new_line_is_still_good(
    town: Town, charger: StandardCharger, delay: float
) -> None:
    """The charger would end it if its tag were no good all at once."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    start = {
        "connectorId": 1,
        "idTag": call[3]["idTag"],
        "meterStart": 0,
        "timestamp": charger.now(),
    }
    town.world.faults.slow(1.0)
    charger.send("StartTransaction", start)
    town.advance(0.25)
    charger.peer.lose()
    charger.connect()
    town.advance(delay)
    again = charger.send("StartTransaction", start)
    town.advance(40)
    town.world.faults.slow(0.0)
    answer = charger.answer_to(again)
    assert answer is not None
    assert answer[2] == {"idTagInfo": {"status": "Accepted"}, "transactionId": number}
    assert len(sessions(town)) == 1


def test_a_past_charge_whose_stop_never_comes_ends_where_the_connector_is_free(
    town: Town, charger: StandardCharger
) -> None:
    """It was reported Available before the charge was told of."""
    old = charger.start(TAG, meter=0, timestamp=charger.now(ago=2 * HOUR))
    town.advance(310, step=5)
    assert town.session(old["transactionId"]).end_reason is EndReason.AVAILABLE


def test_a_report_that_came_while_a_turn_was_held_up_counts_afterwards(
    town: Town, charger: StandardCharger
) -> None:
    """The database was away when the connector became free."""
    number = charger.start(TAG, 1, meter=0)["transactionId"]
    charger.report(1, "Charging")
    charger.meter(300, transaction_id=number)
    town.advance(60)
    town.world.faults.away = True
    put = {"connectorId": 2, "idTag": "B", "meterStart": 0, "timestamp": charger.now()}
    charger.send("StartTransaction", put)
    town.advance(3)
    charger.report(1, "Available")
    town.world.faults.away = False
    town.advance(330, step=5)
    assert town.session(number).end_reason is EndReason.AVAILABLE


def test_a_reservation_that_made_way_is_told_of_although_the_answer_was_lost(
    town: Town, charger: StandardCharger
) -> None:
    """The charger holds the connector for nobody any more."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    town.world.faults.fail_next("start_tagged", before_commit=False)
    charger.send(
        "StartTransaction",
        {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": charger.now()},
    )
    town.advance(3)
    assert town.session(number).state is SessionState.CANCELLED
    [call] = charger.asked()
    assert call[2:] == ["CancelReservation", {"reservationId": number}]


def test_a_charge_never_ends_before_it_began(
    town: Town, charger: StandardCharger
) -> None:
    """Also if its charger's clock is a few minutes fast, and then set."""
    began = charger.start(TAG, meter=0, timestamp=charger.now(ago=-240))
    town.advance(60)
    charger.stop(began["transactionId"], 100)
    session = town.session(began["transactionId"])
    assert session.ended_at is not None
    assert session.started_at is not None
    assert session.ended_at >= session.started_at


def test_the_hours_of_a_backlog_are_its_own_whatever_statuses_say(
    town: Town, charger: StandardCharger
) -> None:
    """Some chargers report since when a status is, not when they report it."""
    charger.peer.lose()
    town.advance(5 * HOUR, step=600)
    charger.connect()
    since = charger.now(ago=3 * HOUR)
    for number in range(3):
        charger.report(number, "Available", timestamp=since)
    began, ended = charger.now(ago=4 * HOUR), charger.now(ago=3 * HOUR)
    old = charger.start(TAG, meter=0, timestamp=began)["transactionId"]
    charger.stop(old, 1000, timestamp=ended)
    session = town.session(old)
    assert session.started_at == town.clock.seconds() - 4 * HOUR
    assert session.ended_at == town.clock.seconds() - 3 * HOUR


def test_a_driver_stops_a_charge_begun_by_card_from_the_app(
    town: Town, charger: StandardCharger
) -> None:
    """By its number or as the newest; in all the shapes that apps read."""
    caller, token = town.driver()
    put_tag(town, IdTag(id_tag="CARD", user_id=caller.user_id))
    number = charger.start("CARD", meterStart=-1)["transactionId"]
    for path in (
        f"/transaction/{number}",
        f"/transactions/{number}",
        f"/transactions/userTransactions/{caller.user_id}",
        f"/transaction/userTransactions/{caller.user_id}",
        "/transaction/9999",
    ):
        assert town.http.get(path, token=token).status in (200, 404), path
    stopped = town.http.begin("PUT", "/transaction/stop/9999", token=token)
    [call] = charger.asked()
    assert call[2:] == ["RemoteStopTransaction", {"transactionId": number}]
    charger.answer(call, "Accepted")
    town.advance(2)
    early = stopped.response()
    assert (early.status, early.json["final"], early.json["price"]) == (200, False, 0)
    charger.meter(7000, transaction_id=number)
    charger.stop(number, 7400, reason="Remote")
    for path in (
        f"/transaction/{number}",
        f"/transactions/{number}",
        f"/transactions/userTransactions/{caller.user_id}",
        f"/transaction/userTransactions/{caller.user_id}",
    ):
        assert town.http.get(path, token=token).status in (200, 404), path
    session = town.session(number)
    assert (session.end_reason, session.energy_wh) == (EndReason.DRIVER, 400)


@pytest.mark.parametrize("away_for", [10.25, 11.25, 12.75, 14.25])
def test_nor_is_one_that_waits_behind_a_start(
    town: Town, charger: StandardCharger, away_for: float
) -> None:
    """Whatever holds it up, it has come."""
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.meter(300, transaction_id=number)
    charger.report(1, "Available")
    town.advance(290)
    town.world.faults.away = True
    at = charger.now()
    charger.send_at_once(
        (
            "StartTransaction",
            {"connectorId": 2, "idTag": "B", "meterStart": 0, "timestamp": at},
        ),
        (
            "StopTransaction",
            {"transactionId": number, "meterStop": 900, "timestamp": at},
        ),
    )
    town.advance(away_for)
    town.world.faults.away = False
    town.advance(12)
    session = town.session(number)
    assert (session.end_reason, session.energy_wh) == (EndReason.STATION, 900)


def test_the_newest_charge_of_an_app_is_none_of_a_backlog(
    town: Town, charger: StandardCharger
) -> None:
    """9999 is what the driver does now, not what was told of last."""
    caller, token = town.driver()
    put_tag(town, IdTag(id_tag="CARD", user_id=caller.user_id))
    began = charger.now(ago=600)
    now = charger.start("CARD", meter=9000, timestamp=began)["transactionId"]
    charger.start("CARD", meter=100, timestamp=charger.now(ago=DAY))
    shown = town.http.get("/transaction/9999", token=token)
    assert shown.json["transactionID"] == now


def test_a_backlog_on_a_booked_connector_leaves_the_booking(
    town: Town, charger: StandardCharger
) -> None:
    """The driver who booked it and asked for its start gets it."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    old = charger.start(TAG, meter=0, timestamp=charger.now(ago=2 * HOUR))
    charger.stop(old["transactionId"], 10, timestamp=charger.now(ago=HOUR))
    began = charger.start(call[3]["idTag"], meter=10)
    assert began == {"idTagInfo": {"status": "Accepted"}, "transactionId": number}


def test_a_slow_clock_is_corrected_once_it_is_sure(
    town: Town, charger: StandardCharger
) -> None:
    """Two reports a minute apart that are late by the same."""
    slow = 3 * HOUR
    charger.report(1, "Available", timestamp=charger.now(ago=slow))
    town.advance(90)
    charger.report(1, "Preparing", timestamp=charger.now(ago=slow))
    began = charger.start(TAG, timestamp=charger.now(ago=slow))["transactionId"]
    assert town.session(began).started_at == town.clock.seconds()


def test_a_start_under_another_tag_while_an_app_waits_is_the_tags(
    town: Town, charger: StandardCharger
) -> None:
    """The app's own is called off, and its late start is nobody's and stopped."""
    _, token = town.driver()
    number = reserve(town, charger, token)
    town.http.begin("PUT", f"/transaction/start/{number}", token=token)
    [call] = charger.asked()
    charger.answer(call, "Accepted")
    began = charger.start(TAG, meter=0)["transactionId"]
    assert town.session(number).end_reason is EndReason.REFUSED
    assert town.session(began).user_id == "driver-7"
    charger.stop(began, 100)
    [cancel] = charger.asked()
    charger.answer(cancel, "Accepted")
    late = charger.start(call[3]["idTag"], meter=100)
    assert late["idTagInfo"]["status"] == "Invalid"
    orders = [one for one in charger.asked() if one[2] == "RemoteStopTransaction"]
    assert [one[3]["transactionId"] for one in orders] == [late["transactionId"]]


def test_a_charge_of_a_past_month_is_on_the_bill_of_that_month_once(
    town: Town, charger: StandardCharger
) -> None:
    """However often it is told."""
    caller, _ = town.driver()
    put_tag(town, IdTag(id_tag="CARD", user_id=caller.user_id))
    at = charger.now(ago=45 * DAY)
    began = charger.start("CARD", meter=0, timestamp=at)["transactionId"]
    ended = charger.now(ago=45 * DAY - HOUR)
    for _ in range(3):
        charger.stop(began, 4000, timestamp=ended)
    assert [row.amount_ore for row in town.world.books.ledger] == [1000]
    assert town.session(began).ended_at == town.clock.seconds() - 45 * DAY + HOUR


def test_a_large_backlog_beyond_the_mailbox_is_taken_in_order(
    town: Town, charger: StandardCharger
) -> None:
    """More than may wait: the line is paused, nothing is lost."""
    calls: list[tuple[str, dict[str, Any]]] = []
    for n in range(150):
        at = charger.now(ago=DAY - n * 120)
        calls.append(
            (
                "StartTransaction",
                {"connectorId": 1, "idTag": TAG, "meterStart": n * 10, "timestamp": at},
            )
        )
        ended = charger.now(ago=DAY - n * 120 - 60)
        calls.append(
            (
                "StopTransaction",
                {"transactionId": -1, "meterStop": n * 10 + 10, "timestamp": ended},
            )
        )
    town.world.faults.away = True
    ids = charger.send_at_once(*calls)
    town.advance(5)
    town.world.faults.away = False
    town.advance(20)
    assert all(charger.answer_to(one) is not None for one in ids)
    assert [session.energy_wh for session in sessions(town)] == [10] * 150
