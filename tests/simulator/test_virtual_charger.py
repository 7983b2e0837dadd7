"""The virtual charger against what the contract says of the fielded one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen
from flexicharge.simulator.errors import LinkLost, ServerHung
from flexicharge.simulator.phrasebook import FIELDED
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.conftest import Bench

MakeBench = Callable[..., Bench]


def actions(frames: list[Any]) -> list[tuple[Any, ...]]:
    """Return what frames are about: their type, action and status."""
    return [(f[0], f[2], f[3].get("status")) for f in frames]


@pytest.fixture
def booted(bench: MakeBench) -> Bench:
    """A charger that shows its available screen, with a car at the cable."""
    ready = bench(car=Car())
    ready.boot()
    return ready


@pytest.fixture
def charging(booted: Bench) -> Bench:
    """A charger in mid-charge, whose transaction has number 57."""
    frames = booted.start()
    booted.say(
        3, frames[1][1], "StartTransaction", {"idTagInfo": 1, "transactionId": 57}
    )
    return booted


# connecting (§3.1, §3.3, §3.4)


def test_it_connects_as_chg_and_says_boot_at_once(bench: MakeBench) -> None:
    """The path is /charger/<serial>, `ocpp1.6` is offered, BootNotification comes."""
    made = bench()
    assert made.server.request.path == "/charger/abc117"
    assert made.server.request.protocols == ["ocpp1.6"]
    [boot] = made.server.heard
    assert (boot[0], boot[2]) == (2, "BootNotification")
    assert boot[3]["chargeBoxSerialNumber"] == "abc117"
    assert made.charger.screen is Screen.STARTING_UP


def test_the_boot_result_alone_changes_nothing(bench: MakeBench) -> None:
    """Only BootData takes the charger off its start-up screen."""
    made = bench()
    made.say(3, made.server.heard[0][1], "BootNotification", {"status": "Accepted"})
    assert made.charger.screen is Screen.STARTING_UP


def test_boot_data_is_accepted_and_shown(bench: MakeBench) -> None:
    """Number and price are on the display, and the answer names its action."""
    made = bench()
    assert made.boot() == [[3, "boot", "DataTransfer", {"status": "Accepted"}]]
    assert made.charger.screen is Screen.AVAILABLE
    assert (made.charger.connector_id, made.charger.sek_per_kwh) == (100007, 2.5)


def test_a_price_as_text_will_do(bench: MakeBench) -> None:
    """The charger puts the price through its own conversion."""
    made = bench()
    assert made.boot('{"connectorID":7,"chargingPrice":"44.52"}')[0][3] == {
        "status": "Accepted"
    }
    assert made.charger.sek_per_kwh == 44.52


def test_boot_data_without_price_is_rejected_but_shown(bench: MakeBench) -> None:
    """What M23 sends: the number is shown, the price stays 0."""
    made = bench()
    assert made.boot('{"connectorID":100007}')[0][3] == {"status": "Rejected"}
    assert made.charger.screen is Screen.AVAILABLE
    assert (made.charger.connector_id, made.charger.sek_per_kwh) == (100007, 0.0)


@pytest.mark.parametrize(
    "payload",
    [
        {"vendorId": "other", "messageId": "BootData", "data": "{}"},
        {"vendorId": "com.flexicharge", "messageId": "x", "data": "{}"},
        {"vendorId": "com.flexicharge", "messageId": "BootData", "data": "?"},
        {"vendorId": "com.flexicharge", "messageId": "BootData"},
        {},
    ],
)
def test_any_other_data_transfer_is_rejected(
    bench: MakeBench, payload: dict[str, str]
) -> None:
    """What is not BootData leaves the charger on its start-up screen."""
    made = bench()
    answer = [[3, "u", "DataTransfer", {"status": "Rejected"}]]
    assert made.say(2, "u", "DataTransfer", payload) == answer
    assert made.charger.screen is Screen.STARTING_UP


def test_it_pings_every_five_seconds(booted: Bench) -> None:
    """A server that answers keeps the connection."""
    booted.pass_time(31)
    assert booted.server.pings == 6
    assert not booted.wire.is_lost


def test_it_gives_up_without_pongs_and_never_returns(booted: Bench) -> None:
    """Over 20 s after the last pong the connection is dropped for good."""
    booted.server.answers_pings = False
    booted.pass_time(21)
    assert not booted.wire.is_lost
    booted.pass_time(10)
    assert booted.wire.is_lost
    assert booted.charger.screen is Screen.NOT_AVAILABLE
    assert booted.pass_time(60) == []


# reserving (§3.5)


def test_the_first_reservation_is_taken(booted: Bench) -> None:
    """StatusNotification Reserved comes first, then the result."""
    assert actions(booted.reserve()) == [
        (2, "StatusNotification", "Reserved"),
        (3, "ReserveNow", "Accepted"),
    ]
    assert booted.charger.reservation == "r1"


def test_the_same_reservation_again_is_accepted(booted: Bench) -> None:
    """A back end that always sends one reservationID is always served."""
    booted.reserve()
    assert actions(booted.reserve())[-1] == (3, "ReserveNow", "Accepted")


def test_another_reservation_is_occupied_for_ever(charging: Bench) -> None:
    """The first one sticks, whatever has happened since."""
    charging.reserve()
    charging.stop()
    assert actions(charging.reserve("r2")) == [(3, "ReserveNow", "Occupied")]


@pytest.mark.parametrize(
    "missing", ["reservationID", "connectorID", "idTag", "expiryDate"]
)
def test_a_reservation_with_a_missing_key_is_not_answered(
    booted: Bench, missing: str
) -> None:
    """Silence, and nothing is remembered."""
    payload = {"reservationID": "r", "connectorID": 1, "idTag": 1, "expiryDate": 1}
    del payload[missing]
    assert booted.say(2, "u", "ReserveNow", payload) == []
    assert booted.charger.reservation is None


# starting (§3.5, §3.4)


def test_a_start_is_answered_then_told(booted: Bench) -> None:
    """The result, StartTransaction and StatusNotification come back to back."""
    booted.reserve("1179533424036511")
    frames = booted.start()
    assert actions(frames) == [
        (3, "RemoteStartTransaction", "Accepted"),
        (2, "StartTransaction", None),
        (2, "StatusNotification", "Charging"),
    ]
    assert frames[1][3] == {
        "connectorId": 1,
        "idTag": 1,
        "meterStart": 0,
        "timestamp": 1_800_000_000.0,
        "reservationId": "1179533424036511",
    }
    assert booted.charger.screen is Screen.CHARGING


def test_without_a_reservation_tag_1_is_accepted(booted: Bench) -> None:
    """The remembered tag is 1 from the first day."""
    assert booted.start(tag=2) == [
        [3, "start", "RemoteStartTransaction", {"status": "Rejected"}]
    ]
    assert booted.start(tag=1)[0][3] == {"status": "Accepted"}


def test_a_start_must_have_the_tag_of_the_reservation(booted: Bench) -> None:
    """Reserve with 0 and start with 1, as S23 does, is refused."""
    booted.reserve(tag=0)
    assert actions(booted.start(tag=1)) == [(3, "RemoteStartTransaction", "Rejected")]
    assert booted.start(tag="0")[0][3] == {"status": "Accepted"}


@pytest.mark.parametrize("tag", ["x", None, []])
def test_a_start_whose_tag_is_no_number_is_not_answered(
    booted: Bench, tag: object
) -> None:
    """The real charger trips over it and stays silent."""
    assert booted.start(tag=tag) == []


def test_a_charging_charger_is_not_started_again(charging: Bench) -> None:
    """The second start is refused, and the charge goes on."""
    assert actions(charging.start()) == [(3, "RemoteStartTransaction", "Rejected")]
    assert charging.charger.screen is Screen.CHARGING


def test_without_a_car_the_charge_is_forgotten_in_silence(bench: MakeBench) -> None:
    """After 15 s it shows available, says nothing, and refuses to stop."""
    made = bench()
    made.boot()
    made.start()
    assert made.charger.screen is Screen.AWAITING_CAR
    assert made.stop()[0][3] == {"status": "Rejected"}
    assert made.pass_time(15.125) == []
    assert made.charger.screen is Screen.AVAILABLE
    assert made.stop()[0][3] == {"status": "Rejected"}


def test_a_car_that_comes_in_time_is_charged(bench: MakeBench) -> None:
    """Plugging in within 15 s starts the energy; the timer is off."""
    made = bench()
    made.boot()
    made.start()
    made.pass_time(10)
    made.charger.plug_in(Car())
    assert made.charger.screen is Screen.CHARGING
    assert len(made.pass_time(10.125)) == 10
    assert made.charger.screen is Screen.CHARGING


# metering (§3.4)


def test_meter_values_have_the_contracts_shape(charging: Bench) -> None:
    """Ids are the connector's, the action and milliseconds; the numbers are real."""
    [frame] = charging.pass_time(1)
    assert frame == [
        2,
        "100007MeterValues1800000001000",
        "MeterValues",
        {
            "connectorId": 1,
            "transactionId": 57,
            "timestamp": 1_800_000_001_000,
            "values": {
                "chargingPercent": {"value": 36, "unit": "%", "measurand": "SoC"},
                "chargingPower": {
                    "value": 22_000.0,
                    "unit": "W",
                    "measurand": "Power.Active.Import",
                },
                "chargedSoFar": {
                    "value": 6.111,
                    "unit": "Wh",
                    "measurand": "Energy.Active.Import",
                },
            },
        },
    ]


