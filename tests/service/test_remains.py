"""What the server says is left of a station or a driver."""

from __future__ import annotations

from flexicharge.model.session import SessionState
from flexicharge.model.site import Connector
from flexicharge.selftests.seams import SelfTestSeams
from flexicharge.testing.charge import CONNECTOR, Charge
from flexicharge.testing.town import Town


def seams(town: Town) -> SelfTestSeams:
    """Return what the self tests stand on."""
    tests = town.back_end.self_tests
    assert tests is not None
    return tests.seams


def connector(town: Town) -> Connector:
    """Return the charger's record."""
    return town.now(town.stores.chargers.get_charger(CONNECTOR))


def test_a_connected_charger_is_all_there(town: Town) -> None:
    """Its actor, its address and its topic; gone with its socket."""
    charge, remains = Charge(town), seams(town).remains
    here = connector(town)
    assert remains.of_station(here) == (
        "its actor",
        "station:abc117 on the bus",
        f"station.{here.station_id} on the bus",
    )
    charge.charger.peer.lose()
    assert remains.of_station(here) == ()


def test_an_actor_that_still_works_is_left(town: Town) -> None:
    """The socket is closed, but a start that it brought waits for the database."""
    charge, remains = Charge(town), seams(town).remains
    charge.start()
    town.world.faults.away = True
    charge.charger.stop(5)
    charge.charger.peer.lose()
    here = "its actor"
    town.world.faults.away = False
    found = town.world.network.connectors[CONNECTOR]
    assert found.status
    assert remains.of_station(connector(town)) == (here,)
    town.advance(10)
    assert remains.of_station(connector(town)) == ()


def test_a_watching_driver_is_there(town: Town) -> None:
    """Actor and topic, until the socket is closed."""
    caller, token = town.driver()
    remains = seams(town).remains
    peer = town.watch(caller, token)
    user_id = caller.user_id
    assert remains.of_user(user_id) == ("its actor", f"driver.{user_id} on the bus")
    peer.lose()
    assert remains.of_user(user_id) == ()


def test_open_sessions_are_ended(town: Town) -> None:
    """A running one from its last reading; one that waits for its start is cancelled.

    Nobody is then taken to have given up a start: the next one is as any other.
    """
    charge, remains = Charge(town), seams(town).remains
    charge.start()
    charge.charger.meter(7)
    town.now(remains.end_sessions(connector(town)))
    assert (charge.stored.state, charge.stored.energy_wh) == (SessionState.ENDED, 7)
    charge.charger.stop(7)
    charge.charger.report("Available")
    charge.reserve()
    charge.ask("PUT", f"/transaction/start/{charge.session_id}")
    assert charge.stored.state is SessionState.STARTING
    town.now(remains.end_sessions(connector(town)))
    assert charge.stored.state is SessionState.CANCELLED
    charge.charger.peer.lose()
    charge.plug_in()
    charge.start()
    assert charge.stored.state is SessionState.CHARGING
    assert charge.stored.user_id == charge.caller.user_id
