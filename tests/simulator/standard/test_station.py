"""A charger of OCPP 1.6 that keeps to the specification."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest

from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.simulator.enrolment import Enrolment
from flexicharge.simulator.errors import LinkLost
from flexicharge.simulator.screen import Screen
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.standard.central import PASSWORD, Bench
from tests.simulator.standard.conftest import MakeBench


def fits(bench: Bench) -> None:
    """Hold everything that was said against the schemas."""
    for action, payload in bench.central.calls:
        violations = schemas().requests[action].violations(payload)
        assert not violations, (action, payload, violations)


def test_it_dials_the_standard_path_with_its_password(bench: MakeBench) -> None:
    """As OCPP-J and the security whitepaper say: subprotocol, identity, HTTP Basic."""
    enrolment = Enrolment(numbers=(100_007,), password=PASSWORD)
    [request] = bench(enrolment=enrolment).central.handshakes
    assert request.path == "/ocpp/CP-7"
    assert request.protocols == ["ocpp1.6"]
    scheme, _, pair = request.headers["authorization"].partition(" ")
    assert (scheme, b64decode(pair)) == ("Basic", b"CP-7:" + PASSWORD)


def test_it_boots_and_says_what_its_connectors_do(bench: MakeBench) -> None:
    """The charger itself and each connector, once it is accepted, and not before."""
    made = bench(connectors=2)
    assert made.actions == ["BootNotification"] + 3 * ["StatusNotification"]
    told = [
        (p["connectorId"], p["status"]) for p in made.payloads("StatusNotification")
    ]
    assert told == [(0, "Available"), (1, "Available"), (2, "Available")]
    assert made.charger.is_ready
    assert made.charger.number == 100_007
    assert [outlet.connector_id for outlet in made.charger.outlets] == [
        100_007,
        100_008,
    ]
    fits(made)


def test_it_beats_as_often_as_it_was_told(bench: MakeBench) -> None:
    """By the interval in the answer to its boot."""
    made = bench()
    made.pass_time(900, 10.0)
    assert made.said["Heartbeat"] == 3


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_it_boots_again_until_it_is_accepted(bench: MakeBench, status: str) -> None:
    """After the interval it was told, and says nothing else until then."""
    made = bench(connect=False)
    refusal = {"status": status, "currentTime": "2027-01-15T08:00:00Z", "interval": 20}
    made.central.answers["BootNotification"] = refusal
    made.connect()
    assert not made.charger.is_ready
    made.plug_in()
    made.pass_time(50)
    assert made.actions == 3 * ["BootNotification"]
    del made.central.answers["BootNotification"]
    made.pass_time(10)
    assert made.actions[3:] == ["BootNotification"] + 2 * ["StatusNotification"]
    assert made.statuses == ["Preparing"]


def test_one_that_is_pending_says_what_it_is_asked_for(bench: MakeBench) -> None:
    """Commands are answered, and what they trigger is said; no more."""
    made = bench(connect=False)
    made.central.answers["BootNotification"] = {
        "status": "Pending",
        "currentTime": "2027-01-15T08:00:00Z",
        "interval": 100,
    }
    made.connect()
    answer = made.order("TriggerMessage", requestedMessage="Heartbeat")
    assert answer == {"status": "Accepted"}
    assert made.actions == ["BootNotification", "Heartbeat"]


@pytest.mark.parametrize("trouble", ["error", "silence"])
def test_a_boot_without_an_answer_is_said_again(bench: MakeBench, trouble: str) -> None:
    """An error and no answer alike: half a minute later."""
    made = bench(connect=False)
    if trouble == "error":
        made.central.answers["BootNotification"] = "InternalError"
    else:
        made.central.mute.add("BootNotification")
    made.connect()
    made.central.answers.clear()
    made.central.mute.clear()
    made.pass_time(100)
    assert made.said["BootNotification"] == 2
    assert made.charger.is_ready


def test_a_charge_by_tag_goes_as_the_specification_says(bench: MakeBench) -> None:
    """Preparing, Authorize, StartTransaction, readings, StopTransaction, Finishing."""
    made = bench()
    made.charge(600)
    assert made.outlet.screen is Screen.CHARGING
    made.show()
    made.unplug()
    [start], [stop] = (
        made.payloads("StartTransaction"),
        made.payloads("StopTransaction"),
    )
    assert made.actions[3:7] == [
        "StatusNotification",
        "Authorize",
        "StartTransaction",
        "StatusNotification",
    ]
    assert made.statuses == [
        "Available",
        "Preparing",
        "Charging",
        "Finishing",
        "Available",
    ]
    assert (start["idTag"], stop["idTag"], stop["reason"]) == ("TAG1", "TAG1", "Local")
    readings = made.payloads("MeterValues")
    assert [reading["transactionId"] for reading in readings] == 10 * [101]
    assert stop["transactionId"] == 101
    [charge] = made.charger.charges
    assert charge.transaction_id == 101
    assert charge.stop_wh == stop["meterStop"]
    assert charge.stop_kept
    assert stop["meterStop"] - start["meterStart"] == pytest.approx(3667, abs=2)
    assert charge.kept_wh == pytest.approx(3667, abs=2)
    fits(made)


def test_a_tag_that_is_refused_begins_nothing(bench: MakeBench) -> None:
    """The cable stays in, nothing flows."""
    made = bench()
    made.central.answers["Authorize"] = {"idTagInfo": {"status": "Blocked"}}
    made.charge(60)
    assert made.said["StartTransaction"] == 0
    assert made.charger.charges == []


def test_a_start_that_is_refused_is_stopped(bench: MakeBench) -> None:
    """It has a number, and ends as DeAuthorized."""
    made = bench()
    refusal = {"transactionId": 7, "idTagInfo": {"status": "Invalid"}}
    made.central.answers["StartTransaction"] = refusal
    made.charge(60)
    [stop] = made.payloads("StopTransaction")
    assert (stop["transactionId"], stop["reason"]) == (7, "DeAuthorized")


def test_another_tag_of_the_family_may_stop(bench: MakeBench) -> None:
    """If both have one parent; a stranger's does nothing."""
    made = bench()
    family = {"idTagInfo": {"status": "Accepted", "parentIdTag": "FAMILY"}}
    made.central.answers["Authorize"] = family
    made.central.answers["StartTransaction"] = {"transactionId": 7, **family}
    made.charge(60)
    made.central.answers["Authorize"] = {"idTagInfo": {"status": "Accepted"}}
    made.show("STRANGER")
    assert made.said["StopTransaction"] == 0
    made.central.answers["Authorize"] = family
    made.show("SISTER")
    assert made.payloads("StopTransaction")[0]["idTag"] == "SISTER"


