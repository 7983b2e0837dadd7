"""Invoices as clients read them (contract §4.9)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta

from flexicharge.model.invoice import Invoice
from flexicharge.model.money import ORE_PER_SEK
from flexicharge.rest.declared.shapes import Shape

YearMonth = Annotated[str, Meta(pattern=r"^\d{4}-\d\d$", examples=["2022-01"])]
Status = Annotated[str, Meta(pattern="^(Paid|Unpaid)$")]


class UserInvoice(Shape):
    """One month of a user; `totalSum` is SEK, whoever has `invoiceURL` sees it all."""

    invoiceID: str
    date: YearMonth
    status: Status
    invoiceURL: str
    totalSum: float


class ListedInvoice(UserInvoice):
    """The same in a list of many users'; without an account `email` is empty."""

    userID: str
    email: str


class UserInvoices(Shape):
    """A user, with as many of their invoices as were asked for."""

    type: list[Literal["Users"]]
    userID: str
    email: str
    invoices: list[UserInvoice]


class MadeInvoices(Shape):
    """Invoices are there; `resourceID` is the number of the newest."""

    statusCode: Literal[201]
    message: Literal["Resource was created"]
    resourceID: str


def made(newest: Invoice) -> MadeInvoices:
    """Return what is said once invoices are there."""
    return MadeInvoices(
        statusCode=201,
        message="Resource was created",
        resourceID=newest.invoice_id,
    )


def user_of(user_id: str, email: str) -> UserInvoices:
    """Return a user without invoices yet; '' is no address."""
    return UserInvoices(type=["Users"], userID=user_id, email=email, invoices=[])


def said_of(invoice: Invoice, public_url: str) -> UserInvoice:
    """Return an invoice in a list of its user's."""
    return UserInvoice(**_attributes(invoice, public_url))


def listed(invoice: Invoice, public_url: str, email: str) -> ListedInvoice:
    """Return an invoice in a list of many users'; '' is no address."""
    known = _attributes(invoice, public_url)
    return ListedInvoice(**known, userID=invoice.user_id, email=email)


def _attributes(invoice: Invoice, public_url: str) -> dict[str, Any]:
    return {
        "invoiceID": invoice.invoice_id,
        "date": str(invoice.month),
        "status": invoice.status,
        "invoiceURL": f"{public_url}/invoices/{invoice.public_id}",
        "totalSum": invoice.total_ore / ORE_PER_SEK,
    }
