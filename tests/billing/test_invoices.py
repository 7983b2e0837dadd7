"""What users are billed for their months."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from flexicharge.billing.invoices import (
    MAX_INVOICES,
    MAX_LINES,
    SO_FAR,
    InvoiceSeams,
    MonthlyInvoices,
)
from flexicharge.errors import InvoiceUnknown, TooManyRequests
from flexicharge.identity.entropy import SystemEntropy
from flexicharge.interfaces import IInvoices
from flexicharge.model.account import GUEST
from flexicharge.model.invoice import Bill, Customer, EntryKind, Invoice, invoice_id_of
from flexicharge.model.invoice_asked import (
    ALL_INVOICES,
    InvoicesAsked,
    asked_by_date,
    asked_by_year,
)
from flexicharge.model.month import Month
from flexicharge.storage.memory import MemoryInvoices, MemoryWorld
from flexicharge.testing.deferreds import result_of

from .ledger import DAY, NOON, STOCKHOLM, Ledger
from .reading import text_of

JANUARY, FEBRUARY = Month(2027, 1), Month(2027, 2)
NOBODYS = "00000000-0000-4000-8000-000000000000"


@define
class Desk:
    """Draws at once, and counts; while `full`, takes no more."""

    full: bool = False
    drawn: int = 0

    async def beside(self, work: Callable[[], Any]) -> Any:
        if self.full:
            raise TooManyRequests
        self.drawn += 1
        return work()


@define
class Office:
    """Invoices over a ledger that a test writes."""

    clock: Clock
    has_sample: bool = False
    desk: Desk = field(factory=Desk)
    ledger: Ledger = field(init=False)
    invoices: MonthlyInvoices = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.ledger = Ledger(MemoryWorld(self.clock))
        self.invoices = self.opened_anew()

    def opened_anew(self) -> MonthlyInvoices:
        """Return invoices that know only what is stored."""
        return MonthlyInvoices(
            InvoiceSeams(
                store=self.ledger.invoices,
                entropy=SystemEntropy(),
                clock=self.clock,
                calendar=STOCKHOLM,
                beside=self.desk.beside,
                has_sample=self.has_sample,
            )
        )

    def every(self, asked: InvoicesAsked = ALL_INVOICES) -> tuple[Invoice, ...]:
        """Return all invoices, page after page."""
        page = result_of(self.invoices.every(asked))
        found = page.invoices
        while page.next_after is not None:
            page = result_of(self.invoices.every(asked, page.next_after))
            found += page.invoices
        return found

    def of(self, user_id: str, asked: InvoicesAsked = ALL_INVOICES) -> Any:
        """Return a user's invoices."""
        return result_of(self.invoices.of_user(user_id, asked))


@pytest.fixture
def office(clock: Clock) -> Office:
    return Office(clock)


def whose(invoices: tuple[Invoice, ...]) -> list[tuple[str, str, int, str]]:
    """Return what a list of invoices shows."""
    return [(i.user_id, str(i.month), i.total_ore, i.status) for i in invoices]


def test_it_bills(office: Office) -> None:
    """The seam's promises by name."""
    assert verifyObject(IInvoices, office.invoices)


def test_invoices_come_newest_month_first(office: Office) -> None:
    """In a month by user; months in which nothing ended are not there."""
    office.ledger.charge("ida", at=NOON)
    office.ledger.charge("bo", at=NOON, is_paid=True)
    office.ledger.charge("ida", at=NOON + DAY, price_ore=1)
    office.ledger.charge("ida", at=NOON - 400 * DAY, is_paid=True)
    assert whose(office.every()) == [
        ("bo", "2027-01", 1000, "Paid"),
        ("ida", "2027-01", 1001, "Unpaid"),
        ("ida", "2025-12", 1000, "Paid"),
    ]
    assert whose(office.of("ida")) == whose(office.every())[1:]
    assert office.of("nobody") == ()


def test_filters_work(office: Office) -> None:
    """By date, by year, by month of any year, by status, and together."""
    for year, number in ((2025, 12), (2026, 1), (2026, 12), (2027, 1)):
        at = STOCKHOLM.span(Month(year, number)).from_at
        office.ledger.charge("ida", at=at, is_paid=number == 12)
    for asked, months in (
        (asked_by_date("2026-12"), ["2026-12"]),
        (asked_by_date("2026-11"), []),
        (asked_by_date("2028-01"), []),
        (asked_by_date(status="paid"), ["2026-12", "2025-12"]),
        (asked_by_date("2026-12", "UNPAID"), []),
        (asked_by_year("2026"), ["2026-12", "2026-01"]),
        (asked_by_year(month="01"), ["2027-01", "2026-01"]),
        (asked_by_year(month="01", status="PAID"), []),
        (asked_by_year("2026", "01", "NOT-PAID"), ["2026-01"]),
        (asked_by_year(), ["2027-01", "2026-12", "2026-01", "2025-12"]),
    ):
        assert [str(i.month) for i in office.every(asked)] == months
        assert [str(i.month) for i in office.of("ida", asked)] == months


