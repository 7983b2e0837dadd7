"""Starts and stops that a charger says again, when others charge by then.

A charger whose answer got lost repeats its frame: word for word, under the same message
id or a fresh one, now or after hours. Nobody else pays for it, and nothing ends by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
import txaio
from attrs import define, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.logger import LogEvent, globalLogPublisher

from flexicharge.model.session import EndReason, SessionState
from flexicharge.testing.charge import SERIAL, Charge
from flexicharge.testing.charger import CONSTANT_ID, ScriptedCharger
from flexicharge.testing.peers import Peer
from flexicharge.testing.town import Town

NOW: Final = 1_800_000_000.0
BEGAN: Final = NOW + 1.25  # what the charger's clock showed
OVER: Final = NOW + 600.5
STARTED: Final = "StartTransaction"
NONSENSE: Final = 1234512345124123
DAY_S: Final = 24 * 3600.0
STOP_NOTED: Final = [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]


def facts(town: Town) -> list[str]:
    return [fact.kind for fact in town.world.books.facts]


def numbered(frames: list[Any]) -> list[int]:
    """Return the session numbers that starts were answered with."""
    return [frame[3]["transactionId"] for frame in frames if frame[2] == STARTED]


def first_charge(charge: Charge, at: object = BEGAN, over: object = OVER) -> int:
    """Charge 1000 Wh from register 0; return the session's number."""
    charge.start(meter_start=0, at=at)
    charge.charger.meter(1000)
    charge.charger.report("Available")
    charge.charger.stop(meter_stop=1000, at=over)
    charge.charger.heard()
    assert charge.stored.energy_wh == 1000
    return charge.session_id


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What is logged of repeats during the test."""
    found: list[str] = []

    def observe(event: LogEvent) -> None:
        if "again" in str(event.get("log_format")):
            found.append(event["log_format"].format(**event))

    globalLogPublisher.addObserver(observe)
    yield found
    globalLogPublisher.removeObserver(observe)


# starts


def test_a_late_repeat_does_not_take_the_next_drivers_session(charge: Charge) -> None:
    """It is answered with the session that it began; the next one stays reserved."""
    first = first_charge(charge)
    charge.reserve()
    charge.charger.start(meter_start=0, at=BEGAN)
    assert numbered(charge.charger.heard()) == [first]
    assert charge.stored.state is SessionState.RESERVED


def test_the_next_driver_does_not_pay_for_the_charge_before(charge: Charge) -> None:
    """Only from the register on that their own start names."""
    first_charge(charge)
    charge.reserve()
    charge.charger.start(meter_start=0, at=BEGAN)
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.charger.heard()
    charge.charger.start(meter_start=1000, at=OVER + 60)
    charge.charger.report("Charging")
    charge.charger.report("Available")
    charge.charger.stop(meter_stop=1500, at=OVER + 120)
    assert (charge.stored.energy_wh, charge.stored.price_ore) == (500, 125)


def test_a_repeat_does_not_start_what_its_driver_has_asked_for(charge: Charge) -> None:
    """The charger has accepted, but what it says now is what it said before."""
    first = first_charge(charge)
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.charger.answer(call, "Accepted")
    charge.charger.start(meter_start=0, at=BEGAN)
    assert numbered(charge.charger.heard()) == [first]
    assert charge.stored.state is SessionState.STARTING


def test_a_start_repeated_after_its_stop_blocks_nobody(charge: Charge) -> None:
    """No session without a payer is opened, and the connector is to be had."""
    first_charge(charge)
    charge.charger.start(meter_start=0, at=BEGAN)
    charge.reserve()
    assert len(charge.town.world.sessions.rows) == 2


def test_a_start_is_known_again_under_a_fresh_id(charge: Charge) -> None:
    """Its words are the same; and the log says which session it was."""
    first = first_charge(charge)
    charge.reserve()
    payload = {
        "connectorId": "1",
        "id_tag": None,
        "meterStart": 0,
        "timestamp": BEGAN,
        "reservationId": "1179533424036511",
    }
    charge.charger.peer.say(2, "fresh", STARTED, payload)
    assert numbered(charge.charger.heard()) == [first]


@pytest.mark.parametrize("days", [-366, -364, 364, 366])
def test_a_claimed_time_counts_within_a_year(charge: Charge, days: int) -> None:
    """Farther off it is no clock's, and the same words may be another charge's."""
    at = NOW + days * DAY_S
    first = first_charge(charge, at=at)
    charge.reserve()
    charge.charger.start(meter_start=0, at=at)
    is_repeat = abs(days) < 365
    assert numbered(charge.charger.heard()) == [
        first if is_repeat else charge.session_id
    ]


@pytest.mark.parametrize("at", [NONSENSE, None, "now", 1697112000.531], ids=str)
def test_a_charger_that_always_says_the_same_charges_twice(
    charge: Charge, at: object
) -> None:
    """Its time is constant nonsense, so nothing it says is taken for a repeat."""
    for _ in range(2):
        first_charge(charge, at=at, over=at)
    rows = charge.town.world.sessions.rows.values()
    assert [(row.energy_wh, row.price_ore) for row in rows] == [(1000, 250)] * 2


def test_a_charger_whose_clock_stands_still_charges_twice(charge: Charge) -> None:
    """A start that its driver waits for is no repeat of one that is long over."""
    first_charge(charge, over=BEGAN)
    charge.town.advance(301, step=60)
    charge.start(meter_start=0, at=BEGAN)
    charge.charger.meter(5000)
    charge.charger.report("Available")
    charge.charger.stop(meter_stop=5000, at=BEGAN)
    rows = charge.town.world.sessions.rows.values()
    assert [row.energy_wh for row in rows] == [1000, 5000]


def test_a_swallowed_start_raises_an_alarm(charge: Charge) -> None:
    """Where another one was awaited, somebody should look at that charger."""
    first_charge(charge)
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.charger.start(meter_start=0, at=BEGAN)
    [alarm] = charge.town.back_end.alarms.raised
    assert alarm == "a start that was said before, where another one was awaited"


def test_a_start_whose_answer_a_crash_swallowed_is_known(charge: Charge) -> None:
    """It was committed; the charger says it again when the server is back."""
    charge.reserve()
    charge.town.world.faults.slow(0.5, before_commit=False)
    charge.charger.start(meter_start=0, at=BEGAN)
    charge.town.advance(0.75)
    charge.town.world.faults.slow(0, before_commit=False)
    charge.town.crash()
    charge.plug_in()
    charge.charger.start(meter_start=0, at=BEGAN)
    assert numbered(charge.charger.heard()) == [charge.session_id]
    charge.charger.meter(300)
    charge.charger.stop(meter_stop=400, at=OVER)
    assert charge.stored.energy_wh == 400
    assert facts(charge.town) == ["start", "stop"]


def test_a_repeat_waits_for_the_database(charge: Charge) -> None:
    """It is known as soon as anybody can look."""
    first = first_charge(charge)
    charge.reserve()
    charge.town.world.faults.away = True
    charge.charger.start(meter_start=0, at=BEGAN)
    charge.charger.stop(meter_stop=1000, at=OVER)
    charge.town.advance(3)
    assert charge.charger.heard() == []
    charge.town.world.faults.away = False
    charge.town.advance(6)
    frames = charge.charger.heard()
    assert (numbered(frames), frames[-1]) == ([first], STOP_NOTED)
    assert charge.stored.state is SessionState.RESERVED


# stops


def test_a_late_repeat_does_not_end_the_next_drivers_session(
    charge: Charge, lines: list[str]
) -> None:
    """It is acknowledged, and that is all; the log says of which session it was."""
    first = first_charge(charge)
    charge.start(meter_start=1000, at=OVER + 60)
    before = facts(charge.town)
    charge.charger.stop(meter_stop=1000, at=OVER)
    assert charge.charger.heard() == [STOP_NOTED]
    assert charge.stored.state is SessionState.CHARGING
    assert facts(charge.town) == before
    assert lines == [f"{SERIAL} says a stop of session {first} again"]


def test_a_repeat_does_not_take_available_back(charge: Charge) -> None:
    """The stop that is waited for is the running session's own."""
    first_charge(charge)
    charge.start(meter_start=1000, at=OVER + 60)
    charge.charger.meter(40)
    charge.charger.report("Available")
    charge.charger.stop(meter_stop=1000, at=OVER)
    charge.town.advance(6)
    assert charge.stored.end_reason is EndReason.AVAILABLE
    assert charge.stored.energy_wh == 40


