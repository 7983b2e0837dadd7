"""A standard charger while the database is away, or the server, or it is not in yet."""

from __future__ import annotations

import pytest

from flexicharge.model.session import SessionState
from flexicharge.model.site import Registration
from flexicharge.testing.standard_charger import BOOT, StandardCharger
from flexicharge.testing.town import Town
from tests.town.standard.conftest import TAG
from tests.town.standard.test_charges import sessions


def test_a_boot_without_the_database_is_pending(
    town: Town, charger: StandardCharger
) -> None:
    """For a minute; heartbeats and statuses are answered."""
    town.world.faults.away = True
    answer = charger.call("BootNotification", BOOT)
    assert (answer["status"], answer["interval"]) == ("Pending", 60)
    assert "currentTime" in charger.call("Heartbeat", {})
    charger.report(1, "Preparing")
    town.world.faults.away = False
    assert charger.call("BootNotification", BOOT)["status"] == "Accepted"


def test_a_start_waits_for_the_database_and_nothing_else_for_it(
    town: Town, charger: StandardCharger
) -> None:
    """It is answered once it is committed; a boot behind it is told to come again."""
    town.world.faults.away = True
    started = charger.send(
        "StartTransaction",
        {"connectorId": 1, "idTag": TAG, "meterStart": 0, "timestamp": charger.now()},
    )
    town.advance(2)
    assert charger.answer_to(started) is None
    assert "currentTime" in charger.call("Heartbeat", {})
    assert charger.call("BootNotification", BOOT)["status"] == "Pending"
    town.world.faults.away = False
    town.advance(6)
    answer = charger.answer_to(started)
    assert answer is not None
    [session] = sessions(town)
    assert answer[2]["transactionId"] == session.session_id


def test_a_stop_whose_socket_dies_is_an_end_all_the_same(
    town: Town, charger: StandardCharger
) -> None:
    """Ten milliseconds later, say; said again it is known."""
    number = charger.start(TAG)["transactionId"]
    at = charger.now()
    charger.send(
        "StopTransaction",
        {"transactionId": number, "meterStop": 400, "timestamp": at},
    )
    charger.peer.lose()
    charger.connect()
    assert charger.stop(number, 400, timestamp=at) == {}
    session = town.session(number)
    assert (session.state, session.energy_wh) == (SessionState.ENDED, 400)
    assert len(town.world.books.ledger) == 1


def test_a_charge_goes_on_across_a_crash_of_the_server(
    town: Town, charger: StandardCharger
) -> None:
    """The charger reconnects without a boot, and is known."""
    number = charger.start(TAG, meter=100)["transactionId"]
    charger.meter(300, transaction_id=number)
    town.crash(down_for=60)
    charger.connect()
    charger.meter(500, transaction_id=number)
    charger.stop(number, 700)
    assert town.session(number).energy_wh == 600


@pytest.mark.parametrize("registration", [Registration.PENDING, Registration.REJECTED])
def test_a_charger_that_is_not_accepted_is_told_and_loses_nothing(
    town: Town, registration: Registration
) -> None:
    """What it says all the same is answered and kept (OCA 002)."""
    charger = StandardCharger.on_record(town, registration=registration).connect()
    answer = charger.call("BootNotification", BOOT)
    assert (answer["status"], answer["interval"]) == (registration.value, 60)
    started = charger.start(TAG)
    assert town.session(started["transactionId"]).state is SessionState.CHARGING


def test_months_of_backlog_are_taken_without_effect_on_today(
    town: Town, charger: StandardCharger
) -> None:
    """Old charges beside the one that runs now; nothing is asked of the charger."""
    now = charger.start(TAG, meter=9000)["transactionId"]
    day = 86_400.0
    for days in range(60, 50, -1):
        begun, ended = charger.now(ago=days * day), charger.now(ago=days * day - 3600)
        old = charger.start("OLD", meter=days, timestamp=begun)["transactionId"]
        charger.stop(old, days + 10, timestamp=ended)
        session = town.session(old)
        assert (session.energy_wh, session.aside) == (10, True)
        assert session.ended_at == pytest.approx(
            town.clock.seconds() - days * day + 3600, abs=1
        )
    assert town.session(now).state is SessionState.CHARGING
    assert charger.asked() == []


def test_what_must_not_be_lost_waits_for_the_database(
    town: Town, charger: StandardCharger
) -> None:
    """A job's status and a security event are answered once they are kept."""
    town.world.faults.away = True
    event = {"type": "SettingSystemTime", "timestamp": charger.now()}
    waiting = [
        charger.send("FirmwareStatusNotification", {"status": "Downloading"}),
        charger.send("SecurityEventNotification", event),
    ]
    town.advance(60)
    assert [charger.answer_to(one) for one in waiting] == [None, None]
    assert charger.peer.is_open
    town.world.faults.away = False
    town.advance(12)
    assert [charger.answer_to(one) for one in waiting] == [
        [3, one, {}] for one in waiting
    ]
    [job] = town.now(town.back_end.charging.beliefs.known.jobs(charger.record))
    assert [status.status for status in job.statuses] == ["Downloading"]


def test_a_boot_that_crashes_us_is_told_to_come_again(
    town: Town, charger: StandardCharger
) -> None:
    """An error would make some chargers boot for ever."""
    town.sabotage.break_next("station_booted", ValueError("a bug"))
    answer = charger.call("BootNotification", BOOT)
    assert (answer["status"], answer["interval"]) == ("Pending", 60)
    assert charger.call("BootNotification", BOOT)["status"] == "Accepted"
