"""Lines and power come and go: what a charger says again, and what it forgets."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from twisted.internet.task import Clock

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen, VirtualCharger
from flexicharge.simulator.errors import LinkLost, ServerHung
from flexicharge.simulator.meter import Meter
from flexicharge.simulator.phrasebook import Quirks
from flexicharge.simulator.scenario.values import Faults, Span
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.conftest import Bench

MakeBench = Callable[..., Bench]
GONE = LinkLost("gone")


def said(frames: list[Any]) -> list[str]:
    """Return the actions of the Calls among frames, with their status if any."""
    calls = [frame for frame in frames if frame[0] == 2]
    return [call[3].get("status", call[2]) for call in calls]


def charging(bench: MakeBench, **options: Any) -> Bench:
    """Return a charger in mid-charge, whose transaction 57 the server has answered."""
    made = bench(car=Car(), **options)
    made.boot()
    [_, start, *_] = made.start()
    made.say(3, start[1], "StartTransaction", {"idTagInfo": 1, "transactionId": 57})
    return made


def answer(made: Bench) -> list[Any]:
    """Answer whatever the charger asks until it is silent; return all that it said."""
    heard, frames = list(made.server.heard), []
    while heard:
        frames += heard
        news: list[Any] = []
        for frame in heard:
            if frame[0] == 2:
                news += made.say(3, frame[1], frame[2], {})
        heard = news
    return frames


def queueing(bench: MakeBench, **options: Any) -> Bench:
    """Return a charger in mid-charge that queues, and has been answered all."""
    made = bench(car=Car(), reconnects=True, queues=True, **options)
    answer(made)
    made.boot()
    answer(made)
    made.start()
    for frame in list(made.server.heard):
        if frame[2] == "StartTransaction" and frame[0] == 2:
            made.say(3, frame[1], frame[2], {"idTagInfo": 1, "transactionId": 57})
    answer(made)
    return made


# the truth


def test_a_charge_is_what_was_said_and_answered(bench: MakeBench) -> None:
    """Start, readings that were kept, the stop."""
    made = charging(bench)
    [charge] = made.charger.charges
    assert (charge.transaction_id, charge.meter_start_wh) == (57, 0)
    assert (charge.began_at, charge.kept_wh) == (1_800_000_000, None)
    [reading] = made.pass_time(1)
    assert charge.charged_wh == 6.111
    made.say(3, reading[1], "MeterValues")
    assert charge.kept_wh == 6
    made.pass_time(9)
    stop = made.stop()[2]
    assert (charge.stop_wh, charge.stop_kept) == (61, False)
    assert (charge.ended_at, charge.cut_short) == (1_800_000_010, False)
    made.say(3, stop[1], "StopTransaction", {})
    assert charge.stop_kept


def test_refused_readings_and_stops_are_not_kept(bench: MakeBench) -> None:
    """A CallError belongs to a Call just as a result does."""
    made = charging(bench)
    [reading] = made.pass_time(1)
    made.say(4, reading[1], "MeterValues", {"error": "userID not OK"})
    stop = made.stop()[2]
    made.say(4, stop[1], "GenericError", "NoActiveTransaction 17", {})
    [charge] = made.charger.charges
    assert (charge.kept_wh, charge.stop_kept) == (None, False)
    assert dict(made.charger.tally.mishaps) == {
        "MeterValues refused: MeterValues": 1,
        "StopTransaction refused: GenericError NoActiveTransaction …": 1,
    }


def test_with_one_id_for_all_answers_are_told_apart(bench: MakeBench) -> None:
    """By the action that they name, and in order."""
    made = charging(bench, quirks=Quirks(constant_message_id=True))
    stop = made.stop()[2]
    made.say(3, stop[1], "StatusNotification", {})
    assert not made.charger.charges[0].stop_kept
    made.say(3, stop[1], "StopTransaction", {})
    assert made.charger.charges[0].stop_kept


def test_a_meter_that_stands_still_is_the_truth(bench: MakeBench) -> None:
    """Nobody can know better than what the charger says."""
    made = charging(bench, quirks=Quirks(meter_stands_still=True))
    [reading] = made.pass_time(1)
    made.say(3, reading[1], "MeterValues")
    made.stop()
    [charge] = made.charger.charges
    assert (charge.charged_wh, charge.kept_wh, charge.stop_wh) == (0, 0, 0)


def test_a_charge_without_a_car_is_over_without_a_stop(bench: MakeBench) -> None:
    """It said that it started, and never that it stopped."""
    made = bench()
    made.boot()
    made.start()
    made.pass_time(16)
    [charge] = made.charger.charges
    assert (charge.is_over, charge.stop_wh, charge.charged_wh) == (True, None, 0)


# a charger without a memory


def test_what_it_cannot_say_is_never_said(bench: MakeBench) -> None:
    """It goes on charging; the stop without a line is nobody's but its own."""
    made = charging(bench, reconnects=True)
    made.wire.lose()
    assert made.pass_time(5) == []
    made.charger.unplug()
    [charge] = made.charger.charges
    assert (charge.is_over, charge.stop_wh, charge.cut_short) == (True, None, False)
    assert said(made.connect()) == ["Available"]


