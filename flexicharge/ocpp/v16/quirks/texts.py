"""Texts that are almost JSON. Nothing inside a string is ever touched but NUL bytes."""

from __future__ import annotations

import re
from typing import Final

from flexicharge.ocpp.v16.quirks.rules import TextQuirk

MAX_UNCLOSED: Final = 8

_STRING: Final = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+"?)', re.DOTALL)
_COMMA_FIRST: Final = re.compile(rb"([\[{])\s*,")
_NO_VALUE: Final = re.compile(rb":(\s*)(?=[,}])")
_IS_RESULT: Final = re.compile(rb"\s*\[\s*3\s*,")
_CLOSING: Final = {b"[": b"]", b"{": b"}"}


def _outside_strings(text: bytes, odd: re.Pattern[bytes], put: bytes) -> bytes:
    """Return a text with something put right, which is seldom there at all."""
    if odd.search(text) is None:
        return text
    parts = _STRING.split(text)
    parts[::2] = [part and odd.sub(put, part) for part in parts[::2]]
    return b"".join(parts)


def _without_nul(text: bytes) -> bytes:
    return text.replace(b"\0", b"")


def _without_first_commas(text: bytes) -> bytes:
    return _outside_strings(text, _COMMA_FIRST, rb"\1")


def _with_null_values(text: bytes) -> bytes:
    return _outside_strings(text, _NO_VALUE, rb":\1null")


def _closed(text: bytes) -> bytes:
    """Close what a result left open; a Call that breaks off may have lost a value."""
    if not _IS_RESULT.match(text):
        return text
    still_open: list[bytes] = []
    for part in _STRING.split(text)[::2]:
        for sign in re.findall(rb"[\[\]{}]", part):
            if sign in _CLOSING:
                still_open.append(_CLOSING[sign])
            elif not still_open or still_open.pop() != sign:
                return text
    if len(still_open) > MAX_UNCLOSED:
        return text
    return text + b"".join(reversed(still_open))


TEXT_QUIRKS: Final = (
    TextQuirk(
        quirk_id="nul-bytes",
        about="NUL bytes inside or around the text are left out",
        source="field notes Q6: Wallbe Pro, evcc#3685",
        mend=_without_nul,
    ),
    TextQuirk(
        quirk_id="comma-first",
        about="a comma before the first item of a list or an object is left out",
        source="field notes Q6: ZJ Beny, ha#1078",
        mend=_without_first_commas,
    ),
    TextQuirk(
        quirk_id="name-without-value",
        about="a name with nothing after its colon has the value null",
        source="field notes Q6: AEFA Home, ha#2032",
        mend=_with_null_values,
    ),
    TextQuirk(
        quirk_id="result-left-open",
        about="a result whose last brackets are missing is closed",
        source="field notes Q6: Grizzl-E 5.x, ha#442, ha#176",
        mend=_closed,
    ),
)
