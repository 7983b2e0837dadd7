"""What the path of a handshake asks for (contract §3.1, OCPP-J 1.6 §3.1)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from attrs import frozen

from flexicharge.gateway.identities import identity_in
from flexicharge.model.site import Protocol

CHARGER_WORDS: Final = frozenset({"charger", "connector"})
USER_WORD: Final = "user"
STANDARD_WORD: Final = "ocpp"

# `1.6`, `1.6J`, `ocpp1.6`, `v16`: what people put before or after the word `ocpp`.
VERSION: Final = re.compile(r"(?:ocpp)?[-_]?v?([12](?:\.?[0-9]){1,2})j?", re.IGNORECASE)
VERSIONS: Final = {
    "16": Protocol.OCPP_1_6,
    "201": Protocol.OCPP_2_0_1,
    "21": Protocol.OCPP_2_1,
}


@frozen
class ChargerPath:
    """A station of this serial number, which may be empty, on the dialect's paths."""

    identity: str


@frozen
class StandardPath:
    """A station of this identity on the standard path, and the version named there."""

    identity: str
    version: Protocol | None = None


@frozen
class UserPath:
    """The live feed of this user."""

    user_id: str


@frozen
class UnknownPath:
    """Nothing that is served here."""


StationPath = ChargerPath | StandardPath
Path = StationPath | UserPath | UnknownPath


def path_of(uri: str) -> Path:
    """Return what a request URI means: first segment the kind, last the identity.

    A single segment is a serial number, as it was before 2022. Segments are
    percent-decoded one by one, so an encoded slash belongs to its segment.
    """
    path = uri.split("?", 1)[0].split("#", 1)[0]
    segments = [segment for segment in path.split("/") if segment]
    if not segments:
        return ChargerPath("")
    kind, last = unquote(segments[0]).lower(), unquote(segments[-1])
    if kind in CHARGER_WORDS:
        return ChargerPath(last if len(segments) > 1 else "")
    if kind == USER_WORD and len(segments) == 2:
        return UserPath(last)
    if kind == STANDARD_WORD or (len(segments) > 1 and _version(kind)):
        return _standard(segments)
    return ChargerPath(last) if len(segments) == 1 else UnknownPath()


def _standard(segments: list[str]) -> StandardPath | UnknownPath:
    """Return the station that the last segment names.

    What stands between is a version, the identity once more (EVBox), or somebody's
    folder: what a station may do follows from its record, never from its path.
    """
    identity = identity_in(segments[-1]) if len(segments) > 1 else None
    if identity is None:
        return UnknownPath()
    named = (_version(segment) for segment in segments[:-1])
    return StandardPath(identity, next(filter(None, named), None))


def _version(word: str) -> Protocol | None:
    match = VERSION.fullmatch(word)
    return VERSIONS.get(match[1].replace(".", "")) if match else None