def test_an_old_stop_of_nothing_does_not_keep_a_charge_open(charge: Charge) -> None:
    """What was once said of no charge may be said of a real one, word for word."""
    charge.charger.stop(meter_stop=4000, at=OVER)
    charge.town.advance(301, step=60)
    charge.start(meter_start=0, at=BEGAN)
    charge.charger.stop(meter_stop=4000, at=OVER)
    charge.charger.heard()
    assert (charge.stored.state, charge.stored.energy_wh) == (SessionState.ENDED, 4000)


def test_an_old_available_does_not_end_a_charge_that_goes_on(charge: Charge) -> None:
    """A status that comes late says nothing of a connector that is metering."""
    charge.start(meter_start=0)
    charge.charger.report("Available")
    charge.town.advance(2)
    charge.charger.meter(250)
    charge.town.advance(10)
    assert charge.stored.state is SessionState.CHARGING


def test_an_adjustment_is_known_again(charge: Charge) -> None:
    """Also one that says what we had guessed: later it could end another's charge."""
    charge.start(meter_start=0, at=BEGAN)
    charge.charger.meter(320)
    charge.charger.report("Available")
    charge.town.advance(6)
    charge.charger.stop(meter_stop=320, at=OVER)
    assert facts(charge.town) == ["start", "adjustment"]
    charge.start(meter_start=320, at=OVER + 60)
    charge.charger.stop(meter_stop=320, at=OVER)
    assert charge.charger.heard() == [STOP_NOTED]
    assert charge.stored.state is SessionState.CHARGING


