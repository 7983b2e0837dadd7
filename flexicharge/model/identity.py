"""The one spelling of a station's identity, whoever writes it."""

from __future__ import annotations

import unicodedata

from flexicharge.model.site import MAX_IDENTITY


def spelled(text: str) -> str | None:
    """Return the identity that a text means, None if it means none.

    It is put into composed form (NFC) and freed of blanks around it; letters keep their
    case. No identity has a character that cannot be printed, or more than 48 of them.
    """
    identity = unicodedata.normalize("NFC", text).strip()
    is_one = 0 < len(identity) <= MAX_IDENTITY and identity.isprintable()
    return identity if is_one else None
