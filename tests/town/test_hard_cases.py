"""What goes wrong in an order that nobody would choose."""

from __future__ import annotations

import pytest

from flexicharge.model.session import EndReason, SessionState
from flexicharge.testing.charge import SERIAL, Charge
from flexicharge.testing.charger import CONSTANT_ID, ScriptedCharger
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.town import Town

BODY = {"connectorID": 100007, "paymentType": "klarna"}
STOP_NOTED = [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]


def actions(frames: list[list[object]]) -> list[object]:
    return [frame[2] for frame in frames]


# money


def test_a_start_that_its_driver_gave_up_is_stopped(charge: Charge) -> None:
    """The charger had accepted it; nobody pays for what begins now, so it ends."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}").response()
    assert stopped.json["final"] is True
    charge.charger.start()
    assert actions(charge.charger.heard()) == [
        "RemoteStopTransaction",
        "StartTransaction",
    ]


@pytest.mark.parametrize("outage_s", [302, 303, 304, 305, 306, 307])
def test_a_start_held_in_a_long_outage_keeps_its_payer(
    charge: Charge, outage_s: int
) -> None:
    """Its reservation ran out meanwhile, but not by anybody's fault."""
    charge.reserve()
    charge.town.world.faults.away = True
    charge.charger.start()
    charge.town.advance(outage_s)
    charge.town.world.faults.away = False
    charge.town.advance(40)
    assert charge.stored.state is SessionState.CHARGING


@pytest.mark.parametrize("outage_s", [905, 906, 907, 908, 909, 910])
def test_a_stop_held_in_a_long_outage_decides(charge: Charge, outage_s: int) -> None:
    """Not the last reading, however late it can be written down."""
    charge.start()
    charge.charger.meter(10)
    charge.town.world.faults.away = True
    charge.charger.stop(meter_stop=5000)
    charge.town.advance(outage_s)
    charge.town.world.faults.away = False
    charge.town.advance(40)
    assert charge.stored.energy_wh == 5000
    assert charge.stored.end_reason is EndReason.STATION


def test_a_long_downtime_ends_no_session(charge: Charge) -> None:
    """Silence counts from when somebody could have heard."""
    charge.start()
    charge.charger.meter(100)
    charge.town.crash(down_for=3600)
    charge.town.advance(60)
    assert charge.stored.state is SessionState.CHARGING
    charge.plug_in()
    charge.charger.stop(meter_stop=900)
    assert charge.stored.energy_wh == 900


def test_readings_without_an_energy_are_signs_of_life(charge: Charge) -> None:
    """A session that reports is not silent, whatever its meter says."""
    charge.start()
    for _ in range(32):
        charge.charger.meter("spoilt")
        charge.town.advance(30, step=5)
    charge.charger.stop(meter_stop=5000)
    assert charge.stored.energy_wh == 5000


def test_a_late_commit_does_not_undo_a_start(charge: Charge) -> None:
    """An older news of the session arrives after the charger has started it."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    faults = charge.town.world.faults
    faults.slow(0.5, before_commit=False)
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.town.advance(0.75)
    faults.slow(0, before_commit=False)
    charge.charger.start()
    charge.town.advance(1)
    charge.charger.heard()
    frame = charge.charger.meter(50)
    assert charge.charger.heard() == [[3, frame[1], "MeterValues"]]
    charge.charger.stop(meter_stop=100)
    assert charge.stored.energy_wh == 100


def test_the_actor_learns_of_an_end_whose_answer_was_lost(charge: Charge) -> None:
    """Readings after it belong to nobody."""
    charge.start()
    charge.town.world.faults.fail_next("end", before_commit=False)
    charge.charger.stop(meter_stop=5000)
    charge.town.advance(2)
    assert STOP_NOTED in charge.charger.heard()
    charge.charger.meter(1)
    assert charge.charger.heard()[0][0] == 4


def test_energy_costs_what_it_cost_when_the_stop_came(charge: Charge) -> None:
    """Not when the database was back to write it down."""
    charge.start()
    charge.town.advance(60)
    charge.town.world.faults.away = True
    charge.charger.stop(meter_stop=1000)
    charge.town.advance(600)
    charge.town.world.faults.away = False
    charge.town.advance(10)
    assert charge.stored.ended_at == 1_800_000_060


def test_the_last_percentage_is_kept(charge: Charge) -> None:
    """The receipt shows the newest, not that of the last refresh."""
    charge.start()
    charge.charger.meter(100, percent=36)
    charge.town.advance(1)
    charge.charger.meter(200, percent=69)
    charge.charger.stop(meter_stop=250)
    assert charge.read()["currentChargePercentage"] == 69


def test_a_flood_never_carries_a_reading_over_a_stop(charge: Charge) -> None:
    """The next driver's reading is not booked on the one before."""
    charge.start()
    charge.charger.heard()
    watcher = charge.town.watch(charge.caller, charge.token)
    charge.town.world.faults.away = True
    charge.charger.start()
    charge.charger.meter(500)
    charge.charger.stop(meter_stop=600)
    charge.charger.start(meter_start=600)
    for _ in range(260):
        charge.charger.call("DataTransfer", {"messageId": "Hello"})
    charge.charger.meter(9999)
    charge.town.world.faults.away = False
    charge.town.advance(10)
    shown = [f[3]["values"]["chargedSoFar"]["value"] for f in watcher.heard()]
    assert shown == [500]
    assert charge.stored.energy_wh == 600


