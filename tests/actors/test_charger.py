"""A station of a standard protocol: paused when it floods, cut off when it crashes.

The dialect's stations, which are neither, are in tests/town.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from twisted.internet.task import Clock

from flexicharge.actors.charger import MAILBOX_LIMIT, ChargerActor
from flexicharge.actors.supervisor import CRASHES
from flexicharge.model.site import Protocol
from flexicharge.testing.links import FakeChargerLink
from flexicharge.testing.town import Town

HEARTBEAT = b'[2,"h","Heartbeat",{}]'
START = b'[2,"s","StartTransaction",{"meterStart":0}]'
STOP = b'[2,"p","StopTransaction",{"meterStop":1}]'
FAULT = [4, "InternalError", "GenericError", "Internal error", {}]


@pytest.fixture
def link(clock: Clock) -> FakeChargerLink:
    return FakeChargerLink(heard_at=clock.seconds())


@pytest.fixture
def actor(town: Town, link: FakeChargerLink) -> ChargerActor:
    """A standard station's actor, as later protocols will have them."""
    station = town.now(town.stores.chargers.get_station(link.serial_number))
    standard = evolve(station, protocol=Protocol.OCPP_1_6)
    return town.back_end.supervisor.adopt(link, standard)


def test_a_flood_is_paused_and_resumed(
    town: Town, actor: ChargerActor, link: FakeChargerLink
) -> None:
    """Its transport waits until the mailbox is empty; nothing is refused."""
    town.world.faults.away = True
    actor.received(START)
    for _ in range(MAILBOX_LIMIT + 1):
        actor.received(HEARTBEAT)
    assert not link.reading
    town.world.faults.away = False
    town.advance(6)
    assert link.reading
    assert len(link.sent) == MAILBOX_LIMIT + 2


def test_too_many_crashes_disconnect(
    town: Town, actor: ChargerActor, link: FakeChargerLink
) -> None:
    """With 1011, so that both sides begin afresh; and somebody is told."""
    actor.received(START)
    link.sent.clear()
    for crash in range(CRASHES):
        assert link.ended is None, crash
        town.sabotage.break_next("end", ZeroDivisionError("nobody foresaw"))
        actor.received(STOP)
    assert link.sent == [FAULT] * CRASHES
    assert link.ended == (1011, "internal error")
    assert town.back_end.alarms.raised["an actor keeps crashing"] == 1
