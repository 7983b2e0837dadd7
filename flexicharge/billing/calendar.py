"""The calendar that bills go by: that of one time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from math import floor
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from flexicharge.model.month import LAST_YEAR, MONTHS_A_YEAR, Month, MonthSpan

LAST: Final = Month(LAST_YEAR, MONTHS_A_YEAR)


@frozen
class BillingCalendar:
    """Tells months, and the time of day, as people in a time zone do."""

    zone: ZoneInfo

    def span(self, month: Month) -> MonthSpan:
        """Return when a month begins and ends: at midnight, whatever the season."""
        return MonthSpan(
            month=month,
            from_at=self._begins(month.year, month.number),
            until_at=self._begins(*_after(month)),
        )

    def month_of(self, at: float) -> Month:
        """Return the month whose span holds a POSIX time."""
        there = self._local(at)
        month = Month(there.year, there.month)
        if at < self.span(month).until_at:
            return month
        # Clocks put back at midnight show the last hour of a month once more.
        return Month(*_after(month))

    def shown(self, at: float) -> str:
        """Return a POSIX time as people there read it: `2027-01-15 09:00 CET`."""
        return f"{self._local(at):%Y-%m-%d %H:%M %Z}"

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(floor(at), self.zone)

    def _begins(self, year: int, number: int) -> float:
        return datetime(year, number, 1, tzinfo=self.zone).astimezone(UTC).timestamp()


def _after(month: Month) -> tuple[int, int]:
    """Return year and number of the next month, which may be beyond the last one."""
    if month.number == MONTHS_A_YEAR:
        return month.year + 1, 1
    return month.year, month.number + 1
