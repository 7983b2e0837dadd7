"""Months as people in a time zone have them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flexicharge.billing.calendar import LAST, BillingCalendar
from flexicharge.model.month import FIRST_YEAR, Month

STOCKHOLM = BillingCalendar(ZoneInfo("Europe/Stockholm"))
# There clocks went back at one minute past midnight on the first of November 2009.
ST_JOHNS = BillingCalendar(ZoneInfo("America/St_Johns"))
CALENDARS = [
    STOCKHOLM,
    ST_JOHNS,
    BillingCalendar(ZoneInfo("UTC")),
    BillingCalendar(ZoneInfo("Pacific/Apia")),  # once left out a day
    BillingCalendar(ZoneInfo("America/Asuncion")),  # has changed clocks at midnight
]


def utc(*moment: int) -> float:
    return datetime(*moment, tzinfo=UTC).timestamp()


def test_stockholms_midnight_is_an_hour_or_two_before_that_of_utc() -> None:
    """Winter time on one end and summer time on the other, where clocks change."""
    for month, from_at, until_at in (
        (Month(2027, 1), utc(2026, 12, 31, 23), utc(2027, 1, 31, 23)),
        (Month(2027, 3), utc(2027, 2, 28, 23), utc(2027, 3, 31, 22)),
        (Month(2027, 7), utc(2027, 6, 30, 22), utc(2027, 7, 31, 22)),
        (Month(2027, 10), utc(2027, 9, 30, 22), utc(2027, 10, 31, 23)),
        (Month(2027, 12), utc(2027, 11, 30, 23), utc(2027, 12, 31, 23)),
    ):
        span = STOCKHOLM.span(month)
        assert (span.from_at, span.until_at) == (from_at, until_at)


@given(st.sampled_from(CALENDARS), st.floats(0, 1e11) | st.floats(1.25e9, 1.27e9))
def test_every_time_is_in_the_month_it_is_said_to_be_in(
    calendar: BillingCalendar, at: float
) -> None:
    """And in none beside it: each begins where the one before it ends."""
    month = calendar.month_of(at)
    span = calendar.span(month)
    assert span.month == month
    assert span.holds(at)
    assert calendar.month_of(span.from_at) == month
    assert calendar.span(calendar.month_of(span.until_at)).from_at == span.until_at


def test_an_hour_that_is_shown_twice_is_in_the_month_that_began() -> None:
    """The clock says October once more, but November has begun."""
    again = utc(2009, 11, 1, 3)
    assert ST_JOHNS.shown(again) == "2009-10-31 23:30 NST"
    assert ST_JOHNS.month_of(again) == Month(2009, 11)
    assert ST_JOHNS.month_of(again - 3600) == Month(2009, 10)


def test_times_are_shown_with_their_season() -> None:
    """So that a session over the end of summer does not seem to run backwards."""
    assert STOCKHOLM.shown(utc(2027, 10, 31, 0, 30)) == "2027-10-31 02:30 CEST"
    assert STOCKHOLM.shown(utc(2027, 10, 31, 1, 10)) == "2027-10-31 02:10 CET"


@pytest.mark.parametrize("calendar", CALENDARS)
def test_the_first_and_the_last_month_have_both_their_ends(
    calendar: BillingCalendar,
) -> None:
    """Every month that can be written has a span."""
    for month in (Month(FIRST_YEAR, 1), LAST):
        span = calendar.span(month)
        assert 27 * 86_400 < span.until_at - span.from_at < 32 * 86_400
