"""An exam for the tests of the self tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from flexicharge.testing.town import Town
from tests.selftests.exam import Exam


@pytest.fixture
def exam(town: Town) -> Exam:
    """The self tests of a server in which nothing is broken yet."""
    return Exam(town)


@pytest.fixture
def failures() -> Iterator[list[LogEvent]]:
    """What is logged as critical during the test."""
    seen: list[LogEvent] = []

    def observe(event: LogEvent) -> None:
        if event["log_level"] is LogLevel.critical:
            seen.append(event)

    globalLogPublisher.addObserver(observe)
    yield seen
    globalLogPublisher.removeObserver(observe)
