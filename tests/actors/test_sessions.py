"""News of sessions may overtake one another; what is over stays over."""

from __future__ import annotations

import pytest
from attrs import define, evolve, field

from flexicharge.actors.sessions import RunningSessions
from flexicharge.model.session import Session, SessionState
from flexicharge.model.site import Connector, Protocol, Station
from flexicharge.model.status import ConnectorStatus


def connector(number: int) -> Connector:
    return Connector(
        connector_id=100_000 + number,
        station_id=1,
        serial_number="abc",
        number=number,
        site_id=None,
        latitude=0.0,
        longitude=0.0,
        status=ConnectorStatus.AVAILABLE,
    )


STATION = Station(
    station_id=1,
    serial_number="abc",
    protocol=Protocol.DIALECT,
    credential=None,
    sek_per_kwh=None,
    connectors=(connector(1), connector(2)),
)


def session(number: int, state: SessionState, on: int = 1) -> Session:
    return Session(
        session_id=number,
        station_id=1,
        serial_number="abc",
        connector_id=100_000 + on,
        user_id="driver",
        state=state,
        opened_at=0.0,
    )


@define(eq=False)
class Known:
    """What an actor knows, and what it forgot."""

    forgotten: list[int] = field(factory=list)
    sessions: RunningSessions = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.sessions = RunningSessions(STATION, self.forgotten.append)

    def numbers(self) -> list[int]:
        return sorted(self.sessions.numbers)


@pytest.fixture
def known() -> Known:
    return Known()


def test_what_is_over_does_not_come_back(known: Known) -> None:
    """However late its older news arrives."""
    known.sessions.note(session(1, SessionState.CHARGING))
    known.sessions.note(session(1, SessionState.ENDED))
    known.sessions.note(session(1, SessionState.STOPPING))
    assert known.numbers() == []
    assert known.forgotten == [1]


def test_nothing_goes_back(known: Known) -> None:
    """A stopping session does not charge again, an older one takes nobody's place."""
    known.sessions.note(session(2, SessionState.STOPPING))
    known.sessions.note(session(2, SessionState.CHARGING))
    known.sessions.note(session(2, SessionState.STARTING))
    known.sessions.note(session(1, SessionState.CHARGING))
    now = known.sessions.on(100_001)
    assert now is not None
    assert (now.session_id, now.state) == (2, SessionState.STOPPING)


def test_loading_keeps_what_came_meanwhile(known: Known) -> None:
    """And drops what was known before and is open no more."""
    known.sessions.note(session(1, SessionState.CHARGING))
    before = known.sessions.numbers
    known.sessions.note(session(2, SessionState.CHARGING, on=2))
    known.sessions.loaded((), before)
    assert known.numbers() == [2]
    assert known.forgotten == [1]


def test_a_frame_belongs_to_the_connector_it_names(known: Known) -> None:
    """Never to the other one's driver; without a name, to the only session there is."""
    one = session(1, SessionState.CHARGING)
    known.sessions.note(one)
    for hint in (1, 100_001, None, 0, 7):
        assert known.sessions.meant_by(hint) == one
    assert known.sessions.meant_by(2) is None
    two = session(2, SessionState.CHARGING, on=2)
    known.sessions.note(two)
    assert known.sessions.meant_by(2) == two
    assert known.sessions.meant_by(None) is None


def test_what_is_over_is_remembered_within_bounds(known: Known) -> None:
    """A station that lives for years has had many sessions."""
    for number in range(1, 1000):
        known.sessions.note(session(number, SessionState.ENDED))
    assert known.sessions.numbers == frozenset()
    revived = evolve(session(1, SessionState.CHARGING))
    known.sessions.note(revived)
    assert known.numbers() == [1]
