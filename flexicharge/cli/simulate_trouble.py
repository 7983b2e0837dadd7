"""What is wrong with a server, and what a person can do about it, in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flexicharge.errors import FlexiChargeError
from flexicharge.simulator.errors import (
    LinkLost,
    ServerHung,
    ServerNotThere,
    ServerRefused,
    SimulatorError,
)

TROUBLED: Final = 500
MISSING: Final = 404


class CannotSimulate(FlexiChargeError):
    """The simulation cannot run; the message says why, and what helps."""


class Interrupted(FlexiChargeError):
    """A person broke off before anything had begun."""


@contextmanager
def explained(url: str, option: str) -> Iterator[None]:
    """Raise `CannotSimulate` where a server at `url` does not serve.

    `option` is what would lead elsewhere.
    """
    try:
        yield
    except SimulatorError as why:
        raise CannotSimulate(_words(why, url, option)) from why


def _words(why: SimulatorError, url: str, option: str) -> str:
    elsewhere = f"say with {option} where the server is"
    match why:
        case ServerNotThere():
            return (
                f"{why}; start the server with: twistd -n flexicharge, or {elsewhere}"
            )
        case ServerHung():
            cure = f"see whether it is well, {elsewhere}, or wait longer (--within)"
            return f"{why}; {cure}"
        case ServerRefused() if why.status >= TROUBLED:
            return f"{url} cannot work now: {why}; see its log"
        case ServerRefused() if why.status != MISSING:
            return f"{url} refuses: {why}"
        case LinkLost():
            return f"{url} hangs up: {why}; {elsewhere}, if it is not this one"
        case _:
            unlike = f"{url} does not answer as a FlexiCharge server does ({why})"
            return f"{unlike}; {elsewhere}"
