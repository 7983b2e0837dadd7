"""The one spelling of a station's identity, however a path spells it."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from flexicharge.model.identity import spelled


def identity_in(segment: str) -> str | None:
    """Return the identity that a segment of a request's path means, None if it is none.

    It is percent-decoded once, read as UTF-8 or else as Latin-1, and spelled as all
    identities are. None that comes this way has a slash.
    """
    # A request line has been read as Latin-1, so this gives its bytes back.
    sent = unquote_to_bytes(segment.encode("latin-1", "replace"))
    identity = spelled(_text(sent))
    return None if identity is None or "/" in identity else identity


def is_same(sent: bytes, identity: str) -> bool:
    """Tell whether bytes that somebody sent mean an identity, in any letter case."""
    meant = identity_in(sent.decode("latin-1"))
    return meant is not None and meant.casefold() == identity.casefold()


def _text(sent: bytes) -> str:
    try:
        return sent.decode()
    except UnicodeDecodeError:
        return sent.decode("latin-1")
