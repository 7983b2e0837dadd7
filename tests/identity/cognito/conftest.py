"""A pool whose AWS answers as the test says."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from tests.identity.cognito.aws import There


@pytest.fixture
def there(clock: Clock) -> There:
    return There(clock)