def test_a_second_stop_is_known_again(charge: Charge) -> None:
    """It is evidence once, however often it comes."""
    first_charge(charge)
    for _ in range(3):
        charge.charger.stop(meter_stop=1001, at=OVER + 1)
    assert facts(charge.town) == ["start", "stop", "stopAgain"]
    charge.start(meter_start=1001, at=OVER + 60)
    charge.charger.stop(meter_stop=1001, at=OVER + 1)
    assert charge.stored.state is SessionState.CHARGING


def test_a_stop_of_nothing_is_known_again(town: Town) -> None:
    """It does not end the first session that the charger ever has."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    charger.stop(meter_stop=600, at=BEGAN)
    assert charger.heard()[0][3] == "NoActiveTransaction"
    charger.start(meter_start=600, at=OVER)
    [number] = numbered(charger.heard())
    charger.stop(meter_stop=600, at=BEGAN)
    assert charger.heard() == [STOP_NOTED]
    assert town.session(number).state is SessionState.CHARGING
    assert facts(town) == ["stopWithoutStart", "start"]


def test_a_stop_whose_answer_a_crash_swallowed_is_known(charge: Charge) -> None:
    """The charger says it again when the next driver charges."""
    charge.start(meter_start=0, at=BEGAN)
    first = charge.session_id
    charge.town.world.faults.slow(0.5, before_commit=False)
    charge.charger.stop(meter_stop=1000, at=OVER)
    for _ in range(8):
        charge.town.advance(0.25)
        if charge.town.world.sessions.rows[first].state is SessionState.ENDED:
            break
    charge.town.world.faults.slow(0, before_commit=False)
    charge.town.crash()
    charge.plug_in()
    charge.start(meter_start=1000, at=OVER + 60)
    charge.charger.stop(meter_stop=1000, at=OVER)
    assert charge.charger.heard() == [STOP_NOTED]
    assert charge.stored.state is SessionState.CHARGING
    assert charge.town.session(first).energy_wh == 1000


@pytest.mark.parametrize("lost", ["end", "keep_fact"])
def test_a_stop_whose_answer_from_the_store_is_lost_is_kept_once(
    charge: Charge, lost: str
) -> None:
    """It is asked for again, and found."""
    charge.start(meter_start=0, at=BEGAN)
    charge.town.world.faults.fail_next(lost, before_commit=False)
    charge.charger.stop(meter_stop=1000, at=OVER)
    charge.town.advance(1)
    charge.charger.stop(meter_stop=1001, at=OVER + 1)
    charge.town.advance(1)
    assert facts(charge.town) == ["start", "stop", "stopAgain"]


# any order


@define(eq=False)
class Parrot(Peer):
    """A charger's socket that can say again whatever went out of a charge."""

    _said: list[tuple[str, dict[str, Any]]] = field(factory=list, init=False)
    _fresh_ids: int = field(default=0, init=False)

    def say(self, *frame: Any) -> None:
        """Send one frame, and remember it if it is part of a charge."""
        super().say(*frame)
        if frame[2] in (STARTED, "MeterValues", "StopTransaction"):
            self._said.append(frame[1:])

    def say_again(self, which: int, fresh: bool) -> None:
        """Send one of what was said, in the order of saying, if anything was."""
        if self._said:
            message_id, action, payload = self._said[which % len(self._said)]
            self._fresh_ids += fresh
            again = f"fresh{self._fresh_ids}" if fresh else message_id
            super().say(2, again, action, payload)