def test_a_start_that_nobody_hears_of_is_a_charge_too(bench: MakeBench) -> None:
    """Energy flows; there is no number for it."""
    made = bench(car=Car(), reconnects=True)
    made.boot()
    made.wire.severed = True
    made.charger.begin()
    made.charger.disconnected(GONE)
    made.pass_time(5)
    made.charger.unplug()
    [charge] = made.charger.charges
    assert (charge.transaction_id, charge.charged_wh) == (None, 30.556)


def test_the_end_of_an_older_line_means_nothing(bench: MakeBench) -> None:
    """The present one goes on."""
    made = charging(bench)
    first = made.wire
    made.connect()
    first.lose()
    assert made.charger.screen is not Screen.NOT_AVAILABLE
    assert made.charger.tally.now["connected"] == 1


# a charger that queues


def test_one_call_is_outstanding_at_a_time(bench: MakeBench) -> None:
    """The next one follows its answer, in order."""
    made = bench(car=Car(), reconnects=True, queues=True)
    [boot] = made.server.heard
    assert made.boot() == [[3, "boot", "DataTransfer", {"status": "Accepted"}]]
    assert said(made.say(3, boot[1], boot[2], {})) == ["Available"]
    assert said(answer(made)) == ["Available"]
    assert said(made.start()) == ["StartTransaction"]
    assert said(answer(made)) == ["StartTransaction", "Charging"]


def test_what_was_said_offline_is_said_later(bench: MakeBench) -> None:
    """In order, with the times of when it happened, and then the present state."""
    made = queueing(bench)
    made.wire.lose()
    assert made.pass_time(2) == []
    made.charger.unplug()
    made.pass_time(60)
    made.connect()
    frames = answer(made)
    assert said(frames) == [
        "MeterValues",
        "MeterValues",
        "StopTransaction",
        "Available",
    ]
    assert frames[0][3]["timestamp"] == 1_800_000_001_000
    assert frames[2][3]["timestamp"] == 1_800_000_002
    [charge] = made.charger.charges
    assert (charge.kept_wh, charge.stop_wh, charge.stop_kept) == (12, 12, True)


def test_what_was_not_answered_is_said_again_unchanged(bench: MakeBench) -> None:
    """The very same frame, before everything that came later."""
    made = queueing(bench)
    [available] = made.hear(made.charger.unplug)
    [stop] = made.say(3, available[1], available[2], {})
    made.wire.lose()
    assert made.connect() == [stop]
    assert said(answer(made)) == ["StopTransaction", "Available"]


def test_a_stop_is_said_again_until_it_is_answered(bench: MakeBench) -> None:
    """After a minute each time; a status is not."""
    made = queueing(bench)
    assert said(made.hear(made.charger.unplug)) == ["Available"]
    assert said(made.pass_time(60)) == ["StopTransaction"]
    assert said(made.pass_time(120)) == ["StopTransaction"] * 2
    made.say(3, made.server.heard[0][1], "StopTransaction", {})
    assert made.pass_time(120) == []