@pytest.mark.parametrize("how", ["lost answer", "silent charger"])
def test_a_stop_is_asked_for_until_it_is_taken(charge: Charge, how: str) -> None:
    """Whether our own books or the charger did not answer."""
    charge.start()
    if how == "lost answer":
        charge.town.world.faults.fail_next("begin_stop", before_commit=False)
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    charge.town.advance(1)
    asked = 0
    for wh in range(30):
        charge.charger.meter(wh)
        charge.town.advance(10, step=1)
        asked += actions(charge.charger.heard()).count("RemoteStopTransaction")
    assert asked >= 2


def test_two_starts_at_once_ask_the_charger_once(charge: Charge) -> None:
    """A double tap, with the database taking its time."""
    charge.reserve()
    charge.town.world.faults.slow(0.1)
    path = f"/transaction/start/{charge.session_id}"
    taps = [charge.ask("PUT", path) for _ in range(3)]
    charge.town.advance(2)
    charge.town.world.faults.slow(0)
    assert actions(charge.charger.heard()) == ["RemoteStartTransaction"]
    assert [tap.response().status for tap in taps] == [200, 200, 200]


def test_a_late_error_is_a_refusal(charge: Charge) -> None:
    """The session is reserved again, so that its driver can try once more."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.town.advance(31)
    charge.charger.peer.say(4, call[1], "InternalError", "", {})
    assert charge.stored.state is SessionState.RESERVED


def test_a_refusal_during_an_outage_counts(charge: Charge) -> None:
    """It is written down when that is possible again."""
    posted = charge.ask("POST", "/transaction", BODY)
    charge.town.advance(1)
    charge.session_id = posted.response().json["transactionID"]
    [call] = charge.charger.heard()
    charge.town.world.faults.away = True
    charge.charger.answer(call, "Rejected")
    charge.town.advance(3)
    charge.town.world.faults.away = False
    charge.town.advance(6)
    assert charge.stored.state is SessionState.CANCELLED


# stations


def test_a_station_that_cannot_be_taken_in_is_tried_again(town: Town) -> None:
    """Somebody is told, and the charger is answered a little later."""
    town.sabotage.break_next(
        "get_open_for_station", ZeroDivisionError("nobody foresaw")
    )
    charger = ScriptedCharger(town.plug_in(SERIAL))
    charger.start()
    town.advance(6)
    assert actions(charger.heard()) == ["StartTransaction"]
    assert town.back_end.alarms.raised["a station cannot be taken in"] == 1


def test_a_mailbox_goes_on_when_even_the_recovery_fails(charge: Charge) -> None:
    """What waits behind it is handled."""
    charge.start()
    charge.charger.heard()
    town = charge.town
    town.sabotage.break_next("end", ZeroDivisionError("nobody foresaw"))
    town.sabotage.break_next("get_open_for_station", ZeroDivisionError("nor this"))
    charge.charger.stop(meter_stop=10)
    charge.charger.stop(meter_stop=10)
    assert STOP_NOTED in charge.charger.heard()


def test_boot_data_waits_behind_a_command(charge: Charge) -> None:
    """A charger on its start-up screen gets it, however long that takes."""
    charge.ask("POST", "/transaction", BODY)
    charge.charger.boot()
    charge.charger.heard()
    charge.town.advance(31)
    assert "DataTransfer" in actions(charge.charger.heard())


def test_memory_answers_during_a_held_stop(charge: Charge) -> None:
    """Boots, heartbeats and statuses do not wait for the database."""
    charge.start()
    charge.charger.heard()
    charge.town.world.faults.away = True
    charge.charger.stop(meter_stop=100)
    charge.charger.call("Heartbeat", {})
    charge.charger.report("Finishing")
    charge.charger.boot()
    charge.town.advance(2)
    assert actions(charge.charger.heard())[:3] == [
        "Heartbeat",
        "StatusNotification",
        "BootNotification",
    ]
    charge.town.world.faults.away = False
    charge.town.advance(6)
    assert STOP_NOTED in charge.charger.heard()
    assert charge.stored.energy_wh == 100


def test_an_old_word_does_not_overrule_a_cancelled_reservation(charge: Charge) -> None:
    """It was held up on its way to the database, and is out of date by then."""
    posted = charge.ask("POST", "/transaction", BODY)
    [call] = charge.charger.heard()
    charge.town.world.faults.fail_next("update_statuses", before_commit=True)
    charge.charger.report("Reserved")
    charge.charger.answer(call, "Accepted")
    charge.session_id = posted.response().json["transactionID"]
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    charge.town.advance(5)
    assert charge.status() == "Available"


def test_a_late_reservation_does_not_stick(charge: Charge) -> None:
    """The driver has left before the charger said that it is reserved."""
    posted = charge.ask("POST", "/transaction", BODY)
    charge.town.advance(1)
    charge.session_id = posted.response().json["transactionID"]
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.report("Reserved")
    charge.charger.answer(call, "Accepted")
    assert charge.status() == "Available"


def test_of_two_that_return_at_once_one_stays(town: Town) -> None:
    """The old socket is dead; a living newcomer is not thrown out by the other."""
    old = town.plug_in(SERIAL)
    old.wire.severed = True
    newcomers = [town.plug_in(SERIAL), town.plug_in(SERIAL)]
    town.advance(5)
    assert [peer.is_open for peer in newcomers].count(True) == 1


def test_one_session_that_cannot_end_does_not_keep_the_others(town: Town) -> None:
    """Somebody is told of it."""
    sessions = []
    for serial_number in ("abc111", "abc112"):
        charger = ScriptedCharger(town.plug_in(serial_number))
        charger.start()
        sessions.append(charger.heard()[0][3]["transactionId"])
        charger.peer.lose()
    town.sabotage.break_next("end", ZeroDivisionError("nobody foresaw"))
    town.advance(925, step=5)
    states = {town.session(number).state for number in sessions}
    assert SessionState.ENDED in states
    assert town.back_end.alarms.raised["a session cannot end"] == 1


# shutdown


def test_a_stop_whose_socket_just_died_is_waited_for(charge: Charge) -> None:
    """The database is not closed before it is committed."""
    charge.start()
    charge.town.world.faults.slow(0.5)
    charge.charger.stop(meter_stop=700)
    charge.charger.peer.lose()
    stopping = charge.town.stop()
    charge.town.advance(8)
    charge.town.world.faults.slow(0)
    assert result_of(stopping) is None
    assert charge.stored.energy_wh == 700


def test_a_handshake_that_is_decided_during_shutdown_is_closed(town: Town) -> None:
    """It opens into a server that is going away."""
    town.world.faults.slow(0.5)
    peer = town.plug_in(SERIAL)
    stopping = town.stop()
    town.advance(8)
    assert result_of(stopping) is None
    assert peer.protocol.close_code == 1001


# bounds


def test_answers_to_a_charger_that_does_not_read_are_bounded(town: Town) -> None:
    """It is not heard any further until it does; then everything is answered."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    wire = charger.peer.wire
    wire.client.pauseProducing()
    for _ in range(5000):
        charger.call("Heartbeat", {})
    assert sum(map(len, wire.server.outbox)) < 100_000
    wire.client.resumeProducing()
    town.flush()
    assert len(charger.heard()) == 5000


