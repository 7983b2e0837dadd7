"""The scene of every case, and the rules that hold in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from twisted.internet.task import Clock

from flexicharge.config import read_settings
from flexicharge.testing.town import Town

from .scene import Scene

# Nothing is sent to a charger that the case does not ask for.
SILENT: Final = {"SETTLE_DOUBTS": "0", "DEMO_CHARGER": "0"}


@pytest.fixture
def set_up(clock: Clock) -> Iterator[Callable[..., Scene]]:
    """What sets a scene up under settings; afterwards no rule is broken in any.

    Ground rules 1, 3 and 4: what the server says fits the schemas, it answers no Call
    with an error, and sends none that it was not made to send.
    """
    scenes: list[Scene] = []

    def set_up(**settings: str) -> Scene:
        told = read_settings({**SILENT, **settings})
        scenes.append(Scene(Town(clock, settings=told)))
        return scenes[-1]

    yield set_up
    assert [scene.broken_rules() for scene in scenes] == [[] for _ in scenes]


@pytest.fixture
def arrival(set_up: Callable[..., Scene]) -> Scene:
    """A charger that is connected and has not booted."""
    scene = set_up()
    scene.charger.connect()
    return scene


@pytest.fixture
def scene(arrival: Scene) -> Scene:
    """A charger as each case finds it: booted, idle, both connectors Available."""
    assert arrival.charger.boot()["status"] == "Accepted"
    return arrival
