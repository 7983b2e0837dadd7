"""Handshakes that want to be stations, and those that may."""

from __future__ import annotations

from attrs import field, frozen

from flexicharge.model.entry import Certificate, Entry, Tls
from flexicharge.model.site import Station


@frozen
class Shown:
    """A password, and whether the name it came with is that of the path."""

    password: bytes = field(repr=False)
    under_own_name: bool


@frozen(kw_only=True)
class Arrival:
    """A handshake that wants to be a station.

    `is_secured` tells of TLS to us, or to a proxy of ours.
    """

    identity: str
    peer: str
    shown: Shown | None = None
    tls: Tls | None = None
    is_secured: bool = False

    @property
    def certificate(self) -> Certificate | None:
        """The client certificate it came with."""
        return None if self.tls is None else self.tls.certificate


@frozen
class Admission:
    """A station that may open its socket, and how it got in."""

    station: Station
    entry: Entry
