"""One server for all tests of commands that stand beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.cli.town import Town
from tests.integration.conftest import open_to_all
from tests.integration.server import running


@pytest.fixture(scope="package")
def town() -> Iterator[Town]:
    """A server with the demo network, on a data directory and ports of its own."""
    with open_to_all() as directory, running(directory) as server:
        town = Town(server)
        yield town
        town.end()
