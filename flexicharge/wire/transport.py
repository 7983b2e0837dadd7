"""One end of a wire: what a protocol believes to be a TCP transport."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import define, field
from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import (
    IConsumer,
    IProducer,
    IPushProducer,
    ITransport,
)
from twisted.internet.protocol import Protocol
from zope.interface import implementer

if TYPE_CHECKING:
    from flexicharge.wire.wire import Wire

HIGH_WATER_BYTES: Final = 1 << 16  # where Twisted's own transports pause a producer


@implementer(ITransport, IConsumer, IPushProducer)
@define(eq=False)
class MemoryTransport:
    """Keeps what its protocol writes until the wire carries it over."""

    wire: Wire
    protocol: Protocol
    host: IPv4Address
    peer: IPv4Address
    outbox: list[bytes] = field(factory=list)
    reading: bool = True
    closing: bool = False
    lost: bool = False
    _producer: IPushProducer | None = None
    _producer_paused: bool = False

    @property
    def disconnecting(self) -> bool:
        """True once this end has closed; Twisted's line protocols look."""
        return self.closing

    # ITransport

    def write(self, data: bytes) -> None:
        """Queue bytes for the other end; after closing they vanish."""
        if self.closing or self.lost or not data:
            return
        self.outbox.append(bytes(data))
        self.wire.stirred()
        if self._producer and not self._producer_paused and self._is_over_high_water():
            self._producer_paused = True
            self._producer.pauseProducing()

    def writeSequence(self, data: Iterable[bytes]) -> None:
        """Queue several byte strings as one."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Close once everything queued has been carried over."""
        self.closing = True
        self.wire.stirred()

    def abortConnection(self) -> None:
        """Close at once; what was queued is lost."""
        self.outbox.clear()
        self.wire.lose(aborted_by=self)

    def getPeer(self) -> IPv4Address:
        """Return the other end's address."""
        return self.peer

    def getHost(self) -> IPv4Address:
        """Return this end's address."""
        return self.host

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Accept what every TCP transport accepts; there is no delay here."""

    # IConsumer

    def registerProducer(self, producer: IProducer, streaming: bool) -> None:
        """Tell `producer` to pause while the other end does not read."""
        self._producer, self._producer_paused = IPushProducer(producer), False

    def unregisterProducer(self) -> None:
        """Tell nobody any more."""
        self._producer = None

    # IPushProducer

    def pauseProducing(self) -> None:
        """Deliver nothing to this end's protocol."""
        self.reading = False

    def resumeProducing(self) -> None:
        """Deliver again, from the next flush on."""
        self.reading = True
        self.wire.stirred()

    def stopProducing(self) -> None:
        """Close: nobody wants what would be delivered."""
        self.loseConnection()

    # the wire's side

    def take(self) -> bytes | None:
        """Return the oldest thing written, or None."""
        data = self.outbox.pop(0) if self.outbox else None
        if self._producer_paused and not self.outbox and self._producer:
            self._producer_paused = False
            self._producer.resumeProducing()
        return data

    def _is_over_high_water(self) -> bool:
        return sum(map(len, self.outbox)) > HIGH_WATER_BYTES
