"""How often a station may fail to prove who it is, and when somebody is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from attrs import define, field

from flexicharge.errors import NotAuthorized
from flexicharge.identity.limits import RateLimit
from flexicharge.interfaces import IAlarms

ALARM_AT: Final = 5  # failures in a row, then at twice as many, and so on
REMEMBERED: Final = 10_000


@define(eq=False)
class Attempts:
    """Counts failures: for each name and address to refuse, for each name to tell."""

    _limit: RateLimit
    _alarms: IAlarms
    _failed: dict[str, int] = field(factory=dict, init=False)

    @contextmanager
    def counting(self, serial_number: str, peer: str) -> Iterator[None]:
        """Use up an attempt for what is done, unless it succeeds.

        Raise `TooManyRequests` if there is none left.
        """
        attempt = f"{serial_number} {peer}"
        self._limit.take(attempt)
        try:
            yield
        except NotAuthorized as why:
            self._note(serial_number, peer, why)
            raise
        self._limit.give_back(attempt)
        self._failed.pop(serial_number, None)

    def _note(self, serial_number: str, peer: str, why: NotAuthorized) -> None:
        failed = self._failed.pop(serial_number, 0) + 1
        self._failed[serial_number] = failed
        if len(self._failed) > REMEMBERED:
            del self._failed[next(iter(self._failed))]
        rounds, left = divmod(failed, ALARM_AT)
        if rounds and not left and rounds.bit_count() == 1:
            self._alarms.raise_alarm(
                "a station cannot prove who it is",
                serial_number=serial_number,
                peer=peer,
                times=failed,
                why=str(why),
            )
