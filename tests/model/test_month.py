"""Calendar months and how they are written."""

from __future__ import annotations

import pytest

from flexicharge.model.month import Month, MonthSpan


def test_a_month_is_written_as_it_is_read() -> None:
    """Four digits and two, so that text sorts as time does."""
    assert Month.parse("2022-01") == Month(2022, 1)
    assert str(Month(2022, 1)) == "2022-01"
    assert str(Month(45, 12)) == "0045-12"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2022",
        "2022-1",
        "2022-13",
        "2022-00",
        "0000-01",
        "9999-12",
        "22-01",
        "2022-01-01",
        " 2022-01",
        "2022-01\n",
        "٢٠٢٢-٠١",
        "+022-01",
    ],
)
def test_what_is_no_month_is_refused(text: str) -> None:
    """Also years at whose edge there is no next midnight."""
    with pytest.raises(ValueError):
        Month.parse(text)


def test_months_come_in_time_order() -> None:
    """By their year first."""
    assert Month(2021, 12) < Month(2022, 1) < Month(2022, 2)


def test_a_span_holds_its_begin_and_not_its_end() -> None:
    """So that every time is in one month only."""
    span = MonthSpan(month=Month(2022, 1), from_at=10.0, until_at=20.0)
    assert [span.holds(at) for at in (9.9, 10.0, 19.9, 20.0)] == [0, 1, 1, 0]
