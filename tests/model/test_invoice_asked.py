"""Which invoices the contract's filters ask for, and what is wrong with others."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flexicharge.errors import Invalid
from flexicharge.model.invoice_asked import (
    ALL_INVOICES,
    InvoicesAsked,
    asked_by_date,
    asked_by_year,
    invoices_to_make,
)
from flexicharge.model.month import Month

JANUARY = Month(2022, 1)


def refusal(asked: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(Invalid) as refused:
        asked()
    return refused.value.codes


@pytest.mark.parametrize(
    ("status", "is_paid"),
    [
        (None, None),
        ("ALL", None),
        ("all", None),
        ("PAID", True),
        ("Paid", True),
        ("UNPAID", False),
        ("not-paid", False),
    ],
)
def test_a_status_is_a_word_in_any_case(
    status: str | None, is_paid: bool | None
) -> None:
    """Both filters know the same words; none of them means all."""
    assert asked_by_date(status=status).is_paid is is_paid
    assert asked_by_year(status=status).is_paid is is_paid


def test_a_date_is_one_month() -> None:
    """It includes that month and none beside it."""
    asked = asked_by_date("2022-01", "PAID")
    assert asked == InvoicesAsked(first=JANUARY, last=JANUARY, is_paid=True)
    months = (Month(2021, 12), JANUARY, Month(2022, 2))
    assert [asked.includes(month) for month in months] == [False, True, False]
    assert [asked.is_before(month) for month in months] == [True, False, False]


def test_year_and_month_each_leave_the_other_open() -> None:
    """As the admin page sends what is not left on "All"."""
    months = (Month(2021, 1), JANUARY, Month(2022, 2), Month(2023, 1))
    for year, month, found in (
        (None, None, (1, 1, 1, 1)),
        ("2022", None, (0, 1, 1, 0)),
        (None, "01", (1, 1, 0, 1)),
        ("2022", "01", (0, 1, 0, 0)),
        ("2022", "1", (0, 1, 0, 0)),
        ("2022", "12", (0, 0, 0, 0)),
    ):
        asked = asked_by_year(year, month)
        assert tuple(map(asked.includes, months)) == found
    assert asked_by_year() == asked_by_date() == ALL_INVOICES


def test_all_that_is_wrong_is_said_at_once() -> None:
    """The date first."""
    both = ("invalidDateFormat", "invalidStatus")
    assert refusal(lambda: asked_by_date("2022", "")) == both
    assert refusal(lambda: asked_by_date("", "?")) == both
    assert refusal(lambda: asked_by_date(status="PAYED")) == ("invalidStatus",)
    for date in ("", "2022-13", "22-01", "2022-01-01", "9999-01"):
        assert refusal(lambda date=date: asked_by_date(date)) == both[:1]
    assert refusal(lambda: asked_by_year("22", "13", "?")) == both
    for year in ("", "22", "0000", "9999", "20220"):
        assert refusal(lambda year=year: asked_by_year(year)) == both[:1]
    for month in ("", "0", "13", "001", "+1", "١"):
        assert refusal(lambda month=month: asked_by_year("2022", month)) == both[:1]


def test_invoices_are_made_for_somebody_and_some_months() -> None:
    """From one to another, which may be the same."""
    made = invoices_to_make("ida", "2022-01", "2022-03")
    assert made.user_id == "ida"
    assert made.asked == InvoicesAsked(first=JANUARY, last=Month(2022, 3))
    assert invoices_to_make("ida", "2022-01", "2022-01").asked.includes(JANUARY)


def test_what_is_missing_to_make_invoices_is_named() -> None:
    """In the contract's order, blank as well as absent."""
    missing = ("userIdMissing", "dateFromMissing", "dateToMissing")
    assert refusal(lambda: invoices_to_make(None, None, None)) == missing
    assert refusal(lambda: invoices_to_make("", "", "")) == missing
    assert refusal(lambda: invoices_to_make("ida", "2022", None)) == (
        "dateToMissing",
        "invalidDateFormat",
    )
    assert refusal(lambda: invoices_to_make("ida", "2022-01", "soon")) == (
        "invalidDateFormat",
    )
    assert refusal(lambda: invoices_to_make("ida", "2022-02", "2022-01")) == (
        "dateFromGreaterThanDateTo",
    )
