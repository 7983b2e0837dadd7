"""What people type on a command line, read: addresses and amounts."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from urllib.parse import urlsplit


def add_server_arguments(parser: ArgumentParser) -> None:
    """Declare where the server is; by default where it listens on this machine."""
    add, web, socket = (
        parser.add_argument,
        address("http", "https"),
        address("ws", "wss"),
    )
    add("--url", type=web, default="http://127.0.0.1:8080", help="the HTTP interface")
    add("--ws", type=socket, default="ws://127.0.0.1:1337", help="the WebSocket port")


def address(*schemes: str) -> Callable[[str], str]:
    """Return what reads a URL of one of these schemes, without a slash at its end."""

    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            is_one = parts.scheme in schemes and parts.hostname and parts.port != 0
            is_one = is_one and not (parts.query or parts.fragment or "@" in text)
        except ValueError:  # a port that is no number, half an IPv6 address
            is_one = False
        if not is_one:
            like = " or ".join(f"{scheme}://host:port" for scheme in schemes)
            shown = text.rpartition("@")[2]  # before it stands a password
            raise ArgumentTypeError(f"{shown} is not like {like}")
        return text.rstrip("/")

    return read


def positive(text: str) -> float:
    """Return a positive number."""
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a number") from None
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"{text} is not positive")
    return number


def count(text: str) -> int:
    """Return a whole number from 1 on."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ArgumentTypeError(f"{text} is not a whole number from 1 on")
    return int(text)
