"""The days of the journal, each a partition of its table, by number since 1970 in UTC.

Every name and bound in these statements is made here of a day's number. Two servers may
make the same day at once, so whoever does holds a lock. To make or drop a partition
locks the whole table for a moment; where somebody reads it for long, a backup say, that
is given up after a second, so that frames do not pile up behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Final

from flexicharge.storage.locks import in_one_commit

DAY_S: Final = 86_400
AHEAD: Final = 2  # how many days are made before they come
MAKERS: Final = 0x4652414D45  # an advisory lock; any number that nobody else uses

EPOCH: Final = date(1970, 1, 1)
END: Final = (date.max - EPOCH).days * DAY_S
PREFIX: Final = "frames_"
FIND: Final = """
SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
WHERE inhparent = 'frames'::regclass
"""
BRIEFLY: Final = "SET LOCAL lock_timeout = '1s'"
ONE_AT_A_TIME: Final = f"SELECT pg_advisory_xact_lock({MAKERS})"
MAKE: Final = """
CREATE TABLE IF NOT EXISTS {name} PARTITION OF frames
FOR VALUES FROM ('{first} 00:00:00+00') TO ('{following} 00:00:00+00')
"""
DROP: Final = "DROP TABLE IF EXISTS {name}"


def is_on_calendar(at: float) -> bool:
    """Tell whether a POSIX time is one that a frame can have come at."""
    return 0.0 <= at < END


def day_of(at: float) -> int:
    """Return the day of a POSIX time."""
    return int(at // DAY_S)


def is_too_old(day: int, today: int, days: int) -> bool:
    """Tell whether all of a day is more than so many days ago."""
    return day < today - days


def making(days: Iterable[int]) -> tuple[str, ...]:
    """Return the statements that make those of these days that are not there."""
    made = tuple(_make(day) for day in sorted(days))
    return (BRIEFLY, ONE_AT_A_TIME, *made) if made else ()


def dropping(day: int) -> str:
    """Return what drops a day with all that is in it, in one commit."""
    return in_one_commit(BRIEFLY, DROP.format(name=_name(day)))


def days_named(names: Iterable[str]) -> set[int]:
    """Return the days whose partitions have these names; names not ours are none."""
    found = set()
    for name in names:
        with suppress(ValueError):
            day = date.fromisoformat(name.removeprefix(PREFIX))
            found.add((day - EPOCH).days)
    return found


def _make(day: int) -> str:
    return MAKE.format(name=_name(day), first=_date(day), following=_date(day + 1))


def _name(day: int) -> str:
    return PREFIX + _date(day).isoformat().replace("-", "")


def _date(day: int) -> date:
    return EPOCH + timedelta(days=day)