def test_bytes_before_the_handshake_are_bounded(town: Town) -> None:
    """Neither an endless header nor a flood behind an undecided one is kept."""
    town.world.faults.away = True
    peer = town.plug_in("abc111")
    for _ in range(10):
        peer.wire.client.write(b"x" * 10_000)
        town.flush()
    assert peer.wire.server.lost
    town.world.faults.away = False


# what mends must not break


def give_up(charge: Charge, verdict: str) -> None:
    """Start, stop before the station's word, and let it answer."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}").response()
    charge.charger.answer(call, verdict)


def test_a_stop_of_a_station_that_came_only_to_say_it_counts(charge: Charge) -> None:
    """Back in an outage, one frame, and gone again before anybody could look."""
    charge.start()
    charge.town.world.faults.away = True
    charge.charger.peer.lose()
    again = ScriptedCharger(charge.town.plug_in(SERIAL))
    again.stop(meter_stop=5000)
    again.peer.lose()
    charge.town.advance(3)
    charge.town.world.faults.away = False
    charge.town.advance(40)
    assert charge.stored.energy_wh == 5000


def test_a_given_up_start_is_not_booked_on_the_next_driver(charge: Charge) -> None:
    """Who has reserved since, but not started, pays nothing for it."""
    give_up(charge, "Accepted")
    _, token = charge.town.driver()
    posted = charge.town.http.begin("POST", "/transaction", json=BODY, token=token)
    reserve = charge.charger.heard()[-1]
    charge.charger.start()
    charge.charger.answer(reserve, "Occupied")
    charge.town.advance(1)
    assert posted.response().json == ["couldNotReserveCharger"]
    charge.charger.stop(meter_stop=5000)
    rows = charge.town.world.sessions.rows.values()
    assert [row.price_ore or 0 for row in rows] == [0, 0, 0]


def test_a_given_up_start_is_stopped_though_our_answer_was_lost(charge: Charge) -> None:
    """The cancelling was committed; only nobody was told."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    charge.town.world.faults.fail_next("begin_stop", before_commit=False)
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    charge.town.advance(1)
    charge.charger.start()
    assert "RemoteStopTransaction" in actions(charge.charger.heard())