def test_energy_counts_up_and_the_battery_fills(bench: MakeBench) -> None:
    """A minute at 150 kW is 2.5 kWh, 5 % of this battery."""
    made = bench(car=Car(), power_w=150_000.0)
    made.boot()
    made.start()
    values = made.pass_time(60)[-1][3]["values"]
    assert values["chargedSoFar"]["value"] == pytest.approx(2500)
    assert values["chargingPercent"]["value"] == 41


def test_period_and_power_are_the_makers_choice(bench: MakeBench) -> None:
    """Four frames per second, each with what has flowed so far."""
    made = bench(car=Car(), metering_every_s=0.25, power_w=3_600.0)
    made.boot()
    made.start()
    frames = made.pass_time(2)
    assert len(frames) == 8
    assert frames[-1][3]["values"]["chargedSoFar"]["value"] == pytest.approx(2.0)


def test_before_its_number_is_known_a_transaction_is_1(booted: Bench) -> None:
    """A back end that is slow to answer StartTransaction gets frames all the same."""
    booted.start()
    assert booted.pass_time(1)[0][3]["transactionId"] == 1


def test_refusals_and_nonsense_are_ignored(charging: Bench) -> None:
    """A charger goes on whatever it is answered, and remembers the refusals."""
    charging.say(4, "m", "MeterValues", {"error": "userID not OK"})
    charging.say(3, "m", "MeterValues")
    charging.say(2, "u", "ChangeAvailability", {})
    charging.say("?")
    assert [refusal.code for refusal in charging.charger.refusals] == ["MeterValues"]
    assert charging.charger.screen is Screen.CHARGING