@frozen
class Plan:
    """One charge: its energy, how many readings tell it, and whether a driver asks."""

    energy_wh: int
    readings: int
    by_driver: bool


plans = st.builds(Plan, st.integers(1, 900), st.integers(0, 2), st.booleans())
repeats = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=2)


def steps(charge: Charge, plan: Plan, register_wh: int) -> Iterator[None]:
    """Charge as planned; between any two steps the charger may say something again."""
    clock, charger = charge.town.clock, charge.charger
    if plan.by_driver:
        charge.caller, charge.token = charge.town.driver()
        charge.reserve()
        yield
        charger.heard()
        charge.ask("PUT", f"/transaction/start/{charge.session_id}")
        [call] = charger.heard()
        yield
        charger.answer(call, "Accepted")
        yield
    charger.start(register_wh, at=clock.seconds())
    charger.report("Charging")
    yield
    for part in range(1, plan.readings + 1):
        charger.meter(plan.energy_wh * part // plan.readings)
        yield
    charger.report("Available")
    charger.stop(register_wh + plan.energy_wh, at=clock.seconds())
    yield


def new_town() -> Town:
    """Return a town with a clock of its own; a fixture restores Autobahn's."""
    clock = Clock()
    clock.advance(NOW)
    txaio.config.loop = clock
    return Town(clock)


@pytest.mark.usefixtures("clock")
@given(st.lists(plans, min_size=2, max_size=3), st.data())
@settings(max_examples=40)
def test_every_charge_is_one_session_whatever_is_said_again(
    planned: list[Plan], data: st.DataObject
) -> None:
    """With its own energy and its own payer, and there is no other."""
    charge = Charge(new_town())
    peer = charge.charger.peer
    parrot = charge.charger.peer = Parrot(peer.wire, peer.protocol)
    register_wh, payers = 0, []
    for plan in planned:
        for _ in steps(charge, plan, register_wh):
            for which, fresh in data.draw(repeats):
                parrot.say_again(which, fresh)
            charge.town.advance(1)
        register_wh += plan.energy_wh
        payers.append(charge.caller.user_id if plan.by_driver else None)
    sessions = charge.town.world.sessions.rows.values()
    assert [(one.state, one.energy_wh, one.user_id) for one in sessions] == [
        (SessionState.ENDED, plan.energy_wh, payer)
        for plan, payer in zip(planned, payers, strict=True)
    ]
    assert facts(charge.town) == ["start", "stop"] * len(planned)
