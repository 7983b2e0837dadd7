"""Times are read as chargers write them and written as all chargers read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.errors import UnusableValue
from flexicharge.ocpp.v16.schemas import schemas
from flexicharge.ocpp.v16.times import (
    FIRST_AT,
    LAST_AT,
    ClockError,
    posix_of,
    text_of,
)

AT = 1_697_729_287.0  # 2023-10-19T15:28:07Z

zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@pytest.mark.parametrize(
    "text",
    [
        "2023-10-19T15:28:07Z",
        "2023-10-19T15:28:07",
        "2023-10-19 15:28:07",
        "2023-10-19t15:28:07z",
        "2023-10-19T17:28:07+02",
        "2023-10-19T17:28:07+0200",
        "2023-10-19T17:28:07+02:00",
        "2023-10-19T11:58:07-03:30",
        "2023-10-19T15:28:07.000000000000Z",
        " 2023-10-19T15:28:07Z\n",
    ],
)
def test_all_ways_to_write_a_time_are_read(text: str) -> None:
    """Without a zone it is UTC; zones may be short."""
    assert posix_of(text) == AT


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29T00:00:00Z",
        "2023-13-01T00:00:00Z",
        "2023-10-19T25:00:00Z",
        "2023-10-19T15:28:07+99",
        "2023-10-19",
        "yesterday",
        "",
        "2" * 1000,
        None,
        AT,
    ],
)
def test_what_is_no_time_is_refused(text: object) -> None:
    """Days that do not exist among them (ABB, steve#769)."""
    with pytest.raises(UnusableValue):
        posix_of(text)


@given(st.datetimes(timezones=zones))
def test_every_time_that_a_schema_allows_is_read(when: datetime) -> None:
    """The two never disagree, to the ends of the calendar."""
    text = when.isoformat()
    heartbeat = {"currentTime": text}
    assert schemas().confirmations["Heartbeat"].allows(heartbeat)
    assert FIRST_AT <= posix_of(text) <= LAST_AT


@given(st.floats(FIRST_AT, LAST_AT))
def test_our_times_are_whole_seconds_of_utc(at: float) -> None:
    """Every charger reads them, and so do we."""
    text = text_of(at)
    assert datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(posix_of(text) - at) < 1.0


def test_a_leap_second_is_the_one_before() -> None:
    """Schemas allow it, calendars do not."""
    assert posix_of("2016-12-31T23:59:60Z") == posix_of("2016-12-31T23:59:59Z")


def test_a_good_clock_is_left_alone() -> None:
    """Frames that take a while are no reason to doubt it."""
    clock = ClockError().noted(AT, AT + 2.0).noted(AT + 60, AT + 200.0)
    assert clock.corrected(AT) == AT
    assert ClockError().seconds == 0.0


def test_local_time_that_calls_itself_utc_is_seen() -> None:
    """Two hours ahead, whatever single frames took on their way."""
    clock = ClockError()
    for delay in (9.0, 0.5, 30.0):
        clock = clock.noted(AT + 7200, AT + delay)
    assert clock.corrected(AT + 7200) == AT + 0.5


def test_a_clock_that_was_set_right_is_believed_again() -> None:
    """Only the last frames count."""
    clock = ClockError().noted(0.0, AT)
    assert clock.corrected(10.0) == AT + 10.0
    clock = clock.noted(AT, AT + 1.0)
    assert clock.corrected(AT) == AT


def test_a_clock_that_ran_ahead_is_believed_again_in_time() -> None:
    """Sixteen good frames outweigh the bad one."""
    clock = ClockError().noted(AT + 7200, AT)
    for _ in range(16):
        clock = clock.noted(AT, AT + 1.0)
    assert clock.seconds == 0.0
