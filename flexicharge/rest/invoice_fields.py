"""Which invoices are asked for over HTTP (contract §4.9).

Each field is read as the domain reads it alone, and then all of them together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode

from attrs import asdict, evolve, frozen

from flexicharge.errors import Invalid
from flexicharge.model.account import Caller
from flexicharge.model.invoice_asked import (
    INVALID_DATE,
    INVALID_STATUS,
    STATUSES,
    InvoicesAsked,
    InvoicesToMake,
    asked_by_date,
    asked_by_year,
    invoices_to_make,
)
from flexicharge.rest.declared.asked import sent
from flexicharge.rest.declared.fields import Rule, Schema, one_of, optional
from flexicharge.rest.people_rules import MAX_NAME

YEAR_FORM: Final = "(?!000[01]|9999)[0-9]{4}"  # `model.month` has these
DATE_FORM: Final = f"{YEAR_FORM}-(0[1-9]|1[0-2])"
MONTH_FORM: Final = "(0?[1-9]|1[0-2])"


def _whole(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _filter(form: str, judge: Callable[[str], object], example: str) -> Rule:
    """Return a rule for a filter that may be left out; `judge` raises `Invalid`."""

    def read(value: object, _: str) -> str:
        judge(str(value))
        return str(value)

    return optional(Rule(schema=_whole(form), read=read, example=example))


def _date(missing: str, example: str) -> Rule:
    """Return a rule for a month of some year that must be said."""

    def read(value: object, _: str) -> str:
        if value is None or value == "":
            raise Invalid(missing)
        if not isinstance(value, str):
            raise Invalid(INVALID_DATE)
        asked_by_date(value)
        return value

    return Rule(schema=_whole(DATE_FORM), read=read, example=example)


def _user_id(value: object, _: str) -> str:
    if not isinstance(value, str) or not value:
        raise Invalid("userIdMissing")
    if len(value) > MAX_NAME:
        raise Invalid("invalidUserID")
    return value


DATE: Final = _filter(DATE_FORM, asked_by_date, "2022-01")
YEAR: Final = _filter(YEAR_FORM, asked_by_year, "2022")
MONTH: Final = _filter(MONTH_FORM, lambda month: asked_by_year(month=month), "01")
# GUI says NOT-PAID, and nobody else does.
PAGE_STATUS: Final = optional(one_of(STATUSES, INVALID_STATUS))
STATUS: Final = optional(one_of(("PAID", "UNPAID", "ALL"), INVALID_STATUS))
AFTER: Final = optional(Rule(schema={"type": "string"}, read=lambda number, _: number))
USER_ID: Final = optional(
    Rule(
        schema={"type": "string", "minLength": 1, "maxLength": MAX_NAME}, read=_user_id
    )
)


@frozen(kw_only=True)
class WantedInvoices:
    """Whose invoices somebody wants made; M23's document has other names of dates."""

    user_id: str | None = sent(USER_ID, "userID")
    date_from: str = sent(_date("dateFromMissing", "2022-01"), "dateFrom", "dateStart")
    date_to: str = sent(_date("dateToMissing", "2022-12"), "dateTo", "dateEnd")

    def of(self, caller: Caller) -> InvoicesToMake:
        """Return what is to be made; only administrators can name somebody else.

        Raise `Invalid` for an end that is before its beginning.
        """
        named = self.user_id if caller.is_admin else None
        return invoices_to_make(named or caller.user_id, self.date_from, self.date_to)


@frozen(kw_only=True)
class ByStatus:
    """Which of a user's invoices are asked for."""

    status: str | None = sent(STATUS, "status")

    @property
    def invoices(self) -> InvoicesAsked:
        """The same, as the domain has it."""
        return asked_by_date(status=self.status)


@frozen(kw_only=True)
class Onward:
    """A list that may go on from the invoice `after` which another answer ended."""

    after: str | None = sent(AFTER, "after")

    def going_on(self, after: str) -> str:
        """Return the query that asks for the same list, from an invoice on."""
        said = asdict(evolve(self, after=after))
        return urlencode({name: text for name, text in said.items() if text})


@frozen(kw_only=True)
class ByDate(Onward):
    """Which invoices of all users are asked for, as the contract has it."""

    date: str | None = sent(DATE, "date")
    status: str | None = sent(STATUS, "status")

    @property
    def invoices(self) -> InvoicesAsked:
        """The same, as the domain has it."""
        return asked_by_date(self.date, self.status)


@frozen(kw_only=True)
class ByYear(Onward):
    """Which invoices of all users are asked for, as the admin page has it."""

    year: str | None = sent(YEAR, "year")
    month: str | None = sent(MONTH, "month")
    status: str | None = sent(PAGE_STATUS, "status")

    @property
    def invoices(self) -> InvoicesAsked:
        """The same, as the domain has it."""
        return asked_by_year(self.year, self.month, self.status)
