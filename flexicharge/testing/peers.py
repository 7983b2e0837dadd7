"""The other end of a WebSocket, saying exactly what a test wants said."""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec
from attrs import define
from autobahn.twisted.websocket import (
    WebSocketClientFactory,
    WebSocketClientProtocol,
)
from twisted.internet.interfaces import IReactorTime

from flexicharge.wire import Wire

OPCODES: Final = {"text": 0x1, "binary": 0x2, "more": 0x0, "close": 0x8, "ping": 0x9}


class PeerProtocol(WebSocketClientProtocol):
    """Keeps what it is told, and how it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[Any] = []
        self.texts: list[bytes] = []
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.is_over = False
        self.answers_pings = True
        self.status_line = ""

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """Keep a frame."""
        self.texts.append(payload)
        self.frames.append(msgspec.json.decode(payload))

    def onPing(self, payload: bytes) -> None:
        """Answer a ping, unless this end plays dead."""
        if self.answers_pings:
            self.sendPong(payload)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        """Keep how it ended; an unclean end has code 1006."""
        self.is_over, self.close_code, self.close_reason = True, code, reason


@define(eq=False)
class Peer:
    """A client on an in-memory wire."""

    wire: Wire
    protocol: PeerProtocol

    def say(self, *frame: object) -> None:
        """Send one frame; the server has handled it when this returns."""
        self.say_text(msgspec.json.encode(frame))

    def say_text(self, text: bytes, *, binary: bool = False) -> None:
        """Send one message as it is."""
        self.protocol.sendMessage(text, binary)
        self.wire.flush()

    @property
    def is_open(self) -> bool:
        """True while the WebSocket is open."""
        return bool(self.protocol.state == self.protocol.STATE_OPEN)

    def heard(self) -> list[Any]:
        """Return the frames that came since the last time, as JSON."""
        self.wire.flush()
        frames, self.protocol.frames = self.protocol.frames, []
        return frames

    def lose(self) -> None:
        """Lose the connection, without any closing."""
        self.wire.lose(aborted_by=self.wire.client)


def connect_peer(
    server: Any,
    clock: IReactorTime,
    path: str,
    *,
    protocols: list[str] | None = None,
    headers: dict[str, str] | None = None,
    address: str = "127.0.0.1",
) -> Peer:
    """Connect a client to a server's factory; the handshake may still be undecided."""
    client = WebSocketClientFactory(
        f"ws://127.0.0.1:1337{path}",
        protocols=protocols,
        headers=headers,
        reactor=clock,
    )
    client.protocol = PeerProtocol
    client.setProtocolOptions(failByDrop=False, openHandshakeTimeout=0)
    wire = Wire.connect(server, client, peer=address)
    wire.flush()
    return Peer(wire, cast("PeerProtocol", wire.client.protocol))


def masked_frame(
    payload: bytes, kind: str = "text", *, mask: bytes = b"\1\2\3\4", fin: bool = True
) -> bytes:
    """Return a masked client frame (RFC 6455 §5.2)."""
    first = OPCODES[kind] | (0x80 if fin else 0)
    size = len(payload)
    if size < 126:
        head = bytes((first, 0x80 | size))
    elif size < 1 << 16:
        head = bytes((first, 0xFE)) + size.to_bytes(2, "big")
    else:
        head = bytes((first, 0xFF)) + size.to_bytes(8, "big")
    masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
    return head + mask + masked
