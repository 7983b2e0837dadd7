"""A town in simulated time for whoever wants one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.testing.simulated.network import Networks, networks


@pytest.fixture
def network() -> Iterator[Networks]:
    """Return what makes a town in simulated time."""
    with networks() as make:
        yield make
