"""What nobody may read again: the values that bear secrets, and how they are replaced.

That is done before a frame is journalled, and before a command is kept or logged.
Vendor messages are not looked into; certificates, and requests for them, are public.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from flexicharge.errors import MalformedFrame
from flexicharge.ocpp.frames import JsonObject, encode, read_array
from flexicharge.ocpp.v16.secret_names import MASK, is_secret, is_telling
from flexicharge.ocpp.v16.spoilt_secrets import PARAMETER, masked_guess

MAX_READ: Final = 1 << 16
MIN_REPEATED: Final = 4  # characters of a secret that is looked for inside of texts
MAX_SHOWN: Final = MAX_READ + 64  # a journal that keeps 64 KiB sees that there was more

# Whose request and whose answer may bear secrets: settings, told by their key, and
# addresses with a login. Some chargers give an address for the name of a file, and the
# details of an error may repeat what it is about. '' is a frame of no known action.
REQUESTS: Final = frozenset(
    {
        "",
        "ChangeConfiguration",
        "GetDiagnostics",
        "GetLog",
        "SignedUpdateFirmware",
        "UpdateFirmware",
    }
)
ANSWERS: Final = frozenset(
    {"", "ChangeConfiguration", "GetConfiguration", "GetDiagnostics", "GetLog"}
)

_LOGIN: Final = re.compile(r"(?<=://)[^/\s]*@")
# A password with a slash in it; a number up to the slash is the port of a host.
_ODD_LOGIN: Final = re.compile(r"(\s*[\w+.-]{1,32}://)[^/:@\s]*:(?!\d{1,5}/)[^@\s]*@")
# One of an address whose scheme is spoilt or was left out. Mail has no passwords.
_BARE_LOGIN: Final = re.compile(
    r"\A\s*(?!mailto:|sips?:)(?:[\w+.-]{1,32}:)?[/\\]{0,3}[^\s/\\@:]+:[^\s/\\@]+@"
)


def masked(action: str, payload: JsonObject, *, is_request: bool) -> JsonObject:
    """Return a payload whose secrets are `***`, keys in the same order.

    The very same object if there are none.
    """
    if action not in (REQUESTS if is_request else ANSWERS):
        return payload
    shown: JsonObject = _masked(payload)
    return shown


def secrets_in(action: str, payload: JsonObject) -> tuple[str, ...]:
    """Return the values in a request that `masked` hides."""
    return tuple(_hidden_in(payload, masked(action, payload, is_request=True)))


def without(value: Any, secrets: Iterable[str]) -> Any:
    """Return a JSON value with `***` wherever a text in it repeats one of some secrets.

    One so short that it stands in many a word is hidden only where it stands alone.
    """
    for secret in secrets:
        value = _without(value, secret)
    return value


def text_without(text: str, secrets: Iterable[str]) -> str:
    """Return the text of a frame with `***` for some secrets, but for short ones."""
    for secret in secrets:
        if len(secret) >= MIN_REPEATED:
            for spelt in (secret, encode(secret)[1:-1].decode()):
                text = text.replace(spelt, MASK)
    return text


def masked_text(text: bytes, action: str, *, is_request: bool) -> str:
    """Return the text of a frame of an action ('' for unknown), its secrets `***`.

    Only a text that has some is written anew; whether it has is seen at once for all
    actions but a few. In one that is no JSON, or over 64 KiB, they are guessed, and
    not all of a long one is returned.
    """
    if action not in (REQUESTS if is_request else ANSWERS):
        return text.decode(errors="replace")
    try:
        frame = read_array(text) if len(text) <= MAX_READ else None
    except MalformedFrame:
        frame = None
    if frame is None:
        return masked_guess(text[:MAX_SHOWN].decode(errors="replace"))
    shown = _masked(frame)
    return (text if shown is frame else encode(shown)).decode(errors="replace")


def _hidden_in(value: Any, shown: Any) -> Iterator[str]:
    """Yield the texts of a value that are not what is shown of it."""
    if value is shown:
        return
    if isinstance(value, str):
        yield value
        for login in _LOGIN.findall(value):
            yield from filter(None, [login.partition(":")[2].removesuffix("@")])
    elif isinstance(value, list | dict):
        places = range(len(value)) if isinstance(value, list) else value
        for place in places:
            yield from _hidden_in(value[place], shown[place])


def _without(value: Any, secret: str) -> Any:
    match value:
        case str() if len(secret) >= MIN_REPEATED:
            return value.replace(secret, MASK)
        case str():
            return MASK if value == secret else value
        case list():
            return [_without(item, secret) for item in value]
        case dict():
            return {
                _without(name, secret): _without(item, secret)
                for name, item in value.items()
            }
    return value


def _masked(value: Any) -> Any:
    """Return a JSON value without its secrets; the very same object if it has none."""
    match value:
        case str():
            return _masked_address(value)
        case list():
            items = [_masked(item) for item in value]
            return _unless_same(value, items, zip(value, items, strict=True))
        case dict():
            fields = _masked_fields(value)
            pairs = zip(value.values(), fields.values(), strict=True)
            return _unless_same(value, fields, pairs)
    return value


def _masked_fields(fields: JsonObject) -> JsonObject:
    keys = (value for name, value in fields.items() if name.casefold() == "key")
    is_secret_setting = any(is_secret(key) for key in keys)
    return {
        name: _hidden(value)
        if is_telling(name) or (is_secret_setting and name.casefold() == "value")
        else _masked(value)
        for name, value in fields.items()
    }


def _hidden(value: Any) -> Any:
    return value if value in (None, "", MASK) else MASK


def _unless_same(old: Any, new: Any, pairs: Any) -> Any:
    return old if all(before is after for before, after in pairs) else new


def _masked_address(text: str) -> str:
    if "@" in text and "://" not in text:
        return _BARE_LOGIN.sub(f"{MASK}@", text)
    if "://" not in text:
        return text
    shown = _LOGIN.sub(f"{MASK}@", _ODD_LOGIN.sub(rf"\1{MASK}@", text, count=1))
    shown = PARAMETER.sub(rf"\1{MASK}", shown)
    return text if shown == text else shown
