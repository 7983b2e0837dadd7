"""Which names stand for a secret: those of the standard, and what makes call theirs."""

from __future__ import annotations

import re
from typing import Any, Final

MASK: Final = "***"  # what stands for a secret

# A configuration key bears a secret if its letters contain one of these, or end so.
TELLING: Final = (
    "authorizationkey",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
)
TELLING_ENDS: Final = (
    "key",
    "token",
    "pin",
    "pincode",
    "puk",
    "psk",
    "pwd",
    "pass",
    "userpw",
    "adminpw",
    "wifipw",
    "apnpw",
)
PUBLIC: Final = "public"  # such a key may be read by all
# An access point's name may stand with its login; with such an end it holds none.
ACCESS_POINT: Final = "apn"
HARMLESS_ENDS: Final = ("name", "user", "username", "enabled", "type")

_TELLING: Final = re.compile("|".join(TELLING))
_NO_LETTER: Final = re.compile(r"[\W\d_]+")


def is_secret(key: Any) -> bool:
    """Tell whether the value of a configuration key is nobody's business."""
    letters = _letters(key)
    if _tells(letters):
        return True
    if ACCESS_POINT in letters:
        return not letters.endswith(HARMLESS_ENDS)
    return letters.endswith(TELLING_ENDS) and PUBLIC not in letters


def is_telling(field: Any) -> bool:
    """Tell whether a field is called so that its value must be a secret."""
    return _tells(_letters(field))


def _letters(name: Any) -> str:
    return _NO_LETTER.sub("", name).casefold() if isinstance(name, str) else ""


def _tells(letters: str) -> bool:
    return _TELLING.search(letters) is not None
