"""What a virtual charger or driver can meet on the other side, in plain words."""

from __future__ import annotations

from typing import Final

from flexicharge.errors import FlexiChargeError


class SimulatorError(FlexiChargeError):
    """Something did not go as a charger or a driver needs it."""


class ServerNotThere(SimulatorError):
    """Nobody answers at the server's address."""


class ServerHung(SimulatorError):
    """The server was reached, but did not answer within the deadline."""


class LinkLost(SimulatorError):
    """A connection broke, or was closed by the server."""


class BadAnswer(SimulatorError):
    """The server's answer is not of the shape that its clients rely on."""


class ServerRefused(SimulatorError):
    """The server said no: its HTTP status, and its own words as far as it had any."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"{words} (HTTP {status})" if words else f"HTTP {status}")
        self.status: Final = status
        self.words: Final = words


def said(why: Exception) -> str:
    """Return an error's own words without the full stop, to stand within a sentence."""
    return str(why).rstrip(".")
