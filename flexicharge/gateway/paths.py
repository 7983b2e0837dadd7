"""What the path of a handshake asks for (contract §3.1)."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from attrs import frozen

CHARGER_WORDS: Final = frozenset({"charger", "connector"})
USER_WORD: Final = "user"
STANDARD_WORD: Final = "ocpp"


@frozen
class ChargerPath:
    """A FlexiCharge station of this serial number; it may be empty."""

    serial_number: str


@frozen
class UserPath:
    """The live feed of this user."""

    user_id: str


@frozen
class UnknownPath:
    """Nothing that is served here."""


def path_of(uri: str) -> ChargerPath | UserPath | UnknownPath:
    """Return what a request URI means: first segment the kind, last the identity.

    A single segment is a serial number, as it was before 2022. Segments are
    percent-decoded one by one, so an encoded slash belongs to its segment.
    """
    path = uri.split("?", 1)[0].split("#", 1)[0]
    segments = [unquote(segment) for segment in path.split("/") if segment]
    if not segments:
        return ChargerPath("")
    kind, identity = segments[0].lower(), segments[-1]
    if kind in CHARGER_WORDS:
        return ChargerPath(identity if len(segments) > 1 else "")
    if kind == USER_WORD and len(segments) == 2:
        return UserPath(identity)
    if len(segments) == 1 and kind != STANDARD_WORD:
        return ChargerPath(identity)
    return UnknownPath()
