"""What PostgreSQL can hold, checked before a value travels."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from flexicharge.errors import UnusableValue
from flexicharge.interfaces.stores import Params
from flexicharge.model.site import MAX_CONNECTORS, StationChanges

MAX_FREE_TEXT: Final = 255
_ASCII_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


def is_storable(text: str) -> bool:
    """Tell whether a text can be a key: UTF-8 without NUL holds it."""
    return text == storable(text)


def storable(text: str) -> str:
    """Return a text as it can be stored: NUL left out, lone surrogates as `?`.

    For what strangers send as free text. A key is never mended: it would then be found
    under another one's name.
    """
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def short_text(text: str) -> str:
    """Return free text as it can be stored, cut to 255 characters."""
    return storable(text[:MAX_FREE_TEXT])


def stored_tag(id_tag: str) -> str:
    """Return the text of a tag as it can be stored; '' for one that cannot.

    A mended one would be found under the name of another.
    """
    is_usable = len(id_tag) <= MAX_FREE_TEXT and is_storable(id_tag)
    return id_tag if is_usable else ""


def spellings(prefix: str) -> tuple[str, ...]:
    """Return what a text may begin with that begins with `prefix`, whatever the case.

    A database in the C locale knows the case of ASCII alone. So both sides are put into
    lower case as far as that, and the usual ways to write the other letters are tried.
    """
    written = (prefix, prefix.lower(), prefix.upper(), prefix.title())
    return tuple(dict.fromkeys(map(ascii_lower, written)))


def ascii_lower(text: str) -> str:
    """Return a text with its ASCII letters in lower case, and no others."""
    return text.translate(_ASCII_LOWER)


def check_station_changes(changes: StationChanges) -> None:
    """Raise `UnusableValue` for a number of connectors that no station has."""
    if not 1 <= changes.get("connectors", 1) <= MAX_CONNECTORS:
        raise UnusableValue(f"a station has 1 to {MAX_CONNECTORS} connectors")


def check_finite(params: Params) -> None:
    """Raise `UnusableValue` if one of the floats in `params` is no finite number."""
    for value in params.values() if isinstance(params, Mapping) else params:
        if isinstance(value, float) and not isfinite(value):
            raise UnusableValue("a number is not finite")
