"""People whose accounts are in memory."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from flexicharge.storage.memory.accounts import MemoryAccounts
from flexicharge.storage.memory.world import MemoryWorld
from flexicharge.testing.identity import People


@pytest.fixture
def world(clock: Clock) -> MemoryWorld:
    return MemoryWorld(clock)


@pytest.fixture
def people(clock: Clock, world: MemoryWorld) -> People:
    return People(clock, MemoryAccounts(world))