def test_a_power_cut_is_a_stop_for_one_that_remembers(bench: MakeBench) -> None:
    """It is said after the boot, and once: the queue outlasts the power."""
    made = queueing(bench)
    made.pass_time(0.5)
    made.charger.cut_power()
    made.pass_time(30)
    made.charger.power_up()
    assert said(made.connect()) == ["BootNotification"]
    frames = answer(made)
    assert said(frames) == ["BootNotification", "StopTransaction"]
    assert frames[1][3]["reason"] == "PowerLoss"
    assert frames[1][3]["timestamp"] == 1_800_000_000.5
    [charge] = made.charger.charges
    assert (charge.stop_kept, charge.cut_short) == (True, False)


def test_the_newest_reading_takes_the_last_ones_place(bench: MakeBench) -> None:
    """When there is no more room; starts and stops are always kept."""
    made = queueing(bench)
    made.wire.lose()
    made.pass_time(510)
    made.charger.unplug()
    made.connect()
    frames = answer(made)
    assert said(frames)[-3:] == ["MeterValues", "StopTransaction", "Available"]
    assert len(frames) == 502
    assert frames[-3][3]["timestamp"] == 1_800_000_510_000


# power


def test_a_power_cut_forgets_all_but_meter_and_cable(bench: MakeBench) -> None:
    """The line is gone, and the charge with it."""
    made = charging(bench)
    made.reserve()
    made.pass_time(10)
    made.charger.cut_power()
    charger = made.charger
    assert charger.screen is Screen.OFF
    assert (charger.reservation, charger.connector_id, charger.sek_per_kwh) == (
        None,
        None,
        0,
    )
    assert (charger.number, charger.car is None) == (100007, False)
    [charge] = charger.charges
    assert (charge.cut_short, charge.charged_wh) == (True, 61.111)
    made.pass_time(10)
    assert made.clock.getDelayedCalls() == []
    assert not made.wire.server.lost  # whom nobody told
    charger.power_up()
    assert said(made.connect()) == ["BootNotification"]
    made.boot()
    assert made.start()[1][3]["meterStart"] == 61


def test_without_power_no_line_opens(bench: MakeBench) -> None:
    """A line that was being opened when the power went is dropped."""
    made = bench()
    made.charger.cut_power()
    assert made.connect() == []
    made.charger.disconnected(GONE)
    assert made.charger.screen is Screen.OFF


def test_the_cable_can_be_pulled_without_power(bench: MakeBench) -> None:
    """And put into the next car."""
    made = charging(bench)
    made.charger.cut_power()
    made.charger.unplug()
    assert made.charger.car is None
    made.charger.plug_in(Car())
    assert made.charger.screen is Screen.OFF


# faults of its speech


def test_a_skewed_clock_is_in_its_payloads(bench: MakeBench) -> None:
    """Not in its ids, and not in its truth."""
    made = bench(car=Car(), skew_s=-3600.0)
    made.boot()
    start = made.start()[1]
    assert start[3]["timestamp"] == 1_799_996_400
    assert start[1] == "100007StartTransaction1800000000001"
    assert made.pass_time(1)[0][3]["timestamp"] == 1_799_996_401_000
    assert made.charger.charges[0].began_at == 1_800_000_000


@pytest.mark.parametrize("seed", range(6))
def test_each_call_is_sent_exactly_twice(bench: MakeBench, seed: int) -> None:
    """At once or within some seconds, as chance has it."""
    made = bench(faults=Faults(duplicates=1.0), rng=Random(seed))
    frames = [*made.server.heard, *made.pass_time(5.125)]
    assert len(frames) == 2
    assert frames[0] == frames[1]


