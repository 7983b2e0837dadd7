"""Which passwords of stations are too easy to guess."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from flexicharge.identity.station_passwords import DIGITS

LEAST_DISTINCT: Final = 8  # of bytes, case aside
MOST_STEPS: Final = 0.5  # of neighbours that are the same, or next to one another
LEAST_NAME: Final = 4  # characters of a serial number that are worth looking for
# Each is worth no more than one byte.
GUESSED_FIRST: Final = (
    "password", "passw0rd", "flexicharge", "authorizationkey", "authorization",
    "charger", "charge", "station", "qwertyuiop", "qwerty", "asdfgh", "letmein",
    "welcome", "secret", "default", "changeme", "admin", "ocpp",
)  # fmt: skip


def is_weak(password: str, serial_number: str) -> bool:
    """Tell whether a password of 16 to 20 bytes is easy to guess.

    It is one of few different bytes, of a few bytes over and over, of bytes in a row,
    or of the station's own name and words that everybody tries.
    """
    meant = _bytes_of(password)
    rest = _without_words(meant, serial_number)
    return len(set(rest)) < LEAST_DISTINCT or _is_repeated(meant) or _is_in_a_row(meant)


def _bytes_of(password: str) -> bytes:
    """Return the bytes that a password means, case aside."""
    sent = password.encode()
    return bytes.fromhex(password) if DIGITS.fullmatch(sent) else sent.lower()


def _without_words(meant: bytes, serial_number: str) -> bytes:
    name = serial_number.lower().encode()
    words = [word.encode() for word in GUESSED_FIRST]
    if len(name) >= LEAST_NAME:
        words.insert(0, name)
    for word in words:
        meant = meant.replace(word, b"")
    return meant


def _is_repeated(meant: bytes) -> bool:
    return any(
        meant == (meant[:period] * len(meant))[: len(meant)]
        for period in range(1, len(meant) // 2 + 1)
    )


def _is_in_a_row(meant: bytes) -> bool:
    steps = sum(abs(one - other) <= 1 for one, other in pairwise(meant))
    return steps > MOST_STEPS * (len(meant) - 1)
