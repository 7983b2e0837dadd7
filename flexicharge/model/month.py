"""Calendar months, and the stretch of time that one of them is somewhere on earth."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR
from typing import Final

from attrs import field, frozen
from attrs.validators import ge, le

MONTHS_A_YEAR: Final = 12
MONTH: Final = re.compile(r"0?[1-9]|1[0-2]")
YEAR_AND_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")
# Whatever the time zone, both ends of these lie within Python's calendar.
FIRST_YEAR: Final = MINYEAR + 1
LAST_YEAR: Final = MAXYEAR - 1


@frozen(order=True)
class Month:
    """One month of one year; raise `ValueError` if the calendar has no such month."""

    year: int = field(validator=[ge(FIRST_YEAR), le(LAST_YEAR)])
    number: int = field(validator=[ge(1), le(MONTHS_A_YEAR)])

    @classmethod
    def parse(cls, text: str) -> Month:
        """Return the month written as `2022-01`; raise `ValueError`."""
        match = YEAR_AND_MONTH.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@frozen(kw_only=True)
class MonthSpan:
    """A month in POSIX seconds: from `from_at` on, and before `until_at`."""

    month: Month
    from_at: float
    until_at: float

    def holds(self, at: float) -> bool:
        """Tell whether a POSIX time lies in the month."""
        return self.from_at <= at < self.until_at
