"""Whether the server has taken a charger in, and when it may ask again."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from attrs import define, field
from twisted.internet.interfaces import IReactorTime

from flexicharge.ocpp.frames import JsonObject
from flexicharge.simulator.oddities.twist import BOOT
from flexicharge.simulator.standard.turns import Said
from flexicharge.simulator.timers import Timers

BOOT_AGAIN_S: Final = 30.0  # where the server said nothing of an interval
LONGEST_S: Final = 86_400.0


class Standing(StrEnum):
    """What the server thinks of a charger that has started up."""

    UNKNOWN = "unknown"
    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


@define(eq=False)
class Registration:
    """Boots until it is accepted (OCPP 1.6 §4.2).

    While it is not, nothing but boots is said; in `Pending` also what the server
    triggers. It holds until the power goes, whatever becomes of the line.
    """

    _clock: IReactorTime
    _boot: Callable[[], None]
    standing: Standing = field(default=Standing.UNKNOWN, init=False)
    _timers: Timers = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._timers = Timers(self._clock)

    @property
    def is_accepted(self) -> bool:
        """True once the server has taken the charger in."""
        return self.standing is Standing.ACCEPTED

    def may_say(self, said: Said) -> bool:
        """Tell whether something may be said by now."""
        if self.is_accepted or said.call.action == BOOT:
            return True
        return self.standing is Standing.PENDING and said.was_asked_for

    def ask(self) -> None:
        """Boot now."""
        self._timers.cancel()
        self._boot()

    def answered(self, payload: JsonObject) -> float:
        """Take in the answer to a boot; return the interval that it says, 0 if none."""
        status, interval_s = payload.get("status"), _interval_s(payload)
        self.standing = Standing.REJECTED
        if isinstance(status, str) and status in (Standing.ACCEPTED, Standing.PENDING):
            self.standing = Standing(status)
        if not self.is_accepted:
            self._ask_later(interval_s or BOOT_AGAIN_S)
        return interval_s

    def failed(self) -> None:
        """A boot was refused, or nobody answered it: boot again some time."""
        if not self.is_accepted:
            self._ask_later(BOOT_AGAIN_S)

    def lost(self) -> None:
        """The line is gone; whoever was not accepted boots on the next one."""
        self._timers.cancel()

    def forget(self) -> None:
        """The power is gone."""
        self._timers.cancel()
        self.standing = Standing.UNKNOWN

    def _ask_later(self, seconds: float) -> None:
        self._timers.cancel()
        self._timers.after(min(seconds, LONGEST_S), self._boot)


def _interval_s(payload: JsonObject) -> float:
    interval: Any = payload.get("interval")
    is_number = isinstance(interval, (int, float)) and not isinstance(interval, bool)
    return float(interval) if is_number and interval > 0 else 0.0
