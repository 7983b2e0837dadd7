"""What stands against a self test, in plain words."""

from __future__ import annotations

from flexicharge.errors import FlexiChargeError


class SelfTestFailed(FlexiChargeError):
    """The server did not do what a test asks of it."""
