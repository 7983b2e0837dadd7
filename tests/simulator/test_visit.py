"""A whole visit: reserve, start, charge, stop, and the bill."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from flexicharge.simulator.car import Car
from flexicharge.simulator.charger import Screen, VirtualCharger
from flexicharge.simulator.driver import VirtualDriver
from flexicharge.simulator.errors import BadAnswer, LinkLost, ServerHung, ServerRefused
from flexicharge.simulator.sockets import charger_factory
from flexicharge.simulator.visit import Visit
from flexicharge.testing.deferreds import fire, result_of
from tests.simulator.toy_server import ToyServer


@pytest.fixture
def toy(clock: Clock) -> ToyServer:
    """A server that answers everything."""
    return ToyServer(clock)


@pytest.fixture
def visit(toy: ToyServer) -> Visit:
    """A driver who has signed in, at a charger that is plugged in."""
    driver = VirtualDriver(url="http://toy", agent=toy.agent, clock=toy.clock)
    charger = VirtualCharger(serial_number="abc118", clock=toy.clock, car=Car())
    result_of(driver.sign_in("a@b.example", "Secret-1"))
    result_of(toy.dial(charger_factory("ws://toy", charger, toy.clock)))
    return Visit(driver, charger)


def test_a_visit_ends_with_a_final_bill(toy: ToyServer, visit: Visit) -> None:
    """The price of the first answer is not taken before the server calls it final."""
    result_of(visit.begin())
    assert visit.charger.screen is Screen.CHARGING
    staying = fire(visit.stay(10))
    toy.pass_time(9.875)
    assert not staying.called
    toy.pass_time(0.125)
    assert staying.called
    ending = fire(visit.end())
    toy.pass_time(0.25)
    assert result_of(ending)["final"] is True
    assert visit.charger.screen is Screen.AVAILABLE


def test_a_stay_is_over_when_somebody_stops_the_charge(
    toy: ToyServer, visit: Visit
) -> None:
    """There is no point in waiting for energy that flows no more."""
    result_of(visit.begin())
    staying = fire(visit.stay(3600))
    visit.charger.unplug()
    toy.pass_time(0.25)
    result_of(staying)


def test_a_lost_line_ends_the_stay(toy: ToyServer, visit: Visit) -> None:
    """The driver is told what became of the charger."""
    result_of(visit.begin())
    staying = fire(visit.stay(3600))
    toy.wires[0].lose()
    toy.pass_time(0.25)
    with pytest.raises(LinkLost):
        result_of(staying)


def test_a_start_that_never_reaches_the_charger_is_said(
    toy: ToyServer, visit: Visit
) -> None:
    """An app's start was answered, but no energy flows within the deadline."""
    toy.answers["/transaction/start/12"] = (200, b"{}")
    beginning = fire(visit.begin())
    toy.pass_time(10)
    with pytest.raises(ServerHung):
        result_of(beginning)


def test_a_bill_that_never_gets_final_is_said(toy: ToyServer, visit: Visit) -> None:
    """Nobody waits for ever for a price."""
    result_of(visit.begin())
    toy.answers["/transaction/12"] = (200, b'{"endTimestamp":1,"final":false}')
    ending = fire(visit.end())
    toy.pass_time(11)
    with pytest.raises(ServerHung, match="not final within 10 s"):
        result_of(ending)


def test_a_refused_reservation_leaves_nothing_to_end(
    toy: ToyServer, visit: Visit
) -> None:
    """The server's words reach the driver, and there is no transaction."""
    toy.answers["/transaction"] = (400, b'["couldNotReserveCharger"]')
    with pytest.raises(ServerRefused, match="couldNotReserveCharger"):
        result_of(visit.begin())
    with pytest.raises(BadAnswer):
        result_of(visit.end())
