"""A charger's link that is a small real thing."""

from __future__ import annotations

from typing import Any

import msgspec
from attrs import define, field
from zope.interface import implementer

from flexicharge.interfaces import IChargerLink, IDriverLink
from flexicharge.model.entry import Entry


@implementer(IChargerLink)
@define(eq=False)
class FakeChargerLink:
    """A station's socket that keeps what it is told to send."""

    serial_number: str = "abc117"
    peer: str = "127.0.0.1"
    entry: Entry = field(factory=Entry)
    heard_at: float = 0.0
    sent: list[Any] = field(factory=list)
    pings: int = 0
    ended: tuple[int, str] | None = None
    reading: bool = True

    @property
    def authenticated(self) -> bool:
        """True if a password or a certificate was checked."""
        return self.entry.is_authenticated

    def send(self, text: bytes) -> None:
        """Keep a frame."""
        self.sent.append(msgspec.json.decode(text))

    def ping(self) -> None:
        """Count a ping."""
        self.pings += 1

    def hang_up(self, code: int, reason: str) -> None:
        """Keep how it was closed."""
        self.ended = (code, reason)

    def drop(self) -> None:
        """Keep that it was dropped."""
        self.ended = (1006, "dropped")

    def pause(self) -> None:
        """Read nothing more."""
        self.reading = False

    def resume(self) -> None:
        """Read again."""
        self.reading = True


@implementer(IDriverLink)
@define(eq=False)
class FakeDriverLink:
    """A driver's socket that keeps what it is told to send."""

    user_id: str = "driver"
    expires_at: float = float("inf")
    is_congested: bool = False
    sent: list[bytes] = field(factory=list)
    ended: tuple[int, str] | None = None

    def send(self, text: bytes) -> None:
        """Keep a frame."""
        self.sent.append(text)

    def hang_up(self, code: int, reason: str) -> None:
        """Keep how it was closed."""
        self.ended = (code, reason)
