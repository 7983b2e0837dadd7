"""The short way through Autobahn for what nearly every message is.

Reading: whole, unfragmented, masked text frames under 64 KiB on an open connection with
nothing buffered are unmasked in one big-integer XOR and handed over. Everything else
takes Autobahn's own way. Writing: the socket is tried at once; Twisted's writer is only
registered when it would block. Payload limits, traffic counts and close codes are the
same on both ways.
"""

from __future__ import annotations

from typing import Any, Final

from autobahn.twisted import websocket as autobahn_twisted
from autobahn.twisted.websocket import WebSocketServerProtocol
from autobahn.websocket import protocol as autobahn_websocket
from twisted.internet.interfaces import IReactorTime
from twisted.internet.tcp import Connection

TEXT_FRAME: Final = 0x81  # FIN and opcode 1
MASKED: Final = 0x80
SHORT: Final = 126  # payload lengths up to 125 stand in the second byte
MEDIUM: Final = 127  # 126 there means two more bytes
LIMIT: Final = 1 << 16


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


class FastPath(WebSocketServerProtocol):
    """A server protocol that takes the short way where it can.

    `heard_at` is the POSIX time of the last bytes, by the factory's clock.
    """

    transport: Any  # TCP, TLS or in memory: more than an ITransport
    heard_at: float = 0.0
    _clock: IReactorTime

    def dataReceived(self, data: bytes) -> None:
        """Take the short way as far as it goes."""
        self.heard_at = self._clock.seconds()
        if (
            self.state == self.STATE_OPEN
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
        while end - start >= 6 and data[start] == TEXT_FRAME:
            length = data[start + 1] ^ MASKED
            body_at = start + 6
            if length >= SHORT:
                if length != SHORT or end - start < 8:
                    break
                length = int.from_bytes(data[start + 2 : start + 4], "big")
                body_at = start + 8
                if length < SHORT:  # a length must be written as short as it can be
                    break
            after = body_at + length
            if after > end or not 0 <= length < LIMIT:
                break
            payload = _unmask(data[body_at:after], data[body_at - 4 : body_at])
            if not _is_text(payload):
                break
            self._count(after - start, length)
            start = after
            self.onMessage(payload, False)
            if self.state != self.STATE_OPEN:
                break
        return data[start:] if start else data

    def _count(self, wire_bytes: int, payload_bytes: int) -> None:
        stats = self.trafficStats
        stats.incomingOctetsWireLevel += wire_bytes
        stats.incomingOctetsWebSocketLevel += payload_bytes
        stats.incomingOctetsAppLevel += payload_bytes
        stats.incomingWebSocketFrames += 1
        stats.incomingWebSocketMessages += 1

    def send_text(self, text: bytes) -> None:
        """Send one text frame; on a connection that is not open do nothing."""
        if self.state != self.STATE_OPEN:
            return
        frame = _header(len(text)) + text
        stats = self.trafficStats
        stats.outgoingOctetsAppLevel += len(text)
        stats.outgoingOctetsWebSocketLevel += len(text)
        stats.outgoingOctetsWireLevel += len(frame)
        stats.outgoingWebSocketFrames += 1
        stats.outgoingWebSocketMessages += 1
        write_at_once(self.transport, frame)


def _unmask(body: bytes, mask: bytes) -> bytes:
    size = len(body)
    if mask == b"\0\0\0\0" or not size:
        return body
    keys = (mask * (size // 4 + 1))[:size]
    plain = int.from_bytes(body, "little") ^ int.from_bytes(keys, "little")
    return plain.to_bytes(size, "little")


def _is_text(payload: bytes) -> bool:
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _header(size: int) -> bytes:
    if size < SHORT:
        return bytes((TEXT_FRAME, size))
    if size < LIMIT:
        return bytes((TEXT_FRAME, SHORT)) + size.to_bytes(2, "big")
    return bytes((TEXT_FRAME, MEDIUM)) + size.to_bytes(8, "big")


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
