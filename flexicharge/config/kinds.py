"""How the value of a setting is written, and what it means to Python."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import parseaddr
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from attrs import frozen

MAILBOX_ADDRESS: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?", re.IGNORECASE)


@frozen
class Kind:
    """One sort of value: what to tell somebody who got it wrong, and how to read it.

    `read` takes text that is not blank and raises `ValueError` if it is not such a
    value; what it raised is never shown, `expects` is.
    """

    expects: str
    read: Callable[[str], object]


def number(least: float, most: float, what: str = "a number") -> Kind:
    """Return the kind of `1`, `1.5` and `2e3` between two bounds, both included."""
    return Kind(
        f"{what} from {least:g} to {most:g}", lambda text: _within(text, least, most)
    )


def whole(least: int, most: int, what: str = "a whole number") -> Kind:
    """Return the kind of whole numbers between two bounds, both included."""

    def read(text: str) -> int:
        value = _within(text, least, most)
        if value != int(value):
            raise ValueError(text)
        return int(value)

    return Kind(f"{what} from {least} to {most}", read)


def milliseconds(least: int, most: int) -> Kind:
    """Return the kind that is written in milliseconds and read as seconds."""
    return Kind(
        f"a number of milliseconds from {least} to {most}",
        lambda text: _within(text, least, most) / 1000,
    )


def one_of(*words: str) -> Kind:
    """Return the kind of one of a few words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return Kind(" or ".join((", ".join(words[:-1]), words[-1])), read)


def _number(text: str) -> float:
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _within(text: str, least: float, most: float) -> float:
    value = _number(text)
    if not least <= value <= most:
        raise ValueError(text)
    return value


def _directory(text: str) -> Path:
    # Absolute, because twistd changes its working directory when it daemonizes.
    return Path(text).expanduser().absolute()


def _files(text: str) -> tuple[Path, ...]:
    return tuple(_directory(part.strip()) for part in text.split(",") if part.strip())


def _address(text: str) -> str:
    return str(ip_address(text))


def _networks(text: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    for network in networks:
        ip_network(network, strict=False)
    return networks


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError(text)
    _ = parts.port  # raises if it is not one
    return text.rstrip("/")


def _word(text: str) -> str:
    if not re.fullmatch(r"[\w-]+", text, re.ASCII):
        raise ValueError(text)
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?", text):
        return str(ip_address(text))
    return text


def _mailbox(text: str) -> str:
    _, address = parseaddr(text)
    if not (text.isprintable() and MAILBOX_ADDRESS.fullmatch(address)):
        raise ValueError(text)
    return text


def _organisation(text: str) -> str:
    # X.520: 64 at most; bytes, because the library that writes it counts those.
    if not (text.isprintable() and len(text.encode()) <= 64):
        raise ValueError(text)
    return text


def _time_zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError) as why:  # unknown, or a folder of zones
        raise ValueError(text) from why


def _binaries(text: str) -> str:
    if text not in ("wheel", "system") and not Path(text).is_absolute():
        raise ValueError(text)
    return text


PORT: Final = whole(0, 65_535, "a port number")
REMOTE_PORT: Final = whole(1, 65_535, "a port number")
ANY_NUMBER: Final = Kind("a number", _number)
FLAG: Final = Kind("1 for yes or 0 for no", lambda text: _number(text) != 0)
ONE: Final = Kind("1 for yes or another number for no", lambda text: _number(text) == 1)
TEXT: Final = Kind("some text", str)
WORD: Final = Kind("letters, digits, - and _", _word)
HOST: Final = Kind("the name or IP address of a machine, without a port", _host)
MAILBOX: Final = Kind("an e-mail address, with or without a name", _mailbox)
DIRECTORY: Final = Kind("a directory", _directory)
FILES: Final = Kind("files, separated by commas", _files)
ADDRESS: Final = Kind("an IP address of this machine, such as 127.0.0.1", _address)
NETWORKS: Final = Kind("IP addresses or networks, separated by commas", _networks)
WEB_ADDRESS: Final = Kind("an address such as https://charge.example.org", _web_address)
ORGANISATION: Final = Kind("a name of at most 64 bytes", _organisation)
TIME_ZONE: Final = Kind("an IANA time zone such as Europe/Stockholm", _time_zone)
BINARIES: Final = Kind("wheel, system or the absolute path of a directory", _binaries)
