"""Monthly invoices: the ledger's entries, added up by user and month."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Final

from attrs import define, field, frozen
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from flexicharge.billing.calendar import LAST, BillingCalendar
from flexicharge.billing.invoice_sample import SAMPLE
from flexicharge.billing.pdf_paper import Paper
from flexicharge.errors import InvoiceUnknown
from flexicharge.interfaces import IEntropy, IInvoices, IInvoiceStore
from flexicharge.interfaces.threads import RunInThread
from flexicharge.model.invoice import (
    Bill,
    Customer,
    Invoice,
    InvoicePage,
    Owed,
    meant_by,
    public_id_of,
)
from flexicharge.model.invoice_asked import InvoicesAsked
from flexicharge.model.month import Month

MAX_INVOICES: Final = 1000  # on one page
MAX_LINES: Final = 10_000  # on one bill; what is beyond is added up in one
SO_FAR: Final = "The month is not over: this is what is owed so far."


@frozen(kw_only=True)
class InvoiceSeams:
    """What invoices are made of. `has_sample` is true with the demo network."""

    store: IInvoiceStore
    entropy: IEntropy
    clock: IReactorTime
    calendar: BillingCalendar
    beside: RunInThread
    has_sample: bool


@implementer(IInvoices)
@define(eq=False)
class MonthlyInvoices:
    """What each user owes for each month, read anew each time it is asked for."""

    _seams: InvoiceSeams
    _sample: bytes | None = field(default=None, init=False)

    async def every(
        self, asked: InvoicesAsked, after: str | None = None
    ) -> InvoicePage:
        """Return a page of invoices, newest month first."""
        last_user, last_month = ("", None) if after is None else meant_by(after)
        found: list[Owed] = []
        async for month in self._months(asked, start=last_month):
            found += await self._seams.store.get_owed(
                self._seams.calendar.span(month),
                is_paid=asked.is_paid,
                after=last_user if month == last_month else "",
                limit=MAX_INVOICES + 1 - len(found),
            )
            if len(found) > MAX_INVOICES:
                break
        page = await self._named(found[:MAX_INVOICES])
        is_cut = len(found) > MAX_INVOICES
        return InvoicePage(
            invoices=page, next_after=page[-1].invoice_id if is_cut else None
        )

    async def of_user(self, user_id: str, asked: InvoicesAsked) -> tuple[Invoice, ...]:
        """Return a user's invoices, newest first."""
        found: list[Owed] = []
        async for month in self._months(asked, user_id=user_id):
            found += await self._seams.store.get_owed(
                self._seams.calendar.span(month),
                user_id=user_id,
                is_paid=asked.is_paid,
                limit=1,
            )
        return await self._named(found)

    async def make(self, user_id: str, asked: InvoicesAsked) -> Invoice:
        """See that a user's invoices are there, and return the newest of them."""
        invoices = await self.of_user(user_id, asked)
        if not invoices:
            raise InvoiceUnknown(user_id)
        return invoices[0]

    async def by_public_id(self, public_id: str) -> Bill:
        """Return the bill whose public id this is; raise `InvoiceUnknown`."""
        store = self._seams.store
        return await self._bill(*await store.get_named(public_id_of(public_id)))

    async def by_id(self, invoice_id: str) -> Bill:
        """Return the bill with a number; raise `InvoiceUnknown`."""
        return await self._bill(*meant_by(invoice_id))

    async def pdf(self, bill: Bill, customer: Customer) -> bytes:
        """Return a bill as a PDF; raise `TooManyRequests` if too many are waiting."""
        now, calendar = self._seams.clock.seconds(), self._seams.calendar
        is_over = now >= calendar.span(bill.invoice.month).until_at
        notice = "" if is_over else SO_FAR
        paper = Paper(
            bill=bill,
            customer=customer,
            calendar=calendar,
            printed_at=now,
            notice=notice,
        )
        return await self._drawn(paper)

    async def sample_pdf(self) -> bytes:
        """Return a bill over nothing; raise `InvoiceUnknown` without the demo."""
        if not self._seams.has_sample:
            raise InvoiceUnknown("the sample")
        if self._sample is None:
            self._sample = await self._drawn(SAMPLE)
        return self._sample

    async def _drawn(self, paper: Paper) -> bytes:
        return await self._seams.beside(lambda: _pdf(paper))

    async def _bill(self, user_id: str, month: Month) -> Bill:
        span = self._seams.calendar.span(month)
        owed, lines = await self._seams.store.get_lines(user_id, span, MAX_LINES)
        (invoice,) = await self._named((owed,))
        return Bill(invoice=invoice, lines=lines)

    async def _months(
        self,
        asked: InvoicesAsked,
        *,
        user_id: str | None = None,
        start: Month | None = None,
    ) -> AsyncIterator[Month]:
        """Yield the months asked for in which anything is owed, newest first.

        With `start` from that one on.
        """
        store, calendar = self._seams.store, self._seams.calendar
        newest = min(month for month in (asked.last, start, LAST) if month is not None)
        before = calendar.span(newest).until_at
        while (ended_at := await store.get_last_end(before, user_id)) is not None:
            month = calendar.month_of(ended_at)
            if asked.is_before(month):
                return
            if asked.includes(month):
                yield month
            before = calendar.span(month).from_at

    async def _named(self, found: Iterable[Owed]) -> tuple[Invoice, ...]:
        """Return invoices; those without a public id are given one and keep it."""
        owed = tuple(found)
        new_id = self._seams.entropy.uuid
        nameless = {(o.user_id, o.month): new_id() for o in owed if not o.public_id}
        names = await self._seams.store.name_invoices(nameless) if nameless else {}
        return tuple(o.called(o.public_id or names[(o.user_id, o.month)]) for o in owed)


def _pdf(paper: Paper) -> bytes:
    # Fonts and a library for pictures come with it: loaded in the thread, on the first
    # bill, and not by every command of ours.
    from flexicharge.billing.pdf import draw

    return draw(paper)
