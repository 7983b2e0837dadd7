"""The short way through Autobahn for what nearly every message is.

Reading: whole, unfragmented text frames under 64 KiB on an open connection with nothing
buffered are unmasked and handed over. Everything else takes Autobahn's own way.
Writing: the socket is tried at once; Twisted's writer is only registered when it would
block. Payload limits, traffic counts and close codes are the same on both ways.
"""

from __future__ import annotations

from typing import Any, Final

from autobahn.twisted import websocket as autobahn_twisted
from autobahn.websocket import protocol as autobahn_websocket
from autobahn.websocket.protocol import WebSocketProtocol
from twisted.internet.tcp import Connection

from flexicharge.wire.frames import (
    LIMIT,
    MASKED,
    SHORT,
    TEXT_FRAME,
    is_text,
    masked,
    masked_text_frame,
    text_frame,
)

OPEN: Final = WebSocketProtocol.STATE_OPEN


def quiet_autobahn() -> None:
    """Stop Autobahn from formatting arguments of debug lines that nobody prints.

    It colours every argument eagerly (a third of a message's cost where `click` can be
    imported) and pretty-prints its whole configuration on every connection.
    """
    for module in (autobahn_twisted, autobahn_websocket):
        for name in ("hltype", "hlval", "hlid"):
            if hasattr(module, name):
                setattr(module, name, _as_it_is)
    setattr(autobahn_websocket, "pformat", _as_it_is)  # noqa: B010  # not exported


def _as_it_is(value: object, *_: object, **__: object) -> object:
    return value


class ShortWay:
    """Goes before one of Autobahn's protocols, and spares it what is simple.

    Frames that come are masked by `hears_masked`, as clients must and servers must not.
    """

    transport: Any  # TCP, TLS or in memory: more than an ITransport
    hears_masked: bool
    # what Autobahn's protocol has
    state: Any
    data: Any
    inside_message: bool
    current_frame: Any
    trafficStats: Any
    onMessage: Any
    _dataReceived: Any

    def dataReceived(self, data: bytes) -> None:
        """Take the short way as far as it goes."""
        if (
            self.state == OPEN
            and not self.data
            and not self.inside_message
            and self.current_frame is None
        ):
            data = self._take_frames(data)
            if not data:
                return
        self._dataReceived(data)

    def _take_frames(self, data: bytes) -> bytes:
        """Hand over the whole frames at the head of `data`; return what is left."""
        start, end = 0, len(data)
        mask_bit, mask_size = (MASKED, 4) if self.hears_masked else (0, 0)
        while end - start >= 2 + mask_size and data[start] == TEXT_FRAME:
            length = data[start + 1] ^ mask_bit
            body_at = start + 2 + mask_size
            if length >= SHORT:
                if length != SHORT or end - start < 4 + mask_size:
                    break
                length = int.from_bytes(data[start + 2 : start + 4], "big")
                body_at += 2
                if length < SHORT:  # a length must be written as short as it can be
                    break
            after = body_at + length
            if after > end or not 0 <= length < LIMIT:
                break
            payload = data[body_at:after]
            if mask_size:
                payload = masked(payload, data[body_at - mask_size : body_at])
            if not is_text(payload):
                break
            self._count_incoming(after - start, length)
            start = after
            self.onMessage(payload, False)
            if self.state != OPEN:
                break
        return data[start:] if start else data

    def _count_incoming(self, wire_bytes: int, payload_bytes: int) -> None:
        stats = self.trafficStats
        stats.incomingOctetsWireLevel += wire_bytes
        stats.incomingOctetsWebSocketLevel += payload_bytes
        stats.incomingOctetsAppLevel += payload_bytes
        stats.incomingWebSocketFrames += 1
        stats.incomingWebSocketMessages += 1

    def send_text(self, text: bytes, mask: bytes | None = None) -> None:
        """Send one text frame; on a connection that is not open do nothing.

        A client gives a mask of four bytes.
        """
        if self.state != OPEN:
            return
        frame = text_frame(text) if mask is None else masked_text_frame(text, mask)
        stats = self.trafficStats
        stats.outgoingOctetsAppLevel += len(text)
        stats.outgoingOctetsWebSocketLevel += len(text)
        stats.outgoingOctetsWireLevel += len(frame)
        stats.outgoingWebSocketFrames += 1
        stats.outgoingWebSocketMessages += 1
        write_at_once(self.transport, frame)


def write_at_once(transport: Any, data: bytes) -> None:
    """Write to a plain TCP socket now if nothing waits before it, else as usual.

    Under TLS, or when the kernel takes nothing or only a part, Twisted's writer has the
    rest; it also finds out about errors.
    """
    if (
        isinstance(transport, Connection)
        and not transport.dataBuffer
        and not transport._tempDataBuffer
        and not transport.disconnecting
        and transport.connected
        and not transport.TLS
    ):
        sent = transport.writeSomeData(data)
        if type(sent) is int and sent >= 0:
            if sent == len(data):
                return
            data = data[sent:]
    transport.write(data)
