"""What HTTP Basic authentication shows of a station (OCPP security whitepaper §3.4)."""

from __future__ import annotations

import base64
import binascii

from flexicharge.actors.arrivals import Shown
from flexicharge.gateway.identities import is_same


def shown_in(header: str | None, identity: str) -> Shown | None:
    """Return what an Authorization header shows, None if there is nothing to read.

    The password is bytes and may have colons; so may the name, if it is the identity.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    own = identity.encode() + b":"
    if decoded.startswith(own):
        return Shown(decoded.removeprefix(own), under_own_name=True)
    name, _, password = decoded.partition(b":")
    return Shown(password, under_own_name=is_same(name, identity))
