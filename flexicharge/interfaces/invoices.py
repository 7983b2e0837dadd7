"""Seams around monthly invoices: what makes them, and what remembers what is owed."""

from __future__ import annotations

from collections.abc import Mapping

from zope.interface import Interface

from flexicharge.model.invoice import (
    Bill,
    Customer,
    Invoice,
    InvoiceLine,
    InvoicePage,
    Owed,
)
from flexicharge.model.invoice_asked import InvoicesAsked
from flexicharge.model.month import Month, MonthSpan


class IInvoices(Interface):
    """What each user owes for each month, and the paper that says so.

    Months are those of the billing time zone. One that is not over yet has an invoice
    too: of what is owed so far. Each invoice is given its public id when it is first
    returned. Every method but the last two may raise `DatabaseAway`.
    """

    async def every(asked: InvoicesAsked, after: str | None = None) -> InvoicePage:
        """Return at most 1000 invoices: newest month first, in it by user id.

        `after` is what the page before named as `next_after`. Raise `InvoiceUnknown`
        if it is no invoice's number.
        """

    async def of_user(user_id: str, asked: InvoicesAsked) -> tuple[Invoice, ...]:
        """Return a user's invoices, newest first: at most one for each month."""

    async def make(user_id: str, asked: InvoicesAsked) -> Invoice:
        """See that a user's invoices are there, and return the newest of them.

        Raise `InvoiceUnknown` if nothing is owed for the months asked for.
        """

    async def by_public_id(public_id: str) -> Bill:
        """Return the bill whose public id (a UUID) this is; raise `InvoiceUnknown`."""

    async def by_id(invoice_id: str) -> Bill:
        """Return the bill with a number, whoever's it is; raise `InvoiceUnknown`."""

    async def pdf(bill: Bill, customer: Customer) -> bytes:
        """Return a bill as a PDF; raise `TooManyRequests` if too many are waiting."""

    async def sample_pdf() -> bytes:
        """Return a bill over nothing, marked as a sample; raise as `pdf` does.

        Raise `InvoiceUnknown` where the demo network is not in use.
        """


class IInvoiceStore(Interface):
    """What is owed by the month, as the ledger has it, and what its bill is called.

    It comes from the ledger's entries of sessions that ended, whenever they were
    written. What self tests, guests or nobody charged is owed by no user, and is
    nowhere here. One method is one commit; each may raise `DatabaseAway`.
    """

    async def get_last_end(before: float, user_id: str | None = None) -> float | None:
        """Return when the last session that is billed ended, before a POSIX time.

        Only a user's, if one is named. None if there is none.
        """

    async def get_owed(
        span: MonthSpan,
        *,
        user_id: str | None = None,
        is_paid: bool | None = None,
        after: str = "",
        limit: int,
    ) -> tuple[Owed, ...]:
        """Return what users owe for a month, by user id (in the order of code points).

        At most `limit` of them, and only what comes after a user id: a user's alone,
        only what is paid or only what is not, if that is said.
        """

    async def get_lines(
        user_id: str, span: MonthSpan, limit: int
    ) -> tuple[Owed, tuple[InvoiceLine, ...]]:
        """Return what a user owes for a month, and its first lines.

        They are in the order their sessions ended in; a session's are together, in the
        order they were written. The sum is of all lines, however many are returned.
        Raise `InvoiceUnknown` if there is none.
        """

    async def name_invoices(
        names: Mapping[tuple[str, Month], str],
    ) -> dict[tuple[str, Month], str]:
        """Give bills (of a user and a month) public ids; return those that count.

        One that has an id keeps it. Nothing is checked: name what is owed only.
        """

    async def get_named(public_id: str) -> tuple[str, Month]:
        """Return whose bill a public id stands for, and of when.

        It is a UUID in lower case. Raise `InvoiceUnknown` if no bill has it.
        """
