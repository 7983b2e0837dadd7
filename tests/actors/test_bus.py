"""Requests and messages inside one process."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.actors.bus import LocalBus
from flexicharge.errors import CallTimedOut, ChargerOffline
from flexicharge.interfaces import IBus
from flexicharge.testing.deferreds import fire, result_of


@pytest.fixture
def bus(clock: Clock) -> LocalBus:
    return LocalBus(clock)


async def echo(message: object) -> object:
    return message


def test_it_is_a_bus(bus: LocalBus) -> None:
    """The local bus keeps the seam's promises by name."""
    assert verifyObject(IBus, bus)


def test_a_request_reaches_who_serves_the_address(bus: LocalBus) -> None:
    """Until the server takes its word back."""
    take_back = bus.serve("station:a", echo)
    assert result_of(bus.request("station:a", "hello", 1.0)) == "hello"
    take_back()
    assert not result_of(bus.is_served("station:a"))
    with pytest.raises(ChargerOffline):
        result_of(bus.request("station:a", "hello", 1.0))


def test_the_newest_server_wins(bus: LocalBus) -> None:
    """When the older one takes its word back, the newer one stays."""
    take_back = bus.serve("station:a", echo)

    async def newer(message: object) -> object:
        return "newer"

    bus.serve("station:a", newer)
    take_back()
    assert result_of(bus.request("station:a", "hello", 1.0)) == "newer"


def test_a_silent_server_times_out(bus: LocalBus, clock: Clock) -> None:
    """The asker gets an error at its deadline, not an endless wait."""

    async def silent(message: object) -> None:
        await Deferred()

    bus.serve("station:a", silent)
    asked = fire(bus.request("station:a", "hello", 5.0))
    clock.advance(5.0)
    with pytest.raises(CallTimedOut):
        result_of(asked)


def test_a_servers_error_reaches_the_asker(bus: LocalBus) -> None:
    """It is raised where the request was made."""

    async def broken(message: object) -> None:
        raise KeyError("gone")

    bus.serve("station:a", broken)
    with pytest.raises(KeyError):
        result_of(bus.request("station:a", "hello", 5.0))


def test_messages_reach_those_who_listen(bus: LocalBus) -> None:
    """One listener's crash is not another's; nobody hears after leaving."""
    heard: list[object] = []

    def crash(message: object) -> None:
        raise KeyError("crash")

    bus.subscribe("topic", crash)
    leave = bus.subscribe("topic", heard.append)
    bus.publish("topic", 1)
    bus.publish("other", 2)
    leave()
    leave()
    bus.publish("topic", 3)
    assert heard == [1]
