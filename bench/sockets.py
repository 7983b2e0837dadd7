"""WebSocket clients made of plain sockets: cheap, and independent of Autobahn."""

from __future__ import annotations

import base64
import os
import selectors
import socket
import struct
import time
from collections.abc import Callable, Generator, Iterable
from functools import partial

CONNECT_WITHIN_S = 10.0
TEXT = 0x81
PING, PONG = 0x89, 0x8A
MASK = b"\x5a\xc3\x17\x9e"

# Yields masked frames to send and how many answers to wait for; is sent the answers.
Script = Generator[tuple[bytes, int], list[bytes], None]


class LoadFailed(Exception):
    """The load could not be brought to its end; the message says why."""


def masked(payload: bytes, opcode: int = TEXT) -> bytes:
    """Return a whole client's frame; a payload has at most 65535 bytes."""
    length = len(payload)
    head = (
        bytes((opcode, 0x80 | length))
        if length < 126
        else struct.pack("!BBH", opcode, 0x80 | 126, length)
    )
    key = (MASK * (length // 4 + 1))[:length]
    body = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + MASK + body.to_bytes(length, "big")


class Client:
    """One connection, after its handshake."""

    def __init__(self, port: int, path: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), CONNECT_WITHIN_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = self._shake_hands(port, path)
        self.socket.setblocking(False)
        self._script: Script | None = None
        self._awaited = 0
        self._answers: list[bytes] = []

    def play(self, script: Script) -> None:
        """Send what a script says first."""
        self._script = script
        self._go_on(partial(next, script))

    def has_ended(self) -> bool:
        """Take what has arrived; return True once the script is over."""
        data = self.socket.recv(65536)
        if not data:
            raise LoadFailed("The server closed a connection")
        self._buffer += data
        while self._script and (frame := self._take()) is not None:
            self._answers.append(frame)
            if len(self._answers) == self._awaited:
                answers, self._answers = self._answers, []
                self._go_on(partial(self._script.send, answers))
        return self._script is None

    def close(self) -> None:
        """Drop the connection."""
        self.socket.close()

    def _go_on(self, resume: Callable[[], tuple[bytes, int]]) -> None:
        try:
            frames, self._awaited = resume()
            self._send(frames)
            while not self._awaited and self._script:
                frames, self._awaited = self._script.send([])
                self._send(frames)
        except StopIteration:
            self._script = None

    def _send(self, frames: bytes) -> None:
        if self.socket.send(frames) != len(frames):
            raise LoadFailed("The server does not read fast enough")

    def _take(self) -> bytes | None:
        """Return the payload of the next whole text frame; answer pings."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            if len(buffer) < 4:
                return None
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        if length == 127:
            raise LoadFailed("The server sent more than 64 KiB")
        if len(buffer) < start + length:
            return None
        opcode, payload = buffer[0], bytes(buffer[start : start + length])
        self._buffer = buffer[start + length :]
        if opcode == PING:
            self._send(masked(payload, PONG))
            return self._take()
        if opcode != TEXT:
            raise LoadFailed(
                f"The server sent a frame of kind {opcode:#x}: {payload!r}"
            )
        return payload

    def _shake_hands(self, port: int, path: str) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = self.socket.recv(65536)
            if not data:
                raise LoadFailed(f"The server refused {path}: {answer!r}")
            answer += data
        head, _, rest = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 "):
            raise LoadFailed(f"The server refused {path}: {head!r}")
        return rest


def play_all(plays: Iterable[tuple[Client, Script]], within_s: float) -> None:
    """Play one script on each client, all at the same time, to their ends.

    Raise `LoadFailed` after `within_s` seconds of wall time.
    """
    deadline = time.monotonic() + within_s
    with selectors.DefaultSelector() as selector:
        running = 0
        for client, script in plays:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.play(script)
            running += 1
        while running:
            if time.monotonic() > deadline:
                raise LoadFailed(f"{running} connections were not done in time")
            for key, _ in selector.select(timeout=1.0):
                if key.data.has_ended():
                    selector.unregister(key.fileobj)
                    running -= 1
