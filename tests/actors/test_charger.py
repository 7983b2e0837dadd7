"""A station of a standard protocol: paused when it floods, cut off when it crashes.

The dialect's stations, which are neither, are in tests/town.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from flexicharge.actors.charger import MAILBOX_LIMIT, ChargerActor
from flexicharge.actors.supervisor import CRASHES
from flexicharge.model.id_tag import IdTag
from flexicharge.model.site import Protocol
from flexicharge.testing.links import FakeChargerLink
from flexicharge.testing.town import Town

HEARTBEAT = b'[2,"h","Heartbeat",{}]'
TIME = "2027-01-15T08:00:00Z"
START = (
    b'[2,"s","StartTransaction",{"connectorId":1,"idTag":"A","meterStart":0,'
    b'"timestamp":"2027-01-15T08:00:00Z"}]'
)
STOP = (
    b'[2,"p","StopTransaction",{"transactionId":1,"meterStop":1500,'
    b'"timestamp":"2027-01-15T08:05:00Z"}]'
)
FAULT = [4, "p", "InternalError", "", {}]


@pytest.fixture
def link(clock: Clock) -> FakeChargerLink:
    return FakeChargerLink(heard_at=clock.seconds())


@pytest.fixture
def actor(town: Town, link: FakeChargerLink) -> ChargerActor:
    """A standard station's actor."""
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


def answers(link: FakeChargerLink, actor: ChargerActor, *texts: bytes) -> list[object]:
    link.sent.clear()
    for text in texts:
        actor.received(text)
    return list(link.sent)


def test_a_charge_is_spoken_in_ocpp(
    town: Town, actor: ChargerActor, link: FakeChargerLink
) -> None:
    """Boot, status, start, reading and stop: nobody is asked anything unasked."""
    town.now(town.stores.tags.put_tag(IdTag(id_tag="A"), town.clock.seconds()))
    boot, status = answers(
        link,
        actor,
        b'[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]',
        b'[2,"2","StatusNotification",{"connectorId":1,"errorCode":"NoError",'
        b'"status":"Preparing"}]',
    )
    assert boot == [
        3,
        "1",
        {"status": "Accepted", "currentTime": TIME, "interval": 300},
    ]
    assert status == [3, "2", {}]
    (started,) = answers(link, actor, START)
    assert started[:2] == [3, "s"]
    assert started[2]["idTagInfo"] == {"status": "Accepted"}
    assert isinstance(started[2]["transactionId"], int)
    (stopped,) = answers(link, actor, STOP)
    assert stopped == [3, "p", {}]


def test_readings_are_answered_once_they_are_kept(
    town: Town, actor: ChargerActor, link: FakeChargerLink
) -> None:
    """With an empty result, after the writer's commit."""
    actor.received(START)
    link.sent.clear()
    actor.received(
        b'[2,"m","MeterValues",{"connectorId":1,"transactionId":1,"meterValue":'
        b'[{"timestamp":"2027-01-15T08:01:00Z","sampledValue":[{"value":"700"}]}]}]'
    )
    town.advance(1)
    assert link.sent == [[3, "m", {}]]


def test_what_is_mended_is_told_in_the_log(
    actor: ChargerActor, link: FakeChargerLink
) -> None:
    """With the rule and the place, once for each kind; the rest may be secret."""
    with capturedLogs() as events:
        assert len(answers(link, actor, *[b'[2,"h","heartbeat",{}]'] * 3)) == 3
    lines = [formatEvent(event) for event in events]
    told = "abc117: action-misspelt was mended at the action"
    assert lines.count(told) == 1


def test_what_nobody_waits_for_is_not_answered(
    actor: ChargerActor, link: FakeChargerLink
) -> None:
    """Noise and strange types are left alone; a broken Call is refused to its id."""
    assert answers(link, actor, b"noise", b'[1,"x"]', b'[3,"x",[') == []
    (refused,) = answers(link, actor, b'[2,"x","Heartbeat",7]')
    assert refused[:3] == [4, "x", "FormationViolation"]