def test_more_than_a_page_comes_in_pages(office: Office) -> None:
    """Nothing is lost or comes twice, also where a month is cut in two."""
    for number in range(MAX_INVOICES):
        office.ledger.charge(f"user {number:04}")
    office.ledger.charge("user 0000", at=NOON - 40 * DAY)
    whole = result_of(office.invoices.every(asked_by_date("2027-01")))
    assert (len(whole.invoices), whole.next_after) == (MAX_INVOICES, None)
    first = result_of(office.invoices.every(ALL_INVOICES))
    assert len(first.invoices) == MAX_INVOICES
    assert first.next_after == first.invoices[-1].invoice_id
    office.ledger.charge("user 9999")
    rest = result_of(office.invoices.every(ALL_INVOICES, first.next_after))
    assert whose(rest.invoices) == [
        ("user 9999", "2027-01", 1000, "Unpaid"),
        ("user 0000", "2026-12", 1000, "Unpaid"),
    ]
    assert rest.next_after is None
    with pytest.raises(InvoiceUnknown):
        result_of(office.invoices.every(ALL_INVOICES, "what"))


def test_an_invoice_is_found_by_either_id(office: Office) -> None:
    """With its lines; its public id stays the same, and after a new start too."""
    session = office.ledger.charge("ida")
    office.ledger.enter(session, EntryKind.REFUND, -250)
    (invoice,) = office.of("ida")
    anew = office.opened_anew()
    bill = result_of(anew.by_public_id(invoice.public_id.upper()))
    assert bill.invoice == invoice
    assert bill == result_of(anew.by_id(invoice.invoice_id))
    assert [(line.session_id, line.amount_ore) for line in bill.lines] == [
        (session.session_id, 1000),
        (session.session_id, -250),
    ]
    assert invoice.total_ore == 750


def test_an_invoice_that_nobody_listed_is_found_by_its_number(office: Office) -> None:
    """And is given its public id then."""
    office.ledger.charge("ida")
    bill = result_of(office.invoices.by_id(invoice_id_of("ida", JANUARY)))
    assert office.of("ida") == (bill.invoice,)


def test_what_is_no_invoice_is_unknown(office: Office) -> None:
    """Whether it could be one or not."""
    office.ledger.charge("ida")
    for public_id in ("", "1234", NOBODYS, "ida@flexicharge.example"):
        with pytest.raises(InvoiceUnknown):
            result_of(office.invoices.by_public_id(public_id))
    for invoice_id in ("", "1234", invoice_id_of("ida", FEBRUARY), NOBODYS):
        with pytest.raises(InvoiceUnknown):
            result_of(office.invoices.by_id(invoice_id))


def test_no_two_invoices_have_one_public_id(office: Office) -> None:
    """Not of one user, and not of one month."""
    for user_id in ("ida", "bo"):
        for days in (0, 40, 80):
            office.ledger.charge(user_id, at=NOON - days * DAY)
    assert len({invoice.public_id for invoice in office.every()}) == 6


def test_two_lists_at_once_agree_on_names(office: Office) -> None:
    """Whichever of them was first to name an invoice."""
    office.ledger.charge("ida")
    second: list[tuple[Invoice, ...]] = []

    class Late(MemoryInvoices):
        async def name_invoices(self, names: Any) -> Any:
            second.append(await office.invoices.of_user("ida", ALL_INVOICES))
            return await super().name_invoices(names)

    seams = InvoiceSeams(
        store=Late(office.ledger.world),
        entropy=SystemEntropy(),
        clock=office.clock,
        calendar=STOCKHOLM,
        beside=office.desk.beside,
        has_sample=False,
    )
    first = result_of(MonthlyInvoices(seams).of_user("ida", ALL_INVOICES))
    assert second == [first]


def test_invoices_are_made_once(office: Office) -> None:
    """The newest of those asked for is returned; for nothing there is none."""
    office.ledger.charge("ida")
    office.ledger.charge("ida", at=NOON - 40 * DAY)
    asked = InvoicesAsked(first=Month(2026, 1), last=JANUARY)
    made = result_of(office.invoices.make("ida", asked))
    assert made == result_of(office.invoices.make("ida", asked))
    assert office.of("ida")[0] == made
    for user_id, month in (("ida", FEBRUARY), ("bo", JANUARY)):
        with pytest.raises(InvoiceUnknown):
            asked = InvoicesAsked(first=month, last=month)
            result_of(office.invoices.make(user_id, asked))


