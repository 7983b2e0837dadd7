"""Section 9, and 032_2, 034, 036, 037_2 and 038: no power, or no line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flexicharge.testing.peers import Peer
from flexicharge.testing.standard_charger import BOOT

from .scene import DRIVER, TAG, JsonObject, Scene, instant

DAY_S = 86_400.0
GRACE_S = 300.0


def short_of_grace(set_up: Callable[..., Scene]) -> Scene:
    """Set up a charger whose silence is not borne for long."""
    grace = f"{GRACE_S:.0f}"
    scene = set_up(SESSION_GRACE=grace, OFFLINE_SESSION_GRACE=grace)
    scene.charger.connect().boot()
    return scene


def power_cut(scene: Scene, *statuses: str) -> None:
    """Cut the power for two minutes; then the charger boots and reports."""
    scene.reconnect(after=120)
    booted = scene.charger.call("BootNotification", dict(BOOT))
    assert booted["status"] == "Accepted"
    for number, status in enumerate(statuses):
        scene.charger.report(number, status)


def watched(scene: Scene) -> Peer:
    """Return the live socket of a driver whose tag this is from now on."""
    caller, token = scene.town.driver()
    scene.put_tag(TAG, userID=caller.user_id)
    return scene.town.watch(caller, token)


def metered(scene: Scene, number: int, meter: int, ago: float) -> JsonObject:
    """Return a reading of some seconds ago."""
    value = {
        "timestamp": scene.charger.now(ago),
        "sampledValue": [{"value": f"{meter}"}],
    }
    return {"connectorId": 1, "transactionId": number, "meterValue": [value]}


def offline_start(scene: Scene, id_tag: str, **more: object) -> JsonObject:
    """Start while there was no line, half an hour ago; return the answer to it."""
    scene.reconnect(after=1800)
    more = {"timestamp": scene.charger.now(ago=1800), **more}
    return scene.charger.start(id_tag, 1, 100, **more)


def test_032_1_power_cut_stopped_afterwards(scene: Scene) -> None:
    """The session is open across the boot, and ends once, by its stop."""
    number = scene.charge(meter=1000)
    power_cut(scene, "Available", "Finishing", "Available")
    assert scene.session(number)["state"] == "charging"
    assert scene.charger.stop(number, 1800, reason="PowerLoss") == {}
    [session] = scene.sessions()
    assert (session["state"], session["stopReason"]) == ("ended", "PowerLoss")
    assert (session["energyWh"], session["endReason"]) == (800, "station")
    assert scene.owed() == [number]


def test_032_1_twin_the_stop_never_comes(set_up: Callable[..., Scene]) -> None:
    """Our grace ends it at the last reading; a stop days later changes no bill."""
    scene = short_of_grace(set_up)
    number = scene.charge(meter=1000)
    scene.charger.meter(1500, transaction_id=number)
    power_cut(scene, "Available", "Finishing", "Available")
    scene.town.advance(GRACE_S + 60, step=5)
    session = scene.session(number)
    assert (session["endReason"], session["energyWh"]) == ("silent", 500)
    assert "fromLastReading" in session["flags"]
    scene.town.clock.advance(2 * DAY_S)
    scene.reconnect()
    scene.charger.stop(number, 1800, reason="PowerLoss")
    assert scene.session(number) == session
    assert [fact["transactionId"] for fact in scene.facts("adjustment")] == [number]


def test_032_2_power_cut_session_resumed(scene: Scene) -> None:
    """It stays open across the boot; its energy is in one piece."""
    number = scene.charge(meter=1000)
    scene.charger.meter(1500, transaction_id=number)
    power_cut(scene, "Available", "Charging", "Available")
    assert scene.session(number)["state"] == "charging"
    scene.charger.meter(2500, transaction_id=number)
    scene.charger.stop(number, 4000, reason="Local")
    [session] = scene.sessions()
    assert (session["energyWh"], session["stopReason"]) == (3000, "Local")
    assert session["flags"] == []


def test_032_2_twin_the_register_is_below_the_last_reading(scene: Scene) -> None:
    """The lower energy counts, and it is marked."""
    number = scene.charge(meter=1000)
    scene.charger.meter(2500, transaction_id=number)
    power_cut(scene, "Available", "Charging", "Available")
    scene.charger.stop(number, 2200, reason="PowerLoss")
    session = scene.session(number)
    assert (session["energyWh"], session["flags"]) == (1200, ["meterInDoubt"])


def agreement(scene: Scene) -> list[tuple[str, ...]]:
    """Return of each connector its status, what it is to be, and if that agrees."""
    keys = "status", "availability", "agreement"
    shown = scene.shown()["connectors"]
    return [tuple(one[key] for key in keys) for one in shown]


def out_of_service(scene: Scene) -> None:
    """Take the whole charger out of service."""
    wanted = {"connectorId": 0, "type": "Inoperative"}
    scene.tell("ChangeAvailability", wanted, "Accepted")
    for number in range(3):
        scene.charger.report(number, "Unavailable")


def test_034_unavailable_survives_a_power_cut(scene: Scene) -> None:
    """What was wanted and what is reported are both kept, and agree."""
    out_of_service(scene)
    power_cut(scene, "Unavailable", "Unavailable", "Unavailable")
    assert agreement(scene) == [("Unavailable", "Inoperative", "asWanted")] * 2


def test_034_twin_available_after_the_boot(scene: Scene) -> None:
    """The difference is shown."""
    out_of_service(scene)
    power_cut(scene, "Available", "Available", "Available")
    assert agreement(scene) == [("Available", "Inoperative", "differs")] * 2


def test_036_meter_values_after_an_outage(scene: Scene) -> None:
    """All are kept with their own times; only the newest is pushed to the driver."""
    phone = watched(scene)
    number = scene.charge(meter=1000)
    scene.reconnect(after=1800)
    phone.heard()
    times = [(1700.0, 1500), (1200.0, 2000), (600.0, 2500), (0.0, 3000)]
    for ago, meter in times:
        assert (
            scene.charger.call("MeterValues", metered(scene, number, meter, ago)) == {}
        )
    now = scene.town.clock.seconds()
    kept = scene.session(number)["meterValues"]
    assert [instant(one["timestamp"]) for one in kept] == [
        now - ago for ago, _ in times
    ]
    assert {instant(one["receivedAt"]) for one in kept} == {now}
    pushed = [frame[3]["values"]["chargedSoFar"]["value"] for frame in phone.heard()]
    assert pushed == [2000]
    scene.charger.stop(number, 3000)
    assert scene.session(number)["energyWh"] == 2000


def test_036_twin_newest_first(scene: Scene) -> None:
    """What is older changes nothing, and is pushed to nobody."""
    phone = watched(scene)
    number = scene.charge(meter=1000)
    scene.reconnect(after=1800)
    phone.heard()
    for ago, meter in [(0.0, 3000), (600.0, 2500), (1200.0, 2000)]:
        scene.charger.call("MeterValues", metered(scene, number, meter, ago))
    pushed = [frame[3]["values"]["chargedSoFar"]["value"] for frame in phone.heard()]
    assert pushed == [2000]
    scene.charger.stop(number, 3100)
    session = scene.session(number)
    assert (session["energyWh"], session["flags"]) == (2100, [])
    assert len(session["meterValues"]) == 3


def test_036_twin_a_month_of_backlog(scene: Scene) -> None:
    """All at once: each is answered and kept, and has no effect on today."""
    phone = watched(scene)
    number = scene.charge(meter=0, timestamp=scene.charger.now(ago=30 * DAY_S))
    phone.heard()
    hours = range(720, 420, -1)
    calls = [metered(scene, number, 720 - hour, hour * 3600.0) for hour in hours]
    ids = scene.charger.send_at_once(*(("MeterValues", call) for call in calls))
    answers = [scene.charger.answer_to(each) for each in ids]
    assert [answer and answer[2] for answer in answers] == [{}] * len(calls)
    session = scene.session(number)
    assert (session["state"], len(session["meterValues"])) == ("charging", 300)
    assert phone.heard() == []
    assert scene.statuses() == ["Charging", "Available"]


def test_037_1_offline_start_valid_tag(scene: Scene) -> None:
    """It is open; when it began and when that was said are both on record."""
    started = offline_start(scene, TAG)
    scene.charger.report(1, "Charging")
    assert started["idTagInfo"]["status"] == "Accepted"
    [session] = scene.sessions()
    now = scene.town.clock.seconds()
    assert session["transactionId"] == started["transactionId"]
    assert session["state"] == "charging"
    assert instant(session["startTimestamp"]) == now - 1800
    [start] = scene.facts("start")
    assert instant(start["time"]) == now
    assert scene.charger.now(ago=1800) in start["claimed"]


@pytest.mark.parametrize("claimed", ["1970-01-01T00:00:00Z", "2028-02-01T00:00:00Z"])
def test_037_1_twin_an_impossible_time(scene: Scene, claimed: str) -> None:
    """It is accepted, both times are kept, and what is billed begins on arrival."""
    started = offline_start(scene, TAG, timestamp=claimed)
    assert started["idTagInfo"]["status"] == "Accepted"
    now = scene.town.clock.seconds()
    [session] = scene.sessions()
    assert instant(session["startTimestamp"]) == now
    [start] = scene.facts("start")
    assert (instant(start["time"]), claimed in start["claimed"]) == (now, True)


def test_037_2_offline_invalid_tag_goes_on_without_energy(scene: Scene) -> None:
    """The transaction is given; it is a session without a payer."""
    started = offline_start(scene, "NOBODYS")
    assert started["idTagInfo"]["status"] == "Invalid"
    scene.charger.report(1, "Charging")
    scene.charger.report(1, "SuspendedEVSE")
    [session] = scene.sessions()
    assert session["transactionId"] == started["transactionId"]
    assert (session["state"], session["userID"]) == ("charging", None)
    assert "tagRefused" in session["flags"]


def test_037_2_twin_energy_flows_all_the_same(scene: Scene) -> None:
    """It is kept, nobody owes for it, and an alarm is raised."""
    number = offline_start(scene, "NOBODYS")["transactionId"]
    scene.charger.report(1, "Charging")
    assert scene.charger.meter(900, transaction_id=number) == {}
    assert scene.session(number)["energyWh"] == 800
    assert scene.alarms("energy without a payer") == 1
    scene.charger.stop(number, 1100)
    assert (scene.session(number)["energyWh"], scene.owed()) == (1000, [])


def test_037_3_offline_invalid_tag_charger_stops(scene: Scene) -> None:
    """The transaction is given, `Invalid`; its session has no payer, and an end."""
    started = offline_start(scene, "NOBODYS")
    assert started["transactionId"] > 0
    assert started["idTagInfo"]["status"] == "Invalid"
    charger, number = scene.charger, started["transactionId"]
    charger.report(1, "Charging")
    assert charger.stop(number, 130, reason="DeAuthorized") == {}
    charger.report(1, "Finishing")
    [session] = scene.sessions()
    assert (session["state"], session["stopReason"]) == ("ended", "DeAuthorized")
    assert (session["userID"], session["energyWh"]) == (None, 30)
    assert "noPayer" in session["flags"]
    assert scene.owed() == []


def test_037_3_twin_it_goes_on_charging(scene: Scene) -> None:
    """All is answered, the energy is kept, and nobody is billed for it."""
    number = offline_start(scene, "NOBODYS")["transactionId"]
    scene.charger.report(1, "SuspendedEVSE")
    for meter in (400, 700, 1000):
        scene.town.advance(60, step=30)
        assert scene.charger.meter(meter, transaction_id=number) == {}
    scene.charger.stop(number, 1100)
    session = scene.session(number)
    assert (session["energyWh"], len(session["meterValues"])) == (1000, 3)
    assert (session["userID"], session["priceOre"], scene.owed()) == (None, 0, [])


@pytest.mark.parametrize("more", [{"reason": "Local"}, {}])
def test_038_stop_while_offline(scene: Scene, more: JsonObject) -> None:
    """It ended when the charger says that it did, `Local`."""
    number = scene.charge(meter=1000)
    scene.reconnect(after=1800)
    scene.charger.stop(number, 2000, timestamp=scene.charger.now(ago=600), **more)
    scene.charger.report(1, "Finishing")
    session = scene.session(number)
    assert (session["state"], session["stopReason"]) == ("ended", "Local")
    assert instant(session["stopTimestamp"]) == scene.town.clock.seconds() - 600
    assert session["energyWh"] == 1000


def test_038_the_end_is_bounded(scene: Scene) -> None:
    """A time to come is none that counts: then it ended on arrival."""
    number = scene.charge(meter=1000)
    scene.reconnect(after=1800)
    scene.charger.stop(number, 2000, timestamp=scene.charger.now(ago=-3600))
    stopped_at = instant(scene.session(number)["stopTimestamp"])
    assert stopped_at == scene.town.clock.seconds()


def test_038_twin_our_grace_was_over(set_up: Callable[..., Scene]) -> None:
    """We have ended it by then: the stop is kept as an adjustment."""
    scene = short_of_grace(set_up)
    number = scene.charge(meter=1000)
    scene.reconnect(after=GRACE_S + 60, step=5)
    before = scene.session(number)
    assert (before["state"], before["endReason"]) == ("ended", "silent")
    ended_at = scene.charger.now(ago=200)
    assert scene.charger.stop(number, 2000, timestamp=ended_at) == {}
    assert scene.session(number) == before
    [adjustment] = scene.facts("adjustment")
    assert '"meterStop":2000' in adjustment["claimed"]


def test_039_whole_session_offline(scene: Scene) -> None:
    """One closed session; nothing is pushed, and nothing asked because of it."""
    phone = watched(scene)
    phone.heard()
    started = offline_start(scene, TAG)
    assert started["idTagInfo"]["status"] == "Accepted"
    number = started["transactionId"]
    ended = scene.charger.now(ago=600)
    assert scene.charger.stop(number, 1300, timestamp=ended, reason="Local") == {}
    [session] = scene.sessions()
    now = scene.town.clock.seconds()
    assert (session["state"], session["energyWh"]) == ("ended", 1200)
    assert instant(session["startTimestamp"]) == now - 1800
    assert instant(session["stopTimestamp"]) == now - 600
    scene.town.advance(30, step=10)
    assert phone.heard() == []
    assert (scene.charger.asked(), scene.commands()) == ([], [])


@pytest.mark.parametrize("number", [-1, 0])
def test_039_twin_the_answer_to_the_start_was_lost(scene: Scene, number: int) -> None:
    """A stop that cannot name its transaction is that of the only one it can be."""
    started = offline_start(scene, TAG)
    ended = scene.charger.now(ago=600)
    scene.charger.stop(number, 1300, timestamp=ended, reason="Local", idTag=TAG)
    [session] = scene.sessions()
    assert session["transactionId"] == started["transactionId"]
    assert (session["state"], session["energyWh"]) == ("ended", 1200)
    assert (session["userID"], session["stopIdTag"]) == (DRIVER, TAG)


@pytest.mark.parametrize("number", [-1, 0, 77])
def test_039_twin_the_stop_comes_first(scene: Scene, number: int) -> None:
    """It is answered and kept as an orphan, and so is not repeated for ever."""
    scene.reconnect(after=1800)
    ended = scene.charger.now(ago=600)
    assert scene.charger.stop(number, 1300, timestamp=ended, reason="Local") == {}
    [orphan] = scene.facts("stopWithoutStart")
    assert (orphan["transactionId"], ended in orphan["claimed"]) == (None, True)
    begun = scene.charger.now(ago=1800)
    started = scene.charger.start(TAG, 1, 100, timestamp=begun)
    assert started["idTagInfo"]["status"] == "Accepted"
