"""The one spelling of a station's password.

OCPP 1.6 hands a station its password as hexadecimal digits (`AuthorizationKey`, 32 to
40 of them). Some show the bytes they stand for, as they should, and some the digits.
"""

from __future__ import annotations

import re
from typing import Final

LEAST_BYTES: Final = 16  # OCPP security whitepaper, edition 3, §3.4
MOST_BYTES: Final = 20
DIGITS: Final = re.compile(rb"(?:[0-9a-f]{2}){16,20}", re.IGNORECASE)


def spelling_of(password: str | bytes) -> str:
    """Return 16 to 20 bytes as lower-case hexadecimal, and anything else as it is.

    What is such digits already means the same bytes. What is no UTF-8 keeps all its
    bytes apart.
    """
    sent = password
    if isinstance(sent, str):
        sent = sent.encode("utf-8", "surrogatepass")
    if DIGITS.fullmatch(sent):
        return sent.decode().lower()
    if LEAST_BYTES <= len(sent) <= MOST_BYTES:
        return sent.hex()
    return sent.decode("utf-8", "surrogateescape")
