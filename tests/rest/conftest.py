"""What the tests of the HTTP side have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from flexicharge.actors.bus import LocalBus
from flexicharge.charging.beliefs import Beliefs
from flexicharge.rest.app import Behind, ForOperators, build_door
from flexicharge.rest.desk import Desk
from flexicharge.rest.door import Door
from flexicharge.rest.intake import http_site
from flexicharge.storage.memory import (
    MemoryAccounts,
    MemoryChargers,
    MemoryCommands,
    MemoryIdTags,
    MemoryJournal,
    MemoryStationBook,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.documented import DocumentedClient
from flexicharge.testing.http import HttpClient
from flexicharge.testing.identity import People, SeededEntropy
from tests.rest.fakes import EchoApi, FakeCharging, FakeHeld, FakeIdentity, FixedPricing
from tests.rest.invoicing import FakeInvoices
from tests.rest.operators import (
    SERVER_KEY,
    FakeClosing,
    FakeCommands,
    FakeKnown,
    FakeTries,
    beliefs_on,
)


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
def people(clock: Clock, world: MemoryWorld) -> People:
    """Accounts of our own, for tests that let `identity` be theirs; nobody yet."""
    return People(clock, MemoryAccounts(world))


@pytest.fixture
def charging() -> FakeCharging:
    """The use cases."""
    return FakeCharging()


@pytest.fixture
def invoices() -> FakeInvoices:
    """What users owe."""
    return FakeInvoices()


@pytest.fixture
def reservations() -> FakeHeld:
    """What is held for drivers."""
    return FakeHeld()


@pytest.fixture
def closing(world: MemoryWorld) -> FakeClosing:
    """What closes charges."""
    return FakeClosing(MemoryTransactions(world))


@pytest.fixture
def commands(world: MemoryWorld) -> FakeCommands:
    """What sends commands."""
    return FakeCommands(MemoryCommands(world), MemoryChargers(world))


@pytest.fixture
def known() -> FakeKnown:
    """What is believed of stations."""
    return FakeKnown()


@pytest.fixture
def beliefs(world: MemoryWorld, clock: Clock) -> Beliefs:
    """What answers and messages teach us about stations."""
    return beliefs_on(world, clock)


@pytest.fixture
def tries() -> FakeTries:
    """What tries chargers."""
    return FakeTries()


@pytest.fixture
def operators(
    world: MemoryWorld,
    closing: FakeClosing,
    commands: FakeCommands,
    known: FakeKnown,
    beliefs: Beliefs,
    tries: FakeTries,
) -> ForOperators:
    """What stands behind the routes for those who run stations."""
    return ForOperators(
        tags=MemoryIdTags(world),
        sessions=MemoryTransactions(world),
        closing=closing,
        commands=commands,
        commands_on_record=MemoryCommands(world),
        journal=MemoryJournal(world),
        book=MemoryStationBook(world),
        known=known,
        beliefs=beliefs,
        conformance=tries,
        credential_of=SERVER_KEY.station_credential,
    )


@pytest.fixture
def legacy_open() -> bool:
    """Whether old apps may come without a token; a test may say so."""
    return False


@pytest.fixture
def desk(clock: Clock, identity: FakeIdentity, legacy_open: bool) -> Desk:
    """Whoever answers."""
    return Desk(
        identity=identity,
        entropy=SeededEntropy(),
        clock=clock,
        legacy_open=legacy_open,
    )


@pytest.fixture
def api(
    clock: Clock,
    chargers: MemoryChargers,
    bus: LocalBus,
    pricing: FixedPricing,
    charging: FakeCharging,
    reservations: FakeHeld,
    invoices: FakeInvoices,
    operators: ForOperators,
    desk: Desk,
) -> HttpClient:
    """A client of the whole HTTP side."""

    async def probe() -> None:
        await chargers.get_charge_points()

    behind = Behind(
        chargers=chargers,
        bus=bus,
        pricing=pricing,
        charging=charging,
        reservations=reservations,
        invoices=invoices,
        probe=probe,
        assets={},
        operators=operators,
    )
    return DocumentedClient(http_site(build_door(desk, behind), clock))


@pytest.fixture
def echo(clock: Clock, identity: FakeIdentity) -> EchoApi:
    """An app that answers with what it understood."""
    return EchoApi(Desk(identity=identity, entropy=SeededEntropy(), clock=clock))


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