def test_a_refused_start_that_was_given_up_is_forgotten(charge: Charge) -> None:
    """Somebody who starts at the charger later is left alone."""
    give_up(charge, "Rejected")
    charge.town.advance(100)
    charge.charger.heard()
    charge.charger.start()
    assert actions(charge.charger.heard()) == ["StartTransaction"]


def test_silent_sessions_end_though_the_database_stumbles(charge: Charge) -> None:
    """Only the time it was away is not counted."""
    charge.start()
    charge.charger.meter(10)
    charge.charger.peer.lose()
    for _ in range(4):
        charge.town.world.faults.fail_next("get_silent", before_commit=True)
        charge.town.advance(300, step=5)
    assert charge.stored.end_reason is EndReason.SILENT


def test_a_process_that_slept_ends_no_session(charge: Charge) -> None:
    """Nobody could be heard meanwhile."""
    charge.start()
    charge.charger.meter(100)
    charge.town.clock.advance(3600)
    charge.charger.meter(200)
    charge.town.advance(20)
    assert charge.stored.state is SessionState.CHARGING


def test_a_start_held_for_seconds_keeps_its_reservation(charge: Charge) -> None:
    """The outage was too short for anybody to notice but the charger."""
    charge.reserve()
    charge.town.advance(295.5)
    charge.town.world.faults.away = True
    charge.charger.start()
    charge.town.advance(4.25)
    charge.town.world.faults.away = False
    charge.town.advance(20)
    assert charge.stored.state is SessionState.CHARGING


def test_a_slow_reader_is_not_taken_for_dead(town: Town) -> None:
    """The fielded charger would never come back; we do not listen, so it is silent."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    charger.peer.wire.client.pauseProducing()
    for _ in range(3000):
        charger.call("Heartbeat", {})
    town.advance(300, step=1)
    assert not charger.peer.wire.server.lost


def test_a_late_word_that_it_cannot_reserve_leaves_it_to_us(charge: Charge) -> None:
    """As it would have in time."""
    posted = charge.ask("POST", "/transaction", BODY)
    charge.town.advance(32)
    charge.session_id = posted.response().json["transactionID"]
    [call] = charge.charger.heard()
    charge.charger.peer.say(4, call[1], "NotImplemented", "", {})
    assert charge.stored.state is SessionState.RESERVED


def test_a_fault_is_shown_after_a_cancelled_reservation(charge: Charge) -> None:
    """However long it takes to write it down."""
    charge.reserve()
    charge.town.world.faults.fail_next("update_statuses", before_commit=True)
    charge.charger.report("Faulted")
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    charge.town.advance(10)
    assert charge.status() == "Faulted"


def test_a_refused_stop_waits_for_a_station_that_meters(charge: Charge) -> None:
    """Even where nothing it says can be read."""
    charge.start()
    charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Rejected")
    for _ in range(5):
        charge.town.advance(5)
        charge.charger.meter("spoilt")
    charge.charger.stop(meter_stop=5000)
    assert charge.stored.energy_wh == 5000