# stopping (§3.5, §3.4)


def test_a_stop_says_available_before_it_stops(charging: Bench) -> None:
    """Result, StatusNotification Available, StopTransaction, in this order."""
    charging.pass_time(10)
    frames = charging.stop()
    assert actions(frames) == [
        (3, "RemoteStopTransaction", "Accepted"),
        (2, "StatusNotification", "Available"),
        (2, "StopTransaction", None),
    ]
    assert frames[2][3] == {
        "idTag": 1,
        "meterStop": 61,
        "timestamp": 1_800_000_010.0,
        "transactionId": 57,
        "reason": "Remote",
        "transactionData": None,
    }
    assert charging.pass_time(5) == []


def test_the_stop_counts_what_no_frame_has_told(charging: Bench) -> None:
    """Energy since the last MeterValues is in the last register."""
    charging.pass_time(0.875)
    assert charging.stop()[2][3]["meterStop"] == 5  # 22 kW for 7/8 s are 5.3 Wh


def test_the_register_goes_on_with_the_next_charge(charging: Bench) -> None:
    """The next meterStart is where the register stands."""
    charging.pass_time(10)
    charging.stop()
    assert charging.start()[1][3]["meterStart"] == 61


def test_an_idle_charger_refuses_to_stop(booted: Bench) -> None:
    """Only a car that is charging can be stopped."""
    assert booted.stop() == [
        [3, "stop", "RemoteStopTransaction", {"status": "Rejected"}]
    ]


def test_a_stop_without_a_number_is_not_answered(charging: Bench) -> None:
    """The real charger trips over it; the charge goes on."""
    assert charging.say(2, "u", "RemoteStopTransaction", {}) == []
    assert charging.charger.screen is Screen.CHARGING


def test_unplugging_ends_the_charge_unasked(charging: Bench) -> None:
    """Available and StopTransaction, with nobody having asked."""
    charging.pass_time(10)
    frames = charging.hear(charging.charger.unplug)
    assert actions(frames) == [
        (2, "StatusNotification", "Available"),
        (2, "StopTransaction", None),
    ]
    assert frames[1][3]["meterStop"] == 61
    assert charging.hear(charging.charger.unplug) == []


