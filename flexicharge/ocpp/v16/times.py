"""The times that chargers write, read widely; and ours, written narrowly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from attrs import field, frozen

from flexicharge.errors import UnusableValue

MAX_TIME_TEXT: Final = 64
REMEMBERED: Final = 16  # frames that a clock's error is estimated from
TRUSTED_WITHIN_S: Final = 300.0
FIRST_AT: Final = -62_135_596_800.0  # year 1 begins
LAST_AT: Final = 253_402_300_799.0  # year 9999 ends

_WRITTEN: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?"
    r"\s?([Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)


def posix_of(text: object) -> float:
    """Return the POSIX seconds of a time as chargers write it.

    Without a zone it is UTC, as OCPP 1.6 §3.12 wants all times to be; zones may lack
    their minutes. Raise `UnusableValue` for what is no time, 29 February included.
    """
    if not isinstance(text, str) or len(text) > MAX_TIME_TEXT:
        raise UnusableValue("The time is not text")
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        raise UnusableValue("The time is not in ISO 8601")
    *whole, fraction, zone = match.groups()
    year, month, day, hour, minute, second = map(int, whole)
    second = min(second, 59) if second == 60 else second  # a leap second
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        at = datetime(
            year, month, day, hour, minute, second, micros, _zone(zone)
        ).timestamp()
    except ValueError:
        raise UnusableValue("There is no such time") from None
    return min(max(at, FIRST_AT), LAST_AT)


def _zone(text: str | None) -> timezone:
    if text is None or text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def text_of(at: float) -> str:
    """Return a POSIX time as every charger reads it: whole seconds of UTC, with Z."""
    return datetime.fromtimestamp(int(at), UTC).replace(tzinfo=None).isoformat() + "Z"


@frozen
class ClockError:
    """How far a charger's clock is off, judged by frames that are not from a backlog.

    A frame can only be late, never early: the least delay seen lately is the nearest
    to the error itself. Local time that calls itself UTC shows as whole hours.
    """

    _delays: tuple[float, ...] = field(default=())

    def noted(self, claimed_at: float, received_at: float) -> ClockError:
        """Return the estimate with one more live frame; both in POSIX seconds."""
        delays = (*self._delays, received_at - claimed_at)
        return ClockError(delays[-REMEMBERED:])

    @property
    def seconds(self) -> float:
        """What has to be added to the charger's times; 0 while they are good enough."""
        least = min(self._delays, default=0.0)
        return least if abs(least) > TRUSTED_WITHIN_S else 0.0

    def corrected(self, claimed_at: float) -> float:
        """Return when a charger's time was by our clock."""
        return claimed_at + self.seconds
