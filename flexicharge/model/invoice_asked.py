"""Which invoices somebody asks for, from the contract's words (§4.9)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from flexicharge.errors import Invalid
from flexicharge.model.month import MONTH, MONTHS_A_YEAR, Month

INVALID_DATE: Final = "invalidDateFormat"
INVALID_STATUS: Final = "invalidStatus"
STATUSES: Final = {"PAID": True, "UNPAID": False, "NOT-PAID": False, "ALL": None}


@frozen(kw_only=True)
class InvoicesAsked:
    """Those from a first to a last month, both included; None leaves it open.

    With `number` only those of that month of whichever year.
    """

    first: Month | None = None
    last: Month | None = None
    number: int | None = None
    is_paid: bool | None = None

    def is_before(self, month: Month) -> bool:
        """Tell whether a month is earlier than any that is asked for."""
        return self.first is not None and month < self.first

    def includes(self, month: Month) -> bool:
        """Tell whether a month is asked for."""
        is_late = self.last is not None and month > self.last
        is_other = self.number is not None and month.number != self.number
        return not (is_late or is_other or self.is_before(month))


ALL_INVOICES: Final = InvoicesAsked()


@frozen(kw_only=True)
class InvoicesToMake:
    """Whose invoices are to be made, and of which months."""

    user_id: str
    asked: InvoicesAsked


def asked_by_date(date: str | None = None, status: str | None = None) -> InvoicesAsked:
    """Return what a `date` such as `2022-01` and a `status` ask for; None for all.

    The status is `PAID`, `UNPAID`, `NOT-PAID` or `ALL`, in any case. Raise `Invalid`
    with all that is wrong, the date first.
    """
    month = None if date is None else _month(date)
    is_paid = _checked(status, is_date_wrong=date is not None and month is None)
    return InvoicesAsked(first=month, last=month, is_paid=is_paid)


def asked_by_year(
    year: str | None = None, month: str | None = None, status: str | None = None
) -> InvoicesAsked:
    """Return what the admin page's filters ask for; None for all.

    `year` is such as `2022`, `month` such as `01`, for whichever year if there is
    none; `status` as in `asked_by_date`. Raise `Invalid` with all that is wrong.
    """
    first = None if year is None else _month(f"{year}-01")
    last = None if year is None else _month(f"{year}-{MONTHS_A_YEAR}")
    number = None if month is None or not MONTH.fullmatch(month) else int(month)
    is_wrong = (year is not None and first is None) or (
        month is not None and number is None
    )
    is_paid = _checked(status, is_date_wrong=is_wrong)
    return InvoicesAsked(first=first, last=last, number=number, is_paid=is_paid)


def invoices_to_make(
    user_id: str | None, date_from: str | None, date_to: str | None
) -> InvoicesToMake:
    """Return what is meant by a request to make invoices, in months as `2022-01`.

    Blank is as if it was not sent. Raise `Invalid` with all that is wrong, in the
    contract's order.
    """
    missing = {
        "userIdMissing": user_id,
        "dateFromMissing": date_from,
        "dateToMissing": date_to,
    }
    codes = [code for code, value in missing.items() if not value]
    first, last = _month(date_from or ""), _month(date_to or "")
    if (date_from and first is None) or (date_to and last is None):
        codes.append(INVALID_DATE)
    if first is not None and last is not None and first > last:
        codes.append("dateFromGreaterThanDateTo")
    if not user_id or codes:
        raise Invalid(*codes)
    return InvoicesToMake(user_id=user_id, asked=InvoicesAsked(first=first, last=last))


def _month(text: str) -> Month | None:
    """Return the month that is written as `2022-01`; None if it is not one."""
    try:
        return Month.parse(text)
    except ValueError:
        return None


def _checked(status: str | None, *, is_date_wrong: bool) -> bool | None:
    """Return whether only what is paid is meant, or only what is not; None for both."""
    word = "ALL" if status is None else status.upper()
    codes = [INVALID_DATE] if is_date_wrong else []
    if word not in STATUSES:
        codes.append(INVALID_STATUS)
    if codes:
        raise Invalid(*codes)
    return STATUSES[word]