# the fielded charger's oddities


def test_a_fielded_charger_is_as_odd_as_the_contract_says(bench: MakeBench) -> None:
    """One id for all, numbers as text, no tag, transaction 1, a meter that stays 0."""
    made = bench(car=Car(), quirks=FIELDED, metering_every_s=0.25)
    constant_id = made.server.heard[0][1]
    made.boot()
    _, start, status = made.start()
    made.say(3, constant_id, "StartTransaction", {"idTagInfo": 1, "transactionId": 57})
    assert {start[1], status[1]} == {constant_id}
    assert len(constant_id) == 36
    assert start[3] == {
        "connectorId": "1",
        "id_tag": None,
        "meterStart": 0,
        "timestamp": 1_800_000_000.0,
        "reservationId": None,
    }
    assert status[3] == {"connectorId": "1", "errorCode": "", "status": "Charging"}
    made.pass_time(10)
    metered = made.pass_time(0.25)[0]
    assert metered[1].startswith("100007MeterValues")
    assert (metered[3]["connectorId"], metered[3]["transactionId"]) == (1, 1)
    assert metered[3]["values"]["chargedSoFar"]["value"] == 0
    assert metered[3]["values"]["chargingPower"]["measurand"] == "Power.Active,Import"
    stop = made.stop()[2]
    assert (stop[1], stop[3]["idTag"], stop[3]["meterStop"]) == (constant_id, None, 0)
    assert stop[3]["transactionId"] == 1


# waiting for it


def test_a_screen_can_be_waited_for(bench: MakeBench) -> None:
    """Whoever waits goes on when the display shows it."""
    made = bench()
    waiting = fire(made.charger.until(Screen.AVAILABLE, within_s=5))
    assert not waiting.called
    made.boot()
    assert waiting.called
    result_of(made.charger.until(Screen.AVAILABLE, within_s=5))


def test_a_screen_that_does_not_come_is_a_hung_server(
    bench: MakeBench, clock: Clock
) -> None:
    """After the deadline the waiting ends, with words."""
    waiting = fire(bench().charger.until(Screen.AVAILABLE, within_s=5))
    clock.advance(5)
    with pytest.raises(ServerHung, match="within 5 s"):
        result_of(waiting)


def test_a_lost_line_ends_the_waiting(bench: MakeBench) -> None:
    """There is no point in waiting for a charger that never connects again."""
    made = bench()
    waiting = fire(made.charger.until(Screen.AVAILABLE, within_s=5))
    made.server.sendClose(4000, "go away")
    made.wire.flush()
    with pytest.raises(LinkLost, match="go away"):
        result_of(waiting)


def test_a_lost_line_ends_metering(charging: Bench) -> None:
    """Nothing of a dead charger runs on."""
    charging.wire.lose()
    assert charging.charger.screen is Screen.NOT_AVAILABLE
    assert charging.clock.getDelayedCalls() == []


def test_switching_off_closes_the_line(charging: Bench) -> None:
    """The server sees a proper close; no timer of the charger is left."""
    charging.charger.switch_off()
    charging.wire.flush()
    assert charging.wire.is_lost
    assert charging.server.wasClean
    assert charging.clock.getDelayedCalls() == []


def test_switching_off_does_not_wait_for_a_dead_server(charging: Bench) -> None:
    """A server that does not answer the close is dropped after two seconds."""
    charging.wire.severed = True
    charging.charger.switch_off()
    charging.pass_time(2.125)
    assert charging.charger.screen is Screen.NOT_AVAILABLE


def test_a_fault_of_the_server_is_about_the_oldest_call(bench: MakeBench) -> None:
    """It has no Call's id; yet the next start's number is not that of the last."""
    made = bench(quirks=FIELDED, car=Car())
    made.boot()
    _, (_, number, *_), _ = made.start()
    for action in ("BootNotification", "StatusNotification"):
        made.say(3, number, action, {})
    made.say(4, "InternalError", "GenericError", "Internal error", {})
    first = made.charger.charges[-1]
    made.charger.stop("Other")
    made.start()
    made.say(3, number, "StartTransaction", {"idTagInfo": 1, "transactionId": 57})
    second = made.charger.charges[-1]
    assert first is not second
    assert (first.transaction_id, second.transaction_id) == (None, 57)
