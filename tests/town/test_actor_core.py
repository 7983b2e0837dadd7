"""The actor core, driven on the fake clock over in-memory wires."""

from __future__ import annotations

import base64

from twisted.internet.defer import Deferred
from twisted.logger import LogEvent

from flexicharge.actors.supervisor import CRASHES
from flexicharge.model.session import SessionState
from flexicharge.testing.charge import SERIAL, Charge
from flexicharge.testing.charger import CONSTANT_ID, ScriptedCharger
from flexicharge.testing.deferreds import result_of
from flexicharge.testing.peers import masked_frame
from flexicharge.testing.town import Town

FAULT = [4, "InternalError", "GenericError", "Internal error", {}]


def alarms(town: Town) -> dict[str, int]:
    return dict(town.back_end.alarms.raised)


# silence


def test_a_silent_charger_is_pinged_and_kept(town: Town) -> None:
    """The fielded charger says nothing for hours; a pong is enough."""
    charger = ScriptedCharger(town.plug_in(SERIAL))
    charger.boot()
    town.advance(3600, step=1)
    assert charger.peer.is_open


def test_a_dead_charger_is_dropped(town: Town) -> None:
    """Half-open sockets are found out: a ping goes out, nothing comes back."""
    peer = town.plug_in(SERIAL)
    peer.wire.severed = True
    town.advance(120 + 19, step=1)
    assert SERIAL in town.back_end.supervisor.present
    town.advance(2, step=1)
    assert SERIAL not in town.back_end.supervisor.present


def test_a_charger_that_pings_is_answered(town: Town) -> None:
    """CHG pings every five seconds and gives up after twenty without a pong."""
    peer = town.plug_in(SERIAL)
    pongs: list[bytes] = []
    peer.protocol.onPong = pongs.append
    peer.protocol.sendPing(b"are you there")
    town.flush()
    assert pongs == [b"are you there"]


# reconnect in mid-charge


def test_a_session_outlives_its_connection(charge: Charge) -> None:
    """The charger reconnects without a boot; readings and stop belong on."""
    charge.start(meter_start=500)
    charge.charger.peer.lose()
    charge.town.advance(5)
    charge.charger = ScriptedCharger(charge.town.plug_in(SERIAL))
    frame = charge.charger.meter(700)
    assert charge.charger.heard() == [[3, frame[1], "MeterValues"]]
    charge.charger.stop(meter_stop=1500)
    assert charge.stored.energy_wh == 1000


def test_a_session_outlives_the_server(charge: Charge) -> None:
    """After a kill the next server knows the session from the store alone."""
    charge.start(meter_start=500)
    charge.charger.meter(700)
    charge.town.crash()
    charge.plug_in()
    assert charge.status() == "Charging"
    assert charge.read()["energyWh"] == 700
    charge.town.advance(600, step=60)
    charge.charger.meter(900)
    charge.charger.stop(meter_stop=2500)
    assert charge.stored.state is SessionState.ENDED
    assert (charge.stored.energy_wh, charge.stored.price_ore) == (2000, 500)


def test_a_start_is_accepted_after_the_server_was_killed(charge: Charge) -> None:
    """The remote start was sent, then the server died: energy still has its payer."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.town.crash()
    charge.plug_in()
    charge.charger.start()
    [answer] = charge.charger.heard()
    assert answer[3] == {"idTagInfo": 1, "transactionId": charge.session_id}
    assert charge.stored.state is SessionState.CHARGING


def test_a_stop_asked_for_while_away_is_carried_out_on_return(charge: Charge) -> None:
    """The driver's wish is stored; the charger is told when it is back."""
    charge.start()
    charge.charger.meter(300)
    charge.charger.peer.lose()
    stopped = charge.ask("PUT", f"/transaction/stop/{charge.session_id}")
    charge.town.advance(2)
    early = stopped.response().json
    assert early["final"] is False
    assert early["price"] == 75
    assert early["endTimestamp"] >= early["startTimestamp"]
    charge.charger = ScriptedCharger(charge.town.plug_in(SERIAL))
    [call] = charge.charger.heard()
    assert call[2:] == ["RemoteStopTransaction", {"transactionID": charge.session_id}]


# two connections with one serial


def test_a_living_charger_keeps_its_link(town: Town) -> None:
    """A second socket from the same place is refused while the first answers."""
    first = town.plug_in(SERIAL)
    second = town.plug_in(SERIAL)
    town.flush()
    assert not second.is_open
    assert first.is_open
    ScriptedCharger(first).boot()
    assert first.heard()


