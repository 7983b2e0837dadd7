"""One driver and one charger, for the tests that need a charge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from flexicharge.testing.charge import Charge
from flexicharge.testing.town import Town


@pytest.fixture
def charge(town: Town) -> Charge:
    """A driver who has signed up, and charger 100007, booted."""
    return Charge(town)


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    """What is logged as critical during the test."""
    events: list[LogEvent] = []

    def observe(event: LogEvent) -> None:
        if event["log_level"] is LogLevel.critical:
            events.append(event)

    globalLogPublisher.addObserver(observe)
    yield events
    globalLogPublisher.removeObserver(observe)
