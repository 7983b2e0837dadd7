"""What the tests of beliefs have in common."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from .stage import Stage


@pytest.fixture
def stage(clock: Clock) -> Stage:
    """A station, and everything we believe of it."""
    return Stage(clock)
