"""WebSocket frames as bytes (RFC 6455 §5.2): their headers, their masks, their text."""

from __future__ import annotations

from typing import Final

TEXT_FRAME: Final = 0x81  # FIN and opcode 1
MASKED: Final = 0x80
SHORT: Final = 126  # payload lengths up to 125 stand in the second byte
MEDIUM: Final = 127  # 126 there means two more bytes
LIMIT: Final = 1 << 16
NO_MASK: Final = b"\0\0\0\0"  # what masks nothing


def text_frame(text: bytes) -> bytes:
    """Return a server's frame with a text in it."""
    return _header(len(text), 0) + text


def masked_text_frame(text: bytes, mask: bytes) -> bytes:
    """Return a client's frame with a text in it."""
    return _header(len(text), MASKED) + mask + masked(text, mask)


def masked(body: bytes, mask: bytes) -> bytes:
    """Return a body with its mask put on or taken off, in one big-integer XOR."""
    size = len(body)
    if mask == NO_MASK or not size:
        return body
    keys = (mask * (size // 4 + 1))[:size]
    plain = int.from_bytes(body, "little") ^ int.from_bytes(keys, "little")
    return plain.to_bytes(size, "little")


def is_text(payload: bytes) -> bool:
    """Tell whether a payload is UTF-8."""
    if payload.isascii():
        return True
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def _header(size: int, mask_bit: int) -> bytes:
    if size < SHORT:
        return bytes((TEXT_FRAME, mask_bit | size))
    if size < LIMIT:
        return bytes((TEXT_FRAME, mask_bit | SHORT)) + size.to_bytes(2, "big")
    return bytes((TEXT_FRAME, mask_bit | MEDIUM)) + size.to_bytes(8, "big")