def test_guests_and_nobody_are_not_billed(office: Office) -> None:
    """Their charges are in the ledger, and on no invoice."""
    office.ledger.charge(GUEST)
    office.ledger.charge(None)
    assert office.every() == office.of(GUEST) == ()
    with pytest.raises(InvoiceUnknown):
        result_of(office.invoices.by_id(invoice_id_of(GUEST, JANUARY)))


AMOUNTS = st.integers(0, 10**6)
CHARGES = st.tuples(
    st.sampled_from(["ida", "bo", "åsa", GUEST, None]),
    st.floats(NOON - 100 * DAY, NOON + 100 * DAY),
    AMOUNTS,
    st.booleans(),
    st.lists(AMOUNTS, max_size=2),
)


@settings(max_examples=50)
@given(st.lists(CHARGES, max_size=12))
def test_invoices_add_up_to_the_ledger(charges: list[Any]) -> None:
    """Every entry of somebody who is billed is on exactly one invoice."""
    office = Office(Clock())
    for user_id, at, price_ore, is_paid, refunds in charges:
        session = office.ledger.charge(
            user_id, at=at, price_ore=price_ore, is_paid=is_paid
        )
        for refund in refunds:
            office.ledger.enter(session, EntryKind.REFUND, -refund)
    sessions = office.ledger.world.sessions.rows
    entries = sorted(
        (row.session_id, row.amount_ore)
        for row in office.ledger.world.books.ledger
        if sessions[row.session_id].user_id not in (None, GUEST)
    )
    every = office.every()
    assert sum(i.total_ore for i in every) == sum(amount for _, amount in entries)
    bills = [result_of(office.invoices.by_id(i.invoice_id)) for i in every]
    lines = sorted(
        (line.session_id, line.amount_ore) for bill in bills for line in bill.lines
    )
    assert lines == entries
    for bill in bills:
        span = STOCKHOLM.span(bill.invoice.month)
        of_bill = [sessions[line.session_id] for line in bill.lines]
        assert all(span.holds(line.ended_at) for line in bill.lines)
        assert {session.user_id for session in of_bill} == {bill.invoice.user_id}
        assert bill.invoice.is_paid == all(session.is_paid for session in of_bill)
        assert bill.invoice.total_ore == sum(line.amount_ore for line in bill.lines)
    halves = (asked_by_date(status="PAID"), asked_by_date(status="UNPAID"))
    found = [invoice for half in halves for invoice in office.every(half)]
    assert sorted(i.invoice_id for i in found) == sorted(i.invoice_id for i in every)


def bill_of(office: Office) -> Bill:
    """Return the bill of Ida's January."""
    return result_of(office.invoices.by_id(invoice_id_of("ida", JANUARY)))


def test_a_bill_is_drawn_beside_the_reactor(office: Office) -> None:
    """For the customer it is given; if too many wait already, it says so."""
    office.ledger.charge("ida")
    paper = result_of(office.invoices.pdf(bill_of(office), Customer(name="Ida Öberg")))
    assert "Ida Öberg" in text_of(paper)
    assert office.desk.drawn == 1
    office.desk.full = True
    with pytest.raises(TooManyRequests):
        result_of(office.invoices.pdf(bill_of(office), Customer()))


def test_a_bill_says_that_its_month_is_not_over(office: Office) -> None:
    """Until midnight; from then on it does not."""
    office.ledger.charge("ida")
    bill = bill_of(office)
    until_at = STOCKHOLM.span(JANUARY).until_at
    office.clock.advance(until_at - office.clock.seconds() - 1)
    assert SO_FAR in text_of(result_of(office.invoices.pdf(bill, Customer())))
    office.clock.advance(1)
    over = text_of(result_of(office.invoices.pdf(bill, Customer())))
    assert SO_FAR not in over
    assert "2027-02-01 00:00 CET" in over


def test_a_bill_of_too_many_lines_still_adds_up(office: Office) -> None:
    """What does not fit is one line more, with its sum."""
    session = office.ledger.charge("ida", price_ore=0)
    for _ in range(MAX_LINES + 1):
        office.ledger.enter(session, EntryKind.CORRECTION, 7)
    bill = bill_of(office)
    assert len(bill.lines) == MAX_LINES
    assert bill.invoice.line_count == MAX_LINES + 2
    assert bill.invoice.total_ore == 7 * (MAX_LINES + 1)


def test_the_sample_is_there_with_the_demo(clock: Clock) -> None:
    """Marked as what it is, and drawn once; elsewhere there is none."""
    demo = Office(clock, has_sample=True)
    sample = result_of(demo.invoices.sample_pdf())
    assert "SAMPLE" in text_of(sample)
    assert sample == result_of(demo.invoices.sample_pdf())
    assert demo.desk.drawn == 1
    with pytest.raises(InvoiceUnknown):
        result_of(Office(clock).invoices.sample_pdf())