def test_a_returning_charger_is_not_refused_for_a_dead_socket(charge: Charge) -> None:
    """The old socket is half-open: the newcomer waits two seconds and has the link."""
    charge.start()
    old = charge.charger.peer
    old.wire.severed = True
    charge.charger = ScriptedCharger(charge.town.plug_in(SERIAL))
    assert not charge.charger.peer.is_open
    charge.town.advance(2)
    assert charge.charger.peer.is_open
    charge.charger.meter(100)
    charge.charger.stop(meter_stop=800)
    assert charge.stored.energy_wh == 800
    assert charge.status() == "Available"


def test_a_stranger_with_the_same_serial_raises_an_alarm(town: Town) -> None:
    """From another address the newcomer wins, and somebody is told."""
    first = town.plug_in(SERIAL, address="192.0.2.1")
    second = town.plug_in(SERIAL, address="192.0.2.2")
    town.flush()
    assert second.is_open
    assert not first.is_open
    assert alarms(town) == {"two stations of one name": 1}


def test_frames_sent_during_the_challenge_are_not_lost(town: Town) -> None:
    """What the newcomer says with its handshake is handled once it is admitted."""
    old = town.plug_in(SERIAL)
    old.wire.severed = True
    newcomer = town.plug_in(SERIAL)
    newcomer.wire.client.write(masked_frame(b'[2,"id","Heartbeat",{}]'))
    town.flush()
    town.advance(2)
    assert newcomer.heard() == [[3, "id", "Heartbeat", {"currentTime": 1_800_000_002}]]


def test_a_password_outranks_a_serial_number(town: Town) -> None:
    """A station with a password must show it on every path; a namesake gets 401."""
    key = town.back_end.people.server_key
    credential = key.station_credential("c0ffee" * 6)
    town.now(town.stores.chargers.set_credential(SERIAL, credential))
    for headers in (None, {"Authorization": "Basic YWJjMTE3Ondyb25n"}):
        assert not town.plug_in(SERIAL, headers=headers).is_open
    assert not town.plug_in(SERIAL, path=f"/{SERIAL}").is_open
    basic = base64.b64encode(b"abc117:" + b"c0ffee" * 6).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert town.plug_in(SERIAL, headers=headers).is_open


def test_guessing_a_password_is_limited(town: Town) -> None:
    """After ten wrong ones the right one is refused too, from that address only."""
    key = town.back_end.people.server_key
    credential = key.station_credential("c0ffee" * 6)
    town.now(town.stores.chargers.set_credential(SERIAL, credential))
    right = base64.b64encode(b"abc117:" + b"c0ffee" * 6).decode()
    for _ in range(10):
        assert not town.plug_in(SERIAL, headers={"Authorization": "Basic YTpi"}).is_open
    headers = {"Authorization": f"Basic {right}"}
    assert not town.plug_in(SERIAL, headers=headers).is_open
    assert town.plug_in(SERIAL, headers=headers, address="192.0.2.8").is_open


def test_an_undecided_handshake_that_goes_away_is_forgotten(town: Town) -> None:
    """Nothing keeps asking the database for somebody who has left."""
    before = len(town.clock.getDelayedCalls())
    town.world.faults.away = True
    peer = town.plug_in("abc111")
    assert len(town.clock.getDelayedCalls()) > before
    peer.lose()
    town.advance(2)
    assert len(town.clock.getDelayedCalls()) == before
    town.world.faults.away = False


# a handler that raises


def test_a_crash_costs_one_call(charge: Charge, logged: list[LogEvent]) -> None:
    """That call is answered with our fault; charger and session go on."""
    charge.start()
    charge.town.sabotage.break_next("end", ZeroDivisionError("nobody foresaw"))
    charge.charger.stop(meter_stop=900)
    assert charge.charger.heard() == [FAULT]
    assert "abc117" in str(logged[0]["log_format"].format(**logged[0]))
    charge.charger.stop(meter_stop=900)
    assert charge.charger.heard() == [
        [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]
    ]
    assert charge.stored.energy_wh == 900


def test_a_crashing_dialect_charger_is_kept(
    charge: Charge, logged: list[LogEvent]
) -> None:
    """It would never reconnect, so an alarm is raised and its socket stays."""
    charge.start()
    for _ in range(CRASHES):
        charge.town.sabotage.break_next("end", ZeroDivisionError("nobody foresaw"))
        charge.charger.stop(meter_stop=900)
    assert charge.charger.heard() == [FAULT] * CRASHES
    assert alarms(charge.town) == {"an actor keeps crashing": 1}
    assert charge.charger.peer.is_open


# a charger that never answers


