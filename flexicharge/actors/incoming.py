"""A station's Call on its way through the actor."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

from attrs import frozen

from flexicharge.model.requests import Evidence, Request
from flexicharge.ocpp.frames import Call, encode

KEY_BYTES: Final = 16


@frozen
class Incoming:
    """A station's Call, what it asks for, its text, and when it came (POSIX)."""

    call: Call
    request: Request
    text: bytes
    at: float

    @property
    def evidence(self) -> Evidence:
        """The frame's own words."""
        return Evidence(self.text.decode(errors="replace"), self.at)

    @property
    def keyed_evidence(self) -> Evidence:
        """The frame's own words, with what only the very same frame has."""
        call = self.call
        facts = [str(call.message_id), call.action, call.payload]
        key = blake2b(encode(facts), digest_size=KEY_BYTES).hexdigest()
        return Evidence(self.text.decode(errors="replace"), self.at, key)

    def without_body(self) -> Incoming:
        """Return what an answer needs to know, and no more."""
        call = Call(self.call.message_id, self.call.action, {})
        return Incoming(call, self.request, b"", self.at)
