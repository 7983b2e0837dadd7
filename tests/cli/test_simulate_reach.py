"""Getting at a server over TCP, a few handshakes at a time."""

from __future__ import annotations

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock

from flexicharge.cli.simulate_people import People
from flexicharge.cli.simulate_reach import HANDSHAKES_AT_A_TIME, SocketReach
from flexicharge.simulator.errors import ServerHung
from flexicharge.simulator.sockets import SimulatorFactory, driver_factory
from flexicharge.testing.deferreds import fire, result_of

WITHIN_S = 10.0


@pytest.fixture
def reactor() -> MemoryReactorClock:
    """A reactor on which every connection stays half made."""
    return MemoryReactorClock()


@pytest.fixture
def reach(reactor: MemoryReactorClock) -> SocketReach:
    """The way to a server that never answers."""
    return SocketReach(
        reactor=reactor,
        ws_url="ws://127.0.0.1:1337",
        within_s=WITHIN_S,
        people=People([]),
    )


def factory() -> SimulatorFactory:
    """What would connect somebody, on the scenario's clock."""
    return driver_factory("ws://127.0.0.1:1337", "u", "t", lambda _: None, Clock())


def test_a_crowd_queues_for_its_handshakes(
    reactor: MemoryReactorClock, reach: SocketReach
) -> None:
    """The next one dials when one is through, and only then its deadline runs."""
    dialling = [fire(reach.dial(factory())) for _ in range(HANDSHAKES_AT_A_TIME + 2)]
    assert len(reactor.tcpClients) == HANDSHAKES_AT_A_TIME
    reactor.advance(WITHIN_S)
    assert len(reactor.tcpClients) == HANDSHAKES_AT_A_TIME + 2
    for hung in dialling[:HANDSHAKES_AT_A_TIME]:
        with pytest.raises(ServerHung, match="opened no WebSocket within 10 s"):
            result_of(hung)
    for late in dialling[HANDSHAKES_AT_A_TIME:]:
        assert not late.called
        late.cancel()
        with pytest.raises(CancelledError):
            result_of(late)


def test_whoever_queues_no_longer_leaves_the_queue(
    reactor: MemoryReactorClock, reach: SocketReach
) -> None:
    """And lets the others go first."""
    dialling = [fire(reach.dial(factory())) for _ in range(HANDSHAKES_AT_A_TIME + 1)]
    dialling[-1].cancel()
    with pytest.raises(CancelledError):
        result_of(dialling[-1])
    reactor.advance(WITHIN_S)
    assert len(reactor.tcpClients) == HANDSHAKES_AT_A_TIME
    for hung in dialling[:-1]:
        with pytest.raises(ServerHung):
            result_of(hung)


def test_the_line_runs_on_the_real_clock(
    reactor: MemoryReactorClock, reach: SocketReach
) -> None:
    """A keep-alive says nothing about a scenario's time."""
    made = factory()
    dialling = fire(reach.dial(made))
    assert made.reactor is reactor
    dialling.cancel()
    with pytest.raises(CancelledError):
        result_of(dialling)