def test_a_tag_without_a_car_lapses(bench: MakeBench) -> None:
    """After ConnectionTimeOut the connector is free again."""
    made = bench()
    made.show()
    assert made.statuses[-1] == "Preparing"
    made.pass_time(61)
    assert made.statuses[-1] == "Available"
    assert made.said["StartTransaction"] == 0


def test_pulling_the_cable_ends_a_charge(bench: MakeBench) -> None:
    """With the reason that says so, and no tag."""
    made = bench()
    made.charge(60)
    made.unplug()
    [stop] = made.payloads("StopTransaction")
    assert stop["reason"] == "EVDisconnected"
    assert "idTag" not in stop
    assert made.statuses[-1] == "Available"


def test_a_full_car_suspends_its_charge(bench: MakeBench) -> None:
    """The transaction goes on until somebody ends it."""
    made = bench()
    made.plug_in(capacity_wh=1000.0, stored_wh=1000.0)
    made.show()
    made.pass_time(61, 10.0)
    assert made.statuses[-1] == "SuspendedEV"
    assert made.said["StopTransaction"] == 0


def test_what_happens_offline_is_told_later(bench: MakeBench) -> None:
    """In order, with the number that only the answer to the start told."""
    made = bench()
    made.charge(60)
    made.unplug()
    made.lose()
    made.charge(180)
    made.show()
    made.unplug()
    assert made.said["StartTransaction"] == 1
    made.connect()
    assert made.said["BootNotification"] == 1
    [_, start], [_, stop] = (
        made.payloads(a) for a in ("StartTransaction", "StopTransaction")
    )
    assert stop["transactionId"] == made.central.transactions
    assert stop["meterStop"] > start["meterStart"]
    readings = [p for p in made.payloads("MeterValues") if p["transactionId"] == 102]
    assert len(readings) == 3
    assert start["timestamp"] < readings[0]["meterValue"][0]["timestamp"]
    fits(made)


def test_offline_an_unknown_tag_begins_nothing(bench: MakeBench) -> None:
    """Unless the charger is set to trust everybody then."""
    made = bench()
    made.lose()
    made.charge(60)
    assert made.charger.charges == []
    made.charger.configuration.change("AllowOfflineTxForUnknownId", "true")
    made.show()
    assert len(made.charger.charges) == 1


def test_one_call_is_outstanding(bench: MakeBench) -> None:
    """Nothing else is said until it is answered, or a minute is over."""
    made = bench()
    made.central.mute.add("Authorize")
    made.plug_in()
    made.show()
    made.unplug()
    assert made.actions[-1] == "Authorize"
    made.pass_time(61)
    assert made.actions[-2:] == ["Authorize", "StatusNotification"]