def test_answers_come_late(bench: MakeBench) -> None:
    """After the time that is drawn; meanwhile the charger does what it was asked."""
    faults = Faults(slow_answers=1.0, slow_answer_s=Span(60.0, 60.0))
    made = bench(car=Car(), faults=faults)
    assert made.boot() == []
    assert said(made.start()) == ["StartTransaction", "Charging"]
    made.charger.unplug()
    frames = made.pass_time(60.125)
    assert [f[:3] for f in frames if f[0] == 3] == [
        [3, "boot", "DataTransfer"],
        [3, "start", "RemoteStartTransaction"],
    ]


def test_answers_are_lost(bench: MakeBench) -> None:
    """They never come."""
    made = bench(faults=Faults(lost_answers=1.0))
    assert made.boot() == []
    assert made.pass_time(120) == []


def test_late_texts_are_forgotten_with_the_line(bench: MakeBench) -> None:
    """They answer what was asked on another one."""
    faults = Faults(slow_answers=1.0, slow_answer_s=Span(60.0, 60.0))
    made = bench(reconnects=True, faults=faults)
    made.boot()
    made.wire.lose()
    made.connect()
    assert made.pass_time(61) == []


def test_many_refusals_are_not_kept_for_ever(bench: MakeBench) -> None:
    """The newest hundred are enough."""
    made = bench()
    for number in range(101):
        made.say(4, f"id{number}", "GenericError", "", {})
    assert len(made.charger.refusals) == 100
    assert made.charger.refusals[-1].message_id == "id100"


def test_an_answer_to_nothing_changes_nothing(bench: MakeBench) -> None:
    """What is outstanding still is."""
    made = queueing(bench)
    [reading] = made.pass_time(1.125)
    assert made.say(3, "nobody's", "MeterValues") == []
    assert made.charger.charges[0].kept_wh is None
    made.say(3, reading[1], "MeterValues")
    assert made.charger.charges[0].kept_wh == 6


# what it says of itself


def test_a_memory_of_a_charge_is_told_before_anything_else(clock: Clock) -> None:
    """The charge of an earlier life stopped at today's register, with its number."""
    charger = VirtualCharger(
        serial_number="abc117",
        clock=clock,
        meter=Meter(512.4),
        reconnects=True,
        queues=True,
    )
    charger.recall(57)
    made = Bench(clock, charger)
    boot, stop, *rest = answer(made)
    assert said([boot, stop]) == ["BootNotification", "StopTransaction"]
    assert (stop[3]["meterStop"], stop[3]["transactionId"]) == (512, 57)
    assert stop[3]["reason"] == "PowerLoss"
    assert rest == []
    assert said(made.boot()) == ["Available"]
    assert charger.charges == []


def test_it_stops_by_itself_when_the_car_is_full(bench: MakeBench) -> None:
    """After the reading that says so; a patient one says the same for ever."""
    nearly = Car(capacity_wh=1000, stored_wh=990)
    patient = charging(bench)
    patient.charger.plug_in(nearly)
    full = patient.pass_time(10)
    assert said(full) == ["MeterValues"] * 10
    assert full[-1][3]["values"]["chargingPower"]["value"] == 0
    made = charging(bench, stops_when_full=True)
    made.charger.plug_in(Car(capacity_wh=1000, stored_wh=990))
    frames = made.pass_time(10)
    assert said(frames) == [
        "MeterValues",
        "MeterValues",
        "Available",
        "StopTransaction",
    ]
    assert frames[1][3]["values"]["chargingPercent"]["value"] == 100
    assert frames[-1][3]["meterStop"] == 10
    assert made.charger.screen is Screen.AVAILABLE


def test_one_can_wait_until_the_end_of_a_charge_is_kept(bench: MakeBench) -> None:
    """The answer to its stop says so; that it was said does not."""
    made = charging(bench)
    [charge] = made.charger.charges
    in_vain = fire(made.charger.until_kept(charge, 2.0))
    waiting = fire(made.charger.until_kept(charge, 60.0))
    stop = made.stop()[2]
    made.pass_time(2)
    with pytest.raises(ServerHung):
        result_of(in_vain)
    assert not waiting.called
    made.say(3, stop[1], "StopTransaction", {})
    assert waiting.called