def test_a_charger_that_never_answers_a_start(charge: Charge) -> None:
    """The app is answered after a second; the charger may still start later."""
    charge.reserve()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    charge.town.advance(0.75)
    assert started.received == b""
    charge.town.advance(0.25)
    early = started.response()
    assert early.status == 200
    assert early.json["startTimestamp"] == 1_800_000_000
    charge.town.advance(40)
    charge.charger.start()
    assert charge.stored.state is SessionState.CHARGING


def test_a_late_refusal_returns_the_session_to_reserved(charge: Charge) -> None:
    """The answer comes after its deadline and is acted on all the same."""
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [call] = charge.charger.heard()
    charge.town.advance(31)
    assert charge.stored.state is SessionState.STARTING
    charge.charger.answer(call, "Rejected")
    assert charge.stored.state is SessionState.RESERVED


def test_a_deaf_charger_raises_an_alarm(charge: Charge) -> None:
    """Three commands without an answer; the socket is kept."""
    for _ in range(3):
        body = {"connectorID": 100007, "paymentType": "klarna"}
        charge.ask("POST", "/transaction", body)
        charge.town.advance(31)
    assert alarms(charge.town) == {"deaf charger": 1}
    assert charge.charger.peer.is_open


def test_commands_wait_their_turn(charge: Charge) -> None:
    """One outstanding Call per station: the start waits for the reservation."""
    body = {"connectorID": 100007, "paymentType": "klarna"}
    posted = charge.ask("POST", "/transaction", body)
    charge.town.advance(1)
    charge.session_id = posted.response().json["transactionID"]
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    [reserve] = charge.charger.heard()
    charge.charger.answer(reserve, "Accepted")
    [start] = charge.charger.heard()
    assert start[2] == "RemoteStartTransaction"


# shutdown


def test_shutdown_closes_everybody_with_1001(charge: Charge) -> None:
    """Chargers and drivers are told that the server goes away."""
    watcher = charge.town.watch(charge.caller, charge.token)
    stopping = charge.town.stop()
    charge.town.flush()
    charge.town.advance(1)
    assert result_of(stopping) is None
    for peer in (charge.charger.peer, watcher):
        assert peer.protocol.close_code == 1001
    assert charge.town.clock.getDelayedCalls() == []


def test_shutdown_with_calls_in_flight(charge: Charge) -> None:
    """A command that waits for its answer does not hold the server up."""
    charge.reserve()
    started = charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    stopping = charge.town.stop()
    charge.town.flush()
    charge.town.advance(2)
    assert result_of(stopping) is None
    assert started.response().status == 200
    assert charge.stored.state is SessionState.STARTING


def test_shutdown_commits_what_was_accepted(charge: Charge) -> None:
    """A stop that is being committed is committed, and answered, before the close."""
    charge.start()
    charge.town.world.faults.slow(0.5)
    charge.charger.stop(meter_stop=700)
    stopping: Deferred[None] = charge.town.stop()
    charge.town.advance(5)
    assert result_of(stopping) is None
    frames = charge.charger.heard()
    assert [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}] in frames
    charge.town.world.faults.slow(0)
    assert charge.stored.energy_wh == 700


def test_a_stop_whose_socket_dies_at_once_counts(charge: Charge) -> None:
    """What came before the loss is still handled."""
    charge.start()
    charge.town.world.faults.slow(0.01)
    charge.charger.stop(meter_stop=700)
    charge.charger.peer.lose()
    charge.town.advance(2)
    charge.town.world.faults.slow(0)
    assert charge.stored.energy_wh == 700


# a full mailbox


def test_a_flood_keeps_the_newest_reading_and_all_money(charge: Charge) -> None:
    """While a start waits for the database frames pile up; nothing of worth is lost."""
    charge.reserve()
    charge.town.world.faults.away = True
    charge.charger.start()
    for wh in range(300):
        charge.charger.meter(wh)
    charge.charger.call("Heartbeat", {})
    charge.charger.stop(meter_stop=5000)
    refused = charge.charger.heard()
    superseded = [frame for frame in refused if frame[2] == "MeterValues"]
    assert len(superseded) == 300 - 256
    assert refused[-1] == [4, CONSTANT_ID, "GenericError", "Too busy", {}]
    charge.town.world.faults.away = False
    charge.town.advance(10)
    answers = charge.charger.heard()
    assert answers[0][2] == "StartTransaction"
    assert answers[-1] == [3, CONSTANT_ID, "StopTransaction", {"idTagInfo": 1}]
    assert charge.stored.energy_wh == 5000
    assert charge.charger.peer.is_open