def test_a_start_without_an_answer_is_said_again_unchanged(bench: MakeBench) -> None:
    """Three times in all, ever later, under the same id; then it is given up."""
    made = bench()
    made.charger.configuration.change("MeterValueSampleInterval", "0")
    made.central.mute.add("StartTransaction")
    made.charge(700)
    said = [
        (message_id, payload)
        for message_id, (action, payload) in zip(
            made.central.ids, made.central.calls, strict=True
        )
        if action == "StartTransaction"
    ]
    assert len(said) == 3
    assert said[0] == said[1] == said[2]
    made.show()
    assert made.payloads("StopTransaction")[0]["transactionId"] == -1


def test_a_stop_that_is_refused_is_said_again(bench: MakeBench) -> None:
    """After the interval of the configuration, with statuses in between."""
    made = bench()
    made.charge(60)
    made.central.answers["StopTransaction"] = "InternalError"
    made.show()
    made.central.answers.clear()
    made.unplug()
    assert made.statuses[-1] == "Available"
    made.pass_time(61)
    assert made.said["StopTransaction"] == 2
    assert made.charger.charges[0].stop_kept
    assert made.charger.refusals[0].code == "InternalError"


def test_a_charge_ends_with_the_power_and_is_told_after_the_boot(
    bench: MakeBench,
) -> None:
    """The register of the moment, PowerLoss, and a cable that is still in the car."""
    made = bench()
    made.charge(90)
    made.cut_power()
    assert made.charger.screen is Screen.OFF
    assert made.charger.charges[0].cut_short
    made.pass_time(600, 60.0)
    made.power_up()
    [stop] = made.payloads("StopTransaction")
    assert (stop["transactionId"], stop["reason"]) == (101, "PowerLoss")
    assert stop["meterStop"] == pytest.approx(550, abs=1)
    assert made.statuses[-1] == "Finishing"
    assert made.said["BootNotification"] == 2


def test_two_connectors_charge_at_once(bench: MakeBench) -> None:
    """Each with a meter and a transaction of its own."""
    made = bench(connectors=2)
    made.charge(120)
    other = made.charger.outlets[1]
    other.plug_in(made.outlet.car)  # type: ignore[arg-type]  # there is one
    other.show_tag("TAG2")
    made.flush()
    made.pass_time(120, 10.0)
    other.show_tag("TAG2")
    made.flush()
    starts = made.payloads("StartTransaction")
    assert [(s["connectorId"], s["idTag"]) for s in starts] == [
        (1, "TAG1"),
        (2, "TAG2"),
    ]
    [stop] = made.payloads("StopTransaction")
    assert stop["transactionId"] == 102
    assert made.outlet.screen is Screen.CHARGING
    assert [charge.transaction_id for charge in made.charger.charges] == [101, 102]


def test_the_first_connector_is_what_a_visitor_of_the_charger_finds(
    bench: MakeBench,
) -> None:
    """Who does not care which connector has the first one."""
    made = bench(connect=False)
    ready = fire(made.charger.until_ready(5.0))
    online = fire(made.charger.until_online(5.0))
    made.connect()
    result_of(ready)
    result_of(online)
    made.charger.plug_in(made.plug_in())
    made.charger.unplug()
    made.flush()
    assert made.statuses[-1] == "Available"


def test_a_line_that_cannot_be_had_changes_nothing(bench: MakeBench) -> None:
    """Why it was lost is kept; a line that is not the present one means nothing."""
    made = bench()
    made.charger.disconnected(LinkLost("elsewhere"), object())  # type: ignore[arg-type]
    assert made.charger.is_ready
    made.lose()
    made.charger.disconnected(LinkLost("nobody there"))
    assert str(made.charger.trouble) == "nobody there"
    assert not made.charger.has_given_up
    made.charger.cut_power()
    made.connect()
    assert made.central.handshakes[1:]
    assert made.said["BootNotification"] == 1


def test_it_hangs_up_politely_when_it_is_switched_off(bench: MakeBench) -> None:
    """And says nothing more."""
    made = bench()
    made.charger.switch_off()
    made.pass_time(700, 100.0)
    assert made.said["Heartbeat"] == 0
    assert made.charger.tally.now["connected"] == 0


def test_what_it_cannot_read_it_ignores_or_refuses(bench: MakeBench) -> None:
    """A Call with an id is owed an answer, whatever stands in it."""
    made = bench()
    assert made.central.socket is not None
    made.central.socket.sendMessage(b"no frame")
    made.central.socket.sendMessage(json.dumps([2, "odd", "Reset", 17]).encode())
    made.central.say(3, "never asked", {})
    made.central.say(4, "never asked", "GenericError", "", {})
    made.flush()
    assert made.central.results["odd"][0] == "FormationViolation"
    assert made.charger.refusals[-1].code == "GenericError"


def test_a_skewed_clock_shows_in_its_times(bench: MakeBench) -> None:
    """By as much as it is ahead."""
    made = bench(skew_s=3600.0)
    expected = made.charger.now()
    assert expected == made.clock.seconds() + 3600.0
