"""Secrets in a text that cannot be read: whatever looks like one is replaced.

Every pattern takes time in proportion to the text, whatever stands in it: a quoted text
is taken whole or not at all, and gaps between what belongs together are bounded.
"""

from __future__ import annotations

import re
from typing import Final

from flexicharge.ocpp.v16.secret_names import MASK, TELLING, is_secret

# The parameters of an address that let in whoever knows them, as clouds call them.
PARAMETERS: Final = (
    "access_token|api_?key|key|pass|passwd|password|pwd|secret|sig|signature|token"
    "|x-(?:amz|goog)-(?:signature|security-token)"
)
PARAMETER: Final = re.compile(rf"([?&;](?:{PARAMETERS})=)[^&;#\s\"'\\]*", re.IGNORECASE)

_QUOTED: Final = r"""\"(?:[^\"\\]|\\.)*+\"?+|'(?:[^'\\]|\\.)*+'?+"""
_BARE: Final = r"[^\s,;&}\]\"']+"


def _named(name: str) -> str:
    return rf"[\"']?{name}[\"']?\s{{0,9}}[:=]\s{{0,9}}"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.DOTALL)


# Between the key of a setting and its value there is room for one other field.
_GAP: Final = rf"[\s,;]{{0,9}}(?:{_named('[a-z]{1,19}')}[\w-]{{0,19}}[\s,;]{{1,9}})?"
_SETTING: Final = _pattern(
    f"({_named('key')})({_QUOTED})({_GAP}{_named('value')})({_QUOTED}|{_BARE})"
)
_SETTING_BACKWARDS: Final = _pattern(
    f"({_named('value')})({_QUOTED})({_GAP}{_named('key')})({_QUOTED})"
)
_TELLING_NAME: Final = rf"(?:{'|'.join(TELLING)})\w{{0,19}}"
_TELLING: Final = _pattern(f"({_named(_TELLING_NAME)})({_QUOTED}|{_BARE})")
_LOGIN: Final = re.compile(r"(:(?:\\?/){2})[^/\\\s\"']*@")


def masked_guess(text: str) -> str:
    """Return a text with `***` for whatever looks like a secret."""
    text = _SETTING.sub(_setting, text)
    text = _SETTING_BACKWARDS.sub(_setting_backwards, text)
    text = _TELLING.sub(rf'\1"{MASK}"', text)
    text = _LOGIN.sub(rf"\1{MASK}@", text)
    return PARAMETER.sub(rf"\1{MASK}", text)


def _setting(found: re.Match[str]) -> str:
    if is_secret(found[2]):
        return f'{found[1]}{found[2]}{found[3]}"{MASK}"'
    return found[0]


def _setting_backwards(found: re.Match[str]) -> str:
    if is_secret(found[4]):
        return f'{found[1]}"{MASK}"{found[3]}{found[4]}'
    return found[0]
