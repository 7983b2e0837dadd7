"""The table of sessions keeps its own constraints, whoever writes to it."""

from __future__ import annotations

import pytest
from attrs import evolve

from flexicharge.errors import ConnectorBusy
from flexicharge.model.session import Session
from flexicharge.storage.memory import MemoryWorld


def test_a_connector_takes_no_second_open_session(
    world: MemoryWorld, session: Session
) -> None:
    """Like a partial unique index, the table refuses what a store let through."""
    with pytest.raises(ConnectorBusy):
        world.sessions.add(evolve(session, session_id=2))
    assert list(world.sessions.rows) == [1]
