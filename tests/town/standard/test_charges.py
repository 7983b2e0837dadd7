"""Charges at a standard charger: whose they are, and what they come to."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from flexicharge.config import read_settings
from flexicharge.model.id_tag import IdTag, TagStatus
from flexicharge.model.session import EndReason, Session, SessionFlag, SessionState
from flexicharge.testing.standard_charger import StandardCharger
from flexicharge.testing.town import Town
from tests.town.standard.conftest import TAG, put_tag


def sessions(town: Town) -> list[Session]:
    """Return all sessions there are, oldest first."""
    return sorted(town.world.sessions.rows.values(), key=lambda s: s.session_id)


def kinds(town: Town) -> list[str]:
    """Return what stations said that is on record, by kind."""
    return [fact.kind for fact in town.world.books.facts]


def test_a_tag_pays_for_its_charge(town: Town, charger: StandardCharger) -> None:
    """From the walk-up to the price: energy is the difference of registers."""
    assert charger.call("Authorize", {"idTag": TAG}) == {
        "idTagInfo": {"status": "Accepted"}
    }
    started = charger.start(TAG, meter=1000)
    assert started["idTagInfo"] == {"status": "Accepted"}
    charger.report(1, "Charging")
    town.advance(600)
    charger.meter(3000, transaction_id=started["transactionId"])
    town.advance(600)
    assert charger.stop(started["transactionId"], 6000, idTag=TAG) == {
        "idTagInfo": {"status": "Accepted"}
    }
    [session] = sessions(town)
    assert session.session_id == started["transactionId"]
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 5000)
    assert (session.user_id, session.id_tag) == ("driver-7", TAG)
    assert session.end_reason is EndReason.STATION
    assert session.stop_reason == "Local"


def test_a_start_said_again_is_one_charge(town: Town, charger: StandardCharger) -> None:
    """With a new message id or the old one, then and after the stop."""
    at = charger.now()
    first = charger.start(TAG, meter=5, timestamp=at)
    assert charger.start(TAG, meter=5, timestamp=at) == first
    charger.stop(first["transactionId"], 105)
    assert charger.start(TAG, meter=5, timestamp=at) == first
    [session] = sessions(town)
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 100)


def test_a_stop_said_again_changes_nothing(
    town: Town, charger: StandardCharger
) -> None:
    """A copy is known; another register is kept as a contradiction; the first holds."""
    started = charger.start(TAG, meter=0)
    at = charger.now()
    for _ in range(3):
        charger.stop(started["transactionId"], 900, timestamp=at)
    charger.stop(started["transactionId"], 950, timestamp=at)
    [session] = sessions(town)
    assert session.energy_wh == 900
    assert kinds(town) == ["start", "stop", "stopAgain"]


@pytest.mark.parametrize("number", [7, -2, (1 << 63) - 1])
def test_a_stop_of_nothing_is_acknowledged_and_kept(
    town: Town, charger: StandardCharger, number: int
) -> None:
    """Or it would be repeated for ever."""
    assert charger.stop(number, 900) == {}
    assert sessions(town) == []
    assert kinds(town) == ["stopWithoutStart"]


def test_a_random_number_ends_nobodys_charge(
    town: Town, charger: StandardCharger
) -> None:
    """Not the one that runs here, nor one of another station."""
    started = charger.start(TAG)
    charger.stop(started["transactionId"] + 40, 900)
    [session] = sessions(town)
    assert session.state is SessionState.CHARGING
    other = StandardCharger.on_record(town, "CP002").connect()
    other.boot()
    other.stop(started["transactionId"], 900)
    assert town.session(session.session_id).state is SessionState.CHARGING


@pytest.mark.parametrize("number", [0, -1, 1 << 31, (1 << 63) - 1])
def test_a_stop_without_a_number_is_of_the_only_charge_it_can_be(
    town: Town, charger: StandardCharger, number: int
) -> None:
    """A charger that was offline at the start was never told the number."""
    charger.start(TAG, meter=100)
    charger.stop(number, 1100)
    [session] = sessions(town)
    assert session.energy_wh == 1000


def test_of_two_charges_a_stop_without_a_number_is_of_its_tag(
    town: Town, charger: StandardCharger
) -> None:
    """Where the tag does not tell either, it is kept and ends none."""
    put_tag(town, IdTag(id_tag="OTHER"))
    charger.start(TAG, 1, 100)
    charger.start("OTHER", 2, 100)
    charger.stop(-1, 1100, idTag="other")
    assert [s.state for s in sessions(town)] == [
        SessionState.CHARGING,
        SessionState.ENDED,
    ]


def test_a_tag_that_is_refused_charges_for_nobody(
    town: Town, charger: StandardCharger
) -> None:
    """The number is given, the energy kept, and nobody owes for it (OCA 037_3)."""
    put_tag(town, IdTag(id_tag="STOLEN", status=TagStatus.BLOCKED, user_id="u"))
    started = charger.start("stolen", meter=0)
    assert started["idTagInfo"] == {"status": "Blocked"}
    charger.stop(started["transactionId"], 700, reason="DeAuthorized")
    [session] = sessions(town)
    assert (session.user_id, session.energy_wh, session.price_ore) == (None, 700, 0)
    assert SessionFlag.TAG_REFUSED in session.flags
    assert SessionFlag.NO_PAYER in session.flags
    assert session.stop_reason == "DeAuthorized"


def test_a_tag_charges_at_one_place_at_a_time(
    town: Town, charger: StandardCharger
) -> None:
    """Unless it is one that may at several."""
    charger.start(TAG, 1)
    assert charger.start(TAG, 2)["idTagInfo"]["status"] == "ConcurrentTx"
    put_tag(town, IdTag(id_tag="FLEET", several_at_once=True))
    other = StandardCharger.on_record(town, "CP002").connect()
    other.boot()
    for number in (1, 2):
        assert other.start("FLEET", number)["idTagInfo"]["status"] == "Accepted"


def test_a_new_charge_ends_the_one_whose_stop_never_came(
    town: Town, charger: StandardCharger
) -> None:
    """At its last reading; when the stop comes after all it is an adjustment."""
    first = charger.start(TAG, meter=0)["transactionId"]
    town.advance(60)
    charger.meter(2000, transaction_id=first)
    town.advance(3600)
    put_tag(town, IdTag(id_tag="NEXT"))
    second = charger.start("NEXT", meter=2500)["transactionId"]
    ended = town.session(first)
    assert (ended.end_reason, ended.energy_wh) == (EndReason.SUPERSEDED, 2000)
    assert SessionFlag.FROM_LAST_READING in ended.flags
    charger.stop(first, 2400, timestamp=charger.now(ago=60))
    assert town.session(first).energy_wh == 2000
    assert kinds(town)[-1] == "adjustment"
    assert town.session(second).state is SessionState.CHARGING


def test_a_boot_alone_ends_nothing(town: Town, charger: StandardCharger) -> None:
    """A power cut: the charge is open across it, and ended once by its stop (032)."""
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.peer.lose()
    town.advance(120)
    charger.connect().boot()
    assert town.session(number).state is SessionState.CHARGING
    charger.stop(number, 800, reason="PowerLoss")
    session = town.session(number)
    assert (session.energy_wh, session.stop_reason) == (800, "PowerLoss")


def test_a_charge_without_a_line_waits_a_day_for_its_stop(
    clock: Clock,
) -> None:
    """Or for as long as it is set to: it charges on without us, and tells it later."""
    town = Town(clock, settings=read_settings({"OFFLINE_SESSION_GRACE": "3600"}))
    put_tag(town, IdTag(id_tag=TAG))
    charger = StandardCharger.on_record(town).connect()
    charger.boot()
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.peer.lose()
    town.advance(3000, step=5)
    assert town.session(number).state is SessionState.CHARGING
    town.advance(700, step=5)
    assert town.session(number).end_reason is EndReason.SILENT


def test_a_connector_that_stays_free_ends_its_charge(
    town: Town, charger: StandardCharger
) -> None:
    """After five minutes, for stops may wait in a queue; and not before."""
    number = charger.start(TAG, meter=0)["transactionId"]
    charger.meter(300, transaction_id=number)
    charger.report(1, "Available")
    town.advance(290)
    assert town.session(number).state is SessionState.CHARGING
    town.advance(20)
    session = town.session(number)
    assert (session.end_reason, session.energy_wh) == (EndReason.AVAILABLE, 300)


def test_registers_that_nobody_knows_are_not_made_up(
    town: Town, charger: StandardCharger
) -> None:
    """The first and the last reading take their place, and it is marked."""
    started = charger.start(TAG, meterStart=-5)["transactionId"]
    charger.meter(1000, transaction_id=started)
    town.advance(60)
    charger.meter(1900, transaction_id=started)
    charger.stop(started, 0, meterStop=None)
    session = town.session(started)
    assert session.energy_wh == 900
    assert SessionFlag.START_IN_DOUBT in session.flags


def test_a_start_on_a_connector_that_nobody_knows_is_charged(
    town: Town, charger: StandardCharger
) -> None:
    """Beside whatever the others do; no connector is made of it."""
    known = charger.start(TAG, 1, 0)["transactionId"]
    put_tag(town, IdTag(id_tag="ODD"))
    odd = charger.start("ODD", 1_634_030_126, 50)["transactionId"]
    charger.stop(odd, 150)
    session = town.session(odd)
    assert (session.energy_wh, session.aside) == (100, True)
    assert SessionFlag.CONNECTOR_IN_DOUBT in session.flags
    assert town.session(known).state is SessionState.CHARGING
    assert len(charger.record.connectors) == 2


def test_a_clock_that_was_never_set_says_the_same_of_every_charge(
    town: Town, charger: StandardCharger
) -> None:
    """Each is one of its own; the very same frame is none, for a day."""
    never = "1970-01-01T00:00:00Z"
    start = {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": never}
    numbers = []
    for round_ in range(2):
        began = charger.call("StartTransaction", start, message_id=f"s{round_}")
        numbers.append(began["transactionId"])
        stop = {"transactionId": -1, "meterStop": 300, "timestamp": never}
        charger.call("StopTransaction", stop, message_id=f"p{round_}")
        again = charger.call("StartTransaction", start, message_id=f"s{round_}")
        assert again == began
        town.advance(60)
    ended = [town.session(number) for number in numbers]
    assert [session.energy_wh for session in ended] == [300, 300]
    third = charger.call("StartTransaction", start, message_id="s9")
    charger.call("StopTransaction", stop, message_id="p1")
    assert town.session(third["transactionId"]).state is SessionState.CHARGING
    assert len(sessions(town)) == 3


def test_what_was_sampled_in_a_charge_is_kept_once(
    town: Town, charger: StandardCharger
) -> None:
    """With the stop, however often that is said."""
    number = charger.start(TAG)["transactionId"]
    sampled = {"timestamp": charger.now(), "sampledValue": [{"value": "250"}]}
    at = charger.now()
    for _ in range(3):
        charger.stop(number, 300, timestamp=at, transactionData=[sampled])
    record = charger.record
    kept = town.now(
        town.stores.transactions.get_meter_values(record.station_id, limit=10)
    )
    assert [value.session_id for value in kept] == [number]


def test_a_clock_that_is_off_is_known_again_after_a_lost_line(
    town: Town, charger: StandardCharger
) -> None:
    """What it kept meanwhile counts in the order of its register, and all of it."""
    behind = 1500.0
    charger.report(1, "Preparing", timestamp=charger.now(ago=behind))
    number = charger.start(TAG, meter=0, timestamp=charger.now(ago=behind))[
        "transactionId"
    ]
    town.advance(300)
    charger.peer.lose()
    values = []
    for minute in range(1, 31):
        town.advance(60, step=30)
        sampled = [{"value": str(minute * 1000)}]
        stamp = charger.now(ago=behind)
        values.append({"timestamp": stamp, "sampledValue": sampled})
    charger.connect()
    for value in values:
        payload = {"connectorId": 1, "transactionId": number, "meterValue": [value]}
        charger.call("MeterValues", payload)
    readings = town.world.readings[number]
    assert [reading.energy_wh for reading in readings] == [
        minute * 1000 for minute in range(1, 31)
    ]
    charger.report(1, "Available")
    town.advance(310)
    assert town.session(number).energy_wh == 30_000
