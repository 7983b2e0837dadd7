"""Opening requests of chargers that do not quite follow RFC 6455 §4.1, mended."""

from __future__ import annotations

from typing import Final

LINE_END: Final = b"\r\n"
HEAD_END: Final = b"\r\n\r\n"
CONNECTION: Final = b"connection"
SUBPROTOCOLS: Final = b"sec-websocket-protocol"


def mended(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """Return what came with its head as it should be, and what was wrong with that.

    An upgrade that the header `Connection` does not name is meant all the same, and a
    subprotocol that is offered twice is offered.
    """
    head, rest = data.split(HEAD_END, 1)
    first, *lines = head.split(LINE_END)
    kept, wrong = _without_repeats(lines)
    if _is_upgrade(kept) and b"upgrade" not in _words(kept, CONNECTION):
        kept = [line for line in kept if _name(line) != CONNECTION]
        kept.append(b"Connection: Upgrade")
        wrong.append("connection-header")
    if not wrong:
        return data, ()
    return LINE_END.join((first, *kept)) + HEAD_END + rest, tuple(wrong)


def _without_repeats(lines: list[bytes]) -> tuple[list[bytes], list[str]]:
    offered = [word for word in _listed(lines, SUBPROTOCOLS) if word]
    once = list(dict.fromkeys(offered))
    if len(once) == len(offered):
        return lines, []
    kept = [line for line in lines if _name(line) != SUBPROTOCOLS]
    kept.append(b"Sec-WebSocket-Protocol: " + b", ".join(once))
    return kept, ["subprotocol-twice"]


def _is_upgrade(lines: list[bytes]) -> bool:
    return b"websocket" in _words(lines, b"upgrade") and any(
        _name(line) == b"sec-websocket-key" for line in lines
    )


def _words(lines: list[bytes], name: bytes) -> set[bytes]:
    return {word.lower() for word in _listed(lines, name)}


def _listed(lines: list[bytes], name: bytes) -> list[bytes]:
    """Return the words that a header lists, in all its lines."""
    values = (line.partition(b":")[2] for line in lines if _name(line) == name)
    return [word.strip() for value in values for word in value.split(b",")]


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()
