"""The two roles a connection can have: a station's link, or a driver's."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from twisted.logger import Logger
from zope.interface import implementer

from flexicharge.actors.charger import ChargerActor
from flexicharge.actors.driver import DriverActor
from flexicharge.gateway.socket import Socket
from flexicharge.interfaces import IChargerLink, IDriverLink
from flexicharge.model.entry import Entry


@implementer(IChargerLink)
@define(eq=False)
class ChargerEnd:
    """A station's open socket."""

    _socket: Socket
    serial_number: str
    peer: str
    entry: Entry
    _adopt: Callable[[ChargerEnd], ChargerActor]
    _actor: ChargerActor | None = field(default=None, init=False)
    _is_paused: bool = field(default=False, init=False)
    _is_congested: bool = field(default=False, init=False)
    _log = Logger()

    @property
    def authenticated(self) -> bool:
        """True if a password or a certificate was checked."""
        return self.entry.is_authenticated

    @property
    def heard_at(self) -> float:
        """POSIX time of the station's last bytes; now, while we do not listen."""
        if self._is_paused or self._is_congested:
            return self._socket.now
        return self._socket.heard_at

    def opened(self) -> None:
        """Report to an actor from now on."""
        self._actor = self._adopt(self)

    def received(self, text: bytes) -> None:
        """Pass a text on; whatever goes wrong with one must not close the socket."""
        if self._actor is None:
            return
        try:
            self._actor.received(text)
        except Exception:
            self._log.failure(
                "{serial_number}: a frame of {size} bytes crashed on arrival",
                serial_number=self.serial_number,
                size=len(text),
            )

    def ponged(self) -> None:
        """Pass a pong on."""
        if self._actor is not None:
            self._actor.ponged()

    def congested(self, congested: bool) -> None:
        """Hear nothing more from a station that does not read its answers.

        Otherwise they would pile up; our pongs do not reach it either.
        """
        self._is_congested = congested
        self._hear_or_not()

    def closed(self) -> None:
        """Tell the actor that its socket is gone."""
        if self._actor is not None:
            self._actor.lost()

    def send(self, text: bytes) -> None:
        """Send one text frame."""
        self._socket.send_text(text)

    def ping(self) -> None:
        """Send a ping."""
        self._socket.ping()

    def hang_up(self, code: int, reason: str) -> None:
        """Close with a close frame."""
        self._socket.hang_up(code, reason)

    def drop(self) -> None:
        """Close without one."""
        self._socket.drop()

    def pause(self) -> None:
        """Read nothing more until `resume`."""
        self._is_paused = True
        self._hear_or_not()

    def resume(self) -> None:
        """Read again."""
        self._is_paused = False
        self._hear_or_not()

    def _hear_or_not(self) -> None:
        transport = self._socket.transport
        if self._is_paused or self._is_congested:
            transport.pauseProducing()
        else:
            transport.resumeProducing()


@define(eq=False)
class StrangerEnd:
    """A socket under a serial number that nobody has: told so, and dropped."""

    _socket: Socket
    _farewell: bytes

    def opened(self) -> None:
        """Say why, then drop the connection without a close frame (contract §3.3)."""
        self._socket.send_text(self._farewell)
        self._socket.drop_gently()

    def received(self, text: bytes) -> None:
        """Ignore it: the connection is closing."""

    def ponged(self) -> None:
        """Ignore it."""

    def congested(self, congested: bool) -> None:
        """Ignore it."""

    def closed(self) -> None:
        """Nobody waits for this."""


@implementer(IDriverLink)
@define(eq=False)
class DriverEnd:
    """A driver's open socket."""

    _socket: Socket
    user_id: str
    expires_at: float
    _adopt: Callable[[DriverEnd], DriverActor]
    is_congested: bool = field(default=False, init=False)
    _actor: DriverActor | None = field(default=None, init=False)

    def opened(self) -> None:
        """Report to an actor from now on."""
        self._actor = self._adopt(self)

    def received(self, text: bytes) -> None:
        """Ignore what a driver's client sends (contract §3.8)."""

    def ponged(self) -> None:
        """Nobody asked."""

    def congested(self, congested: bool) -> None:
        """Note how fast the client reads; send what waited when it does again."""
        self.is_congested = congested
        if not congested and self._actor is not None:
            self._actor.drained()

    def closed(self) -> None:
        """Tell the actor that its socket is gone."""
        if self._actor is not None:
            self._actor.lost()

    def send(self, text: bytes) -> None:
        """Send one text frame."""
        self._socket.send_text(text)

    def hang_up(self, code: int, reason: str) -> None:
        """Close with a close frame."""
        self._socket.hang_up(code, reason)
