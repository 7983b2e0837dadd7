"""A charger of OCPP 1.6 on a wire to a central system that plays what a test wants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.task import Clock

from tests.simulator.standard.central import Bench

MakeBench = Callable[..., Bench]


@pytest.fixture
def bench(clock: Clock) -> MakeBench:
    """Make a bench with a charger of some make."""

    def make(*, connect: bool = True, **how: Any) -> Bench:
        made = Bench(clock, **how)
        if connect:
            made.connect()
        return made

    return make
