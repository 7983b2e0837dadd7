"""An authority on known roots, which answers at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.task import Clock

from flexicharge.certificates.authority import LocalCa
from flexicharge.config import read_settings
from flexicharge.testing.certificates import known_authority
from flexicharge.testing.identity import SeededEntropy

Ca = Callable[..., LocalCa]


@pytest.fixture
def ca(clock: Clock) -> Ca:
    """Return an authority as the variables of settings have it."""

    def build(**settings: str) -> LocalCa:
        return known_authority(read_settings(settings), clock, SeededEntropy())

    return build
