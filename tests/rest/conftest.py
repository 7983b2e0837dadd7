"""What the tests of the HTTP side have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from flexicharge.actors.bus import LocalBus
from flexicharge.rest.app import build_door
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.storage.memory import MemoryChargers, MemoryWorld
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import SeededEntropy
from tests.rest.fakes import EchoApi, FakeCharging, FakeIdentity, FixedPricing


@pytest.fixture
def world(clock: Clock) -> MemoryWorld:
    """An empty database."""
    return MemoryWorld(clock)


@pytest.fixture
def chargers(world: MemoryWorld) -> MemoryChargers:
    """The sites and chargers in it."""
    return MemoryChargers(world)


@pytest.fixture
def bus(clock: Clock) -> LocalBus:
    """What events travel over."""
    return LocalBus(clock)


@pytest.fixture
def pricing() -> FixedPricing:
    """One price for all hours."""
    return FixedPricing()


@pytest.fixture
def identity() -> FakeIdentity:
    """Who may come in."""
    return FakeIdentity()


@pytest.fixture
def charging() -> FakeCharging:
    """The use cases."""
    return FakeCharging()


@pytest.fixture
def api(
    clock: Clock,
    chargers: MemoryChargers,
    bus: LocalBus,
    pricing: FixedPricing,
    charging: FakeCharging,
    identity: FakeIdentity,
) -> HttpClient:
    """A client of the whole HTTP side."""

    async def probe() -> None:
        await chargers.get_charge_points()

    door = build_door(
        identity=identity,
        entropy=SeededEntropy(),
        chargers=chargers,
        bus=bus,
        pricing=pricing,
        charging=charging,
        probe=probe,
        clock=clock,
    )
    return HttpClient(http_site(door, clock))


@pytest.fixture
def echo() -> EchoApi:
    """An app that answers with what it understood."""
    return EchoApi()


@pytest.fixture
def echo_client(echo: EchoApi, clock: Clock) -> HttpClient:
    """A client of that app alone."""
    return HttpClient(http_site(Door([echo.app]), clock))


@pytest.fixture
def failures() -> Iterator[list[LogEvent]]:
    """What is logged as a failure during the test."""
    seen: list[LogEvent] = []

    def observe(event: LogEvent) -> None:
        if event["log_level"] is LogLevel.critical:
            seen.append(event)

    globalLogPublisher.addObserver(observe)
    yield seen
    globalLogPublisher.removeObserver(observe)
