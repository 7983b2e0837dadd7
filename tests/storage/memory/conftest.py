"""An empty world, and a session in it."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from flexicharge.model.session import Session, StartFact
from flexicharge.storage.memory import (
    MemoryChargers,
    MemoryTransactions,
    MemoryWorld,
)
from flexicharge.testing.deferreds import result_of


@pytest.fixture
def world(clock: Clock) -> MemoryWorld:
    """A database without rows, that nothing is wrong with."""
    return MemoryWorld(clock)


@pytest.fixture
def session(world: MemoryWorld, clock: Clock) -> Session:
    """A session that charges."""
    adding = MemoryChargers(world).add_charger(None, "abc111", (57.78, 14.16))
    connector = result_of(adding)
    fact = StartFact(
        station_id=connector.station_id,
        connector_id=connector.connector_id,
        meter_start_wh=1000,
        started_at=clock.seconds(),
        claimed="{}",
    )
    return result_of(MemoryTransactions(world).start(fact))
