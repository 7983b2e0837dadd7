"""While the database is away nothing of worth is lost, and nobody is lied to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import evolve

from flexicharge.model.session import SessionState
from flexicharge.testing.charge import SERIAL, Charge
from flexicharge.testing.charger import CONSTANT_ID, ScriptedCharger
from flexicharge.testing.town import Town


@pytest.fixture
def charging(charge: Charge) -> Iterator[Charge]:
    """A running charge whose database has just gone away."""
    charge.start()
    charge.charger.heard()
    charge.town.world.faults.away = True
    yield charge
    charge.town.world.faults.away = False


def test_a_stop_is_held_and_then_answered(charging: Charge) -> None:
    """The answer comes with the commit, not before."""
    charging.charger.stop(meter_stop=500)
    charging.town.advance(20)
    assert charging.charger.heard() == []
    charging.town.world.faults.away = False
    charging.town.advance(6)
    assert charging.charger.heard() == [
        [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]
    ]
    assert charging.stored.energy_wh == 500


def test_a_start_is_held_and_then_answered(charge: Charge) -> None:
    """The reservation made before is the session that starts."""
    charge.reserve()
    charge.town.world.faults.away = True
    charge.charger.start(meter_start=3)
    charge.town.advance(20)
    assert charge.charger.heard() == []
    charge.town.world.faults.away = False
    charge.town.advance(6)
    [answer] = charge.charger.heard()
    assert answer[3]["transactionId"] == charge.session_id


def test_live_metrics_go_on(charging: Charge) -> None:
    """The driver sees the charge; the charger's answer waits for the commit."""
    charging.town.world.faults.away = False
    watcher = charging.town.watch(charging.caller, charging.token)
    charging.town.world.faults.away = True
    frame = charging.charger.meter(250)
    assert watcher.heard() == [frame]
    charging.town.advance(3)
    assert charging.charger.heard() == []
    charging.town.world.faults.away = False
    charging.town.advance(6)
    assert charging.charger.heard() == [[3, frame[1], "MeterValues"]]


def test_statuses_and_heartbeats_are_answered_from_memory(charging: Charge) -> None:
    """And written later: the newest word wins."""
    charging.charger.call("Heartbeat", {})
    charging.charger.report("SuspendedEV")
    charging.charger.report("Finishing")
    assert len(charging.charger.heard()) == 3
    charging.town.world.faults.away = False
    charging.town.advance(6)
    assert charging.status() == "Finishing"


def test_a_boot_is_accepted_and_welcomed_later(town: Town) -> None:
    """BootData comes once the price can be known."""
    for number, site in town.world.network.sites.items():
        town.world.network.sites[number] = evolve(site, sek_per_kwh=None)
    charger = ScriptedCharger(town.plug_in(SERIAL))
    town.world.faults.away = True
    charger.boot()
    [accepted] = charger.heard()
    assert accepted[3]["status"] == "Accepted"
    town.world.faults.away = False
    town.advance(6)
    [welcome] = charger.heard()
    assert welcome[2] == "DataTransfer"


def test_a_known_charger_may_reconnect(charging: Charge) -> None:
    """Its record is remembered; its session is known again when the database is."""
    charging.charger.peer.lose()
    charging.charger = ScriptedCharger(charging.town.plug_in(SERIAL))
    charging.charger.boot()
    assert charging.charger.heard()[0][3]["status"] == "Accepted"
    frame = charging.charger.meter(90)
    charging.town.advance(3)
    charging.charger.heard()
    charging.town.world.faults.away = False
    charging.town.advance(12)
    assert [3, frame[1], "MeterValues"] in charging.charger.heard()


def test_an_unknown_charger_waits_for_the_database(charging: Charge) -> None:
    """Its handshake is neither refused nor accepted until somebody can tell."""
    peer = charging.town.plug_in("abc111")
    charging.town.advance(10)
    assert not peer.is_open
    assert not peer.protocol.is_over
    charging.town.world.faults.away = False
    charging.town.advance(6)
    assert peer.is_open


def test_the_apps_are_told_to_come_back(charging: Charge) -> None:
    """503 with the contract's code and a Retry-After."""
    for method, path in (
        ("GET", "/chargers"),
        ("GET", f"/transaction/{charging.session_id}"),
        ("PUT", f"/transaction/stop/{charging.session_id}"),
    ):
        response = charging.ask(method, path).response()
        assert (response.status, response.json) == (503, ["dbError"])
        assert response.header("Retry-After")
    assert charging.town.http.get("/healthz").status == 200
    assert charging.town.http.get("/readyz").status == 503


@pytest.mark.parametrize("before_commit", [True, False])
@pytest.mark.parametrize("method", ["start", "end", "add"])
def test_a_lost_answer_is_asked_for_again(
    charge: Charge, method: str, before_commit: bool
) -> None:
    """Whether the commit happened or not, the charge is in the books exactly once."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.charger.heard()
    faults = charge.town.world.faults
    faults.fail_next(method, before_commit=before_commit)
    charge.charger.start(meter_start=100)
    charge.town.advance(1)
    charge.charger.meter(200)
    charge.town.advance(1)
    charge.charger.stop(meter_stop=500)
    charge.town.advance(2)
    assert [frame[2] for frame in charge.charger.heard()] == [
        "StartTransaction",
        "MeterValues",
        "StopTransaction",
    ]
    assert charge.stored.state is SessionState.ENDED
    assert (charge.stored.energy_wh, charge.stored.price_ore) == (400, 100)
    assert [row.amount_ore for row in charge.town.world.books.ledger] == [100]


def test_a_server_killed_while_the_database_is_away_loses_nothing_answered(
    charging: Charge,
) -> None:
    """The stop was not acknowledged; the charger says it again to the next server."""
    charging.charger.stop(meter_stop=500)
    charging.town.advance(1)
    charging.town.world.faults.away = False
    charging.town.crash()
    charging.plug_in()
    charging.charger.stop(meter_stop=500)
    assert charging.stored.energy_wh == 500
    assert charging.status() == "Available"
