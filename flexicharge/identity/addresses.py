"""E-mail addresses, as accounts go by them."""

from __future__ import annotations

import re
from typing import Final

from flexicharge.errors import ParameterInvalid

MAX_ADDRESS: Final = 254  # RFC 5321 §4.5.3.1.3, without the angle brackets
MAX_LOCAL_PART: Final = 64  # RFC 5321 §4.5.3.1.1

_ATOM: Final = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS: Final = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@(?:{_LABEL}\.)+{_LABEL}")


def email_of(text: str) -> str:
    """Return an address as it is stored: trimmed and in lower case.

    Only plain ASCII addresses with a dot in their domain are taken, for they must pass
    through any mail server. Raise `ParameterInvalid`.
    """
    email = text.strip().lower() if len(text) <= MAX_ADDRESS else ""
    match = _ADDRESS.fullmatch(email)
    if match is None or len(match[1]) > MAX_LOCAL_PART:
        raise ParameterInvalid("Invalid email address format.")
    return email


def masked(address: str) -> str:
    """Return as much of an address as a stranger may see: `i***@e***`.

    It is made of what was typed alone, so it tells nothing about accounts.
    """
    parts = address.strip()[:MAX_ADDRESS].split("@", 1)
    return "@".join(f"{part[:1]}***" for part in parts)
