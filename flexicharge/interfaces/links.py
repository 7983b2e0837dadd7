"""Seams around connections: sockets, the bus, background work and alarms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from zope.interface import Attribute, Interface

from flexicharge.model.commands import Command, RawAnswer, RawCall, Verdict
from flexicharge.model.entry import Entry


class IChargerLink(Interface):
    """One station's open socket, as its actor sees it. Nothing here waits."""

    serial_number: str = Attribute("Identity the socket was admitted under.")
    peer: str = Attribute("Network address of the other end, without the port.")
    authenticated: bool = Attribute("True if a password or certificate was checked.")
    entry: Entry = Attribute("What it showed of itself, and over what.")
    heard_at: float = Attribute("POSIX time of the last bytes from the station.")

    def send(text: bytes) -> None:
        """Send one text frame; on a closed socket do nothing."""

    def ping() -> None:
        """Send a WebSocket ping; the pong shows in `heard_at`."""

    def hang_up(code: int, reason: str) -> None:
        """Close with a close frame, showing `reason` (at most 123 bytes)."""

    def drop() -> None:
        """Close the TCP connection without a close frame."""

    def pause() -> None:
        """Read nothing more from the socket until `resume`."""

    def resume() -> None:
        """Read again."""


class IDriverLink(Interface):
    """One user socket, as its actor sees it. Nothing here waits."""

    user_id: str = Attribute("Subject of the token it was admitted with.")
    expires_at: float = Attribute("POSIX time when the token ends; infinity if open.")
    is_congested: bool = Attribute("True while the other end reads too slowly.")

    def send(text: bytes) -> None:
        """Send one text frame; on a closed socket do nothing."""

    def hang_up(code: int, reason: str) -> None:
        """Close with a close frame, showing `reason` (at most 123 bytes)."""


class IBus(Interface):
    """Requests to an address and messages on topics, in this process or another."""

    def serve(
        address: str, answer: Callable[[Any], Awaitable[Any]]
    ) -> Callable[[], None]:
        """Answer requests to `address` until the returned function is called.

        A later server of the same address takes over; taking back an earlier one then
        changes nothing.
        """

    async def request(address: str, message: object, timeout: float) -> Any:
        """Return what the server of `address` answers within `timeout` seconds.

        Raise `ChargerOffline` if nobody serves it, `CallTimedOut` past the deadline,
        or what the server raised.
        """

    async def is_served(address: str) -> bool:
        """Tell whether anybody serves `address`."""

    def publish(topic: str, message: object) -> None:
        """Hand `message` to everyone who listens on `topic`; a listener's failure is
        logged and reaches nobody else."""

    def subscribe(topic: str, listener: Callable[[Any], None]) -> Callable[[], None]:
        """Call `listener` with each message until the returned function is called."""


class IStations(Interface):
    """The connected stations, wherever their sockets are."""

    async def is_connected(serial_number: str) -> bool:
        """Tell whether a station has an open socket."""

    async def command(serial_number: str, command: Command, timeout: float) -> Verdict:
        """Return what the station answers.

        Raise `ChargerOffline` (with `sent`), `CallTimedOut` after `timeout` seconds, or
        `CallRefused` for a CallError.
        """

    async def call(serial_number: str, asked: RawCall, timeout: float) -> RawAnswer:
        """Send a Call exactly as given; return the station's answer, a CallError too.

        Raise `ChargerOffline` (with `sent`), `CallTimedOut` after `timeout` seconds, or
        `MailboxFull` if too many wait. That it was sent, and an answer that comes after
        its time, are published on `CALLS`.
        """


class IBackground(Interface):
    """Runs work that nobody waits for."""

    def spawn(what: str, work: Coroutine[Any, Any, Any]) -> None:
        """Run `work`; log its failure under the name `what`; end it on shutdown."""


class IAlarms(Interface):
    """Tells operators what needs a person."""

    def raise_alarm(what: str, **fields: object) -> None:
        """Log an alarm, count it, and publish it; `fields` name charger and session."""
