"""What all tests have in common: a clock that only they move.

Property tests take the time they need: other work may share the machine.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import txaio
from hypothesis import settings
from twisted.internet.task import Clock
from twisted.logger import LogEvent, globalLogPublisher

NOW = 1_800_000_000.0
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Keep all that is collected out of every garbage collection: it stays anyway.

    Each would go through some millions of objects.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time that only the test moves, also for Autobahn's own timers."""
    clock = Clock()
    clock.advance(NOW)
    before, txaio.config.loop = txaio.config.loop, clock
    yield clock
    txaio.config.loop = before


@pytest.fixture(autouse=True)
def _no_forgotten_failures() -> Iterator[None]:
    """Fail a test that leaves a Deferred with an error that nobody took."""
    forgotten: list[LogEvent] = []

    def observe(event: LogEvent) -> None:
        if "Unhandled error in Deferred" in str(event.get("log_format", "")):
            forgotten.append(event)

    globalLogPublisher.addObserver(observe)
    yield
    globalLogPublisher.removeObserver(observe)
    assert not forgotten, forgotten[0]


@pytest.fixture
def town(clock: Clock) -> Any:
    """A back end in memory, with the demo network in it."""
    from flexicharge.testing.town import Town

    return Town(clock)
