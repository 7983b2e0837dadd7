"""Invoices and people for tests of what is billed over HTTP."""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field
from zope.interface import implementer

from flexicharge.errors import InvoiceUnknown, UserNotFound
from flexicharge.interfaces import IInvoices
from flexicharge.model.account import EMAIL, Person
from flexicharge.model.invoice import Bill, Customer, Invoice, InvoicePage, meant_by
from flexicharge.model.invoice_asked import InvoicesAsked
from flexicharge.model.month import Month
from tests.rest.fakes import DRIVER, FakeIdentity, person

IDA, BO, GONE = DRIVER.user_id, "user-2", "user-3"
IDAS, BOS = "ida@example.com", "bo@example.com"


def invoice(
    user_id: str = IDA, month: str = "2022-01", total_ore: int = 10_000, **more: Any
) -> Invoice:
    """A user's invoice of 100 SEK for a month, which is not paid."""
    known: dict[str, Any] = {
        "line_count": 1,
        "is_paid": False,
        "public_id": public_id(int(month.replace("-", ""))),
    }
    return Invoice(
        user_id=user_id, month=Month.parse(month), total_ore=total_ore, **known | more
    )


def public_id(number: int) -> str:
    """Return a UUID that ends in a number."""
    return f"6b1d3f2a-0000-4000-8000-{number:012}"


@implementer(IInvoices)
@define
class FakeInvoices:
    """Has the invoices that it is given, and draws bills as a line of text.

    It notes what it is asked, and raises `failing` when it has noted it.
    """

    known: tuple[Invoice, ...] = ()
    page_size: int = 1000
    has_sample: bool = False
    failing: Exception | None = None
    asked: list[tuple[Any, ...]] = field(factory=list, init=False)

    async def every(
        self, asked: InvoicesAsked, after: str | None = None
    ) -> InvoicePage:
        """Return a page of those that are asked for."""
        self._note("every", asked, after)
        left = self._asked_for(asked)
        if after is not None:
            last = meant_by(after)
            (place,) = (n for n, i in enumerate(left) if (i.user_id, i.month) == last)
            left = left[place + 1 :]
        page = left[: self.page_size]
        more = len(left) > len(page)
        return InvoicePage(
            invoices=page, next_after=page[-1].invoice_id if more else None
        )

    async def of_user(self, user_id: str, asked: InvoicesAsked) -> tuple[Invoice, ...]:
        """Return a user's."""
        self._note("of_user", user_id, asked)
        return tuple(i for i in self._asked_for(asked) if i.user_id == user_id)

    async def make(self, user_id: str, asked: InvoicesAsked) -> Invoice:
        """Return a user's newest."""
        self._note("make", user_id, asked)
        return self._only(i for i in self._asked_for(asked) if i.user_id == user_id)

    async def by_public_id(self, public_id: str) -> Bill:
        """Return the one with a public id."""
        self._note("by_public_id", public_id)
        return self._bill(i for i in self.known if i.public_id == public_id.lower())

    async def by_id(self, invoice_id: str) -> Bill:
        """Return the one with a number."""
        self._note("by_id", invoice_id)
        return self._bill(i for i in self.known if i.invoice_id == invoice_id)

    async def pdf(self, bill: Bill, customer: Customer) -> bytes:
        """Return whose it is, and of which month."""
        self._note("pdf", bill.invoice.invoice_id)
        text = f"%PDF {bill.invoice.month} {customer.name} <{customer.email}>"
        return text.encode()

    async def sample_pdf(self) -> bytes:
        """Return that it is a sample."""
        self._note("sample_pdf")
        if not self.has_sample:
            raise InvoiceUnknown("the sample")
        return b"%PDF SAMPLE"

    def _note(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.failing is not None:
            raise self.failing

    def _asked_for(self, asked: InvoicesAsked) -> tuple[Invoice, ...]:
        return tuple(
            one
            for one in self.known
            if asked.includes(one.month) and asked.is_paid in (None, one.is_paid)
        )

    def _only(self, found: Any) -> Invoice:
        for one in found:
            return one
        raise InvoiceUnknown

    def _bill(self, found: Any) -> Bill:
        return Bill(invoice=self._only(found), lines=())


def named(user_id: str, email: str, **names: str) -> Person:
    """Return a person with an address."""
    return evolve(person(), user_id=user_id, attributes={EMAIL: email, **names})


@define
class TwoPeople(FakeIdentity):
    """Ida and Bo, each known by number and by address; others have no account.

    Whoever is asked about while `trouble` has them raises that.
    """

    people: tuple[Person, ...] = (
        named(IDA, IDAS, name="Ida", family_name="Berg"),
        named(BO, BOS),
    )
    trouble: dict[str, Exception] = field(factory=dict)

    async def user(self, username: str) -> Person:
        """Return one of them."""
        self._note("user", username)
        if username in self.trouble:
            raise self.trouble[username]
        for one in self.people:
            if username.lower() in (one.user_id, one.email):
                return one
        raise UserNotFound("User does not exist.")
