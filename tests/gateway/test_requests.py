"""Opening requests that need mending (field note Q2)."""

from __future__ import annotations

import pytest

from flexicharge.gateway.requests import mended

FIRST = b"GET /ocpp/CP-7 HTTP/1.1"
SOUND = (
    b"Host: here",
    b"Upgrade: websocket",
    b"Connection: keep-alive, Upgrade",
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    b"Sec-WebSocket-Protocol: ocpp1.6, ocpp2.0.1",
)
REST = b"\x81\x80 and so on\r\n\r\n"


def request(*lines: bytes) -> bytes:
    """Return a request of these header lines, with something after it."""
    return b"\r\n".join((FIRST, *lines)) + b"\r\n\r\n" + REST


def test_a_sound_request_is_left_alone() -> None:
    """To the byte."""
    assert mended(request(*SOUND)) == (request(*SOUND), ())


@pytest.mark.parametrize(
    "said", [(), (b"Connection: keep-alive",), (b"connection:",), (b"Connection: x",)]
)
def test_an_upgrade_is_meant_without_a_word_of_it(said: tuple[bytes, ...]) -> None:
    """`Connection` is put right, and nothing else."""
    others = (*SOUND[:2], *SOUND[3:])
    data, wrong = mended(request(*said, *others))
    assert data == request(*others, b"Connection: Upgrade")
    assert wrong == ("connection-header",)


def test_what_is_no_upgrade_does_not_become_one() -> None:
    """A browser that strays here gets its refusal."""
    for lines in (SOUND[:1], SOUND[:2], (SOUND[0], SOUND[3])):
        assert mended(request(*lines)) == (request(*lines), ())


def test_a_subprotocol_offered_twice_is_offered() -> None:
    """Also in two headers, and beside other faults."""
    twice = (b"Sec-WebSocket-Protocol: ocpp1.6,ocpp1.6", b"sec-websocket-protocol: b")
    data, wrong = mended(request(*SOUND[:2], SOUND[3], *twice))
    assert wrong == ("subprotocol-twice", "connection-header")
    once = b"Sec-WebSocket-Protocol: ocpp1.6, b"
    assert data == request(*SOUND[:2], SOUND[3], once, b"Connection: Upgrade")
